"""Where returns meet the Jet client: fetching them, and sending the answer exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.utils import timezone

from jetsync.actions.operation import finish_objects, refresh_progress
from jetsync.enums import RowState
from jetsync.exceptions import DomainError
from jetsync.jet import errors
from jetsync.jet.types.returns import CompleteBody, CompleteItemBody, RefundAmountBody
from jetsync.jet.words import ChargeFeedback, return_feedback_words
from jetsync.jet.words import ReturnStatus as JetReturnStatus
from jetsync.models import JetAccount, Job, Merchant, Operation
from jetsync.sync.client import current_account
from jetsync.sync.failures import PermanentFailure, SettingsFailure
from jetsync.sync.operations import end_waiting, operation_handler, row_by_row
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.sync.batch import each
from orders.sync.reading import NOT_THIS_ROW, THIS_ROW
from returns.actions.importing import ImportedReturn, apply_facts, store_return
from returns.actions.many import SETTLE_MANY, settle_row
from returns.actions.sending import take_back
from returns.actions.settling import (
    begin_sending,
    mark_sent,
    mark_settle_failed,
    resume_sending,
)
from returns.actions.unreadable import keep_unreadable
from returns.enums import ReturnStatus, SendState
from returns.models import Return, ReturnLine
from returns.money import Amounts
from returns.queries import get_return, last_reads, open_returns, orphan_returns, return_lines
from returns.reading import read_return
from returns.rounds import BATCH, Tally

log = structlog.get_logger(__name__)

# Of a list that is accepted in full: about 60 ms each, then the answers themselves pass.
LIST_BATCH = 50
# Long enough for Jet to be unwell for hours; after that a person is told, and every fetch looks again.
SEND_ATTEMPTS = 60
# Jet finishes an answered return within minutes; this look saves the merchant the wait for the next fetch.
LOOK_AFTER = timedelta(minutes=2)


@handler("returns.fetch", label="Fetch returns", right=Right.RETURNS_SETTLE, lease=timedelta(minutes=2))
def fetch_returns(ctx: JobContext) -> None:
    """Imports what Jet lists and follows what is open here. Safe to stop anywhere and to run twice.

    1. `created` and `inprogress` are read in full, because Jet may still change them;
    2. finished ones only when they were never seen: they count in the money of their order;
    3. open ones that Jet lists nowhere are read one by one.

    A run reads `BATCH` of them, those that wait longest first, and begins again until each was read once.
    """
    account = current_account(ctx.merchant)
    tally = _Fetched.of(ctx)
    items = _to_read(ctx, tally.since)

    def read(item: str | Return) -> None:
        if isinstance(item, Return):
            _follow(ctx, account, item, tally)
        else:
            _import(ctx, account, item, tally)

    try:
        each(items[:BATCH], read)
    finally:  # also when Jet failed on some
        resume_sending(ctx.merchant)
        ctx.note(tally.sentence())
    tally.go_on(is_more=len(items) > BATCH)


@dataclass
class _Fetched(Tally):
    new: int = 0

    def sentence(self) -> str:
        if not (self.read or self.unreadable):
            return "No open returns at Jet."
        failed = f", {self.unreadable} could not be read" if self.unreadable else ""
        return f"{counted(self.new, 'new return')}, {self.read} read from Jet{failed}."


def _to_read(ctx: JobContext, since: datetime) -> list[str | Return]:
    """Ids that were never seen, then ids and returns that were last read before `since`, longest unread first."""
    created = ctx.jet.returns.ids(JetReturnStatus.CREATED)
    answered = ctx.jet.returns.ids(JetReturnStatus.INPROGRESS)
    finished = ctx.jet.returns.ids(JetReturnStatus.COMPLETED_BY_MERCHANT)
    listed = dict.fromkeys([*created, *answered])
    seen = last_reads(ctx.merchant, [*listed, *finished])
    unseen = [name for name in dict.fromkeys([*listed, *finished]) if name not in seen]
    known = sorted((seen[name], name) for name in listed if name in seen and seen[name] < since)
    return [*unseen, *(name for _at, name in known), *_unlisted(ctx.merchant, list(listed), since)]


def _unlisted(merchant: Merchant, listed: list[str], since: datetime) -> list[Return]:
    """Open returns that have left Jet's lists, and those whose order has been imported since."""
    rows = (open_returns(merchant) | orphan_returns(merchant)).filter(seen_at__lt=since)
    ordered = rows.exclude(merchant_return_authorization_id__in=listed).order_by("seen_at")
    return list(ordered.defer("raw")[: BATCH + 1])


