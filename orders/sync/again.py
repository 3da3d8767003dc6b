"""Reading chosen orders again from Jet: one, or those of an operation."""

from __future__ import annotations

from jetsync.actions.log import record
from jetsync.actions.operation import finish_objects, is_cancelled, refresh_progress
from jetsync.enums import RowState
from jetsync.jet import errors
from jetsync.models import Job, Operation, OperationRow
from jetsync.sync.failures import Again
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import SYSTEM
from orders.models import Order
from orders.queries.order import get_order
from orders.sync.batch import each
from orders.sync.reading import refresh_order

# One run reads at most this many, then lets other work pass: about 3 s at 50 ms a read.
BATCH = 50


@handler("orders.refresh", label="Read an order again")
def refresh_one(ctx: JobContext) -> None:
    ctx.note(_read(ctx, get_order(ctx.merchant, int(ctx.job.key))))


def _read(ctx: JobContext, order: Order) -> str:
    """Reads and stores it. Returns what came of it, which also stands on the order's time line."""
    before = order.state
    fresh = refresh_order(ctx, order)
    shown = f"Jet shows it as {fresh.jet_status}" if fresh.jet_status else "Jet shows no status"
    same = fresh.state == before
    sentence = (
        f"Read order {fresh} again: {shown}; it {'stays' if same else 'is now'} {fresh.get_state_display()}."
    )
    record(ctx.merchant, "orders.order.read_again", sentence, actor=SYSTEM, about=fresh, job=ctx.job)
    return sentence


def give_up(job: Job) -> None:
    """What could not be read before the job gave up ends with its reason."""
    fresh = Job.objects.select_related("merchant", "operation").get(pk=job.pk, merchant=job.merchant_id)
    if fresh.operation is not None:
        rest = [row.object_id for row in _open_rows(fresh.operation) if row.object_id is not None]
        finish_objects(
            fresh.operation, rest, RowState.FAILED, code=fresh.code, message=fresh.message, hint=fresh.hint
        )
        refresh_progress(fresh.operation)


@handler("orders.refresh_many", label="Read orders again", on_failure=give_up)
def refresh_chosen(ctx: JobContext) -> None:
    """Row by row, so that it may stop anywhere: what has ended is not read again."""
    operation = ctx.job.operation
    if operation is None or is_cancelled(operation):
        return
    rows = _open_rows(operation)[: BATCH + 1]
    each(
        [row for row in rows[:BATCH] if row.object_id is not None], lambda row: _read_row(ctx, operation, row)
    )
    refresh_progress(operation)
    if len(rows) > BATCH:
        raise Again


def _open_rows(operation: Operation) -> list[OperationRow]:
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state__in=(RowState.WAITING, RowState.SENT)
    )
    return list(rows.order_by("pk"))


def _read_row(ctx: JobContext, operation: Operation, row: OperationRow) -> None:
    """Passing trouble leaves the row open for the retry; an answer that cannot be used ends it."""
    pk = int(row.object_id or 0)
    try:
        sentence = _read(ctx, get_order(ctx.merchant, pk))
    except errors.JetBadAnswer as exc:
        finish_objects(
            operation,
            [pk],
            RowState.FAILED,
            code="unreadable",
            message=f"Jet's answer could not be read: {exc}",
            hint="Everything is kept as it was. Try again later.",
        )
        return
    finish_objects(operation, [pk], RowState.DONE, message=sentence)
