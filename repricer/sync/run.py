"""Repricing as jobs: behind every refresh of sales data, back to store prices, and undoing a run."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions.deltas import push_deltas
from jetsync.actions.operation import is_cancelled, refresh_progress
from jetsync.enums import Queue, RowState
from jetsync.models import Operation, OperationRow
from jetsync.sync.failures import Again
from jetsync.sync.operations import operation_handler
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from repricer.actions.run import run_repricer
from repricer.actions.setting import BATCH, RELEASE, UNDO, undo_batch
from repricer.enums import RunKind
from repricer.queries.runs import get_setting, open_run

OTHER_RUN = timedelta(seconds=5)


def reprice(context: JobContext) -> str:
    """What came of it, in a sentence; "" while the repricer is off (features REP-01, REP-04)."""
    if not get_setting(context.merchant).is_on:
        return ""
    return run_repricer(context.merchant, RunKind.REPRICE, context.heartbeat).words


@handler(
    RELEASE,
    label="Back to store prices",
    right=Right.PRODUCTS_EDIT,
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
)
def release(context: JobContext) -> None:
    """After the repricer was switched off. Waits for a run that is under way, which ends by itself then."""
    if get_setting(context.merchant).is_on:
        context.note("The repricer was switched on again.")
        return
    known = open_run(context.merchant)
    if known is not None and known.kind != RunKind.RELEASE:
        run_repricer(context.merchant, RunKind(known.kind), context.heartbeat)
        raise Again(OTHER_RUN)
    context.note(run_repricer(context.merchant, RunKind.RELEASE, context.heartbeat).words)


@operation_handler(UNDO, label="Undo repricing", queue=Queue.BULK, lease=timedelta(minutes=5))
def undo(context: JobContext, operation: Operation) -> None:
    rows = OperationRow.objects.filter(
        merchant=context.merchant, operation=operation, state=RowState.WAITING
    ).order_by("object_id", "pk")
    while not is_cancelled(operation) and (batch := list(rows[:BATCH])):
        context.heartbeat()
        undo_batch(operation, batch)
    push_deltas(context.merchant)
    context.note(refresh_progress(operation, finish=True).title)
