"""Accepting and rejecting: exactly once at Jet, whatever happens to the answer."""

from __future__ import annotations

import pytest
from django.utils import timezone

from catalog.models import Reservation
from jetsync.enums import FailureEnd, JobState, OperationState, RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import JetAccount, Job, LogEntry, Notice, OperationRow
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM, Actor
from orders.actions.answer import accept_order, reject_order
from orders.actions.many import acknowledge_many
from orders.models import Order
from tests.orders.desk import Desk, last_job, make_due

pytestmark = pytest.mark.django_db
ACK = "/orders/[0-9a-f]+/acknowledge"


@pytest.fixture
def ready(desk: Desk) -> Order:
    """An imported order that waits for a person; ten pieces in stock, two ordered."""
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=10)
    (order_id,) = desk.buy(("KETTLE-1", 2, 0))
    return desk.import_order(order_id)


def test_without_automatic_answer_the_order_waits_and_holds_its_pieces(desk: Desk, ready: Order) -> None:
    assert (ready.state, ready.planned_answer) == ("ready", "")
    assert Reservation.objects.get().quantity == 2
    fallback = Job.objects.get(kind="orders.fallback")
    assert (ready.ack_due_at - fallback.not_before).total_seconds() == 120
    assert not Job.objects.filter(kind="orders.acknowledge").exists()


@pytest.mark.feature("ORD-06")
def test_accept_tells_jet_and_says_who(desk: Desk, ready: Order, actor: Actor) -> None:
    accept_order(ready, actor=actor)
    desk.drain()

    order = desk.reload(ready)
    assert (order.state, order.acknowledgement_status, order.planned_answer) == (
        "acknowledged",
        "accepted",
        "",
    )
    assert order.acknowledged_at is not None
    assert desk.at_jet(order)["status"] == "acknowledged"
    said = LogEntry.objects.get(action="orders.order.acknowledged")
    assert said.message == f"Order {order} acknowledged at Jet (decided by {actor.label})."
    assert said.old == {"state": "ready"}
    assert LogEntry.objects.get(action="orders.order.accept_planned").actor == actor.user


@pytest.mark.feature("ORD-06")
def test_reject_by_hand_needs_a_pairing_jet_takes(desk: Desk, ready: Order) -> None:
    line = ready.lines.get()

    with pytest.raises(InvalidInput) as refused:
        reject_order(ready, answer="rejected - item level error", items={}, actor=SYSTEM)
    assert list(refused.value.fields) == ["items"]
    assert desk.reload(ready).planned_answer == ""

    items = {line.pk: "nonfulfillable - no inventory"}
    reject_order(ready, answer="rejected - item level error", items=items, actor=SYSTEM)
    desk.drain()

    order, jet = desk.reload(ready), desk.at_jet(ready)
    assert (order.state, order.failure_reason) == ("rejected", "rejected_by_you")
    assert jet["exception_state"] == "exception - order rejected"
    assert jet["order_items"][0]["order_item_acknowledgement_status"] == "nonfulfillable - no inventory"
    assert Reservation.objects.filter(released_at=None).count() == 0


def test_answer_twice_by_two_people_is_refused(ready: Order) -> None:
    accept_order(ready, actor=SYSTEM)

    with pytest.raises(StateConflict) as refused:
        reject_order(ready, answer="rejected - other", items={}, actor=SYSTEM)

    assert refused.value.message == f"The answer to order {ready} (Accepted) is already on its way to Jet."


def test_accept_with_problems_needs_to_be_meant(desk: Desk) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=1)
    (order_id,) = desk.buy(("KETTLE-1", 2, 0))
    order = desk.import_order(order_id)
    assert (order.state, order.failure_reason) == ("ready", "out_of_stock")

    with pytest.raises(StateConflict) as refused:
        accept_order(order, actor=SYSTEM)
    assert refused.value.code == "order_has_problems"

    accept_order(order, actor=SYSTEM, despite_problems=True)
    desk.drain()
    accepted = desk.reload(order)
    assert (accepted.state, accepted.failure_reason) == ("acknowledged", "")


