"""What happens to an order outside jetsync, or that nobody here has a word for: stored, shown and told, each time."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Reservation
from jetsync.exceptions import InvalidInput
from jetsync.models import LogEntry, MailEvent, Notice
from jetsync.tenancy.actor import SYSTEM
from orders.actions.importing import apply_facts
from orders.actions.shipment import ship_order
from orders.amounts import order_charged
from orders.models import Order
from orders.reading import read_order
from tests.orders.desk import Desk, last_job
from tests.orders.pages import page, text_of
from tests.orders.rows import parcel

pytestmark = pytest.mark.django_db


def notices(prefix: str) -> list[str]:
    return list(Notice.objects.filter(key__startswith=prefix).values_list("title", flat=True))


def logged(action: str) -> list[str]:
    return list(LogEntry.objects.filter(action=action).order_by("pk").values_list("message", flat=True))


def read_again(desk: Desk, order: Order, **changes: Any) -> Order:
    """Jet's answer of now with some members changed by hand."""
    raw = deepcopy(desk.at_jet(order)) | changes
    return apply_facts(desk.merchant, order.pk, read_order(raw), seen_at=timezone.now())


def test_order_born_with_a_cancel_wish_is_told_at_its_import(desk: Desk, client_for) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=10)
    (order_id,) = desk.buy(("KETTLE-1", 3, 1))

    desk.fetch()

    order = desk.order(order_id)
    assert order.is_directed_cancel
    assert notices("orders.directed_cancel") == [f"Jet asks to cancel order {order}"]
    assert logged("orders.order.cancel_asked") == [
        f"Jet asks to cancel units of order {order}. Do not ship 1 of KETTLE-1 (ship 2)."
    ]
    assert MailEvent.objects.filter(kind="orders.cancel", object_id=order.pk).count() == 1
    html = text_of(client_for("owner"), page(desk.merchant, "order-detail", pk=order.pk))
    assert "Jet asks to cancel units of this order" in html
    listed = text_of(client_for("owner"), page(desk.merchant, "order-list"))
    assert '<div class="cell-sub">Jet asks to cancel</div>' in listed


def test_a_wish_to_cancel_more_is_told_again_and_the_same_one_is_not(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 3, 1))
    assert len(logged("orders.order.cancel_asked")) == 1

    read_again(desk, order)
    assert len(logged("orders.order.cancel_asked")) == 1
    desk.control.call("POST", "orders/cancel", user="demo-user", order_id=order.merchant_order_id)
    read_again(desk, order)

    assert order.lines.get().cancel_requested == 3
    assert len(logged("orders.order.cancel_asked")) == 2


@pytest.mark.feature("ORD-09")
def test_order_withdrawn_between_list_and_read_is_stored_as_expired_and_told(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    (order_id,) = desk.buy(("KETTLE-1", 1, 0))
    desk.control.switch(user="demo-user", expire_unacknowledged=True)
    desk.control.advance(16 * 60)

    order = desk.import_order(order_id)

    desk.control.switch(user="demo-user", expire_unacknowledged=None)
    assert (order.state, order.failure_reason) == ("expired", "window_missed")
    assert notices("orders.lost") == ["Orders were lost: nobody answered in time"]
    assert notices("orders.exception") == []
    assert MailEvent.objects.filter(kind="orders.failed", object_id=order.pk).count() == 1


def test_rejection_and_yes_elsewhere_are_told_and_our_own_are_not(desk: Desk) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=10)
    no, yes = (desk.import_order(order_id) for order_id in desk.buy(("KETTLE-1", 1, 0), count=2))
    refusal = desk.market.acknowledgement(no.merchant_order_id, acknowledgement_status="rejected - other")
    desk.market.put(f"orders/{no.merchant_order_id}/acknowledge", refusal)
    desk.market.acknowledge(yes.merchant_order_id)
    desk.options(auto_acknowledge=True)
    ours = desk.acknowledged(("KETTLE-1", 1, 0))

    for order in (no, yes, ours):
        read_again(desk, order)

    assert desk.reload(no).failure_reason == "rejected_elsewhere"
    assert notices("orders.rejected_elsewhere") == [f"Order {no} was rejected outside jetsync"]
    assert notices("orders.elsewhere") == [f"Order {yes} was handled outside jetsync"]
    assert notices("orders.exception") == []


def test_shipment_entered_elsewhere_stands_in_the_log_and_under_the_bell(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 2, 0))
    desk.market.ship(order.merchant_order_id, "KETTLE-1", 2)

    read_again(desk, order)

    assert desk.reload(order).state == "complete"
    assert logged("orders.shipment.seen_at_jet") == [
        f"Jet shows a shipment of order {order} that was entered outside jetsync: FedEx 612999aa10ba."
    ]
    assert notices("orders.elsewhere") == [f"Order {order} was handled outside jetsync"]


