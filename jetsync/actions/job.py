"""What a person does with jobs."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.enums import JobState
from jetsync.exceptions import StateConflict
from jetsync.models import Job
from jetsync.sync.queue import cancel_job, enqueue
from jetsync.sync.registry import kind_label
from jetsync.tenancy.actor import Actor


@transaction.atomic
def retry_job(job: Job, *, actor: Actor) -> Job:
    """Asks again for the work of a failed job; a waiting job is due at once. Returns the open job."""
    if job.state == JobState.QUEUED:
        Job.objects.filter(pk=job.pk, merchant=job.merchant_id, state=JobState.QUEUED).update(
            not_before=timezone.now()
        )
    elif job.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise StateConflict(
            f"Job {job.pk} is {job.get_state_display().lower()}, only failed ones can be retried."
        )
    fresh = enqueue(job.merchant, job.kind, job.key, operation=job.operation, data=job.data)
    Job.objects.filter(pk=fresh.pk, merchant=job.merchant_id).update(
        maybe_arrived=job.maybe_arrived, object_type=job.object_type, object_id=job.object_id
    )
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
def cancel(job: Job, *, actor: Actor) -> None:
    """Raises StateConflict when the job has begun."""
    if not cancel_job(job):
        raise StateConflict(f"Job {job.pk} is no longer waiting, so it cannot be cancelled.")
    record(
        job.merchant,
        "jetsync.job.cancelled",
        f"Cancelled: {kind_label(job.kind)}",
        actor=actor,
        about=job,
        job=job,
    )
