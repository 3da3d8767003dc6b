"""Runs one claimed job: scope, client, handler, and one of the four ends of a failure on the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from jetsync.busy import busy_error
from jetsync.enums import FailureEnd, JobState, Queue
from jetsync.exceptions import DomainError, InvalidInput, OutsideUnreachable, SettingsMissing
from jetsync.jet import JetClient, errors
from jetsync.models import Job, Merchant, Schedule
from jetsync.sync.claims import claim_next, claim_one, lease_of, renew_lease
from jetsync.sync.client import jet_for
from jetsync.sync.failures import Again, RetryLater, SettingsFailure
from jetsync.sync.queue import wake_on_commit
from jetsync.sync.quoting import words_for_all
from jetsync.sync.registry import JobKind, kind_of
from jetsync.sync.translate import explain_jet_error
from jetsync.sync.waits import wait_before
from jetsync.tenancy.context import merchant_scope

log = structlog.get_logger(__name__)

# Somebody's transaction held rows of this job for longer than a worker waits; it ends within a minute or two.
BUSY_WAIT = timedelta(seconds=20)
# Short calls of one job renew its lease this often at most; one long call has the rest of the lease for itself.
RENEWALS_IN_A_LEASE = 10


class LeaseLost(DomainError):
    """Another worker may have this job now; stop without writing."""

    code = "lease_lost"
    status = 500


@dataclass(frozen=True)
class Failure:
    """How a run failed: one of the four ends, and for RETRY the wait (None: the usual one)."""

    end: FailureEnd
    code: str
    message: str
    hint: str = ""
    after: timedelta | None = None
    maybe_arrived: bool = False


@dataclass
class JobContext:
    """What a handler gets. `jet` is made on first use; calls through it renew the lease (`keep_alive`)."""

    job: Job
    _notes: list[str] = field(default_factory=list)
    _renewed_at: datetime | None = None

    @property
    def merchant(self) -> Merchant:
        return self.job.merchant

    @cached_property
    def jet(self) -> JetClient:
        return jet_for(self.job.merchant, job=self.job, on_call=self.keep_alive)

    def heartbeat(self) -> None:
        """Renews the lease. Raises LeaseLost when the reaper has given the job to someone else."""
        if not renew_lease(self.job):
            raise LeaseLost(f"Job {self.job.pk} lost its lease.")
        self._renewed_at = timezone.now()

    def keep_alive(self) -> None:
        """`heartbeat` where a good part of the lease has passed: until then nobody else can have the job."""
        since = self._renewed_at or self.job.started_at
        if since is None or timezone.now() - since >= lease_of(self.job) / RENEWALS_IN_A_LEASE:
            self.heartbeat()

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
            text = f"This version of jetsync knows no job “{job.kind}”."
            _fail(job, Failure(FailureEnd.OURS, "unknown_kind", text))
            return
        try:
            _check_tries(job, kind)
            kind.run(context)
        except Again as again:
            _run_again(job, again, context.message)
        except LeaseLost:
            log.warning("lease_lost")
        except (OperationalError, InterfaceError) as exc:
            if (busy := busy_error(exc)) is not None:
                # The call of Jet may lie behind us: the next try looks before it does it again.
                later = RetryLater(busy.message, after=BUSY_WAIT, maybe_arrived=True, code=busy.code)
                _end_badly(job, kind, later)
                return
            # The database went away: the row keeps its lease and the reaper brings it back.
            log.warning("database_lost", error=str(exc))
            connection.close()
        except Exception as exc:  # noqa: BLE001 -- the one place: every end must be stored on the row and reported
            _end_badly(job, kind, exc)
        else:
            _finish(job, context.message)


class WorkersLost(DomainError):
    """The job's workers died again and again: it most likely kills them."""

    code = "workers_lost"
    status = 500


def _check_tries(job: Job, kind: JobKind) -> None:
    """A failed try ends a job at its `max_attempts`; only tries that never came to an end lead beyond."""
    if job.attempts > kind.max_attempts:
        raise WorkersLost(f"The worker stopped in the middle of this job {kind.max_attempts} times.")


def _end_badly(job: Job, kind: JobKind, exc: Exception) -> None:
    failure = _judge(exc)
    if failure.end == FailureEnd.OURS:
        log.error("job_crashed", exc_info=exc)
    if failure.end == FailureEnd.RETRY and job.attempts < kind.max_attempts:
        _retry(job, failure)
        return
    with transaction.atomic():
        if _fail(job, failure) and kind.on_failure is not None:
            _tell_app(job, kind.on_failure)


def _tell_app(job: Job, on_failure: Callable[[Job], None]) -> None:
    try:
        with transaction.atomic():
            on_failure(job)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # the end of the job itself must be stored although the app's part crashed
        log.exception("on_failure_crashed")


