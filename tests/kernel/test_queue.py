"""One open job per merchant, kind and key; failures come to one of four ends; nothing lost, nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from jetsync.actions.job import retry_job
from jetsync.actions.log import record
from jetsync.enums import FailureEnd, JobState, Priority
from jetsync.exceptions import OutsideUnreachable, StateConflict
from jetsync.models import Job, Schedule
from jetsync.queries.activity import failed_jobs_today
from jetsync.sync import registry
from jetsync.sync.claims import claim_next, free_lost_jobs
from jetsync.sync.failures import Again, PermanentFailure, RetryLater, SettingsFailure
from jetsync.sync.queue import cancel_job, enqueue, enqueue_about
from jetsync.sync.runner import run, run_job, run_next
from jetsync.tenancy.actor import SYSTEM
from tests.kernel.work import declare_kinds, outcome, ran


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    declare_kinds(monkeypatch)


def test_enqueue_twice_makes_one_job(scoped):
    first = enqueue(scoped, "test.work", "sku-1", data={"a": 1})
    second = enqueue(scoped, "test.work", "sku-1", data={"b": 2}, priority=Priority.NOW)

    assert first.pk == second.pk
    assert Job.objects.count() == 1
    assert second.data == {"a": 1, "b": 2}
    assert second.priority == Priority.NOW


def test_change_while_running_runs_once_more(scoped):
    job = enqueue(scoped, "test.work", "sku-1")
    claimed = claim_next("default")
    enqueue(scoped, "test.work", "sku-1")

    run(claimed)

    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert run_next("default") is True
    job.refresh_from_db()
    assert (job.state, ran) == (JobState.DONE, ["sku-1", "sku-1"])


def test_rolled_back_change_leaves_no_job(scoped):
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 -- both lines are the act
        enqueue(scoped, "test.work", "sku-1")
        raise ZeroDivisionError
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    ("error", "state", "end"),
    [
        (RetryLater("Jet is away"), JobState.QUEUED, FailureEnd.RETRY),
        (OutsideUnreachable("No name service"), JobState.QUEUED, FailureEnd.RETRY),
        (PermanentFailure("Jet refused"), JobState.FAILED, FailureEnd.PERMANENT),
        (SettingsFailure("Keys refused"), JobState.FAILED, FailureEnd.SETTINGS),
        (RuntimeError("bug"), JobState.FAILED, FailureEnd.OURS),
    ],
)
def test_four_ends_of_failure(scoped, error, state, end):
    outcome.append(error)
    job = enqueue(scoped, "test.work", "sku-1")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failure_end, job.lease_until) == (state, end, None)
    assert job.message


def test_unexpected_failure_shows_no_inner_text(scoped):
    outcome.append(RuntimeError("password=hunter2"))
    job = enqueue(scoped, "test.work", "sku-1")
    run_job(job.pk)
    job.refresh_from_db()
    assert "hunter2" not in job.message + job.hint


def test_retry_waits_longer_each_time_and_ends(scoped):
    outcome.extend([RetryLater("away", after=timedelta())] * 3)
    job = enqueue(scoped, "test.work", "sku-1")
    for _ in range(3):
        assert run_job(job.pk) is True
    job.refresh_from_db()
    assert (job.state, job.failure_end, job.attempts) == (JobState.FAILED, FailureEnd.RETRY, 3)
    assert job.failure_shown == "gave_up"


def test_waiting_after_failure_is_not_shortened_by_new_changes(scoped):
    outcome.append(RetryLater("away", after=timedelta(minutes=5)))
    job = enqueue(scoped, "test.work", "sku-1")
    run_job(job.pk)
    enqueue(scoped, "test.work", "sku-1")
    assert run_next("default") is False


def test_again_keeps_attempts_and_data(scoped):
    outcome.append(Again(timedelta(), cursor=7))
    job = enqueue(scoped, "test.work", "sku-1")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.data) == (JobState.QUEUED, 0, {"cursor": 7})


def test_data_asked_for_while_running_survives_the_next_round(scoped):
    outcome.append(Again(timedelta(), cursor=7))
    enqueue(scoped, "test.work", "sku-1", data={"since": 1})
    claimed = claim_next("default")
    enqueue(scoped, "test.work", "sku-1", data={"full": True})

    run(claimed)

    assert Job.objects.get().data == {"since": 1, "full": True, "cursor": 7}


def test_job_that_kills_its_workers_ends_after_its_tries(scoped):
    job = enqueue(scoped, "test.work", "sku-1")
    for _ in range(3):
        assert claim_next("default") is not None
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        free_lost_jobs()

    assert run_next("default") is True

    job.refresh_from_db()
    assert (job.state, job.failure_end, job.code) == (JobState.FAILED, FailureEnd.OURS, "workers_lost")
    assert ran == []


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of the jobs whose failure the app was told of."""
    keys: list[str] = []
    kind = replace(registry.kind_of("test.work"), on_failure=lambda job: keys.append(job.key))
    monkeypatch.setitem(registry._kinds, "test.work", kind)
    return keys


