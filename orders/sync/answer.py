"""Telling Jet yes or no, exactly once; the fallback shortly before Jet's window closes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from jetsync.actions.operation import finish_rows, refresh_progress
from jetsync.enums import Queue, RowState
from jetsync.jet import errors
from jetsync.jet.types.orders import AcknowledgeBody, AcknowledgeItemBody
from jetsync.jet.words.orders import AcknowledgementStatus, ItemAcknowledgement
from jetsync.models import Job, OperationRow
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from orders.actions.answer import SentAnswer, lines_of, mark_answer_failed, mark_answered
from orders.actions.fallback import apply_fallback
from orders.actions.list_rows import ORDER
from orders.actions.many import CANCEL, REJECT
from orders.actions.store import file_store_order
from orders.enums import FailureReason, OrderState
from orders.models import Order, OrderLine
from orders.queries.order import get_order
from orders.sync.lease import SHORT_LEASE
from orders.sync.reading import jet_of, refresh_order

# Urgent retries wait at most 30 s, so this keeps trying for about two hours: as long as Jet lists the order as
# ready an answer may still count, even when Jet itself was down for the whole window.
ANSWER_ATTEMPTS = 240


def answer_failed(job: Job) -> None:
    fresh = Job.objects.select_related("merchant", "operation").get(pk=job.pk, merchant=job.merchant_id)
    mark_answer_failed(fresh)
    _finish_row(fresh, RowState.FAILED, code=fresh.code, message=fresh.message, hint=fresh.hint)


@handler(
    "orders.acknowledge",
    label="Answer an order",
    right=Right.ORDERS_ACKNOWLEDGE,
    queue=Queue.URGENT,
    lease=SHORT_LEASE,
    max_attempts=ANSWER_ATTEMPTS,
    on_failure=answer_failed,
)
def answer_order(ctx: JobContext) -> None:
    """Sends the planned answer. When an earlier try may have arrived, or Jet says no, Jet's state decides.

    The earlier try may be one of a job that gave up and kept the decision.
    """
    order = get_order(ctx.merchant, int(ctx.job.key))
    has_failed = order.failure_reason == FailureReason.ANSWER_REFUSED
    if (ctx.job.maybe_arrived or has_failed) and order.planned_answer:
        order = refresh_order(ctx, order)
    if order.state == OrderState.READY and order.planned_answer:
        order = file_store_order(ctx.merchant, order.pk, job=ctx.job)
    if order.state == OrderState.READY and order.planned_answer:  # read anew, so it may have moved
        order = _send(ctx, order)
    ctx.note(_ending(order))
    is_done = order.state in _wanted(ctx.job)
    _finish_row(
        ctx.job,
        RowState.DONE if is_done else RowState.FAILED,
        message="" if is_done else _ending(order),
    )


def _wanted(job: Job) -> frozenset[str]:
    """The states that mean the answer of this job's operation stands at Jet."""
    if job.operation is not None and job.operation.kind in {REJECT, CANCEL}:
        return frozenset({OrderState.REJECTED})
    return frozenset({OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS, OrderState.COMPLETE})


def _send(ctx: JobContext, order: Order) -> Order:
    lines = lines_of(order)
    sent = SentAnswer(order.planned_answer, {line.pk: line.planned_status for line in lines})
    try:
        jet_of(ctx, order).orders.acknowledge(order.merchant_order_id, answer_body(order, lines))
    except (errors.JetBadRequest, errors.JetConflict, errors.JetNotFound):
        # "Not ready any more" has no code of its own: somebody else may have answered, or the window is over.
        seen = refresh_order(ctx, order)
        if seen.state == OrderState.READY:
            raise
        return seen
    return mark_answered(ctx.merchant, order.pk, sent, job=ctx.job)


def answer_body(order: Order, lines: Sequence[OrderLine]) -> AcknowledgeBody:
    """The message of `PUT /orders/{id}/acknowledge` (protocol: orders, 3.5), one entry per item."""
    items: list[AcknowledgeItemBody] = []
    for line in lines:
        item: AcknowledgeItemBody = {
            "order_item_id": line.order_item_id,
            "order_item_acknowledgement_status": ItemAcknowledgement(line.planned_status),
        }
        if line.alt_order_item_id:
            item["alt_order_item_id"] = line.alt_order_item_id
        items.append(item)
    body: AcknowledgeBody = {
        "acknowledgement_status": AcknowledgementStatus(order.planned_answer),
        "order_items": items,
    }
    if order.alt_order_id:
        body["alt_order_id"] = order.alt_order_id
    return body


def _ending(order: Order) -> str:
    return f"Order {order} is {order.get_state_display().lower()}."


def _finish_row(job: Job, state: RowState, **result: str) -> None:
    if job.operation is None:
        return
    rows = OperationRow.objects.filter(  # rows of shipments have ids of their own
        merchant=job.merchant_id, operation=job.operation, object_type=ORDER, object_id=int(job.key)
    )
    finish_rows(job.operation, list(rows.values_list("pk", flat=True)), state, **result)
    refresh_progress(job.operation)


@handler(
    "orders.fallback",
    label="Answer an order before its window closes",
    right=Right.ORDERS_ACKNOWLEDGE,
    queue=Queue.URGENT,
    lease=timedelta(seconds=20),
)
def run_fallback(ctx: JobContext) -> None:
    ctx.note(apply_fallback(ctx.merchant, int(ctx.job.key), job=ctx.job))
