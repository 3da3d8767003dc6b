"""Starting a refund: checked and stored here, sent by the job `refunds.create`, its end recorded here again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.actions.schedule import ask_jet_now
from jetsync.enums import NoticeLevel, Priority
from jetsync.exceptions import StateConflict
from jetsync.models import Job, Merchant
from jetsync.resting import check_not_resting
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.managers import bulk_create
from jetsync.tenancy.rights import Right
from orders.masking import for_all
from orders.models import Order, OrderLine
from orders.queries.order import lock_order
from refunds.models import Refund, RefundLine
from refunds.pages import refund_url
from refunds.queries import all_refunds, get_refund, lock_refund, refunds_of
from refunds.validators import LineInput, check_lines, check_order
from returns.actions.sending import mark_checking, mark_failed, resume_all
from returns.actions.waiting import forget_waiting, tell_waiting
from returns.enums import SendState
from returns.ledgers import line_ledgers
from returns.money import total_of
from returns.second_person import check_proposer, needs_second_person

CREATE_JOB = "refunds.create"


def check_refund(order: Order, lines: Sequence[LineInput]) -> None:
    """Judges a refund as `create_refund` would, and stores nothing. Raises the same errors."""
    check_order(order)
    check_lines(order, lines, line_ledgers(order), at=timezone.now())


@transaction.atomic
def create_refund(order: Order, lines: Sequence[LineInput], *, actor: Actor) -> Refund:
    """Stores a refund and enqueues it. From here on its money counts as paid in every ledger of the order.

    At or above the store's limit it waits for a second person instead (`confirm_refund`), and nothing is enqueued.

    The order is locked before anything is checked: of two people who press at once the second finds the first one's
    refund in the ledger. Raises StateConflict when the order cannot be refunded, InvalidInput with the fields.
    """
    order = lock_order(order.merchant, order.pk)
    check_order(order)
    ledgers = line_ledgers(order)
    check_lines(order, lines, ledgers, at=timezone.now())
    total = total_of(given.amounts for given in lines).total
    waits = needs_second_person(order.merchant, total, order=order, actor=actor)
    refund = Refund.objects.create(
        merchant=order.merchant,
        account=order.account,
        order=order,
        merchant_order_id=order.merchant_order_id,
        reference_order_id=order.reference_order_id,
        alt_refund_id=_new_alt_refund_id(order),
        created_by=actor.label[:150],
        proposer=actor.user,
        send_state=SendState.WAITING if waits else SendState.QUEUED,
    )
    bulk_create(RefundLine, [_line_row(refund, ledgers[given.line_id].line, given) for given in lines])
    _log_created(refund, total, actor, None if waits else send_stored(refund))
    if waits:
        name, url = f"Refund {refund}", refund_url(refund)
        right = Right.REFUNDS_CREATE
        tell_waiting("refunds", refund.pk, name, total, actor, merchant=order.merchant, url=url, right=right)
    return refund


def _log_created(refund: Refund, total: Decimal, actor: Actor, job: Job | None) -> None:
    later = "; it waits for a second person" if refund.is_waiting else ""
    record(
        refund.merchant,
        "refunds.refund.created",
        f"Refund {refund} of ${total:,.2f} for order {refund.order} created{later}.",
        actor=actor,
        about=refund,
        new={"amount": f"{total:.2f}", "order": str(refund.order)},
        job=job,
    )


def _new_alt_refund_id(order: Order) -> str:
    """Readable and never used before: the order, a number, and letters of chance in case this database is not the
    only one that ever spoke for the merchant. Made once with the row; a repeated send uses it again."""
    number = refunds_of(order).count() + 1
    return f"{order}-R{number}-{secrets.token_hex(3)}"


def _line_row(refund: Refund, line: OrderLine, given: LineInput) -> RefundLine:
    return RefundLine(
        merchant_id=refund.merchant_id,
        parent=refund,
        order_line=line,
        order_item_id=line.order_item_id,
        sku=line.sku,
        title=line.title,
        quantity_returned=given.quantity_returned,
        quantity_refunded=given.quantity_refunded,
        reason=given.reason,
        feedback=given.feedback,
        notes=given.notes.strip()[:500],
        **given.amounts.parts(),
    )


def send_stored(refund: Refund) -> Job:
    """Enqueues a stored refund; one job is open for it at any time."""
    return enqueue(refund.merchant, CREATE_JOB, str(refund.pk), priority=Priority.NOW, about=refund)


@transaction.atomic
def begin_sending(merchant: Merchant, pk: int) -> Refund | None:
    """Marks the refund as on the wire; None when nothing is to be sent."""
    refund = lock_refund(merchant, pk)
    if not refund.is_in_flight:
        return None
    mark_checking(refund)
    return refund


@transaction.atomic
def mark_create_failed(job: Job) -> None:
    """The job gave up: `mark_failed`, told in the log and under the bell."""
    refund = lock_refund(job.merchant, int(job.key))
    if not refund.is_in_flight:
        return
    mark_failed(
        refund,
        job,
        looks="jetsync looks at Jet every half hour before it sends again.",
        correct="Read Jet's words, correct what they name and create a new refund.",
    )
    record(
        refund.merchant,
        "refunds.refund.send_failed",
        f"Refund {refund} did not get through: {job.message}",
        actor=SYSTEM,
        about=refund,
        job=job,
    )
    notify(
        refund.merchant,
        f"refunds.send_failed.{refund.pk}",
        f"Refund {refund} did not get through",
        level=NoticeLevel.DANGER,
        body=for_all(refund.order, job.message),
        url=refund_url(refund),
    )


def resume_sending(merchant: Merchant) -> int:
    """`resume_all` over the refunds; run by every status update. Returns how many were sent again."""
    return resume_all(
        merchant, all_refunds(merchant), CREATE_JOB, lock=lock_refund, send=send_stored, withdraw=withdraw
    )


@transaction.atomic
def withdraw(refund: Refund, *, actor: Actor) -> Refund:
    """Takes a refund back that has not been sent. Raises StateConflict when it may be at Jet already.

    One that waits for a second person is taken back by whoever created it; others send it back with a reason.
    """
    refund = lock_refund(refund.merchant, refund.pk)
    if refund.is_waiting:
        check_proposer(f"refund {refund}", refund.proposer_id, actor)
        forget_waiting(refund.merchant, "refunds", refund.pk)
    elif refund.send_state != SendState.QUEUED:
        raise StateConflict(f"Refund {refund} is not waiting any more.", hint="Look at the time line.")
    refund.send_state = SendState.REFUSED
    refund.failure_message = f"Taken back by {actor.label} before it was sent. Nothing was paid."
    refund.save(update_fields=["send_state", "failure_message", "updated_at"])
    record(
        refund.merchant,
        "refunds.refund.withdrawn",
        f"Refund {refund} was taken back before it was sent.",
        actor=actor,
        about=refund,
    )
    return refund


def update_status_now(merchant: Merchant, *, actor: Actor) -> Job:
    """Asks Jet about all open refunds at once. Raises SettingsMissing without API keys."""
    words = "Refund status update started by hand."
    return ask_jet_now(merchant, "refunds.status", "refunds.status.started", words, actor=actor)


@transaction.atomic
def refresh_now(refund: Refund, *, actor: Actor) -> Job:
    """Asks Jet about this one refund at once."""
    check_not_resting(refund.merchant)
    refund = get_refund(refund.merchant, refund.pk)
    job = enqueue(refund.merchant, "refunds.refresh", str(refund.pk), priority=Priority.NOW, about=refund)
    record(
        refund.merchant,
        "refunds.refund.refresh_asked",
        f"Asked Jet for the status of refund {refund}.",
        actor=actor,
        about=refund,
        job=job,
    )
    return job
