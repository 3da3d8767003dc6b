"""What a person does with schedules."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.enums import Priority
from jetsync.exceptions import InvalidInput, NotFound, StateConflict
from jetsync.models import Job, Merchant, Schedule
from jetsync.queries.schedules import STARTED_FROM_OUTSIDE, schedule_named
from jetsync.resting import check_not_resting
from jetsync.sync.client import current_account
from jetsync.sync.control import check_control
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import ScheduleKind, schedule_of
from jetsync.sync.schedules import interval_of, interval_words, start_now
from jetsync.tenancy.actor import SYSTEM, Actor

# An address that is called again and again starts its work once a minute.
CALLED_AGAIN = timedelta(minutes=1)


def _kind(schedule: Schedule) -> ScheduleKind:
    kind = schedule_of(schedule.kind)
    if kind is None:
        raise NotFound(f"This version of jetsync knows no schedule “{schedule.kind}”.")
    return kind


@transaction.atomic
def run_now(schedule: Schedule, *, actor: Actor) -> Job:
    """Starts the schedule's job at once; the regular due time stays as it is. Raises StateConflict for a resting store,
    NotAllowed without the right of its work, as all of these do.
    """
    check_control(actor, schedule)
    check_not_resting(schedule.merchant)
    kind = _kind(schedule)
    job = start_now(schedule, kind, priority=Priority.NOW)
    record(
        schedule.merchant,
        "jetsync.schedule.run",
        f"Started by hand: {kind.label}",
        actor=actor,
        about=schedule,
        job=job,
    )
    return job


@transaction.atomic
def ask_jet_now(merchant: Merchant, kind: str, action: str, words: str, *, actor: Actor) -> Job:
    """Starts a regular look at Jet from its own page, or joins the one at work; logged as `action`.

    With its schedule, so that the list says what this look brought, not the scheduled one before it. Raises
    SettingsMissing without API keys, StateConflict for a resting store.
    """
    check_not_resting(merchant)
    current_account(merchant)
    schedule = schedule_named(merchant, kind)
    job = enqueue(merchant, kind, "schedule", priority=Priority.NOW, schedule=schedule)
    record(merchant, action, words, actor=actor, job=job)
    return job


@transaction.atomic
def set_paused(schedule: Schedule, *, paused: bool, actor: Actor) -> None:
    """Pauses or resumes; nothing happens, and nothing is logged, when it stands so already."""
    check_control(actor, schedule)
    # A resumed one is due now, not late since it was paused.
    due = schedule.next_due_at if paused else max(schedule.next_due_at, timezone.now())
    won = Schedule.objects.filter(pk=schedule.pk, merchant=schedule.merchant_id, is_paused=not paused).update(
        is_paused=paused, next_due_at=due
    )
    schedule.is_paused = paused
    if not won:
        return
    verb = "Paused" if paused else "Resumed"
    record(
        schedule.merchant,
        f"jetsync.schedule.{verb.lower()}",
        f"{verb}: {schedule.kind}",
        actor=actor,
        about=schedule,
        old={"is_paused": not paused},
        new={"is_paused": paused},
    )


@transaction.atomic
def run_from_outside(schedule: Schedule, by: str) -> Job:
    """Starts the job for a program that called the schedule's address or command; `by` says which.

    Raises StateConflict (code `schedule_paused`, `store_resting`, or `called_again` within a minute of the last such start).
    """
    check_not_resting(schedule.merchant)
    kind, now = _kind(schedule), timezone.now()
    row = Schedule.objects.select_for_update().get(pk=schedule.pk, merchant=schedule.merchant_id)
    if row.is_paused:
        raise StateConflict(
            f"{kind.label} is paused.", hint="Resume it on the page of schedules.", code="schedule_paused"
        )
    if row.last_started_at and now - row.last_started_at < CALLED_AGAIN:
        raise StateConflict(
            f"{kind.label} was started less than a minute ago.",
            hint="Call once a minute at most.",
            code="called_again",
        )
    Schedule.objects.filter(pk=row.pk, merchant=row.merchant_id).update(last_started_at=now)
    job = start_now(row, kind)
    words = f"Started from outside ({by}): {kind.label}"
    record(row.merchant, STARTED_FROM_OUTSIDE, words, actor=SYSTEM, about=row, job=job)
    return job


@transaction.atomic
def set_interval(schedule: Schedule, minutes: int | None, *, actor: Actor) -> None:
    """`minutes` between two runs; None = the usual interval. Raises InvalidInput outside of the kind's limits."""
    check_control(actor, schedule)
    kind = _kind(schedule)
    # As numbers: a program may send one that no span of time can hold.
    shortest, longest = (limit.total_seconds() for limit in kind.limits)
    if minutes is not None and not shortest <= minutes * 60 <= longest:
        low, high = (interval_words(int(limit.total_seconds())) for limit in kind.limits)
        raise InvalidInput(
            f"{kind.label} can run every {low} to every {high}, not every {interval_words(minutes * 60)}.",
            hint=f"Choose between {low} and {high}.",
            code="schedule_interval",
        )
    chosen = None if minutes is None else minutes * 60
    row = Schedule.objects.select_for_update().get(pk=schedule.pk, merchant=schedule.merchant_id)
    seconds = interval_of(kind, chosen)
    if row.chosen_seconds == chosen and row.interval_seconds == seconds:
        return
    # Due within the new interval from now, never later than it was.
    due = min(row.next_due_at, timezone.now() + timedelta(seconds=seconds))
    Schedule.objects.filter(pk=row.pk, merchant=row.merchant_id).update(
        chosen_seconds=chosen, interval_seconds=seconds, next_due_at=due
    )
    record(
        schedule.merchant,
        "jetsync.schedule.interval",
        f"{kind.label}: every {interval_words(seconds)}",
        actor=actor,
        about=schedule,
        old={"interval_seconds": row.interval_seconds},
        new={"interval_seconds": seconds},
    )


@transaction.atomic
def make_address(schedule: Schedule, *, actor: Actor) -> None:
    """Gives the schedule a new address; every older one opens nothing from now on."""
    check_control(actor, schedule)
    row = Schedule.objects.select_for_update().get(pk=schedule.pk, merchant=schedule.merchant_id)
    row.address_version += 1
    row.save(update_fields=["address_version"])
    schedule.address_version = row.address_version
    words = f"New address from outside: {_kind(schedule).label}"
    record(schedule.merchant, "jetsync.schedule.address", words, actor=actor, about=schedule)
