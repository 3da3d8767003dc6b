"""A shipment reaches Jet exactly once, whatever breaks on the way."""

from __future__ import annotations

import pytest

from catalog.models import Reservation
from jetsync.enums import JobState
from jetsync.models import Job
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM
from orders.actions.shipment import ship_order
from orders.models import Order
from orders.queries.line import line_counts
from orders.sync import shipping
from tests.orders.desk import Desk, last_job, make_due
from tests.orders.rows import parcel

pytestmark = pytest.mark.django_db
SHIP = "/orders/[0-9a-f]+/shipped"


def test_lost_answer_is_looked_up_and_not_repeated(desk: Desk, order: Order) -> None:
    desk.control.switch(user="demo-user", duplicate_shipment="accept")  # Jet would count a repetition again
    desk.lose_answer(SHIP)
    shipment = ship_order(order, parcel(order, 2), actor=SYSTEM)
    job = desk.run(last_job("orders.ship"))
    assert (job.state, job.maybe_arrived) == (JobState.QUEUED, True)

    make_due(job)
    job = desk.run(job)

    shipment.refresh_from_db()
    assert (job.state, shipment.state, desk.reload(order).state) == (JobState.DONE, "sent", "inprogress")
    assert desk.effects("ship") == 1
    assert len(desk.at_jet(order)["shipments"]) == 1
    assert Reservation.objects.get().quantity == 1
    desk.control.switch(user="demo-user", duplicate_shipment=None)


def test_request_that_never_arrived_is_checked_then_sent(desk: Desk, order: Order) -> None:
    desk.control.fault("reset", path=SHIP, method="PUT", remaining=1)
    shipment = ship_order(order, parcel(order, 3), actor=SYSTEM)
    job = desk.run(last_job("orders.ship"))
    make_due(job)
    desk.run(job)

    shipment.refresh_from_db()
    assert (shipment.state, desk.effects("ship")) == ("sent", 1)


def test_job_run_twice_sends_once(desk: Desk, order: Order) -> None:
    shipment = ship_order(order, parcel(order, 2), actor=SYSTEM)
    desk.drain()

    job = desk.run(enqueue(desk.merchant, "orders.ship", str(shipment.pk)))

    assert job.state == JobState.DONE
    assert desk.effects("ship") == 1
    assert Reservation.objects.get().quantity == 1


def test_last_try_whose_answer_is_lost_keeps_the_units(desk: Desk, order: Order) -> None:
    """Were they free, a person could ship them once more and Jet would count them twice."""
    desk.control.switch(user="demo-user", duplicate_shipment="accept")
    desk.lose_answer(SHIP)
    shipment = ship_order(order, parcel(order, 2), actor=SYSTEM)
    Job.objects.filter(kind="orders.ship").update(attempts=59)

    job = desk.run(last_job("orders.ship"))

    shipment.refresh_from_db()
    assert (job.state, shipment.state) == (JobState.FAILED, "checking")
    assert [count.remaining for count in line_counts(order)] == [1]
    assert "before it sends it again" in shipment.failure_hint

    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))
    desk.drain()

    shipment.refresh_from_db()
    assert (shipment.state, shipment.failure_message, desk.effects("ship")) == ("sent", "", 1)
    assert len(desk.at_jet(order)["shipments"]) == 1
    desk.control.switch(user="demo-user", duplicate_shipment=None)


def test_cancelled_job_whose_message_may_have_arrived_is_looked_up(desk: Desk, order: Order) -> None:
    desk.lose_answer(SHIP)
    shipment = ship_order(order, parcel(order, 2), actor=SYSTEM)
    desk.run(last_job("orders.ship"))
    Job.objects.filter(kind="orders.ship").update(state=JobState.CANCELLED)

    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))
    desk.drain()

    shipment.refresh_from_db()
    assert (shipment.state, desk.effects("ship")) == ("sent", 1)


def test_worker_killed_around_the_call_does_not_ship_twice(
    desk: Desk, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipment = ship_order(order, parcel(order, 2), actor=SYSTEM)
    job = last_job("orders.ship")

    def die(*_args: object, **_more: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(shipping, "mark_sent", die)
        with pytest.raises(SystemExit):
            desk.run(job)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.QUEUED, lease_token="", lease_until=None, maybe_arrived=False
    )

    desk.run(job)

    shipment.refresh_from_db()
    assert (shipment.state, desk.effects("ship")) == ("sent", 1)
