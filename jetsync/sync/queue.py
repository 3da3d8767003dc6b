"""Writing jobs. `enqueue` belongs into the transaction of the change that it sends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.db import connection, models, transaction
from django.utils import timezone

from jetsync.enums import OPEN_JOB_STATES, JobState, Priority, Queue
from jetsync.models import Job, Merchant, Operation, QueueTurn, Schedule
from jetsync.sync.registry import kind_of
from jetsync.tenancy.managers import bulk_create

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=models.Model)
# One transaction wakes at most this many workers; the rest is found by those and by the beat.
WAKE_LIMIT = 4


def enqueue(
    merchant: Merchant,
    kind: str,
    key: str,
    *,
    priority: Priority = Priority.NORMAL,
    not_before: datetime | None = None,
    operation: Operation | None = None,
    schedule: Schedule | None = None,
    about: models.Model | None = None,
    data: dict[str, Any] | None = None,
) -> Job:
    """The open job for (merchant, kind, key), made or joined. Safe to call any number of times.

    A waiting job is joined (the earlier time and the stronger priority win); a running one is marked to run once
    more, because it may already have read what has just changed. `data` of a joined job is merged over.
    """
    (job,) = _enqueue(
        merchant,
        kind,
        {key: _Wanted(not_before or timezone.now(), about)},
        priority=priority,
        operation=operation,
        schedule=schedule,
        data=data,
    )
    return job


@dataclass(frozen=True)
class _Wanted:
    due: datetime
    about: models.Model | None = None


def enqueue_about(
    merchant: Merchant,
    kind: str,
    due: Mapping[M, datetime | None],
    *,
    priority: Priority = Priority.NORMAL,
    operation: Operation | None = None,
) -> list[Job]:
    """`enqueue` for many objects, each under its pk and about itself: a constant number of queries where none is joined.

    `due`: when each may run, None for now. Returns the jobs in the order of the objects.
    """
    now = timezone.now()
    wanted = {str(about.pk): _Wanted(at or now, about) for about, at in due.items()}
    return _enqueue(merchant, kind, wanted, priority=priority, operation=operation) if wanted else []


def _enqueue(
    merchant: Merchant,
    kind: str,
    wanted: Mapping[str, _Wanted],
    *,
    priority: Priority,
    operation: Operation | None = None,
    schedule: Schedule | None = None,
    data: dict[str, Any] | None = None,
) -> list[Job]:
    queue = kind_of(kind).queue
    shared: dict[str, Any] = {"priority": priority, "operation": operation, "schedule": schedule}
    with transaction.atomic():
        jobs = _open_jobs(merchant, kind, wanted)
        # By key, so that two who ask for the same do not wait for each other.
        while missing := sorted(wanted.keys() - jobs.keys()):
            rows = [
                Job(
                    merchant=merchant,
                    kind=kind,
                    key=key,
                    queue=queue,
                    not_before=wanted[key].due,
                    data=data or {},
                    **_object_of(wanted[key].about),
                    **shared,
                )
                for key in missing
            ]
            # ON CONFLICT DO NOTHING waits for a rival's insert to commit; then there is a row to join, unless
            # that job has ended already.
            bulk_create(Job, rows, ignore_conflicts=True)
            jobs |= _open_jobs(merchant, kind, missing)
        for key, job in jobs.items():
            _join(job, due=wanted[key].due, data=data, **shared)
        _note_turn(merchant.pk, queue)
    now = timezone.now()
    for one in wanted.values():
        if one.due <= now:
            wake_on_commit(queue)
    return [jobs[key] for key in wanted]


def _object_of(about: models.Model | None) -> dict[str, Any]:
    if about is None:
        return {"object_type": "", "object_id": None}
    return {"object_type": about._meta.label_lower, "object_id": about.pk}


def _open_jobs(merchant: Merchant, kind: str, keys: Iterable[str]) -> dict[str, Job]:
    """By key, locked in order of their pk."""
    jobs = Job.objects.select_for_update(of=("self",)).filter(
        merchant=merchant, kind=kind, key__in=list(keys), state__in=OPEN_JOB_STATES
    )
    return {job.key: job for job in jobs.order_by("pk")}


_JOINED = ("priority", "operation_id", "schedule_id", "data", "changed_in_flight", "not_before")


def _join(
    job: Job,
    *,
    due: datetime,
    priority: Priority,
    operation: Operation | None,
    schedule: Schedule | None,
    data: dict[str, Any] | None,
) -> None:
    """Writes only what differs: nothing on a job that was made a moment ago."""
    before = {name: getattr(job, name) for name in _JOINED}
    job.priority = min(job.priority, priority)
    job.operation = operation or job.operation
    job.schedule = schedule or job.schedule
    job.data = {**job.data, **(data or {})}
    if job.state == JobState.RUNNING:
        job.changed_in_flight = True
    # A job that waits after a failure keeps its wait: a burst of edits must not hammer a Jet that is down.
    elif job.attempts == 0:
        job.not_before = min(job.not_before, due)
    if any(getattr(job, name) != value for name, value in before.items()):
        job.save(update_fields=_JOINED)


def _note_turn(merchant_id: int, queue: str) -> None:
    """Sees to it that claims find the merchant. Only the first job ever of a queue has something to write."""
    if QueueTurn.objects.filter(merchant_id=merchant_id, queue=queue).exists():
        return

    def insert() -> None:
        QueueTurn.objects.bulk_create(
            [QueueTurn(merchant_id=merchant_id, queue=queue)], ignore_conflicts=True
        )

    if is_alone(f"queue-turn:{merchant_id}:{queue}"):
        insert()
    else:  # a rival is writing it in a transaction that may be long: not waited for while rows are locked here
        transaction.on_commit(insert, robust=True)


def is_alone(name: str) -> bool:
    """Takes the name for the rest of the transaction, if no other transaction has it. Never waits."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def wake_on_commit(queue: str) -> None:
    """Tells a worker to look, after the transaction stands. Losing the message loses nothing: the beat looks too."""
    waiting = [entry[1] for entry in connection.run_on_commit]
    if sum(getattr(function, "wakes_queue", "") == queue for function in waiting) >= WAKE_LIMIT:
        return

    def send() -> None:
        wake(queue)

    send.wakes_queue = queue  # type: ignore[attr-defined]  # lets the count above see it; a rollback drops it
    transaction.on_commit(send, robust=True)


def wake(queue: Queue | str) -> None:
    """Sends the "look" message; a broker that is down is only a slower start, so it is logged and passed over."""
    from kombu.exceptions import OperationalError  # noqa: PLC0415 -- keeps Celery out of import time of models

    from jetsync.sync.tasks import task_work  # noqa: PLC0415 -- tasks import the runner, which imports this

    try:
        task_work.apply_async(kwargs={"queue": str(queue)}, queue=str(queue), expires=60, ignore_result=True)
    except (OperationalError, OSError) as exc:
        log.warning("broker_unreachable", queue=str(queue), error=str(exc))


def cancel_job(job: Job) -> bool:
    """Cancels a waiting job; a running one can no longer be called back. Returns whether it was cancelled."""
    changed = Job.objects.filter(pk=job.pk, merchant=job.merchant_id, state=JobState.QUEUED).update(
        state=JobState.CANCELLED, finished_at=timezone.now(), message="Cancelled before sending."
    )
    return bool(changed)
