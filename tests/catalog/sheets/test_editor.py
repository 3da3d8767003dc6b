"""Editing in a table: what is stored, refused, named when it moved, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.models import NodeStock, Product, Profile, StoreCategory, Variant
from jetsync.actions.operation import undo_operation
from jetsync.enums import OperationState
from jetsync.models import FulfillmentNode, LogEntry, Merchant, Operation, OperationRow, Options
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "products/table/") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


@pytest.fixture
def kettle(shop: Merchant) -> Variant:
    Options.objects.update(price_step_percent=1000)  # what a large step asks for is proven with the guard
    return rows.make_variant(shop, sku="KET-1", price=Decimal(5), quantity=1)


def cells(variant: Variant, **values: tuple[str, str]) -> dict[str, str]:
    """Posted as the page does: what was seen, and what was typed."""
    posted = {}
    for column, (seen, text) in values.items():
        name = f"c-{variant.pk}-{column.replace('__', ':')}"
        posted |= {name: text, f"o{name}": seen}
    return posted


def test_good_cells_are_stored_as_one_operation(
    shop: Merchant, kettle: Variant, client_for: ClientFor
) -> None:
    StoreCategory.objects.create(merchant=shop, path="Kitchen")
    Profile.objects.create(merchant=shop, name="Gifts", specifics={})
    node = FulfillmentNode.objects.get(merchant=shop)
    product = kettle.product

    answer = client_for("owner").post(
        url(shop),
        cells(
            kettle,
            title=(product.title, "A better kettle"),
            brand=(product.brand, "Ostley"),
            codes=("UPC 036000291452", "4006381333931"),
            price=("5.00", "$12.5"),
            special_price=("", "9"),
            mfr_part_number=(kettle.mfr_part_number, "K-9"),
            store_category=("", "Kitchen"),
            profile=("", "Gifts"),
            sells_on_jet=("yes", "no"),
            **{f"node__{node.pk}": ("", "4")},
        ),
    )

    assert answer.status_code == 302
    kettle = Variant.objects.select_related("product", "listing").get(pk=kettle.pk)
    assert (kettle.product.title, kettle.product.brand) == ("A better kettle", "Ostley")
    assert kettle.codes == [{"type": "EAN", "code": "4006381333931"}]
    assert (kettle.price, kettle.special_price, kettle.sells_on_jet) == (Decimal("12.50"), Decimal(9), False)
    assert (str(kettle.product.store_category), str(kettle.product.profile)) == ("Kitchen", "Gifts")
    assert NodeStock.objects.get(variant=kettle).quantity == 4
    operation = Operation.objects.get()
    assert (operation.kind, operation.state, operation.done) == ("catalog.sheet_edit", OperationState.DONE, 1)
    row = OperationRow.objects.get()
    assert (row.before["price"], row.data["after"]["price"]) == ("5.00", "12.50")
    assert LogEntry.objects.filter(object_id=kettle.pk, action="catalog.variant.changed").count() == 1


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("title", "Cup", "Title has 3 characters, at least 5 are needed."),
        ("price", "abc", "Price “abc” is not a number."),
        ("price", "0", "Price is 0, at least 0.01 USD is needed."),
        ("quantity", "-1", "Quantity is -1, 0 or more is needed."),
        ("quantity", "1.5", "Quantity “1.5” is not a whole number."),
        ("codes", "UPC 036000291453", "UPC 036000291453 ends in 3, its check digit should be 2."),
        ("codes", "123", "“123” is no product code."),
        ("store_category", "Nowhere", "There is no store category “Nowhere”."),
        ("profile", "Nobody", "There is no profile “Nobody”."),
        ("sells_on_jet", "maybe", "“maybe” is neither yes nor no."),
        ("brand", "x" * 101, "Brand has 101 characters, at most 100 are allowed."),
        ("shipping_weight_pounds", "1e5", "Shipping weight “1e5” is not a number."),
    ],
)
def test_wrong_cells_say_why_and_keep_what_was_typed(
    shop: Merchant, *, kettle: Variant, client_for: ClientFor, column: str, text: str, message: str
) -> None:
    from catalog.queries.sheet import editor_rows

    seen = editor_rows(shop, [kettle.pk], [])[kettle.pk].texts[column]
    posted = cells(kettle, **{column: (seen, text), "mfr_part_number": (kettle.mfr_part_number, "K-9")})

    checked = client_for("owner").post(url(shop, "products/table/check/"), posted)
    answer = client_for("owner").post(f"{url(shop)}?columns={column}", posted)

    assert checked.json()["notes"][0]["cell"] == f"c-{kettle.pk}-{column}"
    assert checked.json()["notes"][0]["message"] == message
    page = answer.content.decode()
    assert answer.status_code == 200
    assert message.split("“", maxsplit=1)[0].strip() in page
    assert 'aria-invalid="true"' in page
    assert Variant.objects.get().mfr_part_number == "K-9"  # the good cell went in


def test_a_value_that_moved_meanwhile_is_named_and_kept(
    shop: Merchant, kettle: Variant, client_for: ClientFor
) -> None:
    Variant.objects.update(price=Decimal(6))

    answer = client_for("owner").post(url(shop), cells(kettle, price=("5.00", "7")))

    assert answer.status_code == 409
    assert "was “5.00” when you opened the page and is “6.00” now." in answer.content.decode()
    assert Variant.objects.get().price == Decimal(6)
    assert Operation.objects.count() == 0


def test_a_save_can_be_undone_but_not_over_a_later_change(
    shop: Merchant, kettle: Variant, client_for: ClientFor, actor: Actor, drain: Callable[..., int]
) -> None:
    other = rows.make_variant(shop, sku="KET-2", price=Decimal(8), quantity=1)
    posted = cells(kettle, price=("5.00", "7")) | cells(other, price=("8.00", "9"))
    client_for("owner").post(url(shop), posted)
    Variant.objects.filter(pk=other.pk).update(price=Decimal(20))

    undo_operation(Operation.objects.get(), actor=actor)
    drain()

    prices = dict(Variant.objects.values_list("sku", "price"))
    assert prices == {"KET-1": Decimal("5.00"), "KET-2": Decimal("20.00")}
    undoing = Operation.objects.get(kind="catalog.edit_undo")
    assert (undoing.done, undoing.skipped) == (1, 1)
    moved = OperationRow.objects.get(operation=undoing, label="KET-2")
    assert moved.message == "Changed since: price is “20.00” now, not “9.00”. Left as it is."
    assert Variant.objects.get(sku="KET-1").listing.price_target == Decimal("5.00")


def test_a_node_without_a_number_shows_what_counts_and_none_takes_one_away(
    shop: Merchant, kettle: Variant, client_for: ClientFor
) -> None:
    hoboken, reno = FulfillmentNode.objects.get(merchant=shop), rows.make_node(shop, "Reno")
    client = client_for("owner")
    here = f"{url(shop)}?columns=node:{hoboken.pk}&columns=node:{reno.pk}"

    def box(node: FulfillmentNode) -> str:
        page = client.get(here).content.decode()
        found = re.search(rf'<input[^>]*name="c-{kettle.pk}-node:{node.pk}"[^>]*>', page)
        assert found is not None
        return found[0]

    assert 'placeholder="1"' in box(hoboken)
    assert "value=" not in box(hoboken)
    assert 'placeholder="not counted"' in box(reno)

    client.post(url(shop), cells(kettle, **{f"node__{reno.pk}": ("", "4")}))
    assert 'value="4"' in box(reno)
    client.post(url(shop), cells(kettle, **{f"node__{reno.pk}": ("4", "None")}))
    client.post(url(shop), cells(kettle, **{f"node__{reno.pk}": ("", "none")}))

    assert NodeStock.objects.get(variant=kettle, node=reno).quantity is None
    assert Operation.objects.count() == 2  # the last one changes nothing


def test_skus_of_one_product_cannot_get_two_brands(
    shop: Merchant, kettle: Variant, client_for: ClientFor
) -> None:
    sibling = Variant.objects.create(merchant=shop, product=kettle.product, sku="KET-1B")
    Product.objects.update(kind="variable")
    brand = kettle.product.brand

    answer = client_for("owner").post(
        url(shop), cells(kettle, brand=(brand, "One")) | cells(sibling, brand=(brand, "Two"))
    )

    assert "Brand is one for all SKUs of the product, and SKU KET-1 says “One”." in answer.content.decode()
    assert Product.objects.get().brand == "One"


def test_another_merchants_cells_are_never_written(
    shop: Merchant, kettle: Variant, client_for: ClientFor
) -> None:
    other = factories.make_merchant("Other")
    with merchant_scope(other):
        theirs = rows.make_variant(other, sku="THEIRS", price=Decimal(5), quantity=1)

    client_for("owner").post(url(shop), cells(theirs, price=("5.00", "7")))

    with merchant_scope(other):
        theirs.refresh_from_db()
        assert theirs.price == Decimal(5)
    assert Operation.objects.count() == 0


def test_the_page_works_without_a_script_and_pages_by_fifty(
    shop: Merchant, client_for: ClientFor, django_assert_num_queries: Any
) -> None:
    for n in range(3):
        rows.make_variant(shop, sku=f"KET-{n}", price=Decimal(5), quantity=1)
    client = client_for("owner")
    client.get(url(shop))
    with django_assert_num_queries(query_count(client, shop, "KET-0")):
        page = client.get(url(shop)).content.decode()

    assert page.count('data-cell="price"') == 3
    assert "SKUs 1 to 3 of 3" in page
    assert 'data-cell="profile"' not in page
    assert 'data-cell="profile"' in client.get(f"{url(shop)}?columns=profile").content.decode()
    assert "KET-1" not in client.get(f"{url(shop)}?q=KET-2").content.decode()


def query_count(client: Client, shop: Merchant, words: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(f"{url(shop)}?q={words}")
    return len(queries)


def test_only_editors_may_open_it(shop: Merchant, client_for: ClientFor) -> None:
    assert client_for("analyst").get(url(shop)).status_code == 403
    assert client_for("analyst").post(url(shop, "products/table/check/")).status_code == 403


def test_too_many_and_foreign_columns_are_passed_over(
    shop: Merchant, kettle: Variant, client_for: ClientFor
) -> None:
    client_for("owner").post(url(shop), {f"c-{kettle.pk}-sku": "X", f"c-{kettle.pk}-node:999999": "3"})

    assert Operation.objects.count() == 0
    assert Variant.objects.get().sku == "KET-1"