def _import(ctx: JobContext, account: JetAccount, return_id: str, tally: _Fetched) -> None:
    try:
        imported = _read(ctx, account, return_id)
    except _Kept:
        tally.unreadable += 1
    else:
        tally.read += imported is not None
        tally.new += (
            imported is not None and imported.is_new and imported.returned.status == ReturnStatus.CREATED
        )


def read_and_store(ctx: JobContext, account: JetAccount, return_id: str) -> ImportedReturn | None:
    """Reads one return and stores it. None for one that Jet lists but does not show in a readable form; it is kept."""
    try:
        return _read(ctx, account, return_id)
    except _Kept:
        return None


class _Kept(Exception):
    """The return could not be read or stored; that it exists is kept and told."""


def _read(ctx: JobContext, account: JetAccount, return_id: str) -> ImportedReturn | None:
    """None for one that was withdrawn meanwhile. Passing trouble of Jet (no connection, a pause) is raised, whatever
    is wrong with this one return is kept and raised as `_Kept`."""
    seen_at = timezone.now()
    order_id = ""
    try:
        answer = ctx.jet.returns.get(return_id)
        facts = read_return({**answer.raw, "merchant_return_authorization_id": return_id})
        order_id = facts.fields["merchant_order_id"]
        return store_return(ctx.merchant, account, facts, seen_at=seen_at, job=ctx.job)
    except errors.JetNotFound:
        return None
    except NOT_THIS_ROW:
        raise
    except (*THIS_ROW, errors.JetBadAnswer) as exc:
        _keep(ctx, account, return_id, exc, seen_at, order_id)
        raise _Kept from exc


def _follow(ctx: JobContext, account: JetAccount, returned: Return, tally: _Fetched) -> None:
    seen_at = timezone.now()
    try:
        refresh_return(ctx, returned)
    except NOT_THIS_ROW:
        raise
    except (*THIS_ROW, errors.JetBadAnswer) as exc:
        _keep(ctx, account, returned.merchant_return_authorization_id, exc, seen_at)
        tally.unreadable += 1
    else:
        tally.read += 1


def _keep(  # noqa: PLR0917 -- one row that failed
    ctx: JobContext,
    account: JetAccount,
    return_id: str,
    why: Exception,
    seen_at: datetime,
    order_id: str = "",
) -> None:
    log.warning("return_not_read", return_id=return_id, exc_info=why)
    keep_unreadable(
        ctx.merchant,
        account,
        return_id,
        unreadable_words(why),
        seen_at=seen_at,
        merchant_order_id=order_id,
        job=ctx.job,
    )


def unreadable_words(why: Exception) -> str:
    """What a merchant reads: Jet's or our own sentence, or that ours to mend is at the bottom of it."""
    if isinstance(why, DomainError):
        return why.message
    return str(why) if isinstance(why, errors.JetError) else f"{type(why).__name__} while storing it."


def refresh_return(ctx: JobContext, returned: Return) -> Return:
    """Asks Jet for the return and stores the answer. Raises PermanentFailure when Jet no longer knows it."""
    seen_at = timezone.now()
    try:
        answer = ctx.jet.returns.get(returned.merchant_return_authorization_id)
    except errors.JetNotFound:
        raise PermanentFailure(
            f"Jet does not know return {returned}.", hint="It may belong to the other mode, test or live."
        ) from None
    facts = read_return(answer.raw)
    return apply_facts(ctx.merchant, returned.pk, facts, seen_at=seen_at, job=ctx.job)


@handler("returns.refresh", label="Read a return from Jet", right=Right.RETURNS_SETTLE)
def refresh_one(ctx: JobContext) -> None:
    returned = refresh_return(ctx, get_return(ctx.merchant, int(ctx.job.key)))
    ctx.note(f"Return {returned} is {returned.get_status_display().lower()} (Jet: {returned.jet_status}).")


def settle_failed(job: Job) -> None:
    fresh = Job.objects.select_related("merchant", "operation").get(pk=job.pk, merchant=job.merchant_id)
    mark_settle_failed(fresh)
    _finish_row(fresh, RowState.FAILED, code=fresh.code, message=fresh.message, hint=fresh.hint)


