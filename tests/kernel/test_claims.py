"""Claims are fair, leased and cheap: urgent work first, turns between merchants, nothing taken twice."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.utils import timezone

from jetsync.enums import JobState, Priority, Queue
from jetsync.models import Job, Merchant, QueueTurn
from jetsync.sync import claims, registry
from jetsync.sync.claims import claim_next, free_lost_jobs, renew_lease
from jetsync.sync.queue import enqueue
from jetsync.sync.runner import JobContext, LeaseLost, run, run_next
from jetsync.tenancy.context import across_merchants, merchant_scope
from jetsync.tenancy.managers import bulk_create
from tests.factories import make_merchant
from tests.kernel.work import declare_kinds, ran


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    declare_kinds(monkeypatch)


def test_claims_take_turns_between_merchants(db):
    busy, quiet = make_merchant(), make_merchant()
    with merchant_scope(busy):
        for number in range(4):
            enqueue(busy, "test.work", f"busy-{number}")
    with merchant_scope(quiet):
        enqueue(quiet, "test.work", "quiet-0")

    while run_next("default"):
        pass

    assert ran[:2] == ["busy-0", "quiet-0"]
    assert ran == ["busy-0", "quiet-0", "busy-1", "busy-2", "busy-3"]


def many_merchants_with_due_work(merchants: int, jobs: int) -> list[Merchant]:
    """As after an outage: everybody's routine is overdue, the one with the least number waits longest."""
    made, now = [make_merchant() for _ in range(merchants)], timezone.now()
    for number, merchant in enumerate(made):
        with merchant_scope(merchant):
            rows = [
                Job(merchant=merchant, kind="test.work", key=f"{number}-{job}", queue=Queue.DEFAULT)
                for job in range(jobs)
            ]
            bulk_create(Job, rows)
        QueueTurn.objects.create(
            merchant=merchant, queue=Queue.DEFAULT, served_at=now - timedelta(seconds=1000 - number)
        )
    return made


def press(merchant: Merchant, *keys: str) -> None:
    with merchant_scope(merchant):
        for key in keys:
            enqueue(merchant, "test.work", key, priority=Priority.NOW)


def claims_from_here(monkeypatch: pytest.MonkeyPatch, number: int = 1) -> None:
    """The next claim is the `number`-th of this process; every fourth goes by the turn."""
    monkeypatch.setattr(claims, "_claims", count(number))


def test_what_a_person_waits_for_runs_before_the_overdue_routine_of_all_others(db, monkeypatch):
    made = many_merchants_with_due_work(30, jobs=3)
    press(made[28], "busy-1", "busy-2", "busy-3")
    press(made[29], "quiet")  # was served last of all

    claims_from_here(monkeypatch)
    for _ in range(3):
        run_next("default")
    assert ran == ["busy-1", "quiet", "busy-2"]


def test_urgent_work_without_end_slows_the_routine_of_others_and_never_stops_it(db, monkeypatch):
    made = many_merchants_with_due_work(3, jobs=2)
    press(made[2], *(f"pressed-{number}" for number in range(20)))

    claims_from_here(monkeypatch)
    for _ in range(16):
        run_next("default")

    routine = [key for key in ran if not key.startswith("pressed")]
    assert routine == ["0-0", "1-0", "0-1", "1-1"]


def test_routine_still_takes_turns_between_many_merchants(db, monkeypatch):
    many_merchants_with_due_work(5, jobs=2)
    claims_from_here(monkeypatch)
    while run_next("default"):
        pass
    assert ran == [f"{number}-{job}" for job in range(2) for number in range(5)]


def test_claim_asks_the_same_whatever_waits(db, monkeypatch, django_assert_num_queries):
    made = many_merchants_with_due_work(12, jobs=1)
    for number in range(1, 5):
        claims_from_here(monkeypatch, number)
        with django_assert_num_queries(6):  # the claim, its turn, the job read and taken, a savepoint's two
            assert claim_next("default") is not None
    press(made[0], "now")
    claims_from_here(monkeypatch)
    with django_assert_num_queries(6):
        assert claim_next("default").key == "now"


def test_claimed_job_is_not_claimed_again(scoped):
    enqueue(scoped, "test.work", "sku-1")
    assert claim_next("default") is not None
    assert claim_next("default") is None


