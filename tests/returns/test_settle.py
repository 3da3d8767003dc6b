"""Answering a return: limits, words, and exactly one answer at Jet whatever breaks on the way."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jetsync.enums import JobState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Job, LogEntry, Notice
from orders.models import Document
from returns.actions.many import settle_many
from returns.actions.settling import (
    begin_sending,
    ledgers_for,
    settle_return,
    withdraw,
)
from returns.enums import ReturnStatus, SendState
from returns.models import Return
from returns.money import Amounts
from returns.queries import return_lines
from returns.validators import Decision, LineDecision, check_decision, field_of, full_decision
from returns.wording import charge_feedback_choices, return_feedback_choices


def full(returned: Return, **changes) -> Decision:
    return replace(full_decision(return_lines(returned), ledgers_for(returned)), **changes)


def with_line(decision: Decision, number: int = 0, **changes) -> Decision:
    lines = list(decision.lines)
    lines[number] = replace(lines[number], **changes)
    return replace(decision, lines=tuple(lines))


def settle_job(returned: Return) -> Job:
    return Job.objects.filter(kind="returns.complete", key=str(returned.pk)).latest("pk")


@pytest.fixture
def returned(shop) -> Return:
    return shop.returned(shop.order(2))


@pytest.mark.feature("RET-05", "RET-15", "RET-16")
def test_full_answer_reaches_jet_and_the_return_completes(shop, returned, actor):
    settle_return(returned, full(returned), actor=actor)
    shop.run(settle_job(returned).pk)
    returned.refresh_from_db()
    assert (returned.status, returned.send_state) == (ReturnStatus.IN_PROGRESS, SendState.SENT)
    at_jet = shop.at_jet(returned)
    assert (at_jet["return_status"], at_jet["agree_to_return_charge"]) == ("inprogress", True)
    asked = at_jet["return_merchant_SKUs"][0]["requested_refund_amount"]
    assert at_jet["items"][0]["refund_amount"] == asked
    shop.finish(returned)
    shop.fetch()
    returned.refresh_from_db()
    assert returned.status == ReturnStatus.COMPLETED
    memo = Document.objects.get(kind="credit_memo")
    assert (memo.reference, memo.amounts.parts()) == (
        f"return {returned}",
        returned.lines.get().requested.parts(),
    )
    assert shop.effects("return_complete") == 1
    settled = LogEntry.objects.get(action="returns.return.settled")
    assert (settled.actor_label, settled.job) == (actor.label, settle_job(returned))


@pytest.mark.feature("RET-04", "RET-06")
def test_disputed_charge_needs_one_of_six_reasons_and_ends_as_not_accepted(shop, returned, actor):
    with pytest.raises(InvalidInput) as caught:
        settle_return(returned, full(returned, agrees=False), actor=actor)
    assert list(caught.value.fields) == ["return_charge_feedback"]
    returned.refresh_from_db()
    assert (returned.send_state, Job.objects.filter(kind="returns.complete").count()) == (SendState.NONE, 0)
    assert [label for _word, label in charge_feedback_choices()] == [
        "Outside Merchant Policy",
        "Not Merchant Error",
        "Wrong Item",
        "Fraud",
        "Returned Outside Window",
        "Other",
    ]
    settle_return(returned, full(returned, agrees=False, charge_feedback="notMerchantError"), actor=actor)
    shop.run(settle_job(returned).pk)
    shop.finish(returned)
    shop.fetch()
    returned.refresh_from_db()
    assert (returned.status, returned.jet_status) == (ReturnStatus.NOT_ACCEPTED, "completed by merchant")
    assert shop.at_jet(returned)["return_charge_feedback"] == "notMerchantError"


def test_other_as_reason_needs_a_note(returned, actor):
    with pytest.raises(InvalidInput) as caught:
        settle_return(returned, full(returned, agrees=False, charge_feedback="other"), actor=actor)
    assert caught.value.fields == {
        "return_charge_feedback": ["“Other” needs an explanation in the notes of a line."]
    }


@pytest.mark.feature("RET-09", "RET-14")
@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        (
            {"quantity_returned": 3},
            "quantity_returned",
            "KETTLE-1: At most 2: 2 shipped, 0 already returned.",
        ),
        (
            {"quantity_refunded": 3},
            "quantity_refunded",
            "KETTLE-1: At most 2: 2 shipped, 0 already refunded.",
        ),
        (
            {"quantity_returned": 1},
            "quantity_refunded",
            "KETTLE-1: Refunded units (2) may not exceed returned units (1).",
        ),
        (
            {"amounts": Amounts(Decimal("49.99"))},
            "principal",
            "KETTLE-1: Principal may be at most $49.98 here.",
        ),
        ({"amounts": Amounts(Decimal("-0.01"))}, "principal", "KETTLE-1: Principal may not be negative."),
    ],
)
def test_numbers_can_only_be_lowered(shop, returned, actor, changes, field, text):  # noqa: PLR0917 -- fixtures and table
    with pytest.raises(InvalidInput) as caught:
        settle_return(returned, with_line(full(returned), **changes), actor=actor)
    assert caught.value.fields[field_of(returned.lines.get().pk, field)] == [text]
    returned.refresh_from_db()
    assert returned.send_state == SendState.NONE
    assert shop.effects("return_complete") == 0


@pytest.mark.feature("RET-11")
def test_less_than_the_full_amount_needs_a_reason_and_the_full_amount_none(shop, returned, actor):
    line = returned.lines.get()
    less = with_line(full(returned), amounts=replace(line.requested, principal=Decimal("40.00")))
    with pytest.raises(InvalidInput) as caught:
        settle_return(returned, less, actor=actor)
    assert caught.value.fields == {
        field_of(line.pk, "feedback"): ["KETTLE-1: Less than the full amount is refunded: say why."]
    }
    settle_return(returned, with_line(less, feedback="Restocking fee", notes="lid missing"), actor=actor)
    shop.run(settle_job(returned).pk)
    item = shop.at_jet(returned)["items"][0]
    assert (item["return_refund_feedback"], item["notes"]) == ("Restocking fee", "lid missing")
    assert item["refund_amount"]["principal"] == 40.0


def test_feedback_words_follow_jets_date(returned):
    last_day_of_the_old = datetime(2018, 1, 29, 23, 59, 59, tzinfo=UTC)
    first_day_of_the_new = datetime(2018, 1, 30, tzinfo=UTC)
    assert [word for word, _label in return_feedback_choices(last_day_of_the_old)] == [
        "other",
        "item damaged",
        "not shipped in original packaging",
        "customer opened item",
    ]
    assert [word for word, _label in return_feedback_choices(first_day_of_the_new)] == [
        "Item damaged",
        "Not shipped in original packaging",
        "Item is missing parts/accessories",
        "Wrong Item",
        "Returned outside window",
        "Restocking fee",
        "Rerouting fee",
    ]
    lines = return_lines(returned)
    old_word = with_line(full(returned), amounts=Amounts(), feedback="customer opened item")
    check_decision(returned, lines, old_word, ledgers_for(returned), at=last_day_of_the_old)
    with pytest.raises(InvalidInput, match="not a word Jet takes today"):
        check_decision(returned, lines, old_word, ledgers_for(returned), at=first_day_of_the_new)


@pytest.mark.feature("RET-12", "RET-13")
def test_left_out_line_needs_confirmation_and_is_not_sent(shop, actor):
    returned = shop.returned(shop.order_of(("KETTLE-1", 1), ("CUP-2", 2)))
    first, second = return_lines(returned)
    without = with_line(full(returned), 1, is_included=False)
    with pytest.raises(InvalidInput) as caught:
        settle_return(returned, without, actor=actor)
    assert "You leave out CUP-2." in caught.value.fields["confirms_left_out"][0]
    settle_return(returned, replace(without, confirms_left_out=True), actor=actor)
    shop.run(settle_job(returned).pk)
    assert [item["order_item_id"] for item in shop.at_jet(returned)["items"]] == [first.order_item_id]
    second.refresh_from_db()
    assert (second.is_included, second.quantity_refunded, second.settled) == (False, None, Amounts())
    possible = ledgers_for(returned)[second.order_line_id].ledger
    assert possible.possible == possible.charged


def test_answer_without_any_line_is_refused(returned, actor):
    with pytest.raises(InvalidInput) as caught:
        settle_return(returned, with_line(full(returned), is_included=False), actor=actor)
    assert "lines" in caught.value.fields


def test_line_of_another_return_is_refused(shop, returned, actor):
    foreign = shop.returned(shop.order(1)).lines.get()
    decision = replace(
        full(returned), lines=(*full(returned).lines, LineDecision(foreign.pk, quantity_returned=1))
    )
    with pytest.raises(InvalidInput) as caught:
        settle_return(returned, decision, actor=actor)
    assert caught.value.fields == {"lines": [f"Line {foreign.pk} is not part of return {returned}."]}


@pytest.mark.feature("RET-03")
def test_return_of_an_order_that_is_not_completed_takes_no_answer(shop, returned, actor):
    order = returned.order
    order.state = "inprogress"
    order.save(update_fields=["state"])
    with pytest.raises(StateConflict, match="returns are for completed orders"):
        settle_return(returned, full(returned), actor=actor)
    assert shop.effects("return_complete") == 0


def test_second_answer_is_refused_while_the_first_is_on_its_way_and_after_it_arrived(shop, returned, actor):
    settle_return(returned, full(returned), actor=actor)
    with pytest.raises(StateConflict, match="on its way to Jet already"):
        settle_return(returned, full(returned), actor=actor)
    shop.run(settle_job(returned).pk)
    with pytest.raises(StateConflict, match="one answer only"):
        settle_return(returned, full(returned), actor=actor)
    assert shop.effects("return_complete") == 1


def test_lost_answer_is_looked_up_and_not_sent_again(shop, returned, actor, drain):
    shop.control.fault("lost_answer", path="/complete", method="PUT", remaining=1)
    settle_return(returned, full(returned), actor=actor)
    job = settle_job(returned)
    shop.run(job.pk)
    job.refresh_from_db()
    returned.refresh_from_db()
    assert (job.state, job.maybe_arrived, returned.send_state) == (
        JobState.QUEUED,
        True,
        SendState.CHECKING,
    )
    assert shop.effects("return_complete") == 1
    Job.objects.filter(pk=job.pk).update(not_before=job.created_at)
    shop.run(job.pk)
    returned.refresh_from_db()
    assert (returned.send_state, returned.status) == (SendState.SENT, ReturnStatus.IN_PROGRESS)
    assert shop.effects("return_complete") == 1
    assert [method for method, path in shop.writes() if path.endswith("/complete")] == ["PUT"]


def test_answer_that_was_lost_before_it_arrived_is_sent_again(shop, returned, actor):
    shop.control.fault("reset", path="/complete", method="PUT", remaining=1)
    settle_return(returned, full(returned), actor=actor)
    job = settle_job(returned)
    shop.run(job.pk)
    assert shop.effects("return_complete") == 0
    Job.objects.filter(pk=job.pk).update(not_before=job.created_at)
    shop.run(job.pk)
    returned.refresh_from_db()
    assert (returned.send_state, shop.effects("return_complete")) == (SendState.SENT, 1)


def test_worker_killed_after_the_call_does_not_answer_twice(shop, returned, actor):
    """Killed between Jet's answer and our record: the row says `checking`, a fresh job looks first."""
    settle_return(returned, full(returned), actor=actor)
    sending = begin_sending(shop.merchant, returned.pk)
    line = sending.lines.get()
    body = {
        "merchant_order_id": sending.merchant_order_id,
        "agree_to_return_charge": True,
        "items": [
            {
                "order_item_id": line.order_item_id,
                "total_quantity_returned": 2,
                "order_return_refund_qty": 2,
                "refund_amount": {name: float(value) for name, value in line.settled.parts().items()},
            }
        ],
    }
    shop.market.put(f"returns/{sending.merchant_return_authorization_id}/complete", body)
    shop.run(settle_job(returned).pk)
    returned.refresh_from_db()
    assert (returned.send_state, returned.status) == (SendState.SENT, ReturnStatus.IN_PROGRESS)
    assert shop.effects("return_complete") == 1


