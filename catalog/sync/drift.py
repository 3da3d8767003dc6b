"""Writes Jet's values into the store's data in the background; nothing is called here."""

from __future__ import annotations

from catalog.actions.drift import TAKE_JOB
from catalog.actions.drift_writing import write_batch
from jetsync.actions.operation import is_cancelled, mark_running, refresh_progress
from jetsync.models import Operation
from jetsync.sync.failures import Again
from jetsync.sync.operations import operation_handler
from jetsync.sync.runner import JobContext


@operation_handler(TAKE_JOB, label="Take Jet's values")
def take_theirs(context: JobContext, operation: Operation) -> None:
    mark_running(operation)
    if is_cancelled(operation):
        refresh_progress(operation, finish=True)
        return
    count = write_batch(operation)
    fresh = refresh_progress(operation, finish=not count)
    context.note(f"{fresh.done:,} of {fresh.total:,} written, {fresh.failed:,} failed.")
    if count and fresh.is_open:
        raise Again