def test_job_of_a_dead_worker_waits_again_and_says_so(scoped):
    enqueue(scoped, "test.work", "sku-1")
    dead = claim_next("default")
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert free_lost_jobs() == 1

    job = Job.objects.get()
    assert (job.state, job.maybe_arrived) == (JobState.QUEUED, True)
    # The worker was only slow: it may neither renew nor write an end over the new owner's.
    second = claim_next("default")
    assert renew_lease(dead) is False
    run(dead)
    job.refresh_from_db()
    assert (job.state, job.lease_token) == (JobState.RUNNING, second.lease_token)


def test_claim_reads_waiting_jobs_only(scoped):
    """Thousands of finished jobs cost the claim nothing: its part of the query runs on a partial index."""
    finished = [
        Job(merchant=scoped, kind="test.work", key=f"old-{n}", queue="default", state="done")
        for n in range(3000)
    ]
    bulk_create(Job, finished)
    for number in range(20):
        enqueue(scoped, "test.work", f"sku-{number}")
    plan = plan_of_a_claim()
    assert "Seq Scan on jetsync_job" not in plan
    assert "job_due" in plan


def plan_of_a_claim() -> str:
    with across_merchants(), connection.cursor() as cursor:
        cursor.execute("ANALYZE jetsync_job, jetsync_queueturn")
        cursor.execute(
            f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {claims._URGENT_FIRST}",
            {"now": timezone.now(), "queue": "default", "resting": registry.kinds_while_resting()},
        )
        return "\n".join(row[0] for row in cursor.fetchall())


def test_claim_looks_at_one_due_job_of_each_merchant_at_most(db):
    """With thousands due the look for urgent work stays as many looks into the index as there are merchants."""
    many_merchants_with_due_work(10, jobs=300)
    plan = plan_of_a_claim()
    assert "Seq Scan on jetsync_job" not in plan
    assert "rows=300" not in plan


def test_claim_asks_no_store_for_urgent_work_while_there_is_none(db):
    """Three of four claims look for it; what that costs must not grow with the stores."""
    many_merchants_with_due_work(10, jobs=300)
    plan = plan_of_a_claim()
    assert "job_due_now on jetsync_job" in plan
    assert "on jetsync_queueturn turn (never executed)" in plan


def rest_with_mails(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    Merchant.objects.filter(pk=merchant.pk).update(deletion_due_at=timezone.now() + timedelta(days=3))
    kind = replace(registry.kind_of("test.work"), name="test.mail", while_resting=True)
    monkeypatch.setitem(registry._kinds, "test.mail", kind)


def test_claim_walks_through_no_backlog_of_a_store_that_rests(db, monkeypatch):
    """It grows for weeks, and the store's turn stays the first of all."""
    resting, other = many_merchants_with_due_work(2, jobs=300)
    rest_with_mails(resting, monkeypatch)

    plan = plan_of_a_claim()

    walked = [int(found) for found in re.findall(r"Rows Removed by Filter: (\d+)", plan)]
    assert max(walked, default=0) < 10
    assert claim_next("default").merchant_id == other.pk


def test_store_that_rests_has_its_mails_sent_before_its_backlog(db, monkeypatch):
    (resting,) = many_merchants_with_due_work(1, jobs=30)
    rest_with_mails(resting, monkeypatch)
    with merchant_scope(resting):
        enqueue(resting, "test.mail", "later", priority=Priority.LATER)
        enqueue(resting, "test.mail", "now", priority=Priority.NOW)

    found = [claim_next("default") for _number in range(3)]

    assert [job and job.key for job in found] == ["now", "later", None]


def test_short_calls_renew_the_lease_once_a_tenth_of_it_has_passed(scoped):
    enqueue(scoped, "test.work", "sku-1")
    context = JobContext(claim_next("default"))
    lease = Job.objects.get().lease_until

    context.keep_alive()
    assert Job.objects.get().lease_until == lease
    context.job.started_at -= timedelta(seconds=12)
    context.keep_alive()
    renewed = Job.objects.get().lease_until
    assert renewed > lease
    context.keep_alive()
    assert Job.objects.get().lease_until == renewed


def test_call_after_a_long_pause_finds_the_lease_lost(scoped):
    enqueue(scoped, "test.work", "sku-1")
    context = JobContext(claim_next("default"))
    context.job.started_at -= timedelta(minutes=3)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    free_lost_jobs()

    with pytest.raises(LeaseLost):
        context.keep_alive()
