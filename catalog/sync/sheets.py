"""The job behind changes of many SKUs and their undo. No call leaves for Jet here: the delta jobs send what changed."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions.bulk_edit import EDIT_JOB, run_edit
from jetsync.enums import Queue
from jetsync.models import Operation
from jetsync.sync.operations import ends_operation, operation_handler
from jetsync.sync.runner import JobContext


@operation_handler(
    EDIT_JOB,
    label="Change values",
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=ends_operation(
        "The change stopped.", "Rows counted as done are stored; undo takes them back."
    ),
)
def apply_edit(ctx: JobContext, operation: Operation) -> None:
    """Goes on with the rows that still wait."""
    ctx.note(run_edit(operation, ctx.heartbeat).title)
