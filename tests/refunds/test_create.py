"""Starting a refund: limits, the return that excludes it, and exactly one payment whatever breaks on the way."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jetsync.enums import JobState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Job, LogEntry, Notice
from refunds.actions import creating
from refunds.actions.creating import begin_sending, create_refund, resume_sending, withdraw
from refunds.enums import RefundStatus
from refunds.models import Refund
from refunds.queries import refund_lines
from refunds.sync import refund_body
from refunds.validators import LineInput
from refunds.wording import feedback_choices, reason_choices
from returns.actions.settling import ledgers_for, settle_return
from returns.enums import SendState
from returns.ledgers import line_ledgers
from returns.models import Return
from returns.money import Amounts
from returns.queries import return_lines
from returns.validators import field_of, full_decision

HALF = Amounts(Decimal("24.99"))


def give(order, quantity=1, **changes) -> LineInput:
    """A refund of some units, goods only."""
    line = order.lines.order_by("pk").first()
    values = {
        "line_id": line.pk,
        "quantity_returned": quantity,
        "quantity_refunded": quantity,
        "reason": "Unwanted gift",
        "feedback": "Restocking fee",
        "amounts": Amounts(Decimal("24.99") * quantity),
    }
    return LineInput(**{**values, **changes})


def refund_job(refund: Refund) -> Job:
    return Job.objects.filter(kind="refunds.create", key=str(refund.pk)).latest("pk")


def again(job: Job) -> None:
    """The wait after a failure is over."""
    Job.objects.filter(pk=job.pk).update(not_before=job.created_at)


@pytest.fixture
def order(shop):
    return shop.order(2)


@pytest.mark.feature("RFD-11")
def test_refund_reaches_jet_with_our_id(shop, order, actor):
    refund = create_refund(order, [give(order, notes="opened box")], actor=actor)
    assert refund.alt_refund_id.startswith(f"{order}-R1-")
    shop.run(refund_job(refund).pk)
    refund.refresh_from_db()
    at_jet = shop.market.get(f"refunds/state/{refund.alt_refund_id}")
    assert (refund.send_state, refund.status, refund.jet_status) == (
        SendState.SENT,
        RefundStatus.CREATED,
        "created",
    )
    assert refund.refund_authorization_id == at_jet["refund_authorization_id"]
    (item,) = at_jet["items"]
    assert (
        item["order_return_refund_qty"],
        item["refund_reason"],
        item["refund_feedback"],
        item["notes"],
    ) == (
        1,
        "Unwanted gift",
        "Restocking fee",
        "opened box",
    )
    assert item["refund_amount"] == {
        "principal": 24.99,
        "tax": 0.0,
        "shipping_cost": 0.0,
        "shipping_tax": 0.0,
    }
    assert shop.effects("refund") == 1
    made = LogEntry.objects.get(action="refunds.refund.created")
    assert (made.message, made.actor_label, made.job) == (
        f"Refund {refund} of $24.99 for order {order} created.",
        actor.label,
        refund_job(refund),
    )


@pytest.mark.feature("RFD-09")
@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        (
            {"quantity_returned": 3},
            "quantity_returned",
            "KETTLE-1: At most 2: 2 shipped, 0 already returned.",
        ),
        (
            {"quantity_returned": 2, "quantity_refunded": 3, "amounts": HALF},
            "quantity_refunded",
            "KETTLE-1: At most 2: 2 shipped, 0 already refunded.",
        ),
        (
            {"quantity_returned": 0},
            "quantity_refunded",
            "KETTLE-1: Refunded units (1) may not exceed returned units (0).",
        ),
        (
            {"amounts": Amounts(Decimal("25.00"))},
            "principal",
            "KETTLE-1: Principal may be at most $24.99 here.",
        ),
        (
            {"amounts": Amounts()},
            "principal",
            "KETTLE-1: Nothing would be refunded. Give an amount, or take the item out.",
        ),
        (
            {"quantity_returned": 0, "quantity_refunded": 0, "amounts": Amounts()},
            "quantity_refunded",
            "KETTLE-1: Refund at least one unit, or take the item out.",
        ),
        ({"reason": "because"}, "reason", "KETTLE-1: Choose a refund reason."),
        ({"feedback": "customer opened item"}, "feedback", "KETTLE-1: Choose a refund feedback."),
    ],
)
def test_limits_of_a_line(shop, order, actor, changes, field, text):  # noqa: PLR0917 -- fixtures and table
    given = give(order, **changes)
    with pytest.raises(InvalidInput) as caught:
        create_refund(order, [given], actor=actor)
    assert caught.value.fields[field_of(given.line_id, field)] == [text]
    assert (Refund.objects.count(), Job.objects.filter(kind="refunds.create").count()) == (0, 0)
    assert shop.effects("refund") == 0


def test_lost_parcel_is_refunded_with_nothing_returned(shop, order, actor):
    lost = give(order, 2, quantity_returned=0, reason="Package never arrived", feedback="Items not received")
    refund = create_refund(order, [lost], actor=actor)
    shop.run(refund_job(refund).pk)
    (item,) = shop.market.get(f"refunds/state/{refund.alt_refund_id}")["items"]
    assert (item["total_quantity_returned"], item["order_return_refund_qty"]) == (0, 2)


def test_second_refund_gets_what_the_first_left(shop, order, actor):
    shop.run(refund_job(create_refund(order, [give(order)], actor=actor)).pk)
    (row,) = line_ledgers(order).values()
    assert (row.ledger.refunded_quantity, row.ledger.refundable, row.ledger.refunded) == (1, 1, HALF)
    with pytest.raises(InvalidInput) as caught:
        create_refund(order, [give(order, 2)], actor=actor)
    assert set(caught.value.fields) == {
        field_of(row.line.pk, name) for name in ("quantity_returned", "quantity_refunded", "principal")
    }
    second = create_refund(order, [give(order)], actor=actor)
    assert second.alt_refund_id.startswith(f"{order}-R2-")
    shop.run(refund_job(second).pk)
    assert shop.effects("refund") == 2


def test_two_people_at_once_pay_once(shop, order, actor, drain, monkeypatch):
    """The rival's whole refund happens while the first one waits for the order's lock."""
    real_lock, rivals = creating.lock_order, []

    def lock_after_the_rival(merchant, pk):
        if not rivals:
            rivals.append("at work")
            rivals.append(create_refund(order, [give(order, 2)], actor=actor))
        return real_lock(merchant, pk)

    monkeypatch.setattr(creating, "lock_order", lock_after_the_rival)
    with pytest.raises(InvalidInput) as caught:
        create_refund.__wrapped__(order, [give(order, 2)], actor=actor)
    line = order.lines.get()
    assert caught.value.fields[field_of(line.pk, "quantity_refunded")] == [
        "KETTLE-1: At most 0: 2 shipped, 2 already refunded."
    ]
    drain()
    assert list(Refund.objects.all()) == [rivals[1]]
    assert shop.effects("refund") == 1


@pytest.mark.feature("RFD-03")
def test_only_completed_orders_can_be_refunded(shop, actor):
    order = shop.open_order()
    with pytest.raises(StateConflict, match="only completed orders can be refunded"):
        create_refund(order, [give(order)], actor=actor)
    assert (Refund.objects.count(), shop.effects("refund")) == (0, 0)


def test_cancelled_units_cannot_be_refunded(shop, actor):
    order = shop.order(3, ships=1)
    (row,) = line_ledgers(order).values()
    assert (row.ledger.shipped, row.ledger.charged.principal) == (1, Decimal("24.99"))
    with pytest.raises(InvalidInput):
        create_refund(order, [give(order, 2)], actor=actor)


@pytest.mark.feature("RFD-10")
def test_order_with_a_return_cannot_be_refunded_and_the_return_is_named(shop, order, actor):
    returned = shop.returned(order, quantities={order.lines.get().order_item_id: 1})
    with pytest.raises(StateConflict) as caught:
        create_refund(order, [give(order)], actor=actor)
    assert (
        caught.value.message == f"Order {order} has the return {returned}, so it cannot be refunded as well."
    )
    assert caught.value.hint_url.endswith(f"/returns/{returned.pk}/")
    assert shop.effects("refund") == 0


def test_refused_return_does_not_exclude_a_refund(shop, order, actor):
    returned = shop.returned(order)
    nothing = full_decision(return_lines(returned), ledgers_for(returned), agrees=False)
    line = replace(
        nothing.lines[0], quantity_refunded=0, amounts=Amounts(), feedback="Returned outside window"
    )
    settle_return(
        returned,
        replace(nothing, charge_feedback="returnedOutsideWindow", lines=(line,)),
        actor=actor,
    )
    shop.run(Job.objects.get(kind="returns.complete").pk)
    shop.finish(returned)
    shop.fetch()
    # The goods are back already, so nothing more can be reported as returned.
    with pytest.raises(InvalidInput):
        create_refund(order, [give(order)], actor=actor)
    refund = create_refund(
        order, [give(order, quantity_returned=0, reason="Wrong quantity received")], actor=actor
    )
    shop.run(refund_job(refund).pk)
    refund.refresh_from_db()
    assert (refund.send_state, shop.effects("refund")) == (SendState.SENT, 1)


def test_return_after_a_refund_proposes_only_what_is_left(shop, order, actor):
    line = order.lines.get()
    refund = create_refund(order, [give(order)], actor=actor)
    shop.run(refund_job(refund).pk)
    returned = shop.returned(order, quantities={line.order_item_id: 1})
    asked = returned.lines.get().requested
    everything = full_decision(return_lines(returned), ledgers_for(returned))
    assert everything.lines[0].amounts == asked
    # the second unit's return is in flight now: nothing is left for anybody
    settle_return(returned, everything, actor=actor)
    (row,) = line_ledgers(order).values()
    assert (row.ledger.refunded_quantity, row.ledger.possible.principal) == (2, Decimal("0.00"))


def test_lost_answer_is_looked_up_and_not_sent_again(shop, order, actor):
    shop.control.fault("lost_answer", path="/refunds/", method="POST", remaining=1)
    refund = create_refund(order, [give(order)], actor=actor)
    job = refund_job(refund)
    shop.run(job.pk)
    job.refresh_from_db()
    refund.refresh_from_db()
    assert (job.state, job.maybe_arrived, refund.send_state) == (JobState.QUEUED, True, SendState.CHECKING)
    again(job)
    shop.run(job.pk)
    refund.refresh_from_db()
    assert (refund.send_state, refund.status) == (SendState.SENT, RefundStatus.CREATED)
    assert refund.refund_authorization_id != ""
    assert shop.effects("refund") == 1
    assert [method for method, path in shop.writes() if "/refunds/" in path] == ["POST"]


def test_refund_that_was_lost_before_it_arrived_is_sent_again(shop, order, actor):
    shop.control.fault("reset", path="/refunds/", method="POST", remaining=1)
    refund = create_refund(order, [give(order)], actor=actor)
    job = refund_job(refund)
    shop.run(job.pk)
    assert shop.effects("refund") == 0
    again(job)
    shop.run(job.pk)
    refund.refresh_from_db()
    assert (refund.send_state, shop.effects("refund")) == (SendState.SENT, 1)


@pytest.mark.parametrize("kind", ["half_body", "lost_answer"])
def test_worker_killed_around_the_call_does_not_pay_twice(shop, order, actor, kind):
    """The job itself is forgotten as well: only the refund's own row remembers that a call was begun."""
    shop.control.fault(kind, path="/refunds/", method="POST", remaining=1)
    refund = create_refund(order, [give(order)], actor=actor)
    shop.run(refund_job(refund).pk)
    Job.objects.filter(kind="refunds.create").delete()
    assert resume_sending(shop.merchant) == 1
    shop.run(refund_job(refund).pk)
    refund.refresh_from_db()
    assert (refund.send_state, shop.effects("refund")) == (SendState.SENT, 1)