def test_return_that_jet_completed_first_keeps_jets_answer_and_says_so(shop, returned, actor):
    line = returned.lines.get()
    less = with_line(full(returned), amounts=Amounts(Decimal("10.00")), feedback="Item damaged")
    settle_return(returned, less, actor=actor)
    shop.finish(returned, as_jet=True)
    shop.run(settle_job(returned).pk)
    returned.refresh_from_db()
    line.refresh_from_db()
    assert (returned.status, returned.send_state) == (ReturnStatus.COMPLETED, SendState.REFUSED)
    assert line.settled == line.requested
    assert settle_job(returned).state == JobState.FAILED
    assert Notice.objects.filter(key=f"returns.overtaken.{returned.pk}").count() == 1


def test_refusal_by_jet_frees_the_money_and_can_be_answered_again(shop, returned, actor):
    shop.control.fault("status", path="/complete", method="PUT", status=400, remaining=1)
    settle_return(returned, full(returned), actor=actor)
    shop.run(settle_job(returned).pk)
    returned.refresh_from_db()
    assert (returned.send_state, returned.status) == (SendState.REFUSED, ReturnStatus.CREATED)
    assert "Jet refused" in returned.failure_message
    assert Notice.objects.get(key=f"returns.send_failed.{returned.pk}").title == (
        f"Return {returned}: your answer did not get through"
    )
    (row,) = ledgers_for(returned).values()
    assert row.ledger.refunded == Amounts()
    settle_return(returned, full(returned), actor=actor)
    shop.run(settle_job(returned).pk)
    assert shop.effects("return_complete") == 1


