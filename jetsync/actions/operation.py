"""Operations: start with a frozen set, report row by row, cancel, retry the failed rows, undo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.enums import OPEN_OPERATION_STATES, JobState, OperationState, RowState
from jetsync.exceptions import StateConflict
from jetsync.models import Job, Merchant, Operation, OperationRow
from jetsync.sync.control import check_control
from jetsync.sync.registry import (
    check_declared,
    has_way_back,
    kinds_told,
    no_undo_words,
    retry_of,
    tell_cancelled,
    undo_of,
)
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.managers import bulk_create

# Rows per INSERT: large enough to be quick, small enough to keep memory flat at 100,000 rows.
BATCH = 2000
NOT_SENT = "Cancelled before sending."


@dataclass(frozen=True)
class RowSpec:
    """One object of an operation to be: `before` is what undo writes back."""

    object_type: str
    object_id: int | None
    label: str
    line: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def start_operation(
    merchant: Merchant,
    kind: str,
    title: str,
    *,
    actor: Actor,
    rows: Iterable[RowSpec] = (),
    data: dict[str, Any] | None = None,
) -> Operation:
    """Creates the operation and freezes its rows. The caller enqueues the jobs in the same transaction."""
    check_declared(kind)
    operation = Operation.objects.create(
        merchant=merchant,
        kind=kind,
        title=title[:200],
        actor=actor.user,
        actor_label=actor.label[:150],
        data=data or {},
    )
    add_rows(operation, rows)
    record(
        merchant, f"{kind}.started", f"Started: {title}", actor=actor, about=operation, operation=operation
    )
    return operation


@transaction.atomic
def add_rows(operation: Operation, rows: Iterable[RowSpec]) -> int:
    """Adds rows while an operation is being prepared (a file read as a stream); `total` follows."""
    added, source = 0, iter(rows)
    while batch := list(islice(source, BATCH)):
        bulk_create(
            OperationRow,
            [
                OperationRow(
                    merchant_id=operation.merchant_id,
                    operation=operation,
                    object_type=spec.object_type,
                    object_id=spec.object_id,
                    label=spec.label[:200],
                    line=spec.line,
                    before=spec.before,
                    data=spec.data,
                )
                for spec in batch
            ],
        )
        added += len(batch)
    if added:
        Operation.objects.filter(pk=operation.pk, merchant=operation.merchant_id).update(
            total=F("total") + added
        )
        operation.total += added
    return added


def mark_running(operation: Operation) -> None:
    """Dates the start; an operation that runs or has ended is left as it is."""
    Operation.objects.filter(
        pk=operation.pk, merchant=operation.merchant_id, state=OperationState.QUEUED
    ).update(state=OperationState.RUNNING, started_at=timezone.now())


def lock_waiting(operation: Operation, most: int) -> list[OperationRow]:
    """The next rows that wait, by pk, locked until the caller's transaction ends; empty when nothing is left."""
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.WAITING
    )
    return list(rows.order_by("pk").select_for_update(of=("self",))[:most])


def finish_rows(
    operation: Operation,
    row_ids: Sequence[int],
    state: RowState,
    *,
    code: str = "",
    message: str = "",
    hint: str = "",
) -> int:
    """Ends rows that are still open with one result; rows already ended are left alone. Returns how many.

    The operation's counters follow with `refresh_progress`.
    """
    return OperationRow.objects.filter(
        merchant=operation.merchant_id,
        operation=operation,
        pk__in=row_ids,
        state__in=(RowState.WAITING, RowState.SENT),
    ).update(state=state, code=code[:60], message=message[:1000], hint=hint[:500], updated_at=timezone.now())


def finish_objects(operation: Operation, object_ids: Sequence[int], state: RowState, **result: str) -> int:
    """`finish_rows` by object id."""
    ids = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, object_id__in=object_ids
    ).values_list("pk", flat=True)
    return finish_rows(operation, list(ids), state, **result)


@transaction.atomic
def refresh_progress(
    operation: Operation, *, message: str = "", hint: str = "", finish: bool | None = None
) -> Operation:
    """Counts the rows and ends the operation when none is open (`finish=True` ends one without rows).

    An operation that keeps a row for some of its objects only (an import keeps the failed ones) has its counters
    from the job that runs it; they stay. Returns the operation as it stands now.
    """
    # Locked before the rows are counted: of two workers that end the last rows, the second counts both.
    fresh = Operation.objects.select_for_update(of=("self",)).get(
        pk=operation.pk, merchant=operation.merchant_id
    )
    counts = dict(
        OperationRow.objects.filter(merchant=operation.merchant_id, operation=operation)
        .values_list("state")
        .annotate(Count("pk"))
    )
    if sum(counts.values()) >= fresh.total:
        fresh.done = counts.get(RowState.DONE, 0)
        fresh.failed = counts.get(RowState.FAILED, 0)
        fresh.skipped = counts.get(RowState.SKIPPED, 0) + counts.get(RowState.CANCELLED, 0)
    fresh.message = message[:500] or fresh.message
    fresh.hint = hint[:500] or fresh.hint
    open_rows = counts.get(RowState.WAITING, 0) + counts.get(RowState.SENT, 0)
    if fresh.is_open and not open_rows and finish is not False and (counts or finish):
        fresh.state = _end_state(fresh, counts)
        fresh.finished_at = timezone.now()
    fresh.save(update_fields=["done", "failed", "skipped", "message", "hint", "state", "finished_at"])
    return fresh