def test_killed_between_jets_answer_and_our_record(shop, order, actor):
    refund = create_refund(order, [give(order)], actor=actor)
    sending = begin_sending(shop.merchant, refund.pk)
    body = refund_body(refund_lines(sending))
    for item in body["items"]:
        item["refund_amount"] = {name: float(value) for name, value in item["refund_amount"].items()}
    answer = shop.market.call("POST", f"refunds/{order.merchant_order_id}/{refund.alt_refund_id}", body)
    assert answer.status_code == 201
    shop.run(refund_job(refund).pk)
    refund.refresh_from_db()
    assert (refund.send_state, shop.effects("refund")) == (SendState.SENT, 1)


def test_repeated_id_that_jet_refuses_is_recognised_as_ours(shop, order, actor):
    """A late arrival: Jet does not know the id when asked, and knows it when it is sent again."""
    refund = create_refund(order, [give(order)], actor=actor)
    shop.control.fault("lost_answer", path="/refunds/", method="POST", remaining=1)
    shop.run(refund_job(refund).pk)
    Refund.objects.filter(pk=refund.pk).update(send_state=SendState.QUEUED)
    Job.objects.filter(kind="refunds.create").update(maybe_arrived=False, not_before=refund.created_at)
    shop.run(refund_job(refund).pk)
    refund.refresh_from_db()
    assert (refund.send_state, shop.effects("refund")) == (SendState.SENT, 1)