def test_running_the_job_twice_sends_once(shop, returned, actor):
    settle_return(returned, full(returned), actor=actor)
    job = settle_job(returned)
    shop.run(job.pk)
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    shop.run(job.pk)
    assert shop.effects("return_complete") == 1


def test_answer_can_be_taken_back_until_it_is_sent(shop, returned, actor):
    settle_return(returned, full(returned), actor=actor)
    withdraw(returned, actor=actor)
    shop.run(settle_job(returned).pk)
    returned.refresh_from_db()
    assert (returned.send_state, shop.effects("return_complete")) == (SendState.NONE, 0)
    settle_return(returned, full(returned), actor=actor)
    shop.run(settle_job(returned).pk)
    with pytest.raises(StateConflict):
        withdraw(returned, actor=actor)


def test_fetch_takes_up_an_answer_whose_job_is_gone(shop, returned, actor):
    settle_return(returned, full(returned), actor=actor)
    Job.objects.filter(kind="returns.complete").delete()
    shop.fetch()
    shop.run(settle_job(returned).pk)
    returned.refresh_from_db()
    assert (returned.send_state, shop.effects("return_complete")) == (SendState.SENT, 1)


def test_settle_many_answers_each_and_skips_what_takes_no_answer(shop, actor, drain):
    first, second = shop.returned(shop.order(1)), shop.returned(shop.order(1))
    settle_return(first, full(first), actor=actor)
    shop.run(settle_job(first).pk)
    operation = settle_many(shop.merchant, [first.pk, second.pk], actor=actor)
    drain()
    operation.refresh_from_db()
    assert (operation.title, operation.done, operation.skipped, operation.failed) == (
        "Settle 2 returns in full",
        1,
        1,
        0,
    )
    assert shop.effects("return_complete") == 2
