"""Answering a return: decided here, sent by the job `returns.complete`, its end recorded here again."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.actions.schedule import ask_jet_now
from jetsync.enums import NoticeLevel, Priority
from jetsync.exceptions import StateConflict
from jetsync.models import Job, Merchant, Operation
from jetsync.resting import check_not_resting
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.rights import Right
from orders.masking import for_all
from returns.actions.importing import decided_columns, mark_arrived
from returns.actions.sending import mark_checking, mark_failed, resume_all
from returns.actions.waiting import forget_waiting, tell_waiting
from returns.enums import ReturnStatus, SendState
from returns.ledgers import LineLedger, line_ledgers
from returns.models import Return, ReturnLine
from returns.money import total_of
from returns.pages import return_url
from returns.queries import all_returns, lock_return, return_lines
from returns.second_person import check_proposer, needs_second_person
from returns.validators import (
    NOTHING,
    Decision,
    LineDecision,
    check_answerable,
    check_decision,
)

COMPLETE_JOB = "returns.complete"


def fetch_now(merchant: Merchant, *, actor: Actor) -> Job:
    """Starts the fetch at once, or joins the one at work. Raises SettingsMissing without API keys."""
    words = "Return fetch started by hand."
    return ask_jet_now(merchant, "returns.fetch", "returns.fetch.started", words, actor=actor)


@transaction.atomic
def refresh_now(returned: Return, *, actor: Actor) -> Job:
    """Asks Jet for this one return at once."""
    check_not_resting(returned.merchant)
    job = enqueue(
        returned.merchant, "returns.refresh", str(returned.pk), priority=Priority.NOW, about=returned
    )
    record(
        returned.merchant,
        "returns.return.refresh_asked",
        f"Asked Jet for return {returned}.",
        actor=actor,
        about=returned,
        job=job,
    )
    return job


def ledgers_for(returned: Return) -> dict[int, LineLedger]:
    """The ledgers of the return's order by order line; {} while the order is unknown."""
    return line_ledgers(returned.order) if returned.order is not None else {}


def check_settle(returned: Return, decision: Decision) -> None:
    """Judges an answer as `settle_return` would, and stores nothing. Raises the same errors."""
    check_answerable(returned)
    check_decision(returned, return_lines(returned), decision, ledgers_for(returned), at=timezone.now())


@transaction.atomic
def settle_return(
    returned: Return, decision: Decision, *, actor: Actor, operation: Operation | None = None
) -> Return:
    """Stores the answer and enqueues it. From here on its money counts as paid in every ledger of the order.

    At or above the store's limit it waits for a second person instead (`confirm_return`), and nothing is enqueued.

    Raises StateConflict when the return takes no answer (now), InvalidInput with the fields at fault.
    """
    returned = lock_return(returned.merchant, returned.pk)
    check_answerable(returned)
    lines = return_lines(returned)
    now = timezone.now()
    check_decision(returned, lines, decision, ledgers_for(returned), at=now)
    given = {line.line_id: line for line in decision.lines}
    for row in lines:
        _store_line(row, given.get(row.pk))
    total = total_of(row.settled for row in lines if row.is_included).total
    waits = needs_second_person(returned.merchant, total, order=returned.order, actor=actor)
    _store_decision(returned, decision, SendState.WAITING if waits else SendState.QUEUED, actor)
    job = None if waits else send_answer(returned, operation)
    _log_decision(returned, total, actor, job, operation)
    if waits:
        _tell_waiting(returned, total, actor)
    return returned


def _log_decision(
    returned: Return, total: Decimal, actor: Actor, job: Job | None, operation: Operation | None
) -> None:
    charge = "charge accepted" if returned.agree_to_return_charge else "charge disputed"
    later = ", waits for a second person" if returned.is_waiting else ""
    record(
        returned.merchant,
        "returns.return.settled",
        f"Return {returned} answered: {charge}, ${total:,.2f} to refund{later}.",
        actor=actor,
        about=returned,
        new={"agree_to_return_charge": returned.agree_to_return_charge, "refund": f"{total:.2f}"},
        job=job,
        operation=operation,
    )


def _tell_waiting(returned: Return, total: Decimal, actor: Actor) -> None:
    name, url = f"Return {returned}", return_url(returned)
    right = Right.RETURNS_SETTLE
    tell_waiting("returns", returned.pk, name, total, actor, merchant=returned.merchant, url=url, right=right)


