"""Reading every SKU from Jet: in slices behind what people wait for, with its progress in sight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.actions import reading
from catalog.actions.csv_upload import IMPORT_JOB
from catalog.actions.reading import READ_ALL, read_all_now
from catalog.models import Listing, Variant
from catalog.queries.reading import STATUS_ALL, reading_now
from catalog.sync import status
from jetsync.actions.job import cancel
from jetsync.actions.operation import cancel_operation
from jetsync.enums import JobState, OperationState, Priority, Queue
from jetsync.models import Job, Merchant, Operation
from jetsync.sync.claims import claim_next
from jetsync.sync.queue import enqueue
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import SYSTEM, Actor


@pytest.fixture
def five(shop: Merchant, kettle: Callable[..., Variant], monkeypatch: pytest.MonkeyPatch) -> Merchant:
    """Five SKUs that Jet has never heard of although we believe so: each look is one call. Two looks a slice."""
    for number in range(5):
        kettle(f"HF-{number}")
    Listing.objects.update(content_sent_at=timezone.now(), archived_sent=False, archived_live=False)
    monkeypatch.setattr(status, "READS_PER_RUN", 2)
    return shop


def test_what_a_person_waits_for_overtakes_a_sweep_after_its_first_slice(five: Merchant) -> None:
    job = enqueue(five, STATUS_ALL, "schedule", priority=Priority.NOW)
    assert run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.data["read"], job.data["total"]) == (JobState.QUEUED, 2, 5)
    assert job.message == "Status of 2 products read so far, of 5."

    wanted = enqueue(five, IMPORT_JOB, "operation:1")
    claimed = claim_next(Queue.BULK)

    assert claimed is not None
    assert claimed.pk == wanted.pk


def test_a_slice_ends_with_its_time_when_jet_is_slow(five: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "SECONDS_PER_RUN", -1)
    job = enqueue(five, STATUS_ALL, "schedule")

    assert run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, job.data["read"], job.data["total"]) == (JobState.QUEUED, 1, 5)


def test_reading_by_hand_is_an_operation_that_counts_and_the_drift_page_says_how_far_it_is(
    five: Merchant, client_for: Callable[..., Client], drain: Callable[..., int]
) -> None:
    client = client_for("owner")
    slug = {"merchant_slug": five.slug}
    page = client.post(reverse("catalog:drift-read", kwargs=slug), follow=True).content.decode()
    assert "Read every product from Jet" in page
    job = Job.objects.get(kind=STATUS_ALL)
    assert run_job(job.pk)

    drift = client.get(reverse("catalog:drift", kwargs=slug)).content.decode()
    assert "Jet is being read: 2 of 5 SKUs." in drift
    operation = Operation.objects.get(kind=READ_ALL)
    assert (operation.state, operation.total, operation.done + operation.failed) == (
        OperationState.RUNNING,
        5,
        2,
    )

    assert read_all_now(five, actor=SYSTEM) == operation  # pressed again: the same one goes on
    drain()
    operation.refresh_from_db()
    assert (operation.total, operation.done, operation.failed, operation.is_open) == (5, 0, 5, False)
    assert operation.message == "5 could not be read; the reason stands with each."
    assert reading_now(five) is None
    assert "Jet is being read" not in client.get(reverse("catalog:drift", kwargs=slug)).content.decode()


def _job_of(operation: Operation) -> Job:
    return Job.objects.get(operation=operation)


def test_two_who_press_at_once_share_one_operation(
    five: Merchant, monkeypatch: pytest.MonkeyPatch, drain: Callable[..., int]
) -> None:
    first = read_all_now(five, actor=SYSTEM)
    monkeypatch.setattr(
        reading, "reading_now", lambda _merchant: None
    )  # the second looked before the first wrote

    assert read_all_now(five, actor=SYSTEM) == first
    drain()
    assert [row.is_open for row in Operation.objects.all()] == [False]


def test_cancelling_the_job_of_a_reading_ends_it_dated(five: Merchant, actor: Actor) -> None:
    operation = read_all_now(five, actor=SYSTEM)
    assert run_job(_job_of(operation).pk)

    ended = cancel(_job_of(operation), actor=actor)

    operation.refresh_from_db()
    assert (ended, operation.state) == (operation, OperationState.CANCELLED)
    assert operation.finished_at is not None


def test_a_cancelled_reading_ends_with_what_it_has_read(five: Merchant, drain: Callable[..., int]) -> None:
    operation = read_all_now(five, actor=SYSTEM)
    assert run_job(_job_of(operation).pk)

    cancel_operation(operation, actor=SYSTEM)
    drain()

    operation.refresh_from_db()
    assert (operation.state, operation.total, operation.done + operation.failed) == (
        OperationState.CANCELLED,
        5,
        2,
    )
    assert _job_of(operation).state == JobState.CANCELLED