def test_app_is_told_of_the_end_only(scoped, told):
    outcome.extend([RetryLater("away", after=timedelta()), PermanentFailure("Jet refused")])
    job = enqueue(scoped, "test.work", "sku-1")
    run_job(job.pk)
    assert told == []
    run_job(job.pk)
    assert told == ["sku-1"]


def test_slow_worker_whose_lease_was_lost_tells_no_app_of_a_failure(scoped, told):
    """Another worker has the job now and may well succeed."""
    outcome.append(PermanentFailure("Jet refused"))
    enqueue(scoped, "test.work", "sku-1")
    slow = claim_next("default")
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    free_lost_jobs()
    claim_next("default")

    run(slow)

    assert told == []
    assert Job.objects.get().state == JobState.RUNNING


def test_failure_of_work_asked_for_again_meanwhile_is_no_end_yet(scoped, told, monkeypatch):
    """The job goes round once more and may well succeed; the app is told when it has really ended."""
    outcome.extend([PermanentFailure("Jet refused"), PermanentFailure("Jet refused again")])
    enqueue(scoped, "test.work", "sku-1")
    claimed = claim_next("default")
    enqueue(scoped, "test.work", "sku-1")

    run(claimed)

    job = Job.objects.get()
    assert (job.state, job.failure_end, job.attempts) == (JobState.QUEUED, FailureEnd.RETRY, 0)
    assert told == []

    assert run_next("default") is True
    job.refresh_from_db()
    assert (job.state, job.failure_end, job.message) == (
        JobState.FAILED,
        FailureEnd.PERMANENT,
        "Jet refused again",
    )
    assert told == ["sku-1"]


def test_last_try_that_may_have_arrived_leaves_the_doubt_on_the_job(scoped):
    outcome.append(RetryLater("No answer", maybe_arrived=True))
    job = enqueue(scoped, "test.work", "sku-1")
    Job.objects.update(attempts=2)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failure_end, job.maybe_arrived) == (JobState.FAILED, FailureEnd.RETRY, True)


def test_crash_in_the_apps_part_leaves_the_failure_stored(scoped, monkeypatch):
    def crash(_job):
        raise RuntimeError("bug")

    kind = replace(registry.kind_of("test.work"), on_failure=crash)
    monkeypatch.setitem(registry._kinds, "test.work", kind)
    outcome.append(PermanentFailure("Jet refused"))
    job = enqueue(scoped, "test.work", "sku-1")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.FAILED, "Jet refused")


def test_retry_of_an_old_failure_keeps_the_doubt_of_the_open_job(scoped):
    """The open job may have arrived at Jet: forgetting that would send it twice."""
    outcome.append(PermanentFailure("Jet refused"))
    old = enqueue(scoped, "test.work", "sku-1")
    run_job(old.pk)
    newer = enqueue(scoped, "test.work", "sku-1", priority=Priority.NOW)
    Job.objects.filter(pk=newer.pk).update(maybe_arrived=True)

    assert retry_job(old, actor=SYSTEM).pk == newer.pk

    newer.refresh_from_db()
    assert (newer.maybe_arrived, newer.priority) == (True, Priority.NOW)


