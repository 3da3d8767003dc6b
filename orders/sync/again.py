"""Reading chosen orders again from Jet: one, or those of an operation."""

from __future__ import annotations

import structlog

from jetsync.actions.log import record
from jetsync.actions.operation import finish_objects, is_cancelled, refresh_progress
from jetsync.enums import RowState
from jetsync.exceptions import DomainError
from jetsync.jet import errors
from jetsync.models import Operation, OperationRow
from jetsync.sync.failures import Again
from jetsync.sync.operations import end_waiting, waiting_rows
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.rights import Right
from orders.models import Order
from orders.queries.order import get_order
from orders.sync.batch import each
from orders.sync.reading import NOT_THIS_ROW, THIS_ROW, refresh_order

log = structlog.get_logger(__name__)

# One run reads at most this many, then lets other work pass: about 3 s at 50 ms a read.
BATCH = 50


@handler("orders.refresh", label="Read an order again", right=Right.ORDERS_FETCH)
def refresh_one(ctx: JobContext) -> None:
    ctx.note(_read(ctx, get_order(ctx.merchant, int(ctx.job.key))))


def _read(ctx: JobContext, order: Order) -> str:
    """Reads and stores it. Returns what came of it."""
    before = order.state
    fresh = refresh_order(ctx, order)
    shown = f"Jet shows it as {fresh.jet_status}" if fresh.jet_status else "Jet shows no status"
    same = fresh.state == before
    return (
        f"Read order {fresh} again: {shown}; it {'stays' if same else 'is now'} {fresh.get_state_display()}."
    )


@handler("orders.refresh_many", label="Read orders again", right=Right.ORDERS_FETCH, on_failure=end_waiting)
def refresh_chosen(ctx: JobContext) -> None:
    """Row by row, so that it may stop anywhere: what has ended is not read again."""
    operation = ctx.job.operation
    if operation is None or is_cancelled(operation):
        return
    rows = list(waiting_rows(operation)[: BATCH + 1])
    each(rows[:BATCH], lambda row: _read_row(ctx, operation, row))
    refresh_progress(operation)
    if len(rows) > BATCH:
        raise Again


def _read_row(ctx: JobContext, operation: Operation, row: OperationRow) -> None:
    """Passing trouble leaves the row open for the retry; what cannot be read or stored ends it with the reason."""
    pk = int(row.object_id or 0)
    kept = "Everything is kept as it was. Try again later."
    try:
        order = get_order(ctx.merchant, pk)
        sentence = _read(ctx, order)
        # The job is about many orders; that of one stands on the order's time line itself.
        record(ctx.merchant, "orders.order.read_again", sentence, actor=SYSTEM, about=order, job=ctx.job)
    except NOT_THIS_ROW:
        raise
    except DomainError as refused:
        result = {"code": refused.code, "message": refused.message, "hint": refused.hint}
    except errors.JetBadAnswer as exc:
        result = {"code": "unreadable", "message": f"Jet's answer could not be read: {exc}", "hint": kept}
    except THIS_ROW as exc:
        log.exception("order_not_stored", order=pk)
        message = f"What Jet shows could not be stored ({type(exc).__name__})."
        result = {"code": "not_stored", "message": message, "hint": kept}
    else:
        finish_objects(operation, [pk], RowState.DONE, message=sentence)
        return
    finish_objects(operation, [pk], RowState.FAILED, **result)
