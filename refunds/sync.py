"""Where refunds meet the Jet client: sending one exactly once, and following its status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.utils import timezone

from jetsync.jet import errors
from jetsync.jet.types.returns import RefundBody, RefundItemBody
from jetsync.jet.words import RefundReason, refund_feedback_words
from jetsync.jet.words import RefundStatus as JetRefundStatus
from jetsync.models import JetAccount, Job
from jetsync.sync.client import current_account
from jetsync.sync.failures import PermanentFailure
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.sync.batch import each
from orders.sync.reading import NOT_THIS_ROW, THIS_ROW
from refunds.actions.creating import begin_sending, mark_create_failed, resume_sending
from refunds.actions.following import (
    adopt_refund,
    apply_facts,
    link_orphans,
    mark_arrived,
    mark_read_tried,
)
from refunds.actions.unreadable import keep_unreadable
from refunds.daily import sync as _daily  # noqa: F401 -- importing registers its job and schedule
from refunds.models import Refund, RefundLine
from refunds.queries import get_refund, known_refund, open_refunds, refund_lines, unknown_refund_ids
from refunds.reading import read_refund
from refunds.settlement import sync as _settlement  # noqa: F401 -- importing registers its job and schedule
from returns.actions.sending import take_back
from returns.enums import SendState
from returns.rounds import BATCH, Tally
from returns.sync import amount_body, check_mode, unreadable_words

log = structlog.get_logger(__name__)

# Long enough for Jet to be unwell for hours; after that a person is told, and the status job takes it up again.
SEND_ATTEMPTS = 60


def create_failed(job: Job) -> None:
    mark_create_failed(Job.objects.select_related("merchant").get(pk=job.pk, merchant=job.merchant_id))


@handler(
    "refunds.create",
    label="Send a refund",
    right=Right.REFUNDS_CREATE,
    lease=timedelta(seconds=90),
    max_attempts=SEND_ATTEMPTS,
    on_failure=create_failed,
)
def send_refund(ctx: JobContext) -> None:
    """Sends one refund. When an earlier try may have arrived, Jet is asked for our own id first."""
    refund = get_refund(ctx.merchant, int(ctx.job.key))
    check_mode(ctx, refund.account, f"Refund {refund}")
    if refund.is_in_flight and (ctx.job.maybe_arrived or refund.send_state == SendState.CHECKING):
        refund = _look(ctx, refund)
    if refund.is_in_flight:
        refund = _send(ctx, refund)
    ctx.note(f"Refund {refund} is {refund.get_status_display().lower()} at Jet.")


def _look(ctx: JobContext, refund: Refund) -> Refund:
    """The refund after Jet was asked for our id: marked arrived when Jet knows it, unchanged when not."""
    seen_at = timezone.now()
    try:
        answer = ctx.jet.refunds.get(refund.alt_refund_id)
    except errors.JetNotFound:
        return refund
    facts = read_refund(answer.raw)
    return apply_facts(ctx.merchant, refund.pk, facts, seen_at=seen_at, job=ctx.job)


def _send(ctx: JobContext, refund: Refund) -> Refund:
    sending = begin_sending(ctx.merchant, refund.pk)
    if sending is None:
        return get_refund(ctx.merchant, refund.pk)
    body = refund_body(refund_lines(sending))
    try:
        made = ctx.jet.refunds.create(sending.merchant_order_id, sending.alt_refund_id, body)
    except (errors.JetBadRequest, errors.JetConflict, errors.JetNotFound):
        # A repeated id has no code of its own: Jet's state tells whether an earlier try made it.
        seen = _look(ctx, sending)
        if seen.is_in_flight:
            take_back(sending)
            raise
        return seen
    except errors.JetError as exc:
        if not exc.may_have_arrived:
            take_back(sending)
        raise
    return mark_arrived(
        ctx.merchant,
        sending.pk,
        refund_authorization_id=made.refund_authorization_id,
        jet_status=str(made.refund_status),
        job=ctx.job,
    )


def refund_body(lines: list[RefundLine]) -> RefundBody:
    """The message of `POST /refunds/{order}/{alt id}` (protocol: orders, 6.1)."""
    return RefundBody(items=[_item(line) for line in lines])


def _item(line: RefundLine) -> RefundItemBody:
    item = RefundItemBody(
        order_item_id=line.order_item_id,
        total_quantity_returned=line.quantity_returned,
        order_return_refund_qty=line.quantity_refunded,
        refund_reason=RefundReason(line.reason),
        refund_amount=amount_body(line.amounts),
    )
    if line.feedback:
        item["refund_feedback"] = refund_feedback_words(timezone.now())(line.feedback)
    if line.notes:
        item["notes"] = line.notes
    return item


@handler(
    "refunds.status", label="Update refund status", right=Right.REFUNDS_CREATE, lease=timedelta(minutes=2)
)
def follow_refunds(ctx: JobContext) -> None:
    """Reads every open refund, and those that were made elsewhere. Safe to stop anywhere and to run twice.

    A run reads `BATCH` of them, those that wait longest first, and begins again until each was read once.
    """
    account = current_account(ctx.merchant)
    resume_sending(ctx.merchant)
    link_orphans(ctx.merchant)
    tally = _Followed.of(ctx)
    open_rows = open_refunds(ctx.merchant).filter(seen_at__lt=tally.since).order_by("seen_at", "pk")
    items: list[str | Refund] = [*_unknown(ctx), *open_rows.defer("raw")[: BATCH + 1]]

    def read(item: str | Refund) -> None:
        if isinstance(item, Refund):
            _follow(ctx, item, tally)
        else:
            _adopt(ctx, account, item, tally)

    try:
        each(items[:BATCH], read)
    finally:  # also when Jet failed on some
        ctx.note(tally.sentence())
    tally.go_on(is_more=len(items) > BATCH)


@dataclass
class _Followed(Tally):
    adopted: int = 0

    def sentence(self) -> str:
        were = "was" if self.adopted == 1 else "were"
        adopted = f" {self.adopted} made elsewhere {were} stored." if self.adopted else ""
        failed = f" {self.unreadable} could not be read." if self.unreadable else ""
        return f"{counted(self.read, 'open refund')} read.{adopted}{failed}"


def _follow(ctx: JobContext, refund: Refund, tally: _Followed) -> None:
    seen_at = timezone.now()
    try:
        refresh_refund(ctx, refund)
    except NOT_THIS_ROW:
        raise
    except (*THIS_ROW, errors.JetBadAnswer):
        log.warning("refund_not_read", refund=str(refund), exc_info=True)
        mark_read_tried(ctx.merchant, refund.pk, seen_at=seen_at)
        tally.unreadable += 1
    else:
        tally.read += 1


def _unknown(ctx: JobContext) -> list[str]:
    """Jet's ids of refunds that are not stored here, each once."""
    listed: list[str] = []
    for status in (JetRefundStatus.CREATED, JetRefundStatus.PROCESSING, JetRefundStatus.ACCEPTED):
        listed += ctx.jet.refunds.ids(status)
    return unknown_refund_ids(ctx.merchant, list(dict.fromkeys(listed)))