def test_exception_that_jet_marks_is_told_once_known_word_or_not(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 2, 0))
    desk.market.ship(order.merchant_order_id, "KETTLE-1", 3)

    for _ in range(2):
        read_again(desk, order)
    assert logged("orders.order.exception") == [
        f"Jet marks order {order}: “exception - too many units shipped”."
    ]
    read_again(desk, order, exception_state="exception - frozen by Jet")

    assert logged("orders.order.exception")[1:] == [f"Jet marks order {order}: “exception - frozen by Jet”."]
    assert notices("orders.exception") == [f"Jet marked an exception on order {order}"]


def test_accepted_elsewhere_with_a_sku_nobody_knows_is_told(desk: Desk, client_for) -> None:
    desk.list_at_jet("GHOST-1")
    (order_id,) = desk.buy(("GHOST-1", 1, 0))
    desk.market.acknowledge(order_id)

    order = desk.import_order(order_id)

    assert (order.state, order.lines.get().problem) == ("acknowledged", "sku_unknown")
    assert notices("orders.unknown_sku") == ["Accepted orders have SKUs that are not in the store"]
    assert logged("orders.order.unknown_sku") == [
        f"Order {order} is accepted at Jet, and the store does not have GHOST-1."
    ]
    assert "SKU not in the store" in text_of(
        client_for("owner"), page(desk.merchant, "order-detail", pk=order.pk)
    )


def test_yes_elsewhere_after_a_refused_answer_gets_its_pieces_back(desk: Desk) -> None:
    """Jet's refusal had freed them. Without them the same pieces would be sold again and the count never fall."""
    kettle = desk.sku("KETTLE-1", quantity=2)
    order = refused(desk)
    assert not Reservation.objects.filter(released_at=None).exists()
    desk.market.acknowledge(order.merchant_order_id)

    read_again(desk, order)

    held = Reservation.objects.get(released_at=None)
    assert (desk.reload(order).state, held.quantity) == ("acknowledged", 2)
    rival = desk.import_order(desk.buy(("KETTLE-1", 1, 0))[0])
    assert (rival.planned_answer, rival.failure_reason) == ("", "out_of_stock")

    ship_order(desk.reload(order), parcel(order, 2), actor=SYSTEM)
    desk.drain()
    kettle.refresh_from_db()
    assert (kettle.quantity, desk.reload(order).state) == (0, "complete")


def test_yes_and_parcel_elsewhere_lower_the_store_count(desk: Desk) -> None:
    kettle = desk.sku("KETTLE-1", quantity=10)
    order = refused(desk)
    desk.market.acknowledge(order.merchant_order_id)
    desk.market.ship(order.merchant_order_id, "KETTLE-1", 2)

    read_again(desk, order)
    read_again(desk, order)

    kettle.refresh_from_db()
    assert (desk.reload(order).state, kettle.quantity) == ("complete", 8)
    assert not Reservation.objects.filter(released_at=None).exists()


def test_yes_elsewhere_while_our_no_is_on_its_way_is_told_and_holds_its_pieces(desk: Desk) -> None:
    desk.options(problem_orders="reject")
    desk.list_at_jet("GHOST-1")
    desk.sku("KETTLE-1", quantity=10)
    order = desk.import_order(desk.buy(("KETTLE-1", 2, 0), ("GHOST-1", 1, 0))[0])
    assert order.planned_answer == "rejected - item level error"
    desk.market.acknowledge(order.merchant_order_id)

    job = desk.run(last_job("orders.acknowledge"))

    order = desk.reload(order)
    assert (job.state, order.state) == ("done", "acknowledged")
    assert [row.quantity for row in Reservation.objects.filter(released_at=None)] == [2]
    assert notices("orders.elsewhere") == [f"Order {order} was handled outside jetsync"]
    assert notices("orders.unknown_sku") == ["Accepted orders have SKUs that are not in the store"]


def refused(desk: Desk) -> Order:
    """Two pieces; Jet refused our yes, and a person has not answered again."""
    desk.control.fault("status", path="/acknowledge", method="PUT", status=400, remaining=1)
    order = desk.import_order(desk.buy(("KETTLE-1", 2, 0))[0])
    desk.run(last_job("orders.acknowledge"))
    order = desk.reload(order)
    assert (order.state, order.failure_reason) == ("ready", "answer_refused")
    return order