@handler(
    "returns.complete",
    label="Answer a return",
    right=Right.RETURNS_SETTLE,
    lease=timedelta(seconds=90),
    max_attempts=SEND_ATTEMPTS,
    on_failure=settle_failed,
)
def complete_return(ctx: JobContext) -> None:
    """Sends the stored answer. When an earlier try may have arrived, what Jet shows decides."""
    returned = get_return(ctx.merchant, int(ctx.job.key))
    check_mode(ctx, returned.account, f"Return {returned}")
    if returned.is_in_flight and (ctx.job.maybe_arrived or returned.send_state == SendState.CHECKING):
        returned = refresh_return(ctx, returned)
    if returned.is_in_flight:
        returned = _send(ctx, returned)
    if returned.send_state == SendState.REFUSED:
        raise PermanentFailure(
            returned.failure_message, hint=returned.failure_hint, code="answered_elsewhere"
        )
    ctx.note(f"Return {returned} is {returned.get_status_display().lower()}.")
    _finish_row(ctx.job, RowState.DONE)


@operation_handler(SETTLE_MANY, label="Accept many returns in full", on_failure=end_waiting)
def settle_list(_context: JobContext, operation: Operation) -> None:
    row_by_row(operation, settle_row, at_once=LIST_BATCH)


def check_mode(ctx: JobContext, account: JetAccount, name: str) -> None:
    """The client speaks for the merchant's mode. Raises SettingsFailure for a row of the other mode's account."""
    if account.mode != ctx.merchant.mode:
        mode = account.get_mode_display()
        raise SettingsFailure(
            f"{name} belongs to {mode} mode.", hint=f"Switch to {mode} mode under Settings, Jet account."
        )


def _send(ctx: JobContext, returned: Return) -> Return:
    sending = begin_sending(ctx.merchant, returned.pk)
    if sending is None:
        return get_return(ctx.merchant, returned.pk)
    body = complete_body(sending, return_lines(sending))
    try:
        ctx.jet.returns.complete(sending.merchant_return_authorization_id, body)
    except (errors.JetBadRequest, errors.JetConflict, errors.JetNotFound):
        # "Answered before" has no code of its own: Jet's state tells whether it was us, somebody else, or a fault.
        seen = refresh_return(ctx, sending)
        if seen.status != ReturnStatus.CREATED:
            return seen
        take_back(sending)
        raise
    except errors.JetError as exc:
        if not exc.may_have_arrived:
            take_back(sending)
        raise
    sent = mark_sent(ctx.merchant, sending.pk, job=ctx.job)
    look_later(sent)
    return sent


def look_later(returned: Return) -> None:
    enqueue(
        returned.merchant,
        "returns.refresh",
        str(returned.pk),
        not_before=timezone.now() + LOOK_AFTER,
        about=returned,
    )


def complete_body(returned: Return, lines: list[ReturnLine]) -> CompleteBody:
    """The message of `PUT /returns/{id}/complete` (protocol: orders, 5.4); lines left out are not named."""
    body = CompleteBody(
        merchant_order_id=returned.merchant_order_id,
        agree_to_return_charge=bool(returned.agree_to_return_charge),
        items=[_item(line) for line in lines if line.is_included],
    )
    if returned.alt_order_id:
        body["alt_order_id"] = returned.alt_order_id
    if returned.return_charge_feedback:
        body["return_charge_feedback"] = ChargeFeedback(returned.return_charge_feedback)
    return body


def _item(line: ReturnLine) -> CompleteItemBody:
    item = CompleteItemBody(
        order_item_id=line.order_item_id,
        total_quantity_returned=line.quantity_returned or 0,
        order_return_refund_qty=line.quantity_refunded or 0,
        refund_amount=amount_body(line.settled),
    )
    if line.alt_order_item_id:
        item["alt_order_item_id"] = line.alt_order_item_id
    if line.feedback:
        item["return_refund_feedback"] = return_feedback_words(timezone.now())(line.feedback)
    if line.notes:
        item["notes"] = line.notes
    return item


def amount_body(amounts: Amounts) -> RefundAmountBody:
    return RefundAmountBody(
        principal=amounts.principal,
        tax=amounts.tax,
        shipping_cost=amounts.shipping_cost,
        shipping_tax=amounts.shipping_tax,
    )


def _finish_row(job: Job, state: RowState, **result: str) -> None:
    if job.operation is not None:
        finish_objects(job.operation, [int(job.key)], state, **result)
        refresh_progress(job.operation)


add_schedule(
    ScheduleKind(
        name="returns.fetch",
        label="Fetch returns",
        interval=timedelta(minutes=30),
        job_kind="returns.fetch",
        explanation="Imports new returns, follows open ones, and looks after answers whose way to Jet broke off.",
        vital="New returns are not imported, and Jet completes one in full two business days after the goods arrived.",
    )
)
