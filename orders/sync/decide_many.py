"""Accepts, rejects or cancels the orders of a list, some at a time; each answer then goes to Jet by a job of its own."""

from __future__ import annotations

from jetsync.actions.operation import finish_rows, is_cancelled, refresh_progress
from jetsync.enums import Queue, RowState
from jetsync.models import Job, Operation, OperationRow
from jetsync.sync.failures import Again
from jetsync.sync.operations import operation_handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import Actor
from orders.actions.list_rows import ORDER
from orders.actions.many import DECIDE, decide_row

# About 20 ms each; after so many the fetch and the answers themselves pass, which are as urgent.
BATCH = 50


def give_up(job: Job) -> None:
    """What was not decided ends with the job's reason; what was goes on to Jet."""
    fresh = Job.objects.select_related("merchant", "operation").get(pk=job.pk, merchant=job.merchant_id)
    if fresh.operation is not None:
        finish_rows(
            fresh.operation,
            _waiting(fresh.operation),
            RowState.FAILED,
            code=fresh.code,
            message=fresh.message,
            hint=fresh.hint,
        )
        refresh_progress(fresh.operation)


@operation_handler(DECIDE, label="Answer or cancel many orders", queue=Queue.URGENT, on_failure=give_up)
def decide_list(_context: JobContext, operation: Operation) -> None:
    """Row by row, so that it may stop anywhere: a row that was decided is not waiting any more."""
    actor = Actor(label=operation.actor_label, user=operation.actor)
    rows = _waiting(operation)
    for pk in rows[:BATCH]:
        if is_cancelled(operation):
            return
        decide_row(operation, pk, actor=actor)
    refresh_progress(operation)
    if len(rows) > BATCH:
        raise Again


def _waiting(operation: Operation) -> list[int]:
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, object_type=ORDER, state=RowState.WAITING
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))
