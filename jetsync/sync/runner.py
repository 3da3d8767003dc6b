"""Runs one claimed job: scope, client, handler, and one of the four ends of a failure on the row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from jetsync.enums import FailureEnd, JobState, Queue
from jetsync.exceptions import DomainError, InvalidInput, OutsideUnreachable, SettingsMissing
from jetsync.jet import JetClient, errors
from jetsync.models import Job, Schedule
from jetsync.sync.claims import claim_next, claim_one, renew_lease
from jetsync.sync.client import jet_for
from jetsync.sync.failures import Again, PermanentFailure, RetryLater, SettingsFailure
from jetsync.sync.registry import JobKind, kind_of
from jetsync.sync.translate import explain_jet_error
from jetsync.sync.waits import wait_before
from jetsync.tenancy.context import merchant_scope

log = structlog.get_logger(__name__)


class LeaseLost(DomainError):
    """Another worker may have this job now; stop without writing."""

    code = "lease_lost"
    status = 500


@dataclass
class JobContext:
    """What a handler gets. `jet` is made on first use; every call through it renews the lease."""

    job: Job
    _notes: list[str] = field(default_factory=list)

    @property
    def merchant(self) -> Any:
        return self.job.merchant

    @cached_property
    def jet(self) -> JetClient:
        return jet_for(self.job.merchant, job=self.job, on_call=self.heartbeat)

    def heartbeat(self) -> None:
        """Raises LeaseLost when the reaper has given the job to someone else."""
        if not renew_lease(self.job):
            raise LeaseLost(f"Job {self.job.pk} lost its lease.")

    def note(self, message: str) -> None:
        """The sentence shown on the finished job; the last one wins."""
        self._notes.append(message[:1000])

    @property
    def message(self) -> str:
        return self._notes[-1] if self._notes else ""


def run_next(queue: str) -> bool:
    """Claims and runs one job of the queue. False when nothing was due."""
    job = claim_next(queue)
    if job is None:
        return False
    run(job)
    return True


def run_job(job_id: int) -> bool:
    """Claims and runs this job if it is waiting and due."""
    job = claim_one(job_id)
    if job is None:
        return False
    run(job)
    return True


def run(job: Job) -> None:
    """Runs a claimed job to one of its ends. Raises only when the database itself is gone."""
    bound = structlog.contextvars.bound_contextvars(job_id=job.pk, job_kind=job.kind)
    with merchant_scope(job.merchant), bound:
        context = JobContext(job)
        try:
            kind = kind_of(job.kind)
        except KeyError:
            _fail(
                job,
                FailureEnd.OURS,
                "unknown_kind",
                f"This version of jetsync knows no job “{job.kind}”.",
                "",
            )
            return
        try:
            kind.run(context)
        except Again as again:
            _run_again(job, again, context.message)
        except LeaseLost:
            log.warning("lease_lost")
        except (OperationalError, InterfaceError) as exc:
            # The database went away: the row keeps its lease and the reaper brings it back.
            log.warning("database_lost", error=str(exc))
            connection.close()
        except Exception as exc:  # noqa: BLE001 -- the one place: every end must be stored on the row and reported
            _end_badly(job, kind, exc)
        else:
            _finish(job, context.message)


def _end_badly(job: Job, kind: JobKind, exc: Exception) -> None:
    end, code, message, hint, after, maybe = _judge(exc)
    if end == FailureEnd.OURS:
        log.error("job_crashed", exc_info=exc)
    if end == FailureEnd.RETRY and job.attempts < kind.max_attempts:
        _retry(job, code, message, hint, after, maybe_arrived=maybe)
        return
    _fail(job, end if end != FailureEnd.RETRY else FailureEnd.PERMANENT, code, message, hint)
    if kind.on_failure is not None:
        kind.on_failure(job)


def _judge(exc: Exception) -> tuple[FailureEnd, str, str, str, timedelta | None, bool]:
    """(end, code, message, hint, wait, may have arrived) of anything a handler can raise."""
    if isinstance(exc, errors.JetError):
        exc = explain_jet_error(exc)
    if isinstance(exc, RetryLater):
        return FailureEnd.RETRY, exc.code, exc.message, exc.hint, exc.after, exc.maybe_arrived
    if isinstance(exc, OutsideUnreachable):
        return FailureEnd.RETRY, exc.code, exc.message, exc.hint, None, False
    if isinstance(exc, SettingsFailure | SettingsMissing | InvalidInput):
        return FailureEnd.SETTINGS, exc.code, exc.message, exc.hint, None, False
    if isinstance(exc, PermanentFailure):
        return FailureEnd.PERMANENT, exc.code, exc.message, exc.hint, None, False
    if isinstance(exc, DomainError) and exc.status < 500:  # noqa: PLR2004 -- 5xx of our own tree are bugs
        return FailureEnd.PERMANENT, exc.code, exc.message, exc.hint, None, False
    return (
        FailureEnd.OURS,
        "unexpected",
        f"jetsync failed unexpectedly ({type(exc).__name__}). It has been reported.",
        "Nothing was lost. Try again; if it stays, contact support with the job number.",
        None,
        False,
    )


def _owned(job: Job) -> Any:
    return Job.objects.select_for_update(of=("self",)).filter(
        pk=job.pk, merchant=job.merchant_id, state=JobState.RUNNING, lease_token=job.lease_token
    )


def _write(job: Job, **values: Any) -> bool:
    """Writes the end of this run if the lease is still ours; a change in flight sends the job round again."""
    now = timezone.now()
    with transaction.atomic():
        row = _owned(job).first()
        if row is None:
            log.warning("end_not_written", reason="lease lost")
            return False
        if row.changed_in_flight and values["state"] in {JobState.DONE, JobState.FAILED}:
            values = {
                **values,
                "state": JobState.QUEUED,
                "not_before": now,
                "attempts": 0,
                "finished_at": None,
            }
        Job.objects.filter(pk=job.pk, merchant=job.merchant_id).update(
            **values, lease_until=None, lease_token="", changed_in_flight=False
        )
        if values["state"] in {JobState.DONE, JobState.FAILED}:
            _note_schedule(job, now, ok=values["state"] == JobState.DONE, message=values.get("message", ""))
    if values["state"] == JobState.QUEUED and values["not_before"] <= now:
        from jetsync.sync.queue import wake_on_commit  # noqa: PLC0415 -- queue imports the registry, not the runner

        wake_on_commit(job.queue)
    return True


def _finish(job: Job, message: str) -> None:
    _write(
        job,
        state=JobState.DONE,
        finished_at=timezone.now(),
        failure_end="",
        code="",
        message=message,
        hint="",
        maybe_arrived=False,
    )


def _run_again(job: Job, again: Again, message: str) -> None:
    _write(
        job,
        state=JobState.QUEUED,
        not_before=timezone.now() + again.after,
        attempts=0,
        failure_end="",
        code="",
        message=message,
        hint="",
        data={**job.data, **again.data},
        maybe_arrived=False,
    )


def _retry(
    job: Job, code: str, message: str, hint: str, after: timedelta | None, *, maybe_arrived: bool
) -> None:
    wait = after if after is not None else wait_before(job.attempts, urgent=job.queue == Queue.URGENT)
    _write(
        job,
        state=JobState.QUEUED,
        not_before=timezone.now() + wait,
        failure_end=FailureEnd.RETRY,
        code=code,
        message=message[:1000],
        hint=hint[:500],
        maybe_arrived=maybe_arrived or job.maybe_arrived,
    )


def _fail(job: Job, end: FailureEnd, code: str, message: str, hint: str) -> None:
    _write(
        job,
        state=JobState.FAILED,
        finished_at=timezone.now(),
        failure_end=end,
        code=code,
        message=message[:1000],
        hint=hint[:500],
    )


def _note_schedule(job: Job, now: Any, *, ok: bool, message: str) -> None:
    if job.schedule_id is None:
        return
    duration = int((now - job.started_at).total_seconds() * 1000) if job.started_at else None
    Schedule.objects.filter(pk=job.schedule_id, merchant=job.merchant_id).update(
        last_finished_at=now, last_duration_ms=duration, last_ok=ok, last_message=message[:500]
    )