def _end_state(operation: Operation, counts: dict[str, int]) -> OperationState:
    if counts.get(RowState.CANCELLED) or operation.cancel_requested_at:
        return OperationState.CANCELLED
    if not operation.failed:
        return OperationState.DONE
    return OperationState.PARTLY if operation.done or operation.skipped else OperationState.FAILED


@transaction.atomic
def fail_operation(operation: Operation, message: str, hint: str = "") -> None:
    """Ends an operation that cannot go on; open rows are failed with the same words."""
    ids = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state__in=(RowState.WAITING, RowState.SENT)
    ).values_list("pk", flat=True)
    finish_rows(operation, list(ids), RowState.FAILED, code="operation_failed", message=message, hint=hint)
    fresh = refresh_progress(operation, message=message, hint=hint, finish=True)
    if fresh.state == OperationState.DONE:
        Operation.objects.filter(pk=operation.pk, merchant=operation.merchant_id).update(
            state=OperationState.FAILED
        )


@transaction.atomic
def cancel_operation(operation: Operation, *, actor: Actor) -> Operation:
    """Stops what has not been sent yet. Rows already at Jet keep their result. Raises NotAllowed without its right."""
    check_control(actor, operation)
    won = Operation.objects.filter(
        pk=operation.pk,
        merchant=operation.merchant_id,
        state__in=OPEN_OPERATION_STATES,
        cancel_requested_at=None,
    ).update(cancel_requested_at=timezone.now())
    if not won:
        raise StateConflict(f"“{operation.title}” has already ended.", hint="Nothing is left to cancel.")
    waiting = Job.objects.select_for_update(of=("self",)).filter(
        merchant=operation.merchant_id, operation=operation, state=JobState.QUEUED
    )
    # Named one by one are only those whose app wants to know: an operation over many SKUs has a job for each.
    told = list(waiting.filter(kind__in=kinds_told()).order_by("pk"))
    waiting.update(state=JobState.CANCELLED, finished_at=timezone.now(), message=NOT_SENT)
    OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.WAITING
    ).update(state=RowState.CANCELLED, message=NOT_SENT, updated_at=timezone.now())
    record(
        operation.merchant,
        "jetsync.operation.cancelled",
        f"Cancelled: {operation.title}",
        actor=actor,
        about=operation,
        operation=operation,
    )
    fresh = refresh_progress(operation, finish=True)
    for job in told:
        tell_cancelled(job)
    if told:
        fresh.refresh_from_db()
    return fresh


def is_cancelled(operation: Operation) -> bool:
    """Asked by handlers just before sending the next batch."""
    return Operation.objects.filter(
        pk=operation.pk, merchant=operation.merchant_id, cancel_requested_at__isnull=False
    ).exists()


def can_retry(operation: Operation) -> bool:
    """Whether it has ended with failed rows, of a kind that knows how to try them again."""
    return not operation.is_open and operation.failed > 0 and retry_of(operation.kind) is not None


def retry_failed(operation: Operation, *, actor: Actor) -> Operation:
    """A new operation over the failed rows only. Raises StateConflict when there is nothing to retry, NotAllowed without
    the right of the operation's kind.
    """
    check_control(actor, operation)
    retry = retry_of(operation.kind)
    if retry is None or not can_retry(operation):
        raise StateConflict(f"“{operation.title}” has no failed rows that can be tried again.")
    return retry(operation, actor)


def can_undo(operation: Operation) -> bool:
    """Whether it has ended, was not undone yet, and is of a kind that has an inverse."""
    return not operation.is_open and operation.undone_by_id is None and has_way_back(operation)


def undo_operation(operation: Operation, *, actor: Actor, spares: bool = True) -> Operation:
    """Writes the values of before back, by the undo function of the operation's kind.

    `spares`: leaves alone what the kind asks about before it is undone. Raises NotAllowed without the kind's right.
    """
    check_control(actor, operation)
    undo = undo_of(operation.kind)
    if undo is None or not can_undo(operation):
        raise StateConflict(
            f"“{operation.title}” cannot be undone.",
            hint=no_undo_words(operation.kind)
            or "It is still running, was undone before, or is of a kind that has no way back.",
        )
    with transaction.atomic():
        locked = Operation.objects.select_for_update(of=("self",)).get(
            pk=operation.pk, merchant=operation.merchant_id
        )
        if locked.undone_by_id is not None:
            raise StateConflict(f"“{operation.title}” has been undone already.")
        undoing = undo(locked, actor, spares)
        Operation.objects.filter(pk=operation.pk, merchant=operation.merchant_id).update(undone_by=undoing)
    return undoing
