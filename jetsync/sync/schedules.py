"""Due schedules become jobs. Due times are stored, so "late" is a query and a restart forgets nothing."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.log import notify
from jetsync.actions.mail import post_mail
from jetsync.enums import FailureEnd, NoticeLevel, Priority
from jetsync.models import Job, Merchant, Schedule
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import SCHEDULE_KEY, ScheduleKind, all_schedules, schedule_of
from jetsync.tenancy.context import across_merchants, merchant_scope

log = structlog.get_logger(__name__)

# One tick starts at most this many, so that a tick stays far below the time between ticks.
START_LIMIT = 2000
DAY_SECONDS = 86_400


def offset_of(merchant_id: int, kind: str, interval: timedelta) -> timedelta:
    """A fixed place inside the interval for this merchant, so that 1,000 merchants do not fire in one second."""
    digest = hashlib.sha256(f"{merchant_id}:{kind}".encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:8], "big") % max(1, int(interval.total_seconds())))


def ensure_schedules(merchant: Merchant, now: datetime | None = None) -> None:
    """Makes the merchant's missing schedule rows and follows a changed interval. Call inside its scope."""
    now = now or timezone.now()
    known = {row.kind: row for row in Schedule.objects.filter(merchant=merchant)}
    for kind in all_schedules():
        row = known.get(kind.name)
        seconds = interval_of(kind, row.chosen_seconds if row else None)
        if row is None:
            first = now + offset_of(merchant.pk, kind.name, min(kind.interval, timedelta(minutes=5)))
            Schedule.objects.get_or_create(
                merchant=merchant,
                kind=kind.name,
                defaults={"interval_seconds": seconds, "next_due_at": first},
            )
        elif row.interval_seconds != seconds:
            row.interval_seconds = seconds
            row.save(update_fields=["interval_seconds"])


def schedule_at(pk: int, address_version: int) -> Schedule | None:
    """The schedule that a signed address names, of whichever merchant; None when the address is an older one."""
    with across_merchants():
        rows = Schedule.objects.select_related("merchant").filter(pk=pk, address_version=address_version)
        return rows.first()


def interval_of(kind: ScheduleKind, chosen: int | None) -> int:
    """Seconds between two runs: the chosen ones inside of this version's limits, else the usual ones."""
    shortest, longest = (int(limit.total_seconds()) for limit in kind.limits)
    return int(kind.interval.total_seconds()) if chosen is None else min(max(chosen, shortest), longest)


def interval_words(seconds: int) -> str:
    """ "10 minutes", "8 hours", "1 day": the largest whole unit."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def next_due(schedule: Schedule, now: datetime) -> datetime:
    """The next time on the schedule's own grid after `now`; missed turns are not made up for."""
    step = timedelta(seconds=schedule.interval_seconds)
    missed = max(0, int((now - schedule.next_due_at) / step))
    return schedule.next_due_at + step * (missed + 1)


def has_its_hour(schedule: Schedule, kind: ScheduleKind | None) -> bool:
    return kind is not None and kind.at_hour is not None and schedule.interval_seconds == DAY_SECONDS


def next_turn(schedule: Schedule, kind: ScheduleKind | None, now: datetime) -> datetime:
    """When the schedule runs next: on its grid, or in its hour of the merchant's next day.

    Clock changes move the grid and leave the hour; an hour that a change skips runs an hour later.
    """
    if kind is None or kind.at_hour is None or not has_its_hour(schedule, kind):
        return next_due(schedule, now)
    zone = schedule.merchant.zone
    hour = time(kind.at_hour, tzinfo=zone)
    minutes = offset_of(schedule.merchant_id, kind.name, timedelta(hours=1))
    day = now.astimezone(zone).date()
    turns = (
        datetime.combine(day + timedelta(days=more), hour).astimezone(UTC) + minutes for more in range(3)
    )
    # One turn per date: an hour that the clock runs through twice counts the first time.
    return next(turn for turn in turns if turn > now)


def wake_schedules(merchant: Merchant, now: datetime) -> None:
    """After a rest: what has been due meanwhile is due now and not late, and what has its hour waits for that."""
    for row in Schedule.objects.select_related("merchant").filter(merchant=merchant, next_due_at__lt=now):
        kind = schedule_of(row.kind)
        row.next_due_at = next_turn(row, kind, now) if has_its_hour(row, kind) else now
        row.save(update_fields=["next_due_at"])


