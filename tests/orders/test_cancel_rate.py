"""The cancellation rate counts what the merchant rejected, missed or cancelled, and nothing that others wanted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from jetsync.jet.words.orders import ExceptionState
from orders.actions.importing import apply_facts
from orders.actions.shipment import ship_order
from orders.models import Order
from orders.queries.order import all_orders
from orders.queries.rate import cancel_rate, newly_lost
from orders.reading import read_order
from tests.orders.rows import line, parcel

pytestmark = pytest.mark.django_db

Make = Callable[..., Order]


def rate(merchant) -> tuple[int, int]:
    found = cancel_rate(merchant)
    return found.orders, found.lost


def cancelled_at_jet(order: Order, quantity: int) -> list[dict[str, object]]:
    """As Jet shows units that were cancelled by somebody else."""
    item = {"merchant_sku": "KETTLE-1", "response_shipment_cancel_qty": quantity}
    return [{"shipment_id": f"{order.pk:032x}", "shipment_items": [item]}]


@pytest.mark.feature("ORD-16")
def test_units_that_the_shopper_wanted_cancelled_are_not_counted(scoped, order_of: Make, actor) -> None:
    asked = order_of(line(quantity=3, cancel=2), status="acknowledged", jet_request_directed_cancel=True)
    assert newly_lost(all_orders(scoped)) == 1, "one piece of it is still wanted"

    ship_order(asked, parcel(asked, 1, 2), actor=actor)
    assert rate(scoped) == (1, 0)
    assert newly_lost(all_orders(scoped)) == 0, "the wanted piece is on its way"


@pytest.mark.feature("ORD-16")
def test_units_beyond_what_the_shopper_wanted_are_counted_once(scoped, order_of: Make, actor) -> None:
    asked = order_of(line(quantity=3, cancel=1), status="acknowledged", jet_request_directed_cancel=True)

    ship_order(asked, parcel(asked, 0, 1), actor=actor)
    assert rate(scoped) == (1, 0)
    ship_order(asked, parcel(asked, 1, 1, confirms_cancel=True), actor=actor)
    assert rate(scoped) == (1, 1)
    assert newly_lost(all_orders(scoped)) == 0


@pytest.mark.parametrize("cancel", [2, 0], ids=["all units named", "none named"])
def test_order_that_is_wanted_no_more_may_be_rejected(scoped, order_of: Make, cancel: int) -> None:
    order_of(line(quantity=2, cancel=cancel), jet_request_directed_cancel=True)
    assert newly_lost(all_orders(scoped)) == 0

    Order.objects.update(state="rejected")
    assert rate(scoped) == (1, 0)


@pytest.mark.parametrize("lines", [[(2, 1)], [(1, 1), (1, 0)]], ids=["of a line", "a line"])
def test_order_of_which_a_part_is_still_wanted_counts_when_it_is_rejected(
    scoped, order_of: Make, lines: list[tuple[int, int]]
) -> None:
    order_of(line(quantity=2, cancel=2), jet_request_directed_cancel=True)  # another one, of which nothing is
    items = [
        line(f"KETTLE-{n}", quantity=ordered, cancel=cancel) for n, (ordered, cancel) in enumerate(lines)
    ]
    order_of(*items, jet_request_directed_cancel=True)
    assert newly_lost(all_orders(scoped)) == 1

    Order.objects.update(state="rejected")
    assert rate(scoped) == (2, 1)


@pytest.mark.parametrize(
    ("words", "lost"), [({}, 1), ({"exception_state": ExceptionState.CANCELLED_BY_JET.value}, 0)]
)
def test_what_jet_cancelled_itself_is_not_counted(scoped, order_of: Make, words, lost: int) -> None:
    """Cancelled by another program of the merchant it is, although both are seen at Jet only."""
    order = order_of(line(quantity=2), status="acknowledged")
    raw = {**order.raw, "status": "complete", "shipments": cancelled_at_jet(order, 2), **words}

    apply_facts(scoped, order.pk, read_order(raw), seen_at=timezone.now())
    assert rate(scoped) == (1, lost)


def test_missed_orders_are_counted_unless_jet_took_them_back(scoped, order_of: Make) -> None:
    first, _second = order_of(), order_of()
    Order.objects.update(state="expired")
    assert rate(scoped) == (2, 2)

    Order.objects.filter(pk=first.pk).update(exception_state=ExceptionState.CANCELLED_BY_JET)
    assert rate(scoped) == (2, 1)


def test_rate_asks_the_same_for_one_order_and_for_six(
    scoped, order_of: Make, actor, django_assert_num_queries
) -> None:
    for _ in range(3):
        order = order_of(line(quantity=2), status="acknowledged")
        ship_order(order, parcel(order, 1, 1, confirms_cancel=True), actor=actor)
        order_of()
        orders = all_orders(scoped)
        with django_assert_num_queries(2):
            newly_lost(orders)
