"""The editor of a product: sections that save, bad values at their field, new products and SKUs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.actions.product import create_product, update_product
from catalog.enums import ProductKind
from catalog.models import Listing, NodeStock, Product, Variant
from jetsync.exceptions import InvalidInput
from jetsync.models import FulfillmentNode, LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


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


def test_details_are_stored_all_or_not_at_all(shop: Merchant, client_for: ClientFor) -> None:
    product = rows.make_product(shop, kind="variable", title="Copper Kettle")
    first = rows.make_variant(shop, product)

    answer = client_for("owner").post(
        url(shop, f"products/variants/{first.pk}/details/"),
        {"product_title": "Iron Kettle", "title_of_variant": "Cup", "is_active": "on"},
    )

    errors = answer.context["form"].errors
    assert list(errors) == ["title_of_variant"]
    assert errors["title_of_variant"][0].startswith("Title has 3 characters, at least 5 are needed.")
    product.refresh_from_db()
    first.refresh_from_db()
    assert (product.title, first.title) == ("Copper Kettle", "")
    assert not LogEntry.objects.exists()


@pytest.mark.feature("FLD-13")
def test_price_and_stock_per_node_are_saved(shop: Merchant, client_for: ClientFor) -> None:
    reno = rows.make_node(shop)
    kettle = rows.make_variant(shop, quantity=12)

    client_for("owner").post(
        url(shop, f"products/variants/{kettle.pk}/stock/"),
        {
            "sells_on_jet": "on",
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
    entry = LogEntry.objects.get()  # one act, one entry
    assert (entry.action, entry.new) == (
        "catalog.variant.changed",
        {"price": "40", "quantity": 10, "Reno": "4 pieces, 39.50 USD"},
    )


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


@pytest.mark.parametrize(("row", "cause"), [(0, "length"), (2, "characters"), (3, "range"), (7, "length")])
def test_a_bad_value_leads_to_the_guides_page_about_its_rule(
    shop: Merchant, client_for: ClientFor, row: int, cause: str
) -> None:
    kettle = rows.make_variant(shop)
    section, posted, _field, message = BAD[row]

    page = client_for("owner").post(url(shop, f"products/variants/{kettle.pk}/{section}/"), posted)

    _before, _word, after = page.content.decode().partition(message.partition("“")[0].partition(";")[0])
    told = after.partition("</div>")[0]
    assert f'href="/m/{shop.slug}/help/value-{cause}/"' in told


def test_all_errors_of_price_and_stock_are_told_at_once(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, quantity=1)
    node = FulfillmentNode.objects.get(merchant=shop)
    posted = {
        "quantity": "2.5",
        "price": "-1",
        "buffer_quantity": "-3",
        "msrp": "cheap",
        f"node_{node.pk}_quantity": "-7",
        "map_implementation": "101",
    }

    answer = client_for("owner").post(url(shop, f"products/variants/{kettle.pk}/stock/"), posted)

    errors = {name: found[0] for name, found in answer.context["form"].errors.items()}
    assert sorted(errors) == sorted(set(posted) - {"map_implementation"})
    assert errors["quantity"] == "“2.5” is not a whole number. Type digits only, e.g. 12."
    assert errors["price"].startswith("Price is -1, at least 0.01 USD is needed.")
    assert errors["msrp"] == "“cheap” is not a number. Type it like 1234.50, digits only."
    assert errors[f"node_{node.pk}_quantity"] == "Quantity is -7, 0 or more is needed. Type 0 or more."
    assert Variant.objects.values_list("quantity", flat=True).get(pk=kettle.pk) == 1


@pytest.mark.parametrize("node", [rows.ROOT, 999])
def test_a_category_that_takes_no_products_is_refused_by_the_action(shop: Merchant, node: int) -> None:
    product = rows.make_product(shop, jet_node_id=rows.LEAF)

    with pytest.raises(InvalidInput) as caught:
        update_product(product, {"jet_node_id": node}, actor=SYSTEM)
    with pytest.raises(InvalidInput):
        create_product(
            shop,
            {"title": "Iron Kettle", "jet_node_id": node},
            {"sku": "IK-1"},
            kind=ProductKind.SIMPLE,
            actor=SYSTEM,
        )

    assert list(caught.value.fields) == ["jet_node_id"]
    assert Product.objects.get().jet_node_id == rows.LEAF


def test_a_category_that_jet_closed_does_not_stand_in_the_way_of_other_changes(shop: Merchant) -> None:
    product = rows.make_product(shop, jet_node_id=999)

    update_product(product, {"jet_node_id": 999, "title": "Iron Kettle"}, actor=SYSTEM)

    assert Product.objects.get().title == "Iron Kettle"


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
