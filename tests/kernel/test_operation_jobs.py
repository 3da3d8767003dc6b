"""Jobs that work through an operation: found or failed, and ended together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from jetsync.actions.operation import RowSpec, finish_rows, start_operation
from jetsync.enums import FailureEnd, JobState, OperationState, RowState
from jetsync.models import Job, Merchant, Operation
from jetsync.sync import registry
from jetsync.sync.failures import PermanentFailure
from jetsync.sync.operations import ends_operation, operation_handler
from jetsync.sync.queue import enqueue
from jetsync.sync.runner import JobContext, run_job
from jetsync.tenancy.actor import SYSTEM

KIND = "test.through"
ended: list[int] = []


@pytest.fixture
def kind() -> Iterator[None]:
    """A kind whose job ends the first row and then fails."""

    @operation_handler(KIND, label="Work through", on_failure=ends_operation("It stopped.", after=note_end))
    def work(_context: JobContext, operation: Operation) -> None:
        finish_rows(operation, [operation.rows.order_by("pk")[0].pk], RowState.DONE)
        raise PermanentFailure("No more.", hint="Look.")

    ended.clear()
    yield
    del registry._kinds[KIND]


def note_end(operation: Operation) -> None:
    ended.append(operation.pk)


def start(merchant: Merchant) -> tuple[Operation, Job]:
    rows = [RowSpec("test.thing", number, f"HF-{number}") for number in (1, 2)]
    operation = start_operation(merchant, "test.work", "Work", actor=SYSTEM, rows=rows)
    return operation, enqueue(merchant, KIND, f"operation:{operation.pk}", operation=operation)


def test_operation_ends_with_its_job_and_done_rows_stay_done(scoped: Merchant, kind: None) -> None:
    operation, job = start(scoped)

    run_job(job.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.failed) == (OperationState.PARTLY, 1, 1)
    assert (operation.message, operation.hint) == ("It stopped.", "Look.")
    assert ended == [operation.pk]


def test_job_without_its_operation_fails_and_says_so(
    scoped: Merchant, kind: None, drain: Callable[..., int]
) -> None:
    operation, job = start(scoped)
    Job.objects.filter(pk=job.pk).update(operation=None)
    operation.delete()

    drain()

    job.refresh_from_db()
    assert (job.state, job.failure_end) == (JobState.FAILED, FailureEnd.PERMANENT)
    assert (job.message, job.hint) == ("The operation of this job is gone.", "Start it again.")
    assert ended == []
