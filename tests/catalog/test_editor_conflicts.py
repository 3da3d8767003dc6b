"""Pages that were opened before something else happened: what nobody touched is not written back."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from catalog.actions.children import save_children
from catalog.actions.node_offer import NodeOffer
from catalog.actions.product import set_offer, update_product, update_variant
from catalog.actions.stock import consume, reserve
from catalog.models import NodeStock, Variant
from jetsync.exceptions import ChangedMeanwhile, InvalidInput
from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def section(shop: Merchant, variant: Variant, name: str) -> str:
    return f"/m/{shop.slug}/catalog/products/variants/{variant.pk}/{name}/"


def opened(client: Client, address: str, form: str = "form") -> dict[str, Any]:
    """What the browser would send if the merchant saved the page as it is."""
    answer = client.get(address)
    shown = answer.context[form]
    data = {bound.html_name: bound.value() for bound in shown if bound.value() not in (None, False, "")}
    found = re.findall(r'name="seen" value="([^"]*)"', answer.content.decode())
    assert len(found) == 1
    return {**{name: str(value) for name, value in data.items()}, "seen": unescape(found[0])}


def ship(shop: Merchant, variant: Variant, quantity: int) -> None:
    assert reserve(shop, variant, node=None, quantity=quantity, key="order-1")
    assert consume(shop, "order-1")


def stored(variant: Variant) -> tuple[Decimal | None, int | None]:
    row = Variant.objects.get(pk=variant.pk)
    return row.price, row.quantity


def test_saving_a_price_leaves_pieces_that_were_sold_meanwhile_sold(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    client = client_for("owner")
    page = opened(client, section(shop, kettle, "stock"))
    ship(shop, kettle, 4)

    answer = client.post(section(shop, kettle, "stock"), {**page, "price": "41.25"})

    assert answer.status_code == 302
    assert stored(kettle) == (Decimal("41.25"), 8)
    assert rows.offered(kettle) == {"Hoboken": 8}
    assert set(LogEntry.objects.get(action="catalog.variant.changed").new) == {"price"}


def test_a_quantity_typed_over_a_sale_is_a_conflict_that_saving_again_settles(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle = rows.make_variant(shop, quantity=12, price=Decimal("38.50"))
    client = client_for("owner")
    address = section(shop, kettle, "stock")
    page = opened(client, address)
    ship(shop, kettle, 4)

    answer = client.post(address, {**page, "price": "41.25", "quantity": "20"})

    assert answer.status_code == 400
    assert answer.context["form"].errors == {
        "quantity": [
            (
                "Quantity in store was “12” when you opened the page and is “8” now. "
                "Look at the new value and save again to replace it."
            )
        ]
    }
    assert stored(kettle) == (Decimal("38.50"), 8)

    shown = answer.context["form"]
    again = {bound.html_name: bound.value() for bound in shown if bound.value() not in (None, False, "")}
    assert (again["price"], again["quantity"]) == ("41.25", "20")
    answer = client.post(address, {**again, "seen": unescape(_seen(answer.content.decode()))})

    assert answer.status_code == 302
    assert stored(kettle) == (Decimal("41.25"), 20)


def _seen(page: str) -> str:
    return re.findall(r'name="seen" value="([^"]*)"', page)[0]


def test_a_failed_save_shows_what_is_stored_now_where_nothing_was_typed(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    client = client_for("owner")
    address = section(shop, kettle, "stock")
    page = opened(client, address)
    ship(shop, kettle, 4)

    answer = client.post(address, {**page, "price": "-1"})

    assert list(answer.context["form"].errors) == ["price"]
    assert answer.context["form"]["quantity"].value() == "8"


def test_the_own_quantity_of_a_node_is_left_when_only_its_price_is_edited(
    shop: Merchant, client_for: ClientFor
) -> None:
    reno = rows.make_node(shop)
    kettle = rows.make_variant(shop)
    NodeStock.objects.update_or_create(
        merchant=shop, variant=kettle, node=reno, defaults={"quantity": 6, "price": Decimal("40.00")}
    )
    client = client_for("owner")
    page = opened(client, section(shop, kettle, "stock"))
    NodeStock.objects.filter(variant=kettle, node=reno).update(quantity=2)

    client.post(section(shop, kettle, "stock"), {**page, f"node_{reno.pk}_price": "39.5"})

    row = NodeStock.objects.get(variant=kettle, node=reno)
    assert (row.quantity, row.price) == (2, Decimal("39.50"))


def test_details_leave_what_somebody_else_changed(shop: Merchant, client_for: ClientFor) -> None:
    product = rows.make_product(shop, title="Iron Kettle", brand="Finch")
    kettle = rows.make_variant(shop, product)
    client = client_for("owner")
    page = opened(client, section(shop, kettle, "details"))
    update_product(product, {"brand": "Larkmoor"}, actor=SYSTEM)

    client.post(section(shop, kettle, "details"), {**page, "product_title": "Steel Kettle"})

    product.refresh_from_db()
    assert (product.title, product.brand) == ("Steel Kettle", "Larkmoor")


def test_line_ends_of_a_browser_are_no_edit(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, rows.make_product(shop, description="One.\nTwo."))
    client = client_for("owner")
    page = opened(client, section(shop, kettle, "details"))

    client.post(section(shop, kettle, "details"), {**page, "description": "One.\r\nTwo."})

    assert not LogEntry.objects.filter(action="catalog.product.changed").exists()


def test_an_attribute_added_meanwhile_stays(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop)
    client = client_for("owner")
    page = opened(client, section(shop, kettle, "attributes"))
    extra = {"id": rows.WEIGHT, "value": "3", "unit": "Pounds"}
    update_variant(kettle, {"attributes": [*kettle.attributes, extra]}, actor=SYSTEM)

    client.post(section(shop, kettle, "attributes"), {**page, f"attribute_{rows.SIZE}": "Large"})

    kettle.refresh_from_db()
    assert {item["id"] for item in kettle.attributes} == {rows.COLOR, rows.SIZE, rows.WEIGHT}


def test_the_grid_leaves_cells_nobody_touched(shop: Merchant, client_for: ClientFor) -> None:
    product = rows.make_product(shop, kind="variable")
    kettle, other = (rows.make_variant(shop, product, quantity=12) for _ in range(2))
    client = client_for("owner")
    address = section(shop, kettle, "variations")
    page = opened(client, address, "grid")
    ship(shop, other, 4)

    answer = client.post(address, {**page, "do": "grid", f"c{other.pk}_price": "41.25"})
    moved = client.post(address, {**page, "do": "grid", f"c{other.pk}_quantity": "30"})

    assert answer.status_code == 302
    assert stored(other) == (Decimal("41.25"), 8)
    assert moved.status_code == 400
    assert list(moved.context["grid"].errors) == [f"c{other.pk}_quantity"]


# --- a rival between the form's reading and the action's lock -----------------------------------------------------


def test_an_edit_meets_a_sale_under_the_lock(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    ship(shop, kettle, 4)

    with pytest.raises(ChangedMeanwhile) as caught:
        update_variant(kettle, {"quantity": 20}, actor=SYSTEM, seen={"quantity": 12})

    assert caught.value.fields == {
        "quantity": [
            "Quantity was just changed by somebody else, to “8”. Look at the new value and save again to replace it."
        ]
    }
    assert stored(kettle)[1] == 8


def test_a_nodes_number_meets_a_change_under_the_lock_and_nothing_is_saved(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, price=Decimal("38.50"))
    node = rows.make_node(shop)
    NodeStock.objects.update_or_create(merchant=shop, variant=kettle, node=node, defaults={"quantity": 2})
    offer = NodeOffer(node, 9, None, names=frozenset({"quantity"}), seen={"quantity": 6})

    with pytest.raises(ChangedMeanwhile) as caught:
        set_offer(kettle, {"price": Decimal("40.00")}, [offer], actor=SYSTEM)

    assert list(caught.value.fields) == [f"node_{node.pk}_quantity"]
    assert stored(kettle)[0] == Decimal("38.50")
    assert NodeStock.objects.get(variant=kettle, node=node).quantity == 2


def test_a_cell_of_the_grid_meets_a_sale_under_the_lock(shop: Merchant) -> None:
    product = rows.make_product(shop, kind="variable")
    kettle = rows.make_variant(shop, product, quantity=12)
    ship(shop, kettle, 4)

    with pytest.raises(InvalidInput) as caught:
        save_children(
            product, {kettle.pk: {"quantity": 20}}, actor=SYSTEM, seen={kettle.pk: {"quantity": 12}}
        )

    assert list(caught.value.data["cells"][kettle.pk]) == ["quantity"]
    assert stored(kettle)[1] == 8
