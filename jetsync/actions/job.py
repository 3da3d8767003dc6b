"""What a person does with jobs."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.actions.operation import NOT_SENT, cancel_operation, finish_rows, refresh_progress
from jetsync.enums import JobState, Priority, RowState
from jetsync.exceptions import StateConflict
from jetsync.models import Job, Operation, OperationRow
from jetsync.sync.control import check_control
from jetsync.sync.queue import cancel_job, enqueue
from jetsync.sync.registry import kind_label, tell_cancelled
from jetsync.tenancy.actor import Actor

RETRYABLE = {JobState.QUEUED, JobState.FAILED, JobState.CANCELLED}


@transaction.atomic
def retry_job(job: Job, *, actor: Actor) -> Job:
    """Asks again for the work of a failed or cancelled job; a waiting job is due at once. Returns the open job.

    Raises StateConflict for a job that runs or is done, NotAllowed without the right of its act.
    """
    check_control(actor, job)
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk, merchant=job.merchant_id)
    if job.state not in RETRYABLE:
        raise StateConflict(
            f"Job {job.pk} is {job.get_state_display().lower()}, only failed or waiting ones can be retried."
        )
    operation = job.operation
    if operation is not None and operation.cancel_requested_at is not None and job.object_id is None:
        raise StateConflict(
            f"“{operation.title}” was cancelled, so this job has nothing to do.", hint="Start it anew."
        )
    fresh = enqueue(
        job.merchant,
        job.kind,
        job.key,
        priority=Priority(job.priority),
        operation=job.operation,
        schedule=job.schedule,
        data=job.data,
    )
    mine = Job.objects.filter(pk=fresh.pk, merchant=job.merchant_id)
    mine.filter(state=JobState.QUEUED).update(not_before=timezone.now())
    mine.update(object_type=job.object_type, object_id=job.object_id)
    if job.maybe_arrived:  # never cleared here: the open job may have doubts of its own
        mine.update(maybe_arrived=True)
    record(
        job.merchant,
        "jetsync.job.retried",
        f"Retried: {kind_label(job.kind)}",
        actor=actor,
        about=job,
        job=fresh,
    )
    return fresh


@transaction.atomic
def cancel(job: Job, *, actor: Actor) -> Operation | None:
    """Cancels a waiting job and what it would have done for its operation, which is returned if that has ended now.

    A job about one object ends that object's row; one without is the operation's whole work and ends all of it.
    Raises StateConflict when the job has begun, NotAllowed without the right of its act.
    """
    check_control(actor, job)
    if not cancel_job(job):
        raise StateConflict(f"Job {job.pk} is no longer waiting, so it cannot be cancelled.")
    tell_cancelled(job)
    record(
        job.merchant,
        "jetsync.job.cancelled",
        f"Cancelled: {kind_label(job.kind)}",
        actor=actor,
        about=job,
        job=job,
    )
    rows = Operation.objects.select_for_update(of=("self",)).filter(merchant=job.merchant_id)
    operation = rows.filter(pk=job.operation_id or 0).first()
    if operation is None or not operation.is_open:
        return None
    fresh = _end_rows(operation, job, actor)
    return None if fresh.is_open else fresh


def _end_rows(operation: Operation, job: Job, actor: Actor) -> Operation:
    if job.object_id is None:
        asked = operation.cancel_requested_at is not None
        return operation if asked else cancel_operation(operation, actor=actor)
    rows = OperationRow.objects.filter(
        merchant=job.merchant_id,
        operation=operation,
        object_type=job.object_type,
        object_id=job.object_id,
        state=RowState.WAITING,
    )
    finish_rows(operation, list(rows.values_list("pk", flat=True)), RowState.CANCELLED, message=NOT_SENT)
    return refresh_progress(operation)
