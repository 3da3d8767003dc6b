"""Jobs that work through an operation: the operation is found or the job fails, and ends with the job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from jetsync.actions.operation import fail_operation
from jetsync.enums import Queue
from jetsync.models import Job, Operation
from jetsync.sync.failures import PermanentFailure
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext

OperationHandler = Callable[[JobContext, Operation], None]


def operation_handler(
    name: str,
    *,
    label: str,
    queue: Queue = Queue.DEFAULT,
    lease: timedelta = timedelta(minutes=2),
    on_failure: Callable[[Job], None] | None = None,
    on_cancel: Callable[[Job], None] | None = None,
) -> Callable[[OperationHandler], OperationHandler]:
    """As `handler`, for functions of `(context, operation)`. It may run twice for the same work.

    When the job itself fails for good, the operation's open rows fail with its words, unless `on_failure` (made by
    `ends_operation`) has others.
    """

    def register(work: OperationHandler) -> OperationHandler:
        @handler(
            name,
            label=label,
            queue=queue,
            lease=lease,
            on_failure=on_failure or ends_operation(),
            on_cancel=on_cancel,
        )
        @wraps(work)
        def run(context: JobContext) -> None:
            rows = Operation.objects.select_related("merchant")
            operation = rows.filter(merchant=context.merchant, pk=context.job.operation_id or 0).first()
            if operation is None:
                raise PermanentFailure("The operation of this job is gone.", hint="Start it again.")
            work(context, operation)

        return work

    return register


def ends_operation(
    message: str = "", hint: str = "", *, after: Callable[[Operation], object] | None = None
) -> Callable[[Job], None]:
    """For `on_failure`: fails the open rows of the job's operation with these words, or with the job's own; then `after`."""

    def end(job: Job) -> None:
        operation = Operation.objects.filter(merchant=job.merchant_id, pk=job.operation_id or 0).first()
        if operation is None:
            return
        job.refresh_from_db()
        fail_operation(operation, message or job.message, hint or job.hint)
        if after is not None:
            after(operation)

    return end
