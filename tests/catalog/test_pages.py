"""Every page of the catalogue as each role sees it, forms that save, and constant query counts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.actions.category import map_categories
from catalog.enums import CsvKind
from catalog.models import CategoryMapping, Listing, NodeStock, Product, StoreCategory, Variant
from jetsync.models import LogEntry, Merchant, Selection
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def test_every_page_opens_with_data_and_without(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")
    paths = [
        "products/",
        "products/new/",
        "csv/",
        "csv/upload/",
        "categories/",
        "categories/picker/",
        "files/",
    ]
    assert [client.get(url(shop, path)).status_code for path in paths] == [200] * len(paths)
    kettle = rows.make_variant(shop)
    StoreCategory.objects.create(merchant=shop, path="Kitchen > Kettles")
    sections = ["details", "identifiers", "stock", "shipping", "images", "attributes", "category"]
    paths += [f"products/variants/{kettle.pk}/{section}/" for section in sections]
    paths += [f"products/{kettle.product_id}/", f"products/{kettle.product_id}/variants/new/"]
    paths += ["csv/template/products/", "csv/template/price_inventory/"]

    for path in paths:
        assert client.get(url(shop, path)).status_code == 200, path
    assert client.get(url(shop, f"products/variants/{kettle.pk}/nothing/")).status_code == 404
    assert client.get(url(shop, "csv/template/nothing/")).status_code == 404


@pytest.mark.parametrize("name", ["products/", "csv/"])
def test_lists_cost_the_same_for_one_and_three_rows(
    shop: Merchant,
    client_for: ClientFor,
    count_queries: Callable[[Client, str], int],
    import_csv: Callable[..., Any],
    name: str,
) -> None:
    client = client_for("owner")

    def add() -> None:
        rows.make_variant(shop, rows.make_product(shop, store_category=None))
        import_csv(b"sku,price\nA,1\n", CsvKind.PRICE_INVENTORY)

    add()
    client.get(url(shop, name))
    one = count_queries(client, url(shop, name))
    add()
    add()

    assert count_queries(client, url(shop, name)) == one
    assert one <= 12


@pytest.mark.feature("PRD-01", "PRD-05")
def test_the_grid_shows_a_sku_with_its_states(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, sku="HF-1", price=Decimal("38.50"), main_image_url="")
    Listing.objects.filter(variant=kettle).update(status="missing_data", jet_sub_status=["Missing image"])

    text = client_for("analyst").get(url(shop, "products/")).content.decode()

    for words in (
        "HF-1",
        "38.50",
        "Not ready",
        "Main image is missing.",
        "Missing Listing Data",
        "Missing image",
    ):
        assert words in text


@pytest.mark.feature("PRD-02")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=KET-A", {"KET-A"}),
        ("q=whistling", {"KET-A"}),
        ("q=042100005264", {"POT-B"}),
        ("name=teapot", {"POT-B"}),
        ("model=MPN-B", {"POT-B"}),
        ("price_min=10&price_max=20", {"POT-B"}),
        ("quantity_min=5", {"KET-A"}),
        ("enabled=False", {"POT-B"}),
        ("status=available", {"KET-A"}),
        ("readiness=not_ready", {"POT-B"}),
        ("part=live", {"KET-A"}),
        ("part=not_ready", {"POT-B"}),
    ],
)
def test_filters_find_their_rows(shop: Merchant, client_for: ClientFor, query: str, found: set[str]) -> None:
    kettle = rows.make_variant(shop, sku="KET-A", quantity=9)
    Listing.objects.filter(variant=kettle).update(status="available")
    rows.make_variant(
        shop,
        rows.make_product(shop, title="Iron teapot", is_active=False),
        sku="POT-B",
        quantity=1,
        price=Decimal(15),
        mfr_part_number="MPN-B",
        main_image_url="",
        codes=[{"type": "UPC", "code": "042100005264"}],
    )

    text = client_for("owner").get(url(shop, f"products/?{query}")).content.decode()

    assert {sku for sku in ("KET-A", "POT-B") if f">{sku}<" in text} == found


@pytest.mark.feature("PRD-08")
def test_ticked_rows_are_frozen_as_variants_for_the_confirm_page(
    shop: Merchant, client_for: ClientFor
) -> None:
    first, second = rows.make_variant(shop), rows.make_variant(shop)
    client = client_for("owner")

    answer = client.post(url(shop, "products/"), {"bulk": "category", "ids": [first.pk]})
    everything = client.post(url(shop, "products/"), {"bulk": "category", "scope": "all"})

    chosen = Selection.objects.order_by("pk")
    assert [set(row.ids) for row in chosen] == [{first.pk}, {first.pk, second.pk}]
    assert answer.headers["Location"].endswith(f"/products/assign-category/?selection={chosen[0].pk}")
    assert everything.status_code == 302


def test_another_merchants_products_do_not_exist(shop: Merchant, client_for: ClientFor) -> None:
    other = factories.make_merchant("Other")
    with merchant_scope(other):
        theirs = rows.make_variant(other, sku="SECRET-1")
    client = client_for("owner")

    for path in (
        f"products/{theirs.product_id}/",
        f"products/variants/{theirs.pk}/stock/",
        f"products/{theirs.product_id}/variants/new/",
    ):
        assert client.get(url(shop, path)).status_code == 404, path
    assert "SECRET-1" not in client.get(url(shop, "products/")).content.decode()


EDITS = ["products/new/", "csv/upload/"]


@pytest.mark.parametrize("role", ["analyst", "fulfilment"])
def test_roles_without_the_right_see_but_do_not_change(
    shop: Merchant, client_for: ClientFor, role: str
) -> None:
    kettle = rows.make_variant(shop, price=Decimal(5))
    client = client_for(role)

    assert client.get(url(shop, f"products/{kettle.product_id}/")).status_code == 200
    page = client.get(url(shop, f"products/variants/{kettle.pk}/stock/"))
    assert (page.status_code, "your role may not change it" in page.content.decode()) == (200, True)
    for path in [*EDITS, f"products/{kettle.product_id}/variants/new/"]:
        assert client.get(url(shop, path)).status_code == 403, path
    assert client.post(url(shop, f"products/variants/{kettle.pk}/stock/"), {"price": "9"}).status_code == 403
    assert client.post(url(shop, "categories/"), {"do": "add", "path": "X"}).status_code == 403
    kettle.refresh_from_db()
    assert kettle.price == Decimal("5.00")


def test_the_product_page_leads_from_each_gap_to_its_input(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, main_image_url="", codes=[])
    client = client_for("owner")

    text = client.get(url(shop, f"products/{kettle.product_id}/")).content.decode()

    for section, anchor in (("images", "id_main_image_url"), ("identifiers", "id_codes")):
        address = url(shop, f"products/variants/{kettle.pk}/{section}/")
        assert f'href="{address}#{anchor}"' in text
        assert f'id="{anchor}"' in client.get(address).content.decode()
    assert "from product" in text
    assert "&quot;brand&quot;: &quot;Harrow &amp; Finch&quot;" in text


def test_every_gap_anchor_is_an_input_of_its_section(shop: Merchant, client_for: ClientFor) -> None:
    from catalog.listing import SECTIONS, Gap

    kettle = rows.make_variant(shop)
    client = client_for("owner")
    fields = set(SECTIONS) - {"kind"} | {
        "shipping_weight_pounds",
        "package_length_inches",
        "country_of_origin",
    }
    pages: dict[str, str] = {}
    for name in sorted(fields):
        gap = Gap(name, "", "", "")
        section = gap.section
        if section not in pages:
            pages[section] = client.get(
                url(shop, f"products/variants/{kettle.pk}/{section}/")
            ).content.decode()
        assert f'id="{gap.anchor}"' in pages[section], name


@pytest.mark.feature("PRD-16")
def test_status_words_are_explained_with_whose_move_it_is(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop)
    Listing.objects.filter(variant=kettle).update(
        status="missing_data",
        jet_status="Missing Listing Data",
        jet_sub_status=["Missing price", "Brand new word"],
    )

    text = client_for("owner").get(url(shop, f"products/{kettle.product_id}/")).content.decode()

    assert "Jet needs more before it lists the product." in text
    assert "Jet has no price, or finds it too high for this product." in text
    assert "Brand new word" in text
    assert "Your move." in text


SAVES: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    (
        "identifiers",
        {
            "sku": "NEW-1",
            "code_type_1": "UPC-E",
            "codes": "04252614",
            "code_type_2": "",
            "code_2": "",
            "asin": "b00abcde12",
            "mfr_part_number": "K",
            "multipack_quantity": "6",
        },
        {
            "sku": "NEW-1",
            "codes": [{"type": "UPC-E", "code": "04252614"}],
            "asin": "B00ABCDE12",
            "mfr_part_number": "K",
            "multipack_quantity": 6,
        },
    ),
    (
        "shipping",
        {
            "shipping_weight_pounds": "1.25",
            "package_length_inches": "3",
            "country_of_origin": "Peru",
            "prop_65": "on",
        },
        {
            "shipping_weight_pounds": Decimal("1.25"),
            "package_length_inches": Decimal(3),
            "country_of_origin": "Peru",
            "prop_65": True,
        },
    ),
    (
        "images",
        {
            "main_image_url": "https://img.example.com/n.jpg",
            "alternate_image2": "https://img.example.com/m.jpg",
        },
        {
            "main_image_url": "https://img.example.com/n.jpg",
            "alternate_image_urls": ["https://img.example.com/m.jpg"],
        },
    ),
    (
        "attributes",
        {
            f"attribute_{rows.COLOR}": "Black",
            f"attribute_{rows.WEIGHT}": "3",
            f"unit_{rows.WEIGHT}": "Pounds",
        },
        {
            "attributes": [
                {"id": rows.COLOR, "value": "Black", "unit": ""},
                {"id": rows.WEIGHT, "value": "3", "unit": "Pounds"},
            ]
        },
    ),
]


@pytest.mark.parametrize(("section", "posted", "stored"), SAVES)
def test_sections_save_and_tell_it(
    shop: Merchant, client_for: ClientFor, section: str, posted: dict[str, str], stored: dict[str, Any]
) -> None:
    kettle = rows.make_variant(shop)
    before = Listing.objects.get(variant=kettle).content_target

    answer = client_for("owner").post(
        url(shop, f"products/variants/{kettle.pk}/{section}/"), posted, follow=True
    )

    assert answer.status_code == 200, answer.context["form"].errors
    kettle.refresh_from_db()
    assert {name: getattr(kettle, name) for name in stored} == stored
    assert Listing.objects.get(variant=kettle).content_target != before
    entry = LogEntry.objects.get(action="catalog.variant.changed")
    assert set(entry.new) == set(stored) | (set(entry.new) - set(stored))
    assert "saved" in answer.content.decode()


def test_details_change_the_product_for_all_its_variants(shop: Merchant, client_for: ClientFor) -> None:
    product = rows.make_product(shop, kind="variable")
    first, second = rows.make_variant(shop, product), rows.make_variant(shop, product)

    client_for("owner").post(
        url(shop, f"products/variants/{first.pk}/details/"),
        {
            "product_title": "Iron Kettle",
            "title_of_variant": "Iron Kettle, small",
            "brand": "Finch",
            "description": "Iron.",
            "bullets": "One\n\nTwo",
            "is_active": "on",
        },
    )

    product.refresh_from_db()
    first.refresh_from_db()
    assert (product.title, product.brand, product.bullets) == ("Iron Kettle", "Finch", ["One", "Two"])
    assert first.title == "Iron Kettle, small"
    assert Listing.objects.get(variant=second).content_target != ""


@pytest.mark.feature("FLD-13")
def test_price_and_stock_per_node_are_saved(shop: Merchant, client_for: ClientFor) -> None:
    reno = rows.make_node(shop)
    kettle = rows.make_variant(shop, quantity=12)

    client_for("owner").post(
        url(shop, f"products/variants/{kettle.pk}/stock/"),
        {
            "price": "40",
            "quantity": "10",
            "map_implementation": "101",
            f"node_{reno.pk}_quantity": "4",
            f"node_{reno.pk}_price": "39.5",
        },
    )

    kettle.refresh_from_db()
    assert (kettle.price, kettle.quantity) == (Decimal("40.00"), 10)
    assert rows.offered(kettle) == {"Hoboken": 10, "Reno": 4}
    assert NodeStock.objects.get(node=reno).price_target == Decimal("39.50")
    assert LogEntry.objects.get(action="catalog.stock.set").new == {"Reno": "4 pieces, 39.50 USD"}


BAD: list[tuple[str, dict[str, str], str, str]] = [
    (
        "identifiers",
        {"sku": "A", "code_type_1": "UPC", "codes": "123"},
        "codes",
        "UPC has 3 digits, 12 expected.",
    ),
    (
        "identifiers",
        {"sku": "A", "code_type_1": "", "codes": "123"},
        "code_type_1",
        "A code and its type go together.",
    ),
    ("identifiers", {"sku": "a/b"}, "sku", "SKU contains “/”, which Jet cannot address."),
    (
        "stock",
        {"price": "-1", "map_implementation": "101"},
        "price",
        "Price is -1, at least 0.01 USD is needed.",
    ),
    (
        "stock",
        {"map_implementation": "102"},
        "map_price",
        "MAP price is missing; MAP implementation 102 needs one.",
    ),
    ("images", {"main_image_url": "x.gif"}, "main_image_url", "Main image is not a full address."),
    (
        "shipping",
        {"shipping_weight_pounds": "0"},
        "shipping_weight_pounds",
        "Shipping weight is 0, at least 0.01",
    ),
    ("details", {"product_title": "Cup"}, "product_title", "Title has 3 characters, at least 5 are needed."),
    (
        "attributes",
        {f"attribute_{rows.WEIGHT}": "3"},
        f"unit_{rows.WEIGHT}",
        "Item Weight needs a unit.",
    ),
]


@pytest.mark.feature("SIM-07")
@pytest.mark.parametrize(("section", "posted", "field", "message"), BAD)
def test_bad_values_are_told_at_their_field_and_not_stored(  # noqa: PLR0917 -- the columns of the table
    shop: Merchant, client_for: ClientFor, section: str, posted: dict[str, str], field: str, message: str
) -> None:
    kettle = rows.make_variant(shop)
    before = Variant.objects.filter(pk=kettle.pk).values().get()

    answer = client_for("owner").post(url(shop, f"products/variants/{kettle.pk}/{section}/"), posted)

    assert answer.status_code == 400
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert errors[field][0].startswith(message)
    assert Variant.objects.filter(pk=kettle.pk).values().get() == before
    assert LogEntry.objects.count() == 0


def test_a_sku_that_jet_knows_keeps_its_name(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, sku="OLD-1")
    rows.mark_listed(kettle)

    answer = client_for("owner").post(
        url(shop, f"products/variants/{kettle.pk}/identifiers/"), {"sku": "NEW-1", "multipack_quantity": "1"}
    )

    assert answer.context["form"].errors == {"sku": ["Jet knows this SKU; it cannot be renamed."]}
    kettle.refresh_from_db()
    assert kettle.sku == "OLD-1"


def test_a_new_product_is_made_with_its_first_sku(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")
    posted = {
        "kind": "simple",
        "product_title": "Iron Kettle",
        "sku": "IK-1",
        "price": "12.50",
        "quantity": "3",
    }

    answer = client.post(url(shop, "products/new/"), posted)
    again = client.post(url(shop, "products/new/"), posted)

    made = Variant.objects.get(sku="IK-1")
    assert answer.headers["Location"] == url(shop, f"products/{made.product_id}/")
    assert (made.product.title, made.price, made.quantity) == ("Iron Kettle", Decimal("12.50"), 3)
    assert again.context["form"].errors == {"sku": ["SKU IK-1 is in use by another product."]}
    assert Product.objects.count() == 1


def test_adding_a_variant_makes_the_product_variable(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop)

    client_for("owner").post(
        url(shop, f"products/{kettle.product_id}/variants/new/"),
        {"sku": "IK-L", "option_name_1": "Size", "option_value_1": "Large"},
    )

    added = Variant.objects.get(sku="IK-L")
    assert added.product_id == kettle.product_id
    assert added.product.kind == "variable"
    assert added.options == [{"name": "Size", "value": "Large"}]
    assert "Size: Large" in client_for("owner").get(url(shop, "products/")).content.decode()


def category(shop: Merchant, path: str) -> StoreCategory:
    return StoreCategory.objects.create(merchant=shop, path=path)


@pytest.mark.feature("CAT-06", "CAT-08", "CAT-10")
def test_several_store_categories_are_mapped_at_once(shop: Merchant, client_for: ClientFor) -> None:
    kettles, pots = category(shop, "Kitchen > Kettles"), category(shop, "Kitchen > Pots")
    kettle = rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, store_category=kettles))
    assert Listing.objects.get(variant=kettle).readiness == "not_ready"
    client = client_for("owner")

    answer = client.post(
        url(shop, "categories/"), {"do": "map", "ids": [kettles.pk, pots.pk], "node": rows.LEAF}, follow=True
    )

    text = answer.content.decode()
    assert (
        "Categories mapped: 2 store categories to Kitchen &gt; Tea &gt; Kettles. It applies to 1 product."
        in text
    )
    assert set(CategoryMapping.objects.values_list("store_category__path", "jet_node_id")) == {
        ("Kitchen > Kettles", rows.LEAF),
        ("Kitchen > Pots", rows.LEAF),
    }
    assert Listing.objects.get(variant=kettle).readiness == "ready"


@pytest.mark.feature("CAT-06", "CAT-09")
def test_mappings_are_listed_edited_and_deleted(shop: Merchant, client_for: ClientFor) -> None:
    kettles = category(shop, "Kitchen > Kettles")
    map_categories(shop, [kettles.pk], rows.LEAF, actor=SYSTEM)
    client = client_for("owner")

    text = client.get(url(shop, "categories/")).content.decode()
    edit = client.get(url(shop, f"categories/{kettles.pk}/edit/"), follow=True).content.decode()
    client.post(url(shop, "categories/"), {"do": "unmap", "ids": [kettles.pk]})

    assert f"(Category Id on Jet: {rows.LEAF})" in text
    assert f'<option value="{rows.LEAF}" selected>' in edit
    assert f'id="store-{kettles.pk}" checked' in edit
    assert CategoryMapping.objects.count() == 0
    assert StoreCategory.objects.count() == 1


@pytest.mark.feature("CAT-07")
def test_mapping_all_to_one_asks_with_the_number_of_products(shop: Merchant, client_for: ClientFor) -> None:
    for path in ("A", "B"):
        rows.make_variant(
            shop, rows.make_product(shop, jet_node_id=None, store_category=category(shop, path))
        )
    client = client_for("owner")

    asked = client.post(url(shop, "categories/"), {"do": "map_all", "node": rows.LEAF})
    page = client.get(asked.headers["Location"])
    assert CategoryMapping.objects.count() == 0
    client.post(asked.headers["Location"])

    assert "It applies to 2 products." in page.content.decode()
    assert set(CategoryMapping.objects.values_list("jet_node_id", flat=True)) == {rows.LEAF}
    assert set(Listing.objects.values_list("readiness", flat=True)) == {"ready"}


@pytest.mark.feature("CAT-08", "CAT-17")
def test_the_picker_opens_step_by_step_and_by_words(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")

    first = client.get(url(shop, "categories/picker/")).content.decode()
    second = client.get(url(shop, f"categories/picker/?root={rows.ROOT}")).content.decode()
    third = client.get(url(shop, f"categories/picker/?root={rows.ROOT}&child={rows.MIDDLE}")).content.decode()
    words = client.get(url(shop, "categories/picker/?jet=kettl")).content.decode()

    assert ("Child category" in first, "Child category" in second, "Sub category" in second) == (
        False,
        True,
        False,
    )
    assert f'<option value="{rows.LEAF}">Kettles ({rows.LEAF})</option>' in third
    assert f'name="node" value="{rows.LEAF}"' in words
    assert f'name="node" value="{rows.ROOT}"' not in words + third


@pytest.mark.feature("CAT-17")
@pytest.mark.parametrize("node", [rows.ROOT, rows.MIDDLE, 999, 0])
def test_top_levels_and_unknown_nodes_are_refused(shop: Merchant, client_for: ClientFor, node: int) -> None:
    kettles = category(shop, "Kettles")

    client_for("owner").post(url(shop, "categories/"), {"do": "map", "ids": [kettles.pk], "node": node})

    assert CategoryMapping.objects.count() == 0


@pytest.mark.feature("CAT-11", "CAT-12")
def test_the_product_page_offers_mapped_categories_only_and_keeps_one(
    shop: Merchant, client_for: ClientFor
) -> None:
    map_categories(shop, [category(shop, "Kettles").pk], rows.LEAF, actor=SYSTEM)
    kettle = rows.make_variant(shop, rows.make_product(shop, jet_node_id=None))
    client = client_for("owner")
    address = url(shop, f"products/variants/{kettle.pk}/category/")

    text = client.get(address).content.decode()
    refused = client.post(address, {"store_category": "", "category": str(rows.LEAF + 1)})
    taken = client.post(address, {"store_category": "", "category": str(rows.LEAF)})

    assert (f'value="{rows.LEAF}"' in text, f'value="{rows.LEAF + 1}"' in text) == (True, False)
    assert (refused.status_code, taken.status_code) == (400, 302)
    kettle.product.refresh_from_db()
    assert kettle.product.jet_node_id == rows.LEAF


@pytest.mark.feature("CAT-13", "CAT-14")
def test_mass_assign_reaches_the_whole_filtered_set(shop: Merchant, client_for: ClientFor) -> None:
    map_categories(shop, [category(shop, "Kettles").pk], rows.LEAF, actor=SYSTEM)
    brown = [
        rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, brand="Brown")) for _ in range(3)
    ]
    other = rows.make_variant(shop, rows.make_product(shop, jet_node_id=None))
    client = client_for("owner")

    asked = client.post(url(shop, "products/?brand=Brown"), {"bulk": "category", "scope": "all"})
    client.post(asked.headers["Location"], {"category": str(rows.LEAF)})

    assert {Product.objects.get(pk=row.product_id).jet_node_id for row in brown} == {rows.LEAF}
    assert Product.objects.get(pk=other.product_id).jet_node_id is None
    assert Listing.objects.get(variant=brown[0]).readiness == "ready"


@pytest.mark.feature("CSV-01")
def test_the_template_is_downloaded_with_the_exact_headers(shop: Merchant, client_for: ClientFor) -> None:
    from catalog.csv_columns import column_names

    client = client_for("owner")
    page = client.get(url(shop, "csv/upload/")).content.decode()
    body = b"".join(client.get(url(shop, "csv/template/products/")).streaming_content)  # type: ignore[attr-defined]

    assert "Download file with headers" in page
    assert body.decode("utf-8-sig").splitlines()[0].split(",") == column_names("products")


@pytest.mark.feature("CSV-01", "CSV-28")
def test_uploading_leads_to_the_result_and_on_to_prices_of_the_same_skus(
    shop: Merchant, client_for: ClientFor, drain: Callable[..., int]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.catalog.conftest import csv_bytes
    from tests.catalog.test_csv_products import GOOD

    client = client_for("owner")
    data = csv_bytes([GOOD, {**GOOD, "sku": "HF-2"}, {**GOOD, "sku": "HF-3", "brand": ""}])
    file = SimpleUploadedFile("kettles.csv", data)

    answer = client.post(url(shop, "csv/upload/"), {"kind": "products", "level": "new", "file": file})
    drain()
    result = client.get(answer.headers["Location"]).content.decode()
    from catalog.models import CsvUpload

    pk = CsvUpload.objects.get().pk
    next_step = client.get(url(shop, f"csv/upload/?kind=price_inventory&from={pk}")).content.decode()
    template = client.get(url(shop, f"csv/template/price_inventory/?from={pk}"))
    failed = client.get(url(shop, f"csv/{pk}/failed/"))

    assert "2 added, 1 failed." in result
    assert "brand is empty." in result
    assert f"csv/upload/?kind=price_inventory&amp;from={pk}" in result
    assert f"csv/template/price_inventory/?from={pk}" in next_step
    lines = b"".join(template.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines == ["sku,price,inventory", "HF-KET-25,,", "HF-2,,"]
    rows_back = b"".join(failed.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert rows_back[0] == ",".join([*GOOD, "jetsync_line", "jetsync_error"])
    assert rows_back[1].startswith("HF-3,")
    assert rows_back[1].endswith(",4,brand: brand is empty.")


def test_a_corrected_download_of_failed_rows_is_taken_back(
    shop: Merchant, client_for: ClientFor, import_csv: Callable[..., Any]
) -> None:
    from tests.catalog.test_csv_products import GOOD

    upload = import_csv([{**GOOD, "brand": ""}])
    answer = client_for("owner").get(url(shop, f"csv/{upload.pk}/failed/"))
    text = b"".join(answer.streaming_content)  # type: ignore[attr-defined]

    again = import_csv(text.replace(b",,https:", b",Harrow,https:"))

    assert (again.created_count, again.failed_count) == (1, 0)


def test_a_wrong_header_is_told_on_the_form(shop: Merchant, client_for: ClientFor) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = client_for("owner").post(
        url(shop, "csv/upload/"),
        {"kind": "products", "file": SimpleUploadedFile("x.csv", b"skuu,product_title\nA,B\n")},
    )

    assert answer.status_code == 400
    assert "Column “skuu” is not known; did you mean “sku”?" in answer.content.decode()


def test_the_palette_finds_products_by_sku_title_and_code(shop: Merchant) -> None:
    from catalog.panel_items import find_products

    kettle = rows.make_variant(shop, sku="HF-PAL-1")

    for words in ("pal-1", kettle.product.title[:12], "036000291452"):
        assert [hit.hint for hit in find_products(shop, SYSTEM, words)] == ["HF-PAL-1 · Not uploaded"]
