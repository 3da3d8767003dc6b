"""The job behind changes of many SKUs and their undo. No call leaves for Jet here: the delta jobs send what changed."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions.bulk_edit import EDIT_JOB, run_edit
from jetsync.actions.operation import fail_operation
from jetsync.enums import Queue
from jetsync.models import Job, Operation
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext


def _end_operation(job: Job) -> None:
    if job.operation_id is not None:
        operation = Operation.objects.get(merchant=job.merchant_id, pk=job.operation_id)
        fail_operation(
            operation, "The change stopped.", "Rows counted as done are stored; undo takes them back."
        )


@handler(
    EDIT_JOB, label="Change values", queue=Queue.BULK, lease=timedelta(minutes=5), on_failure=_end_operation
)
def apply_edit(ctx: JobContext) -> None:
    """Goes on with the rows that still wait."""
    operation = Operation.objects.select_related("merchant").get(
        merchant=ctx.merchant, pk=ctx.job.data["operation"]
    )
    ctx.note(run_edit(operation, ctx.heartbeat).title)
