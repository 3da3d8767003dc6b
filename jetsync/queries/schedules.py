"""Reads about schedules and the state of the regular work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from jetsync.models import Merchant, Schedule
from jetsync.sync.registry import schedule_of


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule with its label and `status` key (`schedule.ok`, `.late`, `.failed`, `.paused`, `.never`)."""

    schedule: Schedule
    label: str
    explanation: str
    status: str


def _status(schedule: Schedule, now: datetime) -> str:
    if schedule.is_paused:
        return "schedule.paused"
    if schedule.is_late(now):
        return "schedule.late"
    if schedule.last_ok is None:
        return "schedule.never"
    return "schedule.ok" if schedule.last_ok else "schedule.failed"


def schedule_rows(merchant: Merchant) -> list[ScheduleRow]:
    """The merchant's schedules that this version knows, most frequent first; one query."""
    now = timezone.now()
    rows = Schedule.objects.filter(merchant=merchant).order_by("interval_seconds", "kind")
    return [
        ScheduleRow(row, kind.label, kind.explanation, _status(row, now))
        for row in rows
        if (kind := schedule_of(row.kind)) is not None
    ]
