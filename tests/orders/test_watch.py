"""The clock: fallback two minutes before the end, the sweep, missed windows, changes made elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from catalog.models import Reservation
from jetsync.enums import JobState
from jetsync.models import Job, Merchant, Notice, Schedule
from jetsync.sync.claims import free_lost_jobs
from jetsync.sync.queue import cancel_job, enqueue
from jetsync.sync.registry import kind_of, schedule_of
from jetsync.tenancy.actor import SYSTEM
from orders.actions.answer import accept_order, reject_order
from orders.actions.fetch import fetch_now
from orders.actions.shipment import ship_order
from orders.models import Order
from orders.reading import OrderFacts
from orders.sync import reading, watch
from tests.orders.desk import Desk, last_job
from tests.orders.rows import parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(desk: Desk) -> Order:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=2)
    (order_id,) = desk.buy(("KETTLE-1", 2, 0))
    return desk.import_order(order_id)


def sweep(desk: Desk) -> None:
    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))


def test_fallback_acts_two_minutes_before_the_end_and_not_earlier(desk: Desk, ready: Order) -> None:
    with time_machine.travel(ready.ack_due_at - timedelta(minutes=2, seconds=5), tick=False):
        desk.drain()
        assert desk.reload(ready).state == "ready"

    with time_machine.travel(ready.ack_due_at - timedelta(minutes=1, seconds=59), tick=False):
        desk.drain()

    assert desk.reload(ready).state == "acknowledged"
    assert desk.effects("acknowledge") == 1
    assert Notice.objects.get(key="orders.fallback").title == f"Order {ready} was accepted by the fallback"


def test_fallback_rejects_what_stock_no_longer_covers(desk: Desk, ready: Order) -> None:
    ready.lines.get().variant.product.__class__.objects.update(is_active=False)

    with time_machine.travel(ready.ack_due_at - timedelta(minutes=1), tick=False):
        desk.drain()

    order = desk.reload(ready)
    assert (order.state, order.failure_reason) == ("rejected", "product_disabled")


def test_fallback_reject_and_nothing_follow_the_setting(desk: Desk, ready: Order) -> None:
    desk.options(fallback_policy="nothing")
    with time_machine.travel(ready.ack_due_at - timedelta(minutes=1), tick=False):
        desk.drain()
    assert desk.reload(ready).state == "ready"
    assert Notice.objects.filter(key="orders.fallback").count() == 0
    assert desk.effects("acknowledge") == 0

    desk.options(fallback_policy="reject")
    desk.run(enqueue(desk.merchant, "orders.fallback", str(ready.pk)))
    desk.drain()
    assert desk.reload(ready).state == "rejected"
    assert desk.at_jet(ready)["acknowledgement_status"] == "rejected - other"


@pytest.mark.feature("SCH-06")
def test_sweep_runs_every_five_minutes_and_answers_what_was_left(desk: Desk, ready: Order) -> None:
    schedule = schedule_of("orders.sweep")
    assert schedule is not None
    assert schedule.interval == timedelta(minutes=5)
    desk.options(auto_acknowledge=True)

    sweep(desk)
    desk.drain()

    assert desk.reload(ready).state == "acknowledged"
    sweep(desk)
    desk.drain()
    assert desk.effects("acknowledge") == 1


def test_long_sweep_keeps_its_lease_and_a_dead_one_is_followed_soon(desk: Desk, monkeypatch) -> None:
    """What its worker had in hand, a store order among it, waits for the lease: a minute, not two."""
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=10)
    for order_id in desk.buy(("KETTLE-1", 1, 0), count=5):
        desk.import_order(order_id)
    freed: list[int] = []

    with time_machine.travel(timezone.now(), tick=False) as clock:

        def slow(merchant: Merchant, pk: int) -> None:
            clock.shift(timedelta(seconds=20))
            freed.append(free_lost_jobs())

        monkeypatch.setattr("orders.sync.watch.retry_decision", slow)
        sweep(desk)

    assert freed == [0, 0, 0, 0, 0]
    assert last_job("orders.sweep").state == JobState.DONE
    for kind in ("orders.fetch", "orders.sweep", "orders.acknowledge"):
        assert kind_of(kind).lease == timedelta(seconds=60)


def test_sweep_sets_a_lost_fallback_again(desk: Desk, ready: Order) -> None:
    Job.objects.filter(kind="orders.fallback").delete()

    sweep(desk)

    assert (ready.ack_due_at - last_job("orders.fallback").not_before).total_seconds() == 120


@pytest.mark.feature("ORD-09")
def test_missed_window_is_found_out_and_explained(desk: Desk, ready: Order) -> None:
    desk.options(fallback_policy="nothing")
    desk.control.switch(user="demo-user", expire_unacknowledged=True)
    desk.control.advance(16 * 60)

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        sweep(desk)

    order = desk.reload(ready)
    assert (order.state, order.failure_reason) == ("expired", "window_missed")
    assert order.failure_message == "Nobody answered within 15 minutes, so Jet withdrew the order."
    assert "automatic acknowledge" in order.failure_hint
    assert Reservation.objects.filter(released_at=None).count() == 0
    desk.control.switch(user="demo-user", expire_unacknowledged=None)


def test_late_order_that_jet_still_lists_is_answered(desk: Desk, ready: Order) -> None:
    """Jet "may" withdraw after 15 minutes: as long as it does not, the order is still ours."""
    desk.options(auto_acknowledge=True)
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        sweep(desk)
        desk.drain()

    assert desk.reload(ready).state == "acknowledged"


@pytest.mark.parametrize(
    ("fault", "more", "end"),
    [("html", {}, ("done", "")), ("status", {"status": 503}, ("queued", "jet_unwell"))],
)
def test_late_order_that_jet_does_not_show_keeps_no_shipment_back(
    desk: Desk, ready: Order, fault: str, more: dict[str, Any], end: tuple[str, str]
) -> None:
    desk.options(auto_acknowledge=True, send_tracking=False)
    desk.sku("POT-1")
    other = desk.acknowledged(("POT-1", 1, 0))
    ship_order(other, parcel(other, 1, sku="POT-1"), actor=SYSTEM)
    desk.options(auto_acknowledge=False, fallback_policy="nothing", send_tracking=True)
    desk.control.fault(fault, path=f"/orders/withoutShipmentDetail/{ready.merchant_order_id}", **more)

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        sweep(desk)
        assert last_job("orders.ship").state == JobState.QUEUED
        desk.drain()

    assert desk.effects("ship") == 1
    job = last_job("orders.sweep")
    assert (job.state, job.code) == end


def test_order_that_cannot_be_decided_stops_no_other_and_no_shipment(
    desk: Desk, ready: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.options(auto_acknowledge=True, send_tracking=False)
    desk.sku("POT-1")
    other = desk.acknowledged(("POT-1", 1, 0))
    ship_order(other, parcel(other, 1, sku="POT-1"), actor=SYSTEM)
    desk.options(auto_acknowledge=False, send_tracking=True)
    second = desk.import_order(desk.buy(("POT-1", 1, 0))[0])
    desk.options(auto_acknowledge=True)
    real = watch.retry_decision

    def breaking(merchant: Merchant, pk: int) -> None:
        if pk == ready.pk:
            raise LookupError("nothing we know")
        real(merchant, pk)

    monkeypatch.setattr(watch, "retry_decision", breaking)
    sweep(desk)

    assert (desk.reload(ready).planned_answer, desk.reload(second).planned_answer) == ("", "accepted")
    assert last_job("orders.ship").state == JobState.QUEUED


def test_status_schedule_follows_what_happens_elsewhere(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 1, 0))
    other = desk.acknowledged(("KETTLE-1", 1, 0))
    desk.market.ship(order.merchant_order_id, "KETTLE-1", 1)
    desk.control.clear_requests()

    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        job = desk.run(enqueue(desk.merchant, "orders.status", "schedule"))

    assert (desk.reload(order).state, desk.reload(other).state) == ("complete", "acknowledged")
    assert job.message == "1 open order read again."
    reads = [
        row["path"] for row in desk.control.requests(user="demo-user") if "withoutShipment" in row["path"]
    ]
    assert reads == [f"/api/orders/withoutShipmentDetail/{order.merchant_order_id}"]


def test_status_schedule_imports_orders_accepted_elsewhere(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    (order_id,) = desk.buy(("KETTLE-1", 4, 0))
    desk.market.acknowledge(order_id)

    desk.run(enqueue(desk.merchant, "orders.status", "schedule"))

    assert desk.order(order_id).state == "acknowledged"
    assert Reservation.objects.get().quantity == 4
    assert desk.effects("acknowledge") == 1


def test_directed_cancel_of_an_open_order_is_noticed(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 3, 0))
    desk.control.call("POST", "orders/cancel", user="demo-user", order_id=order.merchant_order_id)

    desk.import_order(order.merchant_order_id)

    assert desk.reload(order).is_directed_cancel
    assert order.lines.get().cancel_requested == 3
    assert Notice.objects.filter(key=f"orders.directed_cancel.{order.pk}").count() == 1


@pytest.mark.feature("ORD-04")
def test_fetch_by_hand_joins_the_schedules_job(desk: Desk, actor) -> None:
    schedule, _ = Schedule.objects.get_or_create(
        merchant=desk.merchant,
        kind="orders.fetch",
        defaults={"interval_seconds": 600, "next_due_at": timezone.now()},
    )
    first = fetch_now(desk.merchant, actor=actor)
    second = fetch_now(desk.merchant, actor=actor)

    assert first.pk == second.pk
    desk.drain()
    assert last_job("orders.fetch").state == "done"
    schedule.refresh_from_db()
    assert (schedule.last_ok, schedule.last_message) == (True, "No new orders.")


def test_cancelled_answer_is_not_sent_by_the_sweep(desk: Desk, ready: Order) -> None:
    accept_order(ready, actor=SYSTEM)
    assert cancel_job(last_job("orders.acknowledge"))

    sweep(desk)

    order = desk.reload(ready)
    assert (order.state, order.planned_answer) == ("ready", "")
    desk.drain()
    assert desk.effects("acknowledge") == 0
    accept_order(order, actor=SYSTEM)
    desk.drain()
    assert desk.reload(ready).state == "acknowledged"


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_order_whose_answer_was_cancelled_waits_and_holds_its_pieces(
    desk: Desk, ready: Order, decision: str
) -> None:
    """Else the next order would get them, and the merchant could only reject this one."""
    if decision == "accept":
        accept_order(ready, actor=SYSTEM)
    else:
        reject_order(ready, answer="rejected - other", items=None, actor=SYSTEM)
    assert cancel_job(last_job("orders.acknowledge"))

    sweep(desk)

    order = desk.reload(ready)
    assert (order.state, order.planned_answer, order.failure_reason) == ("ready", "", "")
    assert Reservation.objects.get(released_at=None).quantity == 2
    (other_id,) = desk.buy(("KETTLE-1", 1, 0))
    assert desk.import_order(other_id).failure_reason == "out_of_stock"


def test_cancelled_shipment_is_not_sent_by_the_sweep(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 1, 0))
    shipment = ship_order(order, parcel(order, 1), actor=SYSTEM)
    assert cancel_job(last_job("orders.ship"))

    sweep(desk)
    desk.drain()

    shipment.refresh_from_db()
    assert (shipment.state, shipment.failure_message) == (
        "refused",
        "Its job was cancelled before it was sent.",
    )
    assert desk.effects("ship") == 0


def test_jobs_of_a_test_order_keep_to_its_account_after_going_live(desk: Desk, ready: Order) -> None:
    accept_order(ready, actor=SYSTEM)
    Merchant.objects.filter(pk=desk.merchant.pk).update(mode="live")

    desk.drain()

    assert desk.reload(ready).state == "acknowledged"
    assert desk.effects("acknowledge") == 1


def test_order_that_cannot_be_stored_does_not_stop_the_follow_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sku(quantity=10)
    first, second = desk.acknowledged(), desk.acknowledged()
    for order in (first, second):
        desk.market.ship(order.merchant_order_id, "KETTLE-1", 1)
    Order.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    real = reading.apply_facts

    def breaking(merchant: Merchant, pk: int, facts: OrderFacts, **more: Any) -> Order:
        if pk == first.pk:
            raise LookupError("nothing we know")
        return real(merchant, pk, facts, **more)

    monkeypatch.setattr(reading, "apply_facts", breaking)
    job = desk.run(enqueue(desk.merchant, "orders.status", "schedule"))

    assert (job.state, job.message) == (JobState.DONE, "2 open orders read again.")
    assert (desk.reload(first).state, desk.reload(second).state) == ("acknowledged", "complete")