def _judge(exc: Exception) -> Failure:
    """Which end anything that a handler raises leads to."""
    if isinstance(exc, errors.JetError):
        exc = explain_jet_error(exc)
    if isinstance(exc, RetryLater):
        return _failure(FailureEnd.RETRY, exc, after=exc.after, maybe_arrived=exc.maybe_arrived)
    if isinstance(exc, OutsideUnreachable):
        return _failure(FailureEnd.RETRY, exc)
    if isinstance(exc, SettingsFailure | SettingsMissing | InvalidInput):
        return _failure(FailureEnd.SETTINGS, exc)
    if isinstance(exc, WorkersLost):
        return _failure(FailureEnd.OURS, exc)
    if isinstance(exc, DomainError) and exc.status < 500:  # noqa: PLR2004 -- 5xx of our own tree are bugs
        return _failure(FailureEnd.PERMANENT, exc)
    return Failure(
        FailureEnd.OURS,
        "unexpected",
        f"jetsync failed unexpectedly ({type(exc).__name__}). It has been reported.",
        "Nothing was lost. Try again; if it stays, contact support with the job number.",
    )


def _failure(end: FailureEnd, exc: DomainError, **more: Any) -> Failure:
    return Failure(end, exc.code, exc.message, exc.hint, **more)


def _owned(job: Job) -> QuerySet[Job]:
    return Job.objects.select_for_update(of=("self",)).filter(
        pk=job.pk, merchant=job.merchant_id, state=JobState.RUNNING, lease_token=job.lease_token
    )


def _write(job: Job, *, data: dict[str, Any] | None = None, **values: Any) -> str:
    """Writes the end of this run if the lease is still ours; a change in flight sends the job round again.

    `data` is merged into what the row holds now, which a change in flight may have added to. Returns the state that
    the row has now, "" when the lease was lost.
    """
    now = timezone.now()
    with transaction.atomic():
        row = _owned(job).first()
        if row is None:
            log.warning("end_not_written", reason="lease lost")
            return ""
        if row.changed_in_flight and values["state"] in {JobState.DONE, JobState.FAILED}:
            if values["state"] == JobState.FAILED:
                values["failure_end"] = FailureEnd.RETRY
            values |= {"state": JobState.QUEUED, "not_before": now, "attempts": 0, "finished_at": None}
        if data:
            values["data"] = {**row.data, **data}
        Job.objects.filter(pk=job.pk, merchant=job.merchant_id).update(
            **values, lease_until=None, lease_token="", changed_in_flight=False
        )
        if values["state"] in {JobState.DONE, JobState.FAILED}:
            _note_schedule(job, now, ok=values["state"] == JobState.DONE, message=values.get("message", ""))
    if values["state"] == JobState.QUEUED and values["not_before"] <= now:
        wake_on_commit(job.queue)
    return str(values["state"])


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
    values = {} if again.priority is None else {"priority": again.priority}
    _write(
        job,
        **values,
        state=JobState.QUEUED,
        not_before=timezone.now() + again.after,
        attempts=0,
        failure_end="",
        code="",
        message=message,
        hint="",
        data=again.data,
        maybe_arrived=False,
    )


def _retry(job: Job, failure: Failure) -> None:
    wait = failure.after
    if wait is None:
        wait = wait_before(job.attempts, urgent=job.queue == Queue.URGENT)
    _write(
        job,
        state=JobState.QUEUED,
        not_before=timezone.now() + wait,
        failure_end=failure.end,
        code=failure.code,
        message=failure.message[:1000],
        hint=failure.hint[:500],
        maybe_arrived=failure.maybe_arrived or job.maybe_arrived,
    )


def _fail(job: Job, failure: Failure) -> bool:
    """Whether the job has ended: not when the lease was lost, nor when it was asked for again while it ran.

    The reason is then on `job` too, for what the app is told. Passing trouble that outlasted every try ends as RETRY
    too: it is no answer of Jet, so what was planned still holds.
    """
    words: dict[str, Any] = {
        "code": failure.code,
        "message": failure.message[:1000],
        "hint": failure.hint[:500],
    }
    state = _write(
        job,
        state=JobState.FAILED,
        finished_at=timezone.now(),
        failure_end=failure.end,
        maybe_arrived=failure.maybe_arrived or job.maybe_arrived,
        **words,
    )
    if state != JobState.FAILED:
        return False
    job.code, job.message, job.hint = words["code"], words["message"], words["hint"]
    return True


def _note_schedule(job: Job, now: datetime, *, ok: bool, message: str) -> None:
    if job.schedule_id is None:
        return
    words = message if ok else words_for_all(job, message)
    duration = int((now - job.started_at).total_seconds() * 1000) if job.started_at else None
    Schedule.objects.filter(pk=job.schedule_id, merchant=job.merchant_id).update(
        last_finished_at=now, last_duration_ms=duration, last_ok=ok, last_message=words[:500]
    )