def _adopt(ctx: JobContext, account: JetAccount, refund_id: str, tally: _Followed) -> None:
    """Stores one refund that is not known by Jet's id; whatever is wrong with this one is kept and told."""
    seen_at = timezone.now()
    order_id = ""
    try:
        answer = ctx.jet.refunds.get(refund_id)
        facts = read_refund({"refund_authorization_id": refund_id, **answer.raw})
        order_id = facts.merchant_order_id
        ours = known_refund(ctx.merchant, facts.alt_refund_id)
        if ours is not None:
            apply_facts(ctx.merchant, ours.pk, facts, seen_at=seen_at, job=ctx.job)
        elif adopt_refund(ctx.merchant, account, facts, seen_at=seen_at, job=ctx.job) is not None:
            tally.adopted += 1
    except errors.JetNotFound:
        return  # withdrawn between list and read
    except NOT_THIS_ROW:
        raise
    except (*THIS_ROW, errors.JetBadAnswer) as exc:
        log.warning("refund_not_read", refund_id=refund_id, exc_info=True)
        tally.unreadable += 1
        keep_unreadable(
            ctx.merchant,
            account,
            refund_id,
            unreadable_words(exc),
            seen_at=seen_at,
            merchant_order_id=order_id,
            job=ctx.job,
        )


def refresh_refund(ctx: JobContext, refund: Refund) -> Refund:
    """Asks Jet for the refund and stores the answer. Raises PermanentFailure when Jet does not know it."""
    seen_at = timezone.now()
    try:
        answer = ctx.jet.refunds.get(refund.refund_authorization_id or refund.alt_refund_id)
    except errors.JetNotFound:
        raise PermanentFailure(
            f"Jet does not know refund {refund}.", hint="It may belong to the other mode, test or live."
        ) from None
    return apply_facts(ctx.merchant, refund.pk, read_refund(answer.raw), seen_at=seen_at, job=ctx.job)


@handler("refunds.refresh", label="Read a refund from Jet", right=Right.REFUNDS_CREATE)
def refresh_one(ctx: JobContext) -> None:
    refund = get_refund(ctx.merchant, int(ctx.job.key))
    check_mode(ctx, refund.account, f"Refund {refund}")
    refund = refresh_refund(ctx, refund)
    ctx.note(f"Refund {refund} is {refund.get_status_display().lower()} (Jet: {refund.jet_status}).")


add_schedule(
    ScheduleKind(
        name="refunds.status",
        label="Update refund status",
        interval=timedelta(minutes=30),
        job_kind="refunds.status",
        explanation="Follows refunds until Jet accepted or rejected them, and stores refunds made elsewhere.",
    )
)
