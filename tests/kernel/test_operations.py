"""Operations: progress counted under a lock, cancel, and counters that a job reports itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from jetsync.actions.job import cancel as cancel_one_job
from jetsync.actions.job import retry_job
from jetsync.actions.operation import (
    RowSpec,
    cancel_operation,
    fail_operation,
    finish_rows,
    mark_running,
    refresh_progress,
    start_operation,
)
from jetsync.enums import JobState, OperationState, RowState
from jetsync.exceptions import StateConflict
from jetsync.models import Job, LogEntry, Merchant, Operation, OperationRow
from jetsync.sync import registry
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", {})
    registry.handler("test.rows", label="Send rows", right=None)(lambda _context: None)


def make_operation(merchant: Merchant, rows: int) -> tuple[Operation, list[int]]:
    specs = [RowSpec("test.thing", number, f"HF-{number}") for number in range(rows)]
    operation = start_operation(merchant, "test.upload", "Upload things", actor=SYSTEM, rows=specs)
    mark_running(operation)
    return operation, list(OperationRow.objects.order_by("pk").values_list("pk", flat=True))


def make_import(merchant: Merchant, *, total: int, done: int, failed: int) -> Operation:
    """As a CSV import leaves it between two batches: counters by the job, a row for each failure only."""
    operation = start_operation(merchant, "test.import", "Import things", actor=SYSTEM)
    mark_running(operation)
    for number in range(failed):
        OperationRow.objects.create(
            merchant=merchant,
            operation=operation,
            object_type="test.thing",
            label=str(number),
            state=RowState.FAILED,
        )
    Operation.objects.filter(pk=operation.pk).update(total=total, done=done, failed=failed)
    return operation


def counters(operation: Operation) -> tuple[str, int, int, int]:
    operation.refresh_from_db()
    return operation.state, operation.done, operation.failed, operation.skipped


@pytest.mark.parametrize("failed", [0, 2])
def test_cancelled_import_keeps_the_progress_its_job_reported(scoped, failed):
    operation = make_import(scoped, total=10, done=3, failed=failed)
    cancelled = cancel_operation(operation, actor=SYSTEM)
    assert (cancelled.done, cancelled.failed) == (3, failed)
    assert counters(operation) == (OperationState.CANCELLED, 3, failed, 0)
    assert operation.finished_at is not None


def test_failed_import_keeps_the_progress_its_job_reported(scoped):
    operation = make_import(scoped, total=10, done=3, failed=1)
    fail_operation(operation, "The import stopped.")
    assert counters(operation) == (OperationState.PARTLY, 3, 1, 0)


def test_operation_without_rows_that_cannot_go_on_has_failed(scoped):
    operation = make_import(scoped, total=10, done=0, failed=0)
    fail_operation(operation, "The file has too many rows.", "Split it.")
    assert counters(operation) == (OperationState.FAILED, 0, 0, 0)
    assert (operation.message, operation.hint) == ("The file has too many rows.", "Split it.")


def test_rows_ended_by_a_rival_meanwhile_are_counted(scoped):
    """The rival ends its row just before the lock is taken; who counts after must see it and end the operation."""
    operation, (mine, rivals) = make_operation(scoped, 2)
    finish_rows(operation, [mine], RowState.DONE)
    pending = [rivals]

    def rival_first(execute: Any, sql: str, *call: Any) -> Any:
        if "FOR UPDATE" in sql and pending:
            finish_rows(operation, [pending.pop()], RowState.DONE)
        return execute(sql, *call)

    with connection.execute_wrapper(rival_first):
        refresh_progress(operation)
    assert counters(operation) == (OperationState.DONE, 2, 0, 0)


def test_cancel_stops_what_waits_and_keeps_what_is_done(scoped, monkeypatch):
    monkeypatch.setattr(registry, "_kinds", {})
    registry.handler("test.push", label="Push", right=None)(lambda _context: None)
    operation, (first, _second, _third) = make_operation(scoped, 3)
    finish_rows(operation, [first], RowState.DONE)
    enqueue(scoped, "test.push", "1", operation=operation)

    cancel_operation(operation, actor=SYSTEM)

    assert counters(operation) == (OperationState.CANCELLED, 1, 0, 2)
    assert list(Job.objects.values_list("state", flat=True)) == [JobState.CANCELLED]
    assert LogEntry.objects.filter(action="jetsync.operation.cancelled").count() == 1
    with pytest.raises(StateConflict):
        cancel_operation(operation, actor=SYSTEM)
    assert LogEntry.objects.filter(action="jetsync.operation.cancelled").count() == 1


def test_finishing_rows_twice_changes_them_once(scoped):
    operation, ids = make_operation(scoped, 2)
    assert finish_rows(operation, ids, RowState.FAILED, code="upc", message="UPC has 11 digits.") == 2
    assert finish_rows(operation, ids, RowState.DONE) == 0
    refresh_progress(operation)
    assert counters(operation) == (OperationState.FAILED, 0, 2, 0)


def test_cancelling_the_job_of_an_operation_ends_its_waiting_rows_and_the_operation(scoped, working):
    operation, (first, *_waiting) = make_operation(scoped, 3)
    finish_rows(operation, [first], RowState.DONE)
    job = enqueue(scoped, "test.rows", f"operation:{operation.pk}", operation=operation)

    ended = cancel_one_job(job, actor=SYSTEM)

    assert ended == operation
    assert counters(operation) == (OperationState.CANCELLED, 1, 0, 2)
    rows = OperationRow.objects.order_by("pk").values_list("state", "message")
    not_sent = (RowState.CANCELLED, "Cancelled before sending.")
    assert list(rows) == [(RowState.DONE, ""), not_sent, not_sent]
    actions = LogEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions)[-2:] == ["jetsync.job.cancelled", "jetsync.operation.cancelled"]
    with pytest.raises(StateConflict, match="was cancelled"):
        retry_job(job, actor=SYSTEM)


def test_cancelling_the_job_of_one_object_ends_its_row_alone(scoped, working):
    """`about` a merchant stands for any object that rows can name."""
    specs = [RowSpec("jetsync.merchant", scoped.pk, "one"), RowSpec("jetsync.merchant", 0, "other")]
    operation = start_operation(scoped, "test.upload", "Upload things", actor=SYSTEM, rows=specs)
    job = enqueue(scoped, "test.rows", "one", operation=operation, about=scoped)

    assert cancel_one_job(job, actor=SYSTEM) is None

    assert counters(operation) == (OperationState.QUEUED, 0, 0, 1)
    states = OperationRow.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [RowState.CANCELLED, RowState.WAITING]

    finish_rows(operation, [OperationRow.objects.get(object_id=0).pk], RowState.DONE)
    refresh_progress(operation)
    assert counters(operation) == (OperationState.CANCELLED, 1, 0, 1)


def test_cancelling_a_job_of_an_ended_operation_leaves_it_as_it_is(scoped, working):
    operation, rows = make_operation(scoped, 1)
    finish_rows(operation, rows, RowState.DONE)
    refresh_progress(operation)
    job = enqueue(scoped, "test.rows", f"operation:{operation.pk}", operation=operation)

    assert cancel_one_job(job, actor=SYSTEM) is None
    assert counters(operation) == (OperationState.DONE, 1, 0, 0)