def _store_decision(returned: Return, decision: Decision, state: SendState, actor: Actor) -> None:
    returned.agree_to_return_charge = decision.agrees
    returned.return_charge_feedback = "" if decision.agrees else decision.charge_feedback
    returned.send_state, returned.sent_at = state, None
    returned.decided_by, returned.decided_at = actor.label[:150], timezone.now()
    returned.proposer, returned.confirmed_by, returned.confirmed_at = actor.user, "", None
    returned.failure_message = returned.failure_hint = ""
    returned.save(
        update_fields=[
            "agree_to_return_charge",
            "return_charge_feedback",
            "send_state",
            "sent_at",
            "decided_by",
            "decided_at",
            "proposer",
            "confirmed_by",
            "confirmed_at",
            "failure_message",
            "failure_hint",
            "updated_at",
        ]
    )


def _store_line(row: ReturnLine, given: LineDecision | None) -> None:
    row.is_included = given is not None and given.is_included
    row.quantity_returned = row.quantity_refunded = None
    row.feedback = row.notes = ""
    amounts = NOTHING
    if given is not None and row.is_included:
        row.quantity_returned, row.quantity_refunded = given.quantity_returned, given.quantity_refunded
        row.feedback, row.notes = given.feedback, given.notes.strip()[:500]
        amounts = given.amounts
    for name, value in amounts.parts().items():
        setattr(row, name, value)
    row.save(update_fields=decided_columns())


def send_answer(returned: Return, operation: Operation | None = None) -> Job:
    """Enqueues the stored answer; one job is open for a return at any time."""
    return enqueue(
        returned.merchant,
        COMPLETE_JOB,
        str(returned.pk),
        priority=Priority.NOW,
        about=returned,
        operation=operation,
    )


@transaction.atomic
def begin_sending(merchant: Merchant, pk: int) -> Return | None:
    """Marks the answer as on the wire and returns the return with what is to be sent; None when nothing is to be."""
    returned = lock_return(merchant, pk)
    if not returned.is_in_flight or returned.status != ReturnStatus.CREATED:
        return None
    mark_checking(returned)
    return returned


@transaction.atomic
def mark_sent(merchant: Merchant, pk: int, *, job: Job | None = None) -> Return:
    """Jet took the answer."""
    returned = lock_return(merchant, pk)
    if returned.is_in_flight:
        mark_arrived(returned, job=job)
    return returned


@transaction.atomic
def mark_settle_failed(job: Job) -> None:
    """The job gave up: `mark_failed`, told in the log and under the bell."""
    returned = lock_return(job.merchant, int(job.key))
    if not returned.is_in_flight:
        return
    mark_failed(
        returned,
        job,
        looks="jetsync looks at Jet with every fetch before it sends again.",
        correct="Read Jet's words, correct what they name and answer the return again.",
    )
    record(
        returned.merchant,
        "returns.return.send_failed",
        f"The answer to return {returned} did not get through: {job.message}",
        actor=SYSTEM,
        about=returned,
        job=job,
    )
    notify(
        returned.merchant,
        f"returns.send_failed.{returned.pk}",
        f"Return {returned}: your answer did not get through",
        level=NoticeLevel.DANGER,
        body=for_all(returned.order, job.message),
        url=return_url(returned),
    )


def resume_sending(merchant: Merchant) -> int:
    """`resume_all` over the answers; run by every fetch. Returns how many were sent again."""
    return resume_all(
        merchant, all_returns(merchant), COMPLETE_JOB, lock=lock_return, send=send_answer, withdraw=withdraw
    )


@transaction.atomic
def withdraw(returned: Return, *, actor: Actor) -> Return:
    """Takes an answer back that has not been sent. Raises StateConflict when it may be at Jet already.

    One that waits for a second person is taken back by whoever decided; others send it back with a reason.
    """
    returned = lock_return(returned.merchant, returned.pk)
    if returned.is_waiting:
        check_proposer(f"return {returned}", returned.proposer_id, actor)
        forget_waiting(returned.merchant, "returns", returned.pk)
    elif returned.send_state != SendState.QUEUED:
        raise StateConflict(
            f"The answer to return {returned} is not waiting any more.", hint="Look at the time line."
        )
    returned.send_state = SendState.NONE
    returned.save(update_fields=["send_state", "updated_at"])
    record(
        returned.merchant,
        "returns.return.withdrawn",
        f"The answer to return {returned} was taken back before it was sent.",
        actor=actor,
        about=returned,
    )
    return returned
