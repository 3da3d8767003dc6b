"""The job behind deleting many SKUs. No call leaves for Jet."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions.deleting import DELETE_JOB, run_delete
from jetsync.enums import Queue
from jetsync.models import Operation
from jetsync.sync.operations import ends_operation, operation_handler
from jetsync.sync.runner import JobContext


@operation_handler(
    DELETE_JOB,
    label="Delete products",
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=ends_operation("Deleting stopped.", "Rows counted as done are deleted; the others stay."),
)
def delete_products(ctx: JobContext, operation: Operation) -> None:
    """Goes on with the rows that still wait."""
    ctx.note(run_delete(operation, ctx.heartbeat).title)
