"""Detail pages: one time line of what people did, what jobs did and what Jet answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet

from jetsync.enums import FailureEnd, JobState
from jetsync.models import Attempt, Job, LogEntry, Merchant
from jetsync.panel.values import INTERNAL, field_words, in_words
from jetsync.sync.registry import kind_label

Level = Literal["info", "success", "warning", "danger"]
# Calls shown below a job; the job's page has them all.
CALLS_PER_TIMELINE = 100


# How often an open page is read again: while something is on its way, and else.
BUSY_SECONDS, IDLE_SECONDS = 3, 15


def live_seconds(*, is_busy: bool) -> int:
    """For `<c-page live>`: jobs change what a detail page shows while somebody looks at it."""
    return BUSY_SECONDS if is_busy else IDLE_SECONDS


@dataclass(frozen=True)
class TimelineEntry:
    """`body` is a sentence, `changes` old and new values, `calls` what was said on the wire."""

    at: datetime
    icon: str
    title: str
    body: str = ""
    actor: str = ""
    level: Level = "info"
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        return list(self.extra.get("changes", []))

    @property
    def calls(self) -> list[Attempt]:
        return list(self.extra.get("calls", []))


def with_words(entries: Iterable[TimelineEntry], shown: Callable[[str], str]) -> list[TimelineEntry]:
    """The same entries, every text of them as `shown` gives it back."""
    return [
        replace(
            entry,
            title=shown(entry.title),
            body=shown(entry.body),
            extra={**entry.extra, "changes": [tuple(map(shown, change)) for change in entry.changes]},
        )
        for entry in entries
    ]


def timeline_for(
    merchant: Merchant, object_type: str, object_id: int, limit: int = 50
) -> list[TimelineEntry]:
    """Log lines, jobs and their calls about one object, newest first. Three queries.

    `object_type` is the model's label in lower case ("orders.order").
    """
    about = {"merchant": merchant, "object_type": object_type, "object_id": object_id}
    logged = LogEntry.objects.filter(**about).order_by("-id")[:limit]
    jobs = list(Job.objects.filter(**about).order_by("-created_at")[:limit])
    entries = [*log_entries(logged), *_job_entries(merchant, jobs)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def log_entries(rows: Iterable[LogEntry] | QuerySet[LogEntry]) -> list[TimelineEntry]:
    return [
        TimelineEntry(
            at=row.created_at,
            icon="user" if row.actor_id else "robot",
            title=row.message,
            actor=row.actor_label,
            extra={
                "changes": changes_of(row),
                "action": row.action,
                "job_id": row.job_id,
                "mail_id": row.new.get("mail") if row.action == "jetsync.mail.sent" else None,
            },
        )
        for row in rows
    ]


def changes_of(row: LogEntry) -> list[tuple[str, str, str]]:
    """`(field, old, new)` of a log line, all in words; what did not change, or says nothing, is left out."""
    names = [name for name in dict.fromkeys([*row.old, *row.new]) if name not in INTERNAL]
    told = [
        (field_words(name), in_words(row.old.get(name), name=name), in_words(row.new.get(name), name=name))
        for name in names
    ]
    return [(name, old, new) for name, old, new in told if old != new]


def _job_entries(merchant: Merchant, jobs: list[Job]) -> list[TimelineEntry]:
    calls: dict[int, list[Attempt]] = {}
    if jobs:
        rows = Attempt.objects.filter(merchant=merchant, job__in=jobs).order_by("-id")[:CALLS_PER_TIMELINE]
        for call in rows:
            calls.setdefault(call.job_id or 0, []).insert(0, call)
    return [_job_entry(job, calls.get(job.pk, [])) for job in jobs]


JOB_LOOK: dict[str, tuple[str, Level]] = {
    JobState.QUEUED: ("clock", "info"),
    JobState.RUNNING: ("loader-2", "info"),
    JobState.DONE: ("cloud-upload", "success"),
    JobState.FAILED: ("alert-triangle", "danger"),
    JobState.CANCELLED: ("ban", "info"),
}


def _job_entry(job: Job, calls: list[Attempt]) -> TimelineEntry:
    icon, level = JOB_LOOK[job.state]
    if job.state == JobState.QUEUED and job.failure_end == FailureEnd.RETRY:
        icon, level = "refresh-alert", "warning"
    told = " ".join(part for part in (job.message, job.hint) if part)
    return TimelineEntry(
        at=job.finished_at or job.started_at or job.created_at,
        icon=icon,
        title=kind_label(job.kind),
        body=told,
        actor="jetsync",
        level=level,
        extra={"job": job, "calls": calls, "status": f"job.{job.state}"},
    )
