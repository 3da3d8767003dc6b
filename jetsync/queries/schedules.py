"""Reads about schedules and the state of the regular work."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from jetsync.enums import OPEN_JOB_STATES, FailureEnd, JobState
from jetsync.models import Job, LogEntry, Merchant, Schedule
from jetsync.queries.settings import get_options
from jetsync.sync.registry import SCHEDULE_KEY, all_schedules, schedule_of

# What a person's start of a regular job is logged as, by page.
STARTED_BY_HAND = (
    "jetsync.schedule.run",
    "orders.fetch.started",
    "returns.fetch.started",
    "refunds.status.started",
    "refunds.settlement.started",
)

# What a program started by the schedule's address or command.
STARTED_FROM_OUTSIDE = "jetsync.schedule.called"

SAME_END = timedelta(seconds=5)


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule with its label and `status` key (`schedule.ok`, `.late`, `.trying`, `.failed`, `.paused`,
    `.off`, `.never`).

    `by` tells how the last run was started: "by schedule", or "by hand: Robin Harrow".
    """

    schedule: Schedule
    label: str
    explanation: str
    status: str
    by: str


def schedule_named(merchant: Merchant, kind: str) -> Schedule | None:
    """The merchant's schedule of this kind; None before his first minute is over."""
    return Schedule.objects.select_related("merchant").filter(merchant=merchant, kind=kind).first()


def finished_at(merchant: Merchant, kind: str) -> datetime | None:
    """When the schedule of this kind came to an end last."""
    found = schedule_named(merchant, kind)
    return found.last_finished_at if found else None


def switched_off(merchant: Merchant) -> frozenset[str]:
    """The kinds of regular work that the settings switch off; one query."""
    options = get_options(merchant)
    return frozenset(
        kind.name for kind in all_schedules() if kind.switch and not getattr(options, kind.switch)
    )


def tries_again(merchant: Merchant) -> dict[int, Job]:
    """By schedule, the job that goes on trying after a passing trouble; one query."""
    rows = _trying(merchant, [kind.job_kind for kind in all_schedules()])
    return {job.schedule_id: job for job in rows if job.schedule_id is not None}


def _trying(merchant: Merchant, job_kinds: Sequence[str]) -> QuerySet[Job]:
    # By kind and key there is one open job, which an index names; a merchant may have thousands of others.
    return Job.objects.filter(
        merchant=merchant,
        kind__in=job_kinds,
        key=SCHEDULE_KEY,
        state__in=OPEN_JOB_STATES,
        failure_end=FailureEnd.RETRY,
    ).exclude(state=JobState.RUNNING)


_OF_LAST_RUN = {None: "schedule.never", True: "schedule.ok", False: "schedule.failed"}


def schedule_status(
    schedule: Schedule, now: datetime, off: Collection[str], trying: Collection[int] = ()
) -> str:
    """The status key of a schedule. `off`: those of `switched_off`; `trying`: those of `tries_again`."""
    if schedule.is_paused:
        return "schedule.paused"
    if schedule.merchant.deletion_due_at is not None:
        return "schedule.resting"
    if schedule.kind in off:
        return "schedule.off"
    if schedule.is_late(now):
        return "schedule.late"
    if schedule.pk in trying:
        return "schedule.trying"
    return _OF_LAST_RUN[None if schedule.last_finished_at is None else schedule.last_ok is not False]


@dataclass(frozen=True)
class LastRun:
    """`by`: how it was started. `is_trying`: whether the next one goes on trying after a passing trouble."""

    schedule: Schedule
    by: str
    is_trying: bool


def last_run(merchant: Merchant, kind: str) -> LastRun | None:
    """Of the schedule of this kind; None before one has ended. One query."""
    known = schedule_of(kind)
    trying = _trying(merchant, [known.job_kind] if known else [])
    rows = _with_start(merchant, Schedule.objects.filter(merchant=merchant, kind=kind))
    row = rows.annotate(is_trying=Exists(trying)).first()
    return LastRun(row, _how(row), row.is_trying) if row else None


def trouble_of(merchant: Merchant, kind: str) -> Job | None:
    """The job of this schedule while it goes on trying after a passing trouble; one query."""
    known = schedule_of(kind)
    return _trying(merchant, [known.job_kind] if known else []).first()


def started_by(merchant: Merchant, schedules: Iterable[Schedule]) -> dict[int, str]:
    """How the last finished run of each schedule was started, by schedule id; one query."""
    rows = Schedule.objects.filter(merchant=merchant, pk__in=[row.pk for row in schedules])
    return {row.pk: _how(row) for row in _with_start(merchant, rows)}


def _with_start(merchant: Merchant, schedules: QuerySet[Schedule]) -> QuerySet[Any]:
    """Those that have run, with the last job that ended (`ended`) and what its log says (`how`, `person`)."""
    last = Job.objects.filter(merchant=merchant, schedule=OuterRef("pk"), finished_at__isnull=False)
    by_hand = Q(action__in=STARTED_BY_HAND, actor__isnull=False)
    started = LogEntry.objects.filter(
        by_hand | Q(action=STARTED_FROM_OUTSIDE), merchant=merchant, job=OuterRef("last_job")
    ).order_by("-pk")
    newest = last.order_by("-finished_at")
    return (
        schedules.exclude(last_finished_at=None)
        .annotate(
            last_job=Subquery(newest.values("pk")[:1]), ended=Subquery(newest.values("finished_at")[:1])
        )
        .annotate(
            how=Subquery(started.values("action")[:1]), person=Subquery(started.values("actor_label")[:1])
        )
    )


def _how(row: Any) -> str:
    """Of a row of `_with_start`. A turn that is skipped (switched off in the settings) ends without a job."""
    if not row.how or not _is_same_end(row.ended, row):
        return "by schedule"
    return "from outside" if row.how == STARTED_FROM_OUTSIDE else f"by hand: {row.person}"


def _is_same_end(ended: datetime, schedule: Schedule) -> bool:
    """Job and schedule are stamped within one transaction, each with its own look at the clock."""
    return schedule.last_finished_at is not None and schedule.last_finished_at - ended < SAME_END


def schedule_row(merchant: Merchant, pk: int) -> ScheduleRow:
    """Raises Http404."""
    rows = _rows(merchant, Schedule.objects.filter(merchant=merchant, pk=pk))
    if not rows:
        raise Http404("There is no such schedule.")
    return rows[0]


def schedule_rows(merchant: Merchant) -> list[ScheduleRow]:
    """The merchant's schedules that this version knows, most frequent first; four queries."""
    return _rows(merchant, Schedule.objects.filter(merchant=merchant))


def _rows(merchant: Merchant, schedules: QuerySet[Schedule]) -> list[ScheduleRow]:
    now, off = timezone.now(), switched_off(merchant)
    rows = list(schedules.order_by("interval_seconds", "kind"))
    for row in rows:
        row.merchant = merchant
    by, trying = started_by(merchant, rows), tries_again(merchant)
    return [
        ScheduleRow(
            row, kind.label, kind.explanation, schedule_status(row, now, off, trying), by.get(row.pk, "")
        )
        for row in rows
        if (kind := schedule_of(row.kind)) is not None
    ]