def test_order_changed_at_jet_is_told_without_naming_the_shopper(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 3, 0))
    raw = deepcopy(desk.at_jet(order))
    raw["shipping_to"]["address"]["address1"] = "9 Hidden Court"
    # What the sandbox drew may be no carrier at all, and what comes to light is no change.
    Order.objects.filter(pk=order.pk).update(request_carrier="FedEx")
    detail = raw["order_detail"]
    detail["request_shipping_carrier"] = "OnTrac"
    raw["order_items"][0]["request_order_quantity"] = 2

    read_again(desk, order, **raw)
    read_again(desk, order, **raw)

    entry = LogEntry.objects.get(action="orders.order.changed_at_jet")
    assert (
        entry.message == f"Jet changed order {order}: the address, the requested carrier, units of KETTLE-1."
    )
    assert entry.new == {"request_carrier": detail["request_shipping_carrier"], "units of KETTLE-1": 2}
    assert notices("orders.changed_at_jet") == [f"Order {order} was changed at Jet"]
    assert desk.reload(order).ship_to_address1 == "9 Hidden Court"
    assert order.lines.get().quantity == Reservation.objects.get().quantity == 2
    assert "Hidden" not in entry.message + Notice.objects.get(key__startswith="orders.changed_at_jet").body


def changed_at_jet(desk: Desk, order: Order, *, units: int, **prices: float) -> Order:
    raw = deepcopy(desk.at_jet(order))
    (item,) = raw["order_items"]
    item["request_order_quantity"] = units
    item["item_price"] |= prices
    return read_again(desk, order, **raw)


def test_units_and_prices_follow_jet_until_the_first_parcel(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 3, 0))

    changed_at_jet(desk, order, units=2, base_price=10.0, item_tax=1.0, item_shipping_cost=0.5)
    changed_at_jet(desk, order, units=2, base_price=10.0, item_tax=1.0, item_shipping_cost=0.5)

    line, order = order.lines.get(), desk.reload(order)
    assert (line.quantity, line.base_price, line.item_tax, line.shipping_cost) == (
        2,
        Decimal("10.00"),
        Decimal("1.00"),
        Decimal("0.50"),
    )
    assert order.total == order_charged([line]).total
    assert Reservation.objects.get().quantity == 2
    (message,) = logged("orders.order.changed_at_jet")
    assert "units of KETTLE-1" in message
    assert "the price of KETTLE-1" in message
    entry = LogEntry.objects.get(action="orders.order.changed_at_jet")
    assert (entry.old["units of KETTLE-1"], entry.new["units of KETTLE-1"]) == (3, 2)
    assert entry.new["the price of KETTLE-1"] == "10.00"
    with pytest.raises(InvalidInput):
        ship_order(order, parcel(order, 3), actor=SYSTEM)


def test_units_and_prices_stay_after_the_first_parcel_and_jets_stand_beside(desk: Desk, client_for) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 3, 0))
    total = order.total
    ship_order(order, parcel(order, 1), actor=SYSTEM)
    desk.drain()

    changed_at_jet(desk, order, units=2, base_price=10.0)

    line, order = order.lines.get(), desk.reload(order)
    assert (line.quantity, order.total, Reservation.objects.get().quantity) == (3, total, 2)
    html = text_of(client_for("owner"), page(desk.merchant, "order-detail", pk=order.pk))
    assert "Jet shows 2" in html
    assert 'Jet shows <span class="money">$10.00</span>' in html


def test_more_units_than_the_store_has_keep_what_is_held_and_are_named(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=4)
    order = desk.acknowledged(("KETTLE-1", 3, 0))

    changed_at_jet(desk, order, units=5)
    line = order.lines.get()
    assert (line.quantity, line.problem, Reservation.objects.get().quantity) == (5, "out_of_stock", 3)

    changed_at_jet(desk, order, units=4)
    assert Reservation.objects.get().quantity == 4


def test_what_jet_leaves_out_of_an_order_stays(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 3, 1))
    before = order.lines.values().get()
    assert before["cancel_requested"] == 1
    assert before["base_price"] > 0
    raw = deepcopy(desk.at_jet(order))
    (item,) = raw["order_items"]
    raw["order_items"] = [{name: item[name] for name in ("order_item_id", "merchant_sku")}]
    del raw["order_totals"]
    fees, total = order.fees, order.total
    assert fees > 0

    apply_facts(desk.merchant, order.pk, read_order(raw), seen_at=timezone.now())

    after = order.lines.values().get()
    assert {**after, "raw": None} == {**before, "raw": None}
    order = desk.reload(order)
    assert (order.fees, order.total) == (fees, total)


def test_every_unknown_status_word_is_told(desk: Desk) -> None:
    desk.sku("KETTLE-1")
    order = desk.acknowledged(("KETTLE-1", 1, 0))
    for word in ("on hold", "on hold", "under review"):
        read_again(desk, order, status=word, member_of_2031={"kept": True})

    fresh = desk.reload(order)
    assert (fresh.state, fresh.failure_reason) == ("acknowledged", "unknown_status")
    assert fresh.failure_message == "Jet sent the status “under review”, which jetsync does not know."
    assert fresh.raw["member_of_2031"] == {"kept": True}
    assert Notice.objects.get(key=f"orders.unknown_status.{order.pk}").count == 2