def test_lost_answer_is_looked_up_and_not_repeated(desk: Desk, ready: Order) -> None:
    desk.lose_answer(ACK)
    accept_order(ready, actor=SYSTEM)
    job = desk.run(last_job("orders.acknowledge"))

    assert (job.state, job.failure_end, job.maybe_arrived) == (JobState.QUEUED, FailureEnd.RETRY, True)
    assert desk.reload(ready).state == "ready"

    desk.control.clear_requests()
    make_due(job)
    job = desk.run(job)

    assert (job.state, desk.reload(ready).state) == (JobState.DONE, "acknowledged")
    assert desk.effects("acknowledge") == 1
    assert [row["method"] for row in desk.control.requests(user="demo-user")] == ["GET"]


def test_lost_rejection_keeps_its_own_reason(desk: Desk) -> None:
    desk.options(problem_orders="reject")
    desk.list_at_jet("GHOST-1")
    (order_id,) = desk.buy(("GHOST-1", 1, 0))
    desk.lose_answer(ACK)
    order = desk.import_order(order_id)
    job = desk.run(last_job("orders.acknowledge"))
    make_due(job)
    desk.run(job)

    order = desk.reload(order)
    assert (order.state, order.failure_reason) == ("rejected", "sku_unknown")
    assert desk.effects("reject") == 1


def test_request_that_never_arrived_is_sent_again(desk: Desk, ready: Order) -> None:
    desk.control.fault("reset", path=ACK, method="PUT", remaining=1)
    accept_order(ready, actor=SYSTEM)
    job = desk.run(last_job("orders.acknowledge"))
    assert (job.state, job.maybe_arrived) == (JobState.QUEUED, True)

    make_due(job)
    assert desk.run(job).state == JobState.DONE
    assert desk.reload(ready).state == "acknowledged"
    assert desk.effects("acknowledge") == 1


def test_job_run_twice_sends_once(desk: Desk, ready: Order) -> None:
    accept_order(ready, actor=SYSTEM)
    desk.drain()
    again = enqueue(desk.merchant, "orders.acknowledge", str(ready.pk))

    job = desk.run(again)

    assert (job.state, job.message) == (JobState.DONE, f"Order {ready} is acknowledged.")
    assert desk.effects("acknowledge") == 1


def test_answered_elsewhere_meanwhile_is_taken_over(desk: Desk, ready: Order) -> None:
    accept_order(ready, actor=SYSTEM)
    desk.market.acknowledge(ready.merchant_order_id)

    job = desk.run(last_job("orders.acknowledge"))

    assert (job.state, desk.reload(ready).state) == (JobState.DONE, "acknowledged")
    assert desk.effects("acknowledge") == 1


def test_refused_answer_frees_the_order_for_another(desk: Desk, ready: Order) -> None:
    desk.control.fault("status", path=ACK, method="PUT", status=400, remaining=1)
    accept_order(ready, actor=SYSTEM)

    job = desk.run(last_job("orders.acknowledge"))

    order = desk.reload(ready)
    assert (job.state, job.failure_end) == (JobState.FAILED, FailureEnd.PERMANENT)
    assert (order.state, order.planned_answer, order.failure_reason) == ("ready", "", "answer_refused")
    assert order.failure_message == job.message
    assert Notice.objects.filter(key=f"orders.answer_failed.{order.pk}").count() == 1

    accept_order(order, actor=SYSTEM)
    desk.drain()
    assert desk.reload(order).state == "acknowledged"
    assert Reservation.objects.get().released_at is None


