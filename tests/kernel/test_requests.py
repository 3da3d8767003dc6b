"""Shared jobs ("send what differs") are asked for without waiting and without making anybody wait."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from catalog.actions.deltas import KEY, PUSH_INVENTORY, PUSH_PRICES
from jetsync.enums import JobState, Priority
from jetsync.models import Job, JobRequest, Merchant, QueueTurn
from jetsync.sync.claims import claim_next, renew_lease
from jetsync.sync.requests import gather_requests, request_job
from jetsync.sync.runner import run
from jetsync.tenancy.context import merchant_scope
from tests.kernel.rivals import rival_transaction


def ask(merchant: Merchant, **more: Any) -> None:
    request_job(merchant, PUSH_INVENTORY, KEY, priority=Priority.NOW, **more)


def jobs() -> list[Job]:
    return list(Job.objects.filter(kind=PUSH_INVENTORY).order_by("pk"))


def test_first_request_makes_the_job(scoped: Merchant) -> None:
    ask(scoped)

    assert [(job.state, job.priority) for job in jobs()] == [(JobState.QUEUED, Priority.NOW)]
    assert not JobRequest.objects.exists()


def test_requests_beside_an_open_job_are_joined_to_it_later(scoped: Merchant) -> None:
    ask(scoped, data={"a": 1})
    ask(scoped, data={"b": 2})
    ask(scoped, data={"c": 3})
    assert JobRequest.objects.count() == 2

    assert gather_requests() == 1

    (job,) = jobs()
    assert job.data == {"a": 1, "b": 2, "c": 3}
    assert not JobRequest.objects.exists()
    assert gather_requests() == 0


def test_request_while_the_job_runs_sends_it_round_again(scoped: Merchant) -> None:
    ask(scoped)
    running = claim_next("default") or claim_next("bulk") or claim_next("urgent")
    assert running is not None
    ask(scoped)

    gather_requests()

    assert [job.changed_in_flight for job in jobs()] == [True]


@pytest.mark.django_db(transaction=True)
def test_request_becomes_a_job_when_its_transaction_stands(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        ask(merchant)
        Job.objects.update(state=JobState.RUNNING)
        with transaction.atomic():
            ask(merchant)
            assert JobRequest.objects.count() == 1

        assert [job.changed_in_flight for job in jobs()] == [True]
        assert not JobRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rollback_takes_the_request_with_it(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        ask(merchant)
        with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012 -- both lines are the act
            ask(merchant)
            raise RuntimeError

        assert not JobRequest.objects.exists()
        assert [job.changed_in_flight for job in jobs()] == [False]


@pytest.mark.django_db(transaction=True)
def test_two_that_ask_at_once_do_not_wait_for_each_other(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        with rival_transaction(merchant, ask), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            ask(merchant)  # would wait for the rival's row and fail
        gather_requests()  # the first gathering may have met the rival

        assert len(jobs()) == 1
        assert not JobRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_first_job_of_a_queue_does_not_wait_for_a_rivals_first(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        with rival_transaction(merchant, ask), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            request_job(merchant, PUSH_PRICES, KEY)  # another job of the same queue

        turns = QueueTurn.objects.filter(merchant=merchant, queue=jobs()[0].queue)
        assert turns.count() == 1


@pytest.mark.django_db(transaction=True)
def test_running_job_keeps_its_lease_while_a_long_transaction_asks_for_it(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        ask(merchant)
        running = next(job for queue in ("urgent", "default", "bulk") if (job := claim_next(queue)))

        with rival_transaction(merchant, ask), connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            assert renew_lease(running)
            cursor.execute("SET lock_timeout = 0")


def test_lock_that_is_not_given_is_tried_again_soon(
    scoped: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(scoped)
    job = next(job for queue in ("urgent", "default", "bulk") if (job := claim_next(queue)))
    monkeypatch.setattr("jetsync.sync.runner.kind_of", lambda _name: StubKind())

    run(job)

    job.refresh_from_db()
    assert (job.state, job.code, job.maybe_arrived) == (JobState.QUEUED, "database_busy", True)
    assert job.message == "Somebody else is changing the same rows right now."


class LockRefused(Exception):
    pgcode = "55P03"


class StubKind:
    max_attempts = 5
    on_failure = None

    @staticmethod
    def run(_context: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout") from LockRefused()
