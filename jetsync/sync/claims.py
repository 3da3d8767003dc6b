"""Claiming: one SQL statement picks the next job, urgent ones first and fairly, one update takes it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from itertools import count

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from jetsync.enums import JobState, Priority
from jetsync.models import Job, QueueTurn
from jetsync.sync.registry import kind_of, kinds_while_resting
from jetsync.tenancy.context import across_merchants

# A due job of the store of a turn. SKIP LOCKED lets two workers claim at once.
_DUE = """
            SELECT id, priority, not_before FROM jetsync_job
            WHERE merchant_id = turn.merchant_id AND queue = turn.queue AND state = 'queued' AND not_before <= %(now)s
                AND priority <= {most} AND {whose}
            ORDER BY {order}
            FOR UPDATE SKIP LOCKED
            LIMIT 1
"""
# Of a store whose deletion waits only the few kinds run that touch nothing outside. It is asked of the store, not of each
# job: what rests piles up for weeks and would be walked through by every claim. By kind such jobs are found at once, and
# the sum keeps the planner from walking through all in their order instead.
_AT_WORK = {"whose": "store.deletion_due_at IS NULL", "order": "priority, not_before, id"}
_RESTING = {
    "whose": "store.deletion_due_at IS NOT NULL AND kind = ANY(%(resting)s)",
    "order": "priority + 0, not_before, id",
}
# Of those who have a job up to this priority the merchant who has waited longest for a turn in this queue comes first;
# inside a merchant priority, then age. The lateral join stops at the first merchant who has such a job.
_OF_PRIORITY = """
SELECT found.job_id, found.turn_id FROM (
    SELECT job.id AS job_id, turn.id AS turn_id
    FROM jetsync_queueturn AS turn
    JOIN jetsync_merchant AS store ON store.id = turn.merchant_id
    CROSS JOIN LATERAL (
        SELECT id FROM ({at_work}) AS at_work
        UNION ALL
        SELECT id FROM ({resting}) AS resting
    ) AS job
    WHERE turn.queue = %(queue)s AND {only}
    ORDER BY turn.served_at
    LIMIT 1
) AS found
"""


def _of_priority(most: int, only: str) -> str:
    parts = {"at_work": _DUE.format(most=most, **_AT_WORK), "resting": _DUE.format(most=most, **_RESTING)}
    return _OF_PRIORITY.format(only=only, **parts)


_BY_TURN = _of_priority(max(Priority), "TRUE")
# What a person waits for, and what runs against Jet's clock, comes before anybody's routine. Most of the time there is
# nothing of it: asked once, before any store is. The second part is looked at only when the first brings nothing.
_NOW_IS_DUE = f"""
EXISTS (
    SELECT FROM jetsync_job
    WHERE queue = %(queue)s AND state = 'queued' AND priority = {Priority.NOW.value} AND not_before <= %(now)s
)
"""
_URGENT = _of_priority(Priority.NOW.value, _NOW_IS_DUE)
_URGENT_FIRST = f"{_URGENT} UNION ALL {_BY_TURN} LIMIT 1"
# Of so many claims of a process one goes by the turn alone: however many urgent jobs there are, nothing stands still.
TURNS_EVERY = 4
_claims = count(1)


def may_run() -> Q:
    """Of jobs: all but those that rest with their store."""
    return Q(merchant__deletion_due_at=None) | Q(kind__in=kinds_while_resting())


def claim_next(queue: str) -> Job | None:
    """Takes the next due job of the queue: state running, one more attempt, leased. None when nothing is due."""
    now = timezone.now()
    query = _URGENT_FIRST if next(_claims) % TURNS_EVERY else _BY_TURN
    with across_merchants(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(query, {"now": now, "queue": queue, "resting": kinds_while_resting()})
            found = cursor.fetchone()
        if found is None:
            return None
        job_id, turn_id = found
        if not QueueTurn.objects.filter(pk=turn_id).update(served_at=now):
            return None  # the store is being deleted since a moment ago; the next look finds others
        return _take(job_id)


def claim_one(job_id: int) -> Job | None:
    """Takes this very job if it waits and is due; for "do it now" buttons and tests."""
    with across_merchants(), transaction.atomic():
        job = (
            Job.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(may_run(), pk=job_id, state=JobState.QUEUED, not_before__lte=timezone.now())
            .first()
        )
        return _take(job.pk) if job else None


def _take(job_id: int) -> Job:
    job = Job.objects.select_related("merchant", "operation", "schedule").get(pk=job_id)
    now = timezone.now()
    Job.objects.filter(pk=job_id).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        started_at=now,
        lease_token=(token := secrets.token_hex(16)),
        lease_until=now + lease_of(job),
        changed_in_flight=False,
    )
    job.state, job.attempts, job.started_at, job.lease_token = JobState.RUNNING, job.attempts + 1, now, token
    job.changed_in_flight = False
    return job


def lease_of(job: Job) -> timedelta:
    try:
        return kind_of(job.kind).lease
    except KeyError:  # left by a newer version of the panel; the runner will say so on the row
        return timedelta(minutes=2)


def renew_lease(job: Job) -> bool:
    """Keeps the job ours. False when the lease was lost to the reaper: the handler must stop."""
    with across_merchants():
        changed = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease_token=job.lease_token).update(
            lease_until=timezone.now() + lease_of(job)
        )
    return bool(changed)


def free_lost_jobs() -> int:
    """Jobs whose worker died wait again, marked that an earlier try may have arrived. Returns how many."""
    now = timezone.now()
    with across_merchants():
        return Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now).update(
            state=JobState.QUEUED,
            not_before=now,
            maybe_arrived=True,
            lease_until=None,
            lease_token="",
            message="The worker stopped in the middle. The next try first looks how far this one came.",
        )