def test_retry_keeps_schedule_priority_and_doubt(scoped):
    schedule = Schedule.objects.create(
        merchant=scoped, kind="test.work", interval_seconds=600, next_due_at=timezone.now()
    )
    outcome.append(PermanentFailure("Jet refused"))
    job = enqueue(scoped, "test.work", "sku-1", priority=Priority.LATER, schedule=schedule)
    Job.objects.update(maybe_arrived=True)
    run_job(job.pk)

    fresh = retry_job(job, actor=SYSTEM)

    fresh.refresh_from_db()
    assert (fresh.schedule_id, fresh.priority, fresh.maybe_arrived) == (schedule.pk, Priority.LATER, True)
    run_job(fresh.pk)
    schedule.refresh_from_db()
    assert schedule.last_ok is True


def test_retry_makes_a_waiting_job_due(scoped):
    outcome.append(RetryLater("away", after=timedelta(minutes=5)))
    job = enqueue(scoped, "test.work", "sku-1")
    run_job(job.pk)
    assert run_next("default") is False
    assert retry_job(job, actor=SYSTEM).pk == job.pk
    assert run_next("default") is True


def test_job_that_ended_meanwhile_is_not_retried(scoped):
    """The page was loaded while it waited; by the click it is done."""
    shown = enqueue(scoped, "test.work", "sku-1")
    run_job(shown.pk)
    with pytest.raises(StateConflict) as caught:
        retry_job(shown, actor=SYSTEM)
    assert "is done" in caught.value.message
    assert Job.objects.count() == 1


def test_unknown_kind_ends_with_a_reason(scoped, monkeypatch):
    job = enqueue(scoped, "test.work", "sku-1")
    monkeypatch.setattr(registry, "_kinds", {})
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.code) == (JobState.FAILED, "unknown_kind")


def test_cancel_only_before_sending(scoped):
    job = enqueue(scoped, "test.work", "a")
    assert cancel_job(job) is True
    assert run_next("default") is False
    other = enqueue(scoped, "test.work", "b")
    claim_next("default")
    assert cancel_job(other) is False


def test_finished_job_leaves_room_for_the_next(scoped):
    first = enqueue(scoped, "test.work", "sku-1")
    run_job(first.pk)
    second = enqueue(scoped, "test.work", "sku-1")
    assert second.pk != first.pk


def test_old_job_that_failed_today_counts_as_failed_today(scoped):
    outcome.append(PermanentFailure("Jet refused"))
    job = enqueue(scoped, "test.work", "sku-1")
    Job.objects.update(created_at=timezone.now() - timedelta(days=3))
    run_job(job.pk)
    assert failed_jobs_today(scoped) == 1
    Job.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    assert failed_jobs_today(scoped) == 0


def test_many_jobs_are_made_and_joined_at_the_cost_of_one(scoped, django_assert_num_queries):
    entries = [record(scoped, "test.thing.done", "Done.", actor=SYSTEM) for _number in range(4)]
    later = timezone.now() + timedelta(hours=1)
    waiting = enqueue(scoped, "test.work", str(entries[0].pk), not_before=later)
    known = enqueue(scoped, "test.work", "other")

    with django_assert_num_queries(
        6
    ):  # open ones, insert, open ones again, the queue's turn, two of a savepoint
        jobs = enqueue_about(scoped, "test.work", {entries[2]: later, entries[1]: later})
    assert [(job.key, job.object_id, job.not_before) for job in jobs] == [
        (str(entry.pk), entry.pk, later) for entry in (entries[2], entries[1])
    ]

    jobs = enqueue_about(scoped, "test.work", dict.fromkeys(entries), priority=Priority.NOW)
    assert [job.key for job in jobs] == [str(entry.pk) for entry in entries]
    assert Job.objects.filter(not_before__lte=timezone.now(), priority=Priority.NOW).count() == 4
    assert jobs[0].pk == waiting.pk
    assert (Job.objects.count(), known.priority) == (5, Priority.NORMAL)
    assert enqueue_about(scoped, "test.work", {}) == []
