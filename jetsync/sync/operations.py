"""Jobs that work through an operation: the operation is found or the job fails, and ends with the job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.db.models import QuerySet

from jetsync.actions.operation import fail_operation, finish_rows, is_cancelled, refresh_progress
from jetsync.enums import Queue, RowState
from jetsync.models import Job, Operation, OperationRow
from jetsync.sync.failures import Again, PermanentFailure
from jetsync.sync.quoting import words_for_all
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import Actor

OperationHandler = Callable[[JobContext, Operation], None]


def operation_handler(
    name: str,
    *,
    label: str,
    queue: Queue = Queue.DEFAULT,
    lease: timedelta = timedelta(minutes=2),
    on_failure: Callable[[Job], None] | None = None,
    on_cancel: Callable[[Job], None] | None = None,
    while_resting: bool = False,
) -> Callable[[OperationHandler], OperationHandler]:
    """As `handler`, for functions of `(context, operation)`. It may run twice for the same work.

    Such a job needs the right of its operation's kind.

    When the job itself fails for good, the operation's open rows fail with its words, unless `on_failure` has others
    (`ends_operation`) or leaves those alone whose work is on its way already (`end_waiting`).
    """

    def register(work: OperationHandler) -> OperationHandler:
        @handler(
            name,
            label=label,
            right=None,
            queue=queue,
            lease=lease,
            on_failure=on_failure or ends_operation(),
            on_cancel=on_cancel,
            while_resting=while_resting,
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
        fail_operation(operation, message or words_for_all(job, job.message), hint or job.hint)
        if after is not None:
            after(operation)

    return end


def row_by_row(operation: Operation, act: Callable[..., None], *, at_once: int) -> None:
    """`act(operation, row_id, actor=...)` for `at_once` of the rows that wait, in order; then raises Again for the rest.

    It may stop anywhere: `act` ends its row or hands it on, so a row that was decided is not waiting any more.
    """
    actor = Actor(label=operation.actor_label, user=operation.actor)
    rows = _ids(waiting_rows(operation)[: at_once + 1])
    for pk in rows[:at_once]:
        if is_cancelled(operation):
            return
        act(operation, pk, actor=actor)
    refresh_progress(operation)
    if len(rows) > at_once:
        raise Again


def end_waiting(job: Job) -> None:
    """For `on_failure`: what was not decided ends with the job's reason; what was goes on to Jet."""
    operation = Operation.objects.filter(merchant=job.merchant_id, pk=job.operation_id or 0).first()
    if operation is None:
        return
    job.refresh_from_db()
    result = {"code": job.code, "message": words_for_all(job, job.message), "hint": job.hint}
    finish_rows(operation, _ids(waiting_rows(operation)), RowState.FAILED, **result)
    refresh_progress(operation)


def waiting_rows(operation: Operation) -> QuerySet[OperationRow]:
    """Rows of the operation that nobody decided yet, in order."""
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.WAITING
    )
    return rows.order_by("pk")


def _ids(rows: QuerySet[OperationRow]) -> list[int]:
    return list(rows.values_list("pk", flat=True))
