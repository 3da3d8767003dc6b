"""A cancellation and a rejection reach Jet exactly once, whichever way the line breaks.

Their siblings stand with their subject: accepting in test_answer, shipping in test_shipment_once, answering a return in
tests/returns/test_settle, refunding in tests/refunds/test_create.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from catalog.models import Reservation
from jetsync.enums import JobState
from jetsync.tenancy.actor import SYSTEM
from orders.actions.answer import reject_order
from orders.actions.shipment import cancel_rest
from orders.models import Order, Shipment
from tests.orders.desk import Desk, last_job, make_due
from tests.orders.dying import reclaim_lost_jobs, run_and_die

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Act:
    """Something a merchant tells Jet. `effect` is what Jet counts it as, `state` where the order ends."""

    tell: Callable[[Order], object]
    path: str
    job: str
    effect: str
    state: str


ACTS = {
    "cancel": Act(
        lambda order: cancel_rest(order, actor=SYSTEM), "/shipped", "orders.ship", "cancel", "complete"
    ),
    "reject": Act(
        lambda order: reject_order(order, answer="rejected - other", items=None, actor=SYSTEM),
        "/acknowledge",
        "orders.acknowledge",
        "reject",
        "rejected",
    ),
}


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest) -> Act:
    return ACTS[request.param]


@pytest.fixture
def order(desk: Desk, act: Act) -> Iterator[Order]:
    """Three pieces, ready for the act; a Jet that would count a repeated message again."""
    desk.control.switch(user="demo-user", duplicate_shipment="accept")
    desk.sku("KETTLE-1", quantity=10)
    if act.effect == "cancel":
        yield desk.acknowledged(("KETTLE-1", 3, 0))
    else:
        desk.options(auto_acknowledge=False)
        (order_id,) = desk.buy(("KETTLE-1", 3, 0))
        yield desk.import_order(order_id)
    desk.control.switch(user="demo-user", duplicate_shipment=None)


@pytest.mark.parametrize(("fault", "heard"), [("lost_answer", 1), ("reset", 0)])
def test_broken_line_does_it_once(desk: Desk, act: Act, order: Order, fault: str, heard: int) -> None:
    """Whether Jet did it before the line broke or never heard of it cannot be known from here."""
    desk.control.fault(fault, path=act.path, method="PUT", remaining=1)
    act.tell(order)
    assert [row.state for row in Shipment.objects.all()] in ([], ["queued"])

    job = desk.run(last_job(act.job))

    assert (job.state, job.maybe_arrived, desk.effects(act.effect)) == (JobState.QUEUED, True, heard)
    assert "It may have arrived" in job.message
    assert [row.state for row in Shipment.objects.all()] in ([], ["checking"])

    make_due(job)
    job = desk.run(job)

    assert (job.state, job.maybe_arrived, desk.effects(act.effect)) == (JobState.DONE, False, 1)
    assert [row.state for row in Shipment.objects.all()] in ([], ["sent"])
    assert desk.reload(order).state == act.state


@pytest.mark.parametrize("after", [True, False])
def test_worker_dead_around_the_call_does_it_once(desk: Desk, act: Act, order: Order, *, after: bool) -> None:
    act.tell(order)
    job = last_job(act.job)

    assert run_and_die(job, after=after, method="PUT")
    job.refresh_from_db()
    assert (job.state, desk.effects(act.effect)) == (JobState.RUNNING, int(after))
    assert reclaim_lost_jobs() == 1
    desk.run(job)

    assert (desk.effects(act.effect), desk.reload(order).state) == (1, act.state)


def test_pieces_of_a_broken_cancel_are_free_once(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 3, 0))
    desk.lose_answer("/shipped")
    cancel_rest(order, actor=SYSTEM)
    job = desk.run(last_job("orders.ship"))
    assert Reservation.objects.get().released_at is None  # nobody knows yet
    make_due(job)
    desk.run(job)
    held = Reservation.objects.get()
    assert (held.quantity, held.reason, held.released_at is None) == (3, "cancelled", False)
