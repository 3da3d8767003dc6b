"""What a person does with schedules."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.exceptions import NotFound
from jetsync.models import Job, Schedule
from jetsync.sync.registry import schedule_of
from jetsync.sync.schedules import start_now
from jetsync.tenancy.actor import Actor


@transaction.atomic
def run_now(schedule: Schedule, *, actor: Actor) -> Job:
    """Starts the schedule's job at once; the regular due time stays as it is."""
    kind = schedule_of(schedule.kind)
    if kind is None:
        raise NotFound(f"This version of jetsync knows no schedule “{schedule.kind}”.")
    job = start_now(schedule, kind)
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
def set_paused(schedule: Schedule, *, paused: bool, actor: Actor) -> None:
    """Pauses or resumes; nothing happens, and nothing is logged, when it stands so already."""
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