def test_refusal_by_jet_frees_the_money(shop, order, actor):
    shop.control.fault("status", path="/refunds/", method="POST", status=400, remaining=1)
    refund = create_refund(order, [give(order)], actor=actor)
    shop.run(refund_job(refund).pk)
    refund.refresh_from_db()
    assert refund.send_state == SendState.REFUSED
    assert Notice.objects.get(key=f"refunds.send_failed.{refund.pk}").title == (
        f"Refund {refund} did not get through"
    )
    (row,) = line_ledgers(order).values()
    assert row.ledger.possible == row.ledger.charged


def test_running_the_job_twice_pays_once(shop, order, actor):
    refund = create_refund(order, [give(order)], actor=actor)
    job = refund_job(refund)
    shop.run(job.pk)
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    shop.run(job.pk)
    assert shop.effects("refund") == 1


def test_refund_can_be_taken_back_until_it_is_sent(shop, order, actor):
    refund = create_refund(order, [give(order)], actor=actor)
    withdraw(refund, actor=actor)
    shop.run(refund_job(refund).pk)
    refund.refresh_from_db()
    assert (refund.send_state, shop.effects("refund")) == (SendState.REFUSED, 0)
    (row,) = line_ledgers(order).values()
    assert row.ledger.possible == row.ledger.charged


def test_words_are_jets():
    assert len(reason_choices()) == 19
    assert [word for word, _label in feedback_choices(datetime(2018, 1, 29, tzinfo=UTC))] == [
        "other",
        "item damaged",
        "not shipped in original packaging",
        "customer opened item",
    ]
    assert [word for word, _label in feedback_choices(datetime(2018, 1, 30, tzinfo=UTC))] == [
        "Item damaged",
        "Wrong item",
        "Item is missing parts/accessories",
        "Returned outside window",
        "Restocking fee",
        "Not shipped in original packaging",
        "Rerouting fee",
        "Items not received",
        "Refunded minus shipping cost",
    ]


def test_return_that_came_before_its_order_excludes_a_refund(shop, order, actor):
    shop.returned(order)
    Return.objects.update(order=None)  # as until the next fetch links it
    with pytest.raises(StateConflict, match="has the return"):
        create_refund(order, [give(order)], actor=actor)
