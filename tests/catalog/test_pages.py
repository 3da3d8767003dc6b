"""Every page of the catalogue as each role sees it, forms that save, and constant query counts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.enums import CsvKind
from catalog.models import Listing, StoreCategory
from jetsync.models import Merchant, Selection
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


@pytest.mark.parametrize("name", ["products/", "products/?sort=title", "csv/"])
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


@pytest.mark.parametrize("sort", ["title", "-title"])
def test_sorted_by_title_the_grid_names_the_merchant_of_the_titles(
    shop: Merchant, client_for: ClientFor, sort: str
) -> None:
    """Their index begins with him: without him there, the database sorts the titles of all stores."""
    for title in ("Kettle", "Cup"):
        rows.make_variant(shop, rows.make_product(shop, title=title), sku=title)
    client = client_for("owner")

    with CaptureQueriesContext(connection) as seen:
        page = client.get(url(shop, f"products/?sort={sort}")).content.decode()

    [query] = [row["sql"] for row in seen if 'ORDER BY "catalog_product"."title"' in row["sql"]]
    assert f'"catalog_product"."merchant_id" = {shop.pk}' in query
    assert (page.index(">Cup<") < page.index(">Kettle<")) is (sort == "title")


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
    assert (page.status_code, "you may not change it" in page.content.decode()) == (200, True)
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


def test_the_palette_finds_products_by_sku_title_and_code(shop: Merchant) -> None:
    from catalog.panel_items import find_products

    kettle = rows.make_variant(shop, sku="HF-PAL-1")

    for words in ("pal-1", kettle.product.title[:12], "036000291452"):
        assert [hit.hint for hit in find_products(shop, SYSTEM, words)] == ["HF-PAL-1 · Not uploaded"]
