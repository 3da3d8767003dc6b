"""Background work of exceptions: copies to many SKUs, and messages that name nodes or locations which changed."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions.deltas import push_deltas
from catalog.actions.errors import forget_refusals
from catalog.actions.exception_copies import BATCH, COPY_JOB, apply_batch
from catalog.actions.exceptions import REFRESH, forget_places
from catalog.actions.relations import refresh_exceptions
from catalog.enums import Step
from catalog.queries.exceptions import PARTS, variants_with_exceptions
from jetsync.actions.operation import is_cancelled, mark_running, refresh_progress
from jetsync.enums import Queue, RowState
from jetsync.models import Operation, OperationRow
from jetsync.sync.operations import operation_handler
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext


@operation_handler(COPY_JOB, label="Copy exceptions", queue=Queue.BULK, lease=timedelta(minutes=5))
def copy(context: JobContext, operation: Operation) -> None:
    """A batch per transaction, so that a run which dies goes on where it stopped."""
    mark_running(operation)
    waiting = OperationRow.objects.filter(
        merchant=context.merchant, operation=operation, state=RowState.WAITING
    ).order_by("pk")
    while not is_cancelled(operation) and (rows := list(waiting[:BATCH])):
        context.heartbeat()
        apply_batch(operation, rows)
        refresh_progress(operation)
    fresh = refresh_progress(operation)
    context.note(f"{fresh.done} of {fresh.total} SKUs written.")


@handler(REFRESH, label="Recompute exceptions", right=None, queue=Queue.BULK, lease=timedelta(minutes=5))
def refresh(context: JobContext) -> None:
    """The node and location ids stand in the messages, so a change of them is a change of each message."""
    orphans = forget_places(context.merchant)
    count = 0
    for part in PARTS:
        last = 0
        rows = variants_with_exceptions(context.merchant, part)
        while ids := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
            context.heartbeat()
            refresh_exceptions(context.merchant, ids)
            forget_refusals(context.merchant, ids, Step(part))
            count, last = count + len(ids), ids[-1]
    push_deltas(context.merchant)
    context.note(f"{count:,} SKUs recomputed; {orphans:,} return exceptions had no location left.")
