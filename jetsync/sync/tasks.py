"""Celery entry points. None carries data: they say "look", the rows say what."""

from __future__ import annotations

import time

from celery import shared_task
from django.db.models import Count
from django.utils import timezone

from jetsync.actions.deletion import warn_ahead
from jetsync.actions.erasing import erase_due
from jetsync.actions.retention import trim_histories
from jetsync.enums import JobState, Queue
from jetsync.models import Job, Merchant
from jetsync.sync.claims import free_lost_jobs, may_run
from jetsync.sync.queue import wake
from jetsync.sync.requests import gather_requests
from jetsync.sync.runner import run_next
from jetsync.sync.schedules import ensure_schedules, start_due
from jetsync.sync.watches import look_out
from jetsync.tenancy.context import across_merchants, merchant_scope

# A worker slot stays with one message this long, then gives the next message its turn.
WORK_SECONDS = 20.0
# One look at the deletions of stores; shorter than the time between looks, so that other bulk work gets its turn.
DELETE_SECONDS = 45.0
# Enough messages to keep every slot of a large worker busy; more would only queue up.
WAKE_PER_QUEUE = 8


@shared_task(name="sync.work")
def task_work(*, queue: str) -> int:
    """Runs due jobs of the queue until none is left or the time is up; then passes the baton."""
    done, until = 0, time.monotonic() + WORK_SECONDS
    while run_next(queue):
        done += 1
        if time.monotonic() > until:
            wake(queue)
            break
    return done


@shared_task(name="sync.start_due_schedules")
def task_start_due_schedules() -> int:
    return start_due()


@shared_task(name="sync.look_out")
def task_look_out() -> int:
    return look_out()


@shared_task(name="sync.wake_workers")
def task_wake_workers() -> int:
    """Looks for due jobs in the database, so that a lost message or an emptied broker loses nothing."""
    gather_requests()
    with across_merchants():
        due = dict(
            Job.objects.filter(may_run(), state=JobState.QUEUED, not_before__lte=timezone.now())
            .values_list("queue")
            .annotate(Count("pk"))
        )
    for queue in Queue.values:
        for _ in range(min(WAKE_PER_QUEUE, due.get(queue, 0))):
            wake(queue)
    return sum(due.values())


@shared_task(name="sync.free_lost_jobs")
def task_free_lost_jobs() -> int:
    """Looked at right away: they have waited for the whole lease of the worker that died."""
    freed = free_lost_jobs()
    if freed:
        task_wake_workers()
    return freed


@shared_task(name="sync.trim_histories")
def task_trim_histories() -> int:
    """Housekeeping: makes schedules that a new version brought, then trims what is past its time."""
    with across_merchants():
        merchants = list(Merchant.objects.filter(suspended_at=None, deletion_due_at=None))
    for merchant in merchants:
        with merchant_scope(merchant):
            ensure_schedules(merchant)
    return trim_histories()


@shared_task(name="sync.delete_stores")
def task_delete_stores() -> int:
    """Warns owners a day ahead, and goes on with deletions that are due. Killed in the middle, the next one goes on."""
    now, until = timezone.now(), time.monotonic() + DELETE_SECONDS
    warn_ahead(now)
    return erase_due(now, lambda: time.monotonic() > until)
