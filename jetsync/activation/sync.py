"""The rehearsal as one job: step after step, each to its end, up to the first failure."""

from __future__ import annotations

from datetime import timedelta

from jetsync.actions.operation import finish_objects, is_cancelled, refresh_progress
from jetsync.activation.actions import JOB, begin_step, mark_cancelled, mark_failed, mark_ok, start_rehearsal
from jetsync.activation.queries import account_of_test_keys, keys_mark
from jetsync.activation.registry import StepFailed, StepRun, step_of
from jetsync.enums import Mode, RowState
from jetsync.models import ActivationStep, Job, Merchant, Operation
from jetsync.sync.failures import Again, PermanentFailure
from jetsync.sync.registry import handler, no_undo_of, retry_with
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

# About two minutes of trouble at Jet; then a person is told, and presses again.
TRIES = 6


def _operation_of(job: Job) -> Operation | None:
    rows = Operation.objects.select_related("merchant", "actor")
    return rows.filter(merchant=job.merchant_id, pk=job.operation_id or 0).first()


def rehearsal_failed(job: Job) -> None:
    operation = _operation_of(job)
    if operation is not None:
        mark_failed(operation, job.message, job.hint, code=job.code, job=job)


def rehearsal_cancelled(job: Job) -> None:
    operation = _operation_of(job)
    if operation is not None:
        mark_cancelled(operation)


@handler(
    JOB,
    label="Go-live rehearsal",
    right=Right.SETTINGS_EDIT,
    lease=timedelta(minutes=2),
    max_attempts=TRIES,
    on_failure=rehearsal_failed,
    on_cancel=rehearsal_cancelled,
)
def rehearse(context: JobContext) -> None:
    """Runs the next step that is not ok and comes back for the one after it, so that each has all the tries and other
    work gets its turn. After a kill or a wait it goes on where it was.
    """
    operation = _operation_of(context.job)
    if operation is None:
        raise PermanentFailure("The operation of this job is gone.", hint="Start the rehearsal again.")
    for key in operation.data["steps"]:
        if is_cancelled(operation):
            mark_cancelled(operation)
            return
        rows = {row.key: row for row in _rows(operation)}
        row = rows[key]
        is_new = row.state != ActivationStep.State.OK
        if is_new:
            _run(context, operation, row, rows)
        finish_objects(operation, [row.pk], RowState.DONE, message=row.message)
        if is_new and key != operation.data["steps"][-1]:
            refresh_progress(operation, finish=False)
            raise Again
    fresh = refresh_progress(operation, message="All steps are ok.", finish=True)
    context.note(f"{fresh.done} of {fresh.total} steps are ok.")


def _rows(operation: Operation) -> list[ActivationStep]:
    """All steps of the same keys: those of this run may rest on earlier ones."""
    mine = ActivationStep.objects.filter(merchant=operation.merchant_id, operation=operation)
    marks = mine.values("keys_mark")[:1]
    return list(ActivationStep.objects.filter(merchant=operation.merchant_id, keys_mark__in=marks))


def _check_keys(merchant: Merchant, row: ActivationStep) -> None:
    """Steps are for the test keys that the rehearsal began with. Raises PermanentFailure for any others."""
    account = account_of_test_keys(merchant)
    if merchant.mode != Mode.TEST or account is None or keys_mark(account) != row.keys_mark:
        raise PermanentFailure(
            "The mode or the test keys were changed while the rehearsal was running.",
            hint="Start it again with the keys as they are now.",
            code="keys_changed",
        )


def _run(
    context: JobContext, operation: Operation, row: ActivationStep, rows: dict[str, ActivationStep]
) -> None:
    step = step_of(row.key)
    begin_step(operation, row)
    _check_keys(context.merchant, row)
    context.note(f"{step.label}.")
    try:
        done = step.run(StepRun(context, operation, row, operation.data["sku"], rows))
    except StepFailed as failure:
        mark_failed(
            operation,
            failure.message,
            failure.hint,
            code=failure.code,
            job=failure.job or context.job,
            back_to=failure.back_to,
        )
        raise
    mark_ok(operation, row, step, done, context.job)


@retry_with("jetsync.rehearsal")
def retry_rehearsal(operation: Operation, actor: Actor) -> Operation:
    return start_rehearsal(operation.merchant, actor=actor)


no_undo_of("jetsync.rehearsal", "What was sent with test keys reaches no shopper.")