def start_due(now: datetime | None = None) -> int:
    """Starts every due schedule of every merchant; returns how many. Two beats at once start each one once."""
    now = now or timezone.now()
    with across_merchants():
        due = list(
            Schedule.objects.filter(
                next_due_at__lte=now,
                is_paused=False,
                merchant__suspended_at=None,
                merchant__deletion_due_at=None,
            )
            .select_related("merchant")
            .order_by("next_due_at")[:START_LIMIT]
        )
    return sum(_start_in_scope(schedule, now) for schedule in due)


def _start_in_scope(schedule: Schedule, now: datetime) -> bool:
    with merchant_scope(schedule.merchant):
        try:
            return _start(schedule, now)
        except DatabaseError:
            raise
        except Exception:  # the most overdue comes first: one broken account would stop all others
            log.exception("schedule_not_started", schedule=schedule.kind)
            return False


def _start(schedule: Schedule, now: datetime) -> bool:
    kind = schedule_of(schedule.kind)
    late_since = _late_since(schedule, now)
    with transaction.atomic():
        # Compare-and-swap on the due time: of two beats one wins.
        won = Schedule.objects.filter(
            pk=schedule.pk, merchant=schedule.merchant_id, next_due_at=schedule.next_due_at
        ).update(next_due_at=next_turn(schedule, kind, now), last_started_at=now)
        if not won or kind is None:
            return False
        if kind.is_wanted is not None and not kind.is_wanted(schedule.merchant):
            words = "Switched off in the settings." if kind.switch else kind.idle
            Schedule.objects.filter(pk=schedule.pk, merchant=schedule.merchant_id).update(
                last_finished_at=now, last_ok=True, last_message=words
            )
            return False
        start_now(schedule, kind)
    # On its own: whatever is wrong with telling must not keep the work from starting.
    _note_lateness(schedule, kind, late_since, now)
    return True


# A run may take this much longer than its interval before anybody is told.
GRACE = timedelta(minutes=10)


def _late_since(schedule: Schedule, now: datetime) -> datetime | None:
    """Since when it should have run, or None: it was not started in time, or the last start has come to no end."""
    step = timedelta(seconds=schedule.interval_seconds)
    if schedule.is_late(now):
        return schedule.next_due_at
    started, finished = schedule.last_started_at, schedule.last_finished_at
    if started and finished and started > finished and now - finished > 2 * step + GRACE:
        return started
    return None


@transaction.atomic
def _note_lateness(schedule: Schedule, kind: ScheduleKind, since: datetime | None, now: datetime) -> None:
    """Tells the merchant once per delay. Not before work is found waiting: nobody can tell while nothing runs."""
    if (since is None) == (schedule.late_noted_at is None):
        return
    Schedule.objects.filter(pk=schedule.pk, merchant=schedule.merchant_id).update(
        late_noted_at=now if since else None
    )
    if since is None:
        return
    merchant = schedule.merchant
    notify(
        merchant,
        "schedules.late",
        "Regular work is late",
        level=NoticeLevel.WARNING,
        body=f"{kind.label} did not run in time.",
        url=reverse("panel:schedule-list", kwargs={"merchant_slug": merchant.slug}),
    )
    post_mail(merchant, "schedules.late", {"since": since.isoformat()}, about=schedule)


def start_now(schedule: Schedule, kind: ScheduleKind, *, priority: Priority = Priority.NORMAL) -> Job:
    """The job of this schedule; joined when the last one still runs."""
    return enqueue(schedule.merchant, kind.job_kind, SCHEDULE_KEY, priority=priority, schedule=schedule)


def start_after_settings(merchant: Merchant) -> int:
    """Starts the regular work whose last run failed for the settings, now that they are mended; returns how many.

    What is paused, switched off or has nothing to do is left, and so is all of a store that rests.
    """
    if merchant.suspended_at is not None or merchant.deletion_due_at is not None:
        return 0
    runs = Job.objects.filter(merchant=merchant, schedule=OuterRef("pk"), finished_at__isnull=False)
    last_end = Subquery(runs.order_by("-finished_at").values("failure_end")[:1])
    rows = Schedule.objects.filter(merchant=merchant, is_paused=False, last_ok=False)
    failed = rows.annotate(last_end=last_end).filter(last_end=FailureEnd.SETTINGS)
    found = [(row, schedule_of(row.kind)) for row in failed.select_related("merchant")]
    wanted = [
        (row, kind)
        for row, kind in found
        if kind is not None and (kind.is_wanted is None or kind.is_wanted(merchant))
    ]
    for row, kind in wanted:
        start_now(row, kind, priority=Priority.NOW)
    return len(wanted)
