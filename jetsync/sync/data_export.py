"""The job that makes the export of a store's data."""

from __future__ import annotations

from jetsync.actions.data_export import EXPORT, export_failed, make_export
from jetsync.enums import Queue
from jetsync.models import Job, Operation
from jetsync.sync.operations import ends_operation, operation_handler
from jetsync.sync.runner import JobContext


def _cancelled(job: Job) -> None:
    operation = Operation.objects.filter(merchant=job.merchant_id, pk=job.operation_id or 0).first()
    if operation is not None:
        export_failed(operation)


@operation_handler(
    EXPORT,
    label="Export all data",
    queue=Queue.BULK,
    on_failure=ends_operation(after=export_failed),
    on_cancel=_cancelled,
    while_resting=True,
)
def export_data(context: JobContext, operation: Operation) -> None:
    make_export(operation, context.keep_alive)
