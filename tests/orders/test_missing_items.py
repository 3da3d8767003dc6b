"""Orders of which the store has some items and not the others: the two policies, and that each acts once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from catalog.models import Reservation
from jetsync.models import LogEntry, Notice
from orders.actions.answer import SentAnswer, mark_answered
from orders.models import Order, Shipment
from tests.orders.desk import Desk, last_job, make_due

pytestmark = pytest.mark.django_db
ACK = "/orders/[0-9a-f]+/acknowledge"


@pytest.fixture
def half(desk: Desk) -> str:
    """Jet's id of an order of two kettles, which the store has, and three cups, of which it has one."""
    desk.sku("KETTLE-1", quantity=5)
    desk.sku("CUP-1", quantity=1)
    (order_id,) = desk.buy(("KETTLE-1", 2, 0), ("CUP-1", 3, 0))
    return order_id


def items_at_jet(desk: Desk, order: Order) -> dict[str, str]:
    items = desk.at_jet(order)["order_items"]
    return {item["merchant_sku"]: item["order_item_acknowledgement_status"] for item in items}


def test_missing_item_is_cancelled_after_the_yes_when_the_settings_say_so(desk: Desk, half: str) -> None:
    desk.options(missing_items="cancel")
    order = desk.import_order(half)
    said = LogEntry.objects.get(action="orders.order.accept_planned").message
    assert said.endswith("The store lacks 3 x CUP-1: cancelled once Jet has the answer.")
    desk.drain()

    order = desk.reload(order)
    assert (order.state, desk.at_jet(order)["acknowledgement_status"]) == ("inprogress", "accepted")
    (sent,) = desk.at_jet(order)["shipments"]
    (item,) = sent["shipment_items"]
    assert (item["merchant_sku"], item["response_shipment_cancel_qty"]) == ("CUP-1", 3)
    held = Reservation.objects.get(released_at=None)
    assert (held.variant.sku, held.quantity) == ("KETTLE-1", 2)
    assert Notice.objects.get(key="orders.missing_cancelled").count == 1


def test_missing_item_is_cancelled_once_when_the_yes_was_lost(desk: Desk, half: str) -> None:
    """Jet took the yes and its answer was lost: the next try reads the order, and the cancelling follows from that."""
    desk.options(missing_items="cancel")
    desk.lose_answer(ACK)
    order = desk.import_order(half)
    job = desk.run(last_job("orders.acknowledge"))
    assert not Shipment.objects.exists()
    make_due(job)
    desk.drain()
    mark_answered(desk.merchant, order.pk, SentAnswer("accepted", {}))
    desk.drain()

    assert desk.reload(order).state == "inprogress"
    assert (Shipment.objects.count(), desk.effects("acknowledge")) == (1, 1)


def test_order_of_which_nothing_can_be_delivered_is_rejected_whatever_the_settings(desk: Desk) -> None:
    desk.options(missing_items="cancel", problem_orders="reject")
    desk.sku("CUP-1", quantity=1)
    desk.list_at_jet("GHOST-1")
    (order_id,) = desk.buy(("CUP-1", 3, 0), ("GHOST-1", 1, 0))
    order = desk.import_order(order_id)
    desk.drain()

    assert desk.reload(order).state == "rejected"
    assert items_at_jet(desk, order) == {
        "CUP-1": "nonfulfillable - no inventory",
        "GHOST-1": "nonfulfillable - invalid merchant SKU",
    }


def test_fallback_follows_the_same_policy(desk: Desk, half: str) -> None:
    desk.options(missing_items="cancel", auto_acknowledge=False)
    order = desk.import_order(half)
    fallback = last_job("orders.fallback")
    type(fallback).objects.filter(pk=fallback.pk).update(not_before=timezone.now())
    desk.drain()

    order = desk.reload(order)
    assert (order.state, order.answered_by) == ("inprogress", "fallback")