def test_last_try_whose_answer_is_lost_keeps_decision_and_pieces(desk: Desk, ready: Order) -> None:
    """Were the pieces free, the next order would get them, and Jet would have a yes to both."""
    desk.lose_answer(ACK)
    accept_order(ready, actor=SYSTEM)
    Job.objects.filter(kind="orders.acknowledge").update(attempts=239)

    job = desk.run(last_job("orders.acknowledge"))

    order = desk.reload(ready)
    assert (job.state, job.failure_end) == (JobState.FAILED, FailureEnd.RETRY)
    assert (order.state, order.planned_answer, order.failure_reason) == (
        "ready",
        "accepted",
        "answer_refused",
    )
    assert order.failure_hint == (
        "The answer stands. jetsync looks at Jet every 5 minutes before it sends it again."
    )
    held = Reservation.objects.get()
    assert (held.quantity, held.released_at) == (2, None)
    told = Notice.objects.get(key=f"orders.answer_failed.{order.pk}")
    assert told.title == f"Order {order}: the answer did not get through"

    desk.control.clear_requests()
    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))
    desk.drain()

    order = desk.reload(ready)
    assert (order.state, order.failure_reason, desk.effects("acknowledge")) == ("acknowledged", "", 1)
    assert "PUT" not in [row["method"] for row in desk.control.requests(user="demo-user")]
    assert Reservation.objects.get().released_at is None


def test_wrong_keys_keep_the_decision_for_the_sweep(desk: Desk, ready: Order) -> None:
    accept_order(ready, actor=SYSTEM)
    JetAccount.objects.filter(pk=desk.account.pk).update(api_secret="wrong-secret")
    from jetsync.sync.client import shared_redis

    shared_redis().flushdb()
    job = desk.run(last_job("orders.acknowledge"))
    assert (job.state, job.failure_end) == (JobState.FAILED, FailureEnd.SETTINGS)
    assert desk.reload(ready).planned_answer == "accepted"

    account = JetAccount.objects.get(pk=desk.account.pk)
    account.api_secret = "demo-secret"
    account.save()
    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))
    desk.drain()

    assert desk.reload(ready).state == "acknowledged"


@pytest.mark.feature("ORD-07")
def test_bulk_acknowledge_has_a_result_per_order(desk: Desk, actor: Actor) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=2)
    ids = desk.buy(("KETTLE-1", 1, 0), count=3)
    orders = [desk.import_order(order_id) for order_id in ids]
    done = orders[0]
    accept_order(done, actor=actor)
    desk.drain()

    operation = acknowledge_many(desk.merchant, [order.pk for order in orders], actor=actor)
    desk.drain()

    operation.refresh_from_db()
    rows = dict(OperationRow.objects.filter(operation=operation).values_list("object_id", "state"))
    assert rows == {
        orders[0].pk: RowState.SKIPPED,
        orders[1].pk: RowState.DONE,
        orders[2].pk: RowState.FAILED,
    }
    assert OperationRow.objects.get(object_id=orders[2].pk).code == "order_has_problems"
    assert operation.state == OperationState.PARTLY
    assert [desk.reload(order).state for order in orders] == ["acknowledged", "acknowledged", "ready"]
    assert desk.effects("acknowledge") == 2


def test_body_names_every_item(desk: Desk) -> None:
    desk.sku("KETTLE-1")
    desk.sku("CUP-1")
    (order_id,) = desk.buy(("KETTLE-1", 1, 0), ("CUP-1", 2, 0))
    desk.import_order(order_id)
    desk.control.clear_requests()
    desk.drain()

    (sent,) = [row for row in desk.control.requests(user="demo-user") if row["method"] == "PUT"]
    jet = desk.at_jet(order_id)
    import json

    body = sent["body"] if isinstance(sent["body"], dict) else json.loads(sent["body"])
    assert body == {
        "acknowledgement_status": "accepted",
        "alt_order_id": desk.order(order_id).store_order.number,
        "order_items": [
            {
                "order_item_id": item["order_item_id"],
                "order_item_acknowledgement_status": "fulfillable",
            }
            for item in jet["order_items"]
        ],
    }


def test_seen_time_moves_with_the_answer(desk: Desk, ready: Order) -> None:
    before = timezone.now()
    accept_order(ready, actor=SYSTEM)
    desk.drain()

    assert desk.reload(ready).seen_at > before
