"""Copying the exceptions of one SKU to many, and taking that back: an operation over a frozen set of SKUs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from catalog.actions.exceptions import tell_jet, write_snapshots
from catalog.bulk import batches, update_rows
from catalog.codes import Code
from catalog.models import Variant
from catalog.queries.exceptions import PARTS, Snapshot, snapshots
from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_rows, start_operation
from jetsync.enums import RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind, undo_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

COPY, UNDO = "catalog.copy_exceptions", "catalog.undo_exceptions"
COPY_JOB = COPY
VARIANT = "catalog.variant"
# SKUs written in one transaction.
BATCH = 500
CHANGED_SINCE = "Its exceptions were changed after the copy, so they stay as they are."

operation_kind(COPY, right=Right.PRODUCTS_EDIT)
operation_kind(UNDO, right=Right.PRODUCTS_EDIT)


@transaction.atomic
def copy_exceptions(
    source: Variant, variant_ids: Sequence[int], parts: Sequence[str], *, actor: Actor
) -> Operation:
    """Gives these SKUs the source's exceptions of the named parts instead of their own. Raises InvalidInput.

    What the source has now is frozen in the operation: a later change of it does not creep in.
    """
    merchant = source.merchant
    chosen = [part for part in PARTS if part in parts]
    given = snapshots(merchant, [source.pk])[source.pk]
    if not chosen:
        raise InvalidInput("Nothing to copy is chosen.", fields={"parts": ["Tick one of the two at least."]})
    if not any(getattr(given, part) for part in chosen):
        message = f"SKU {source.sku} has {given.words(chosen)}."
        raise InvalidInput(message, hint="Choose another SKU.", fields={"source": [message]})
    targets = sorted(set(variant_ids) - {source.pk})
    if not targets:
        raise InvalidInput("No other SKU is selected.", hint="Tick the SKUs that shall get the exceptions.")
    title = f"Copy the exceptions of {source.sku} to {counted(len(targets), 'SKU')}"
    data = {"parts": chosen, "snapshot": given.as_json(), "source": source.sku}
    return _start(merchant, COPY, title, _specs(merchant, targets), data=data, actor=actor)


def _specs(merchant: Merchant, ids: Sequence[int]) -> Any:
    for batch in batches(ids, BATCH):
        rows = Variant.objects.filter(merchant=merchant, pk__in=batch).order_by("pk")
        for pk, sku in rows.values_list("pk", "sku"):
            yield RowSpec(VARIANT, pk, sku)


def _start(
    merchant: Merchant, kind: str, title: str, rows: Any, *, data: dict[str, Any], actor: Actor
) -> Operation:
    operation = start_operation(merchant, kind, title, actor=actor, rows=rows, data=data)
    enqueue(merchant, COPY_JOB, f"operation:{operation.pk}", operation=operation)
    return operation


@undo_with(COPY)
def undo_copy(operation: Operation, actor: Actor) -> Operation:
    """Gives every SKU back what it had; one that was changed since keeps its present exceptions and is named."""
    done = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.DONE
    ).order_by("pk")
    if not done.exists():
        raise StateConflict(f"“{operation.title}” changed nothing.", hint="There is nothing to undo.")
    rows = (
        RowSpec(VARIANT, row.object_id, row.label, data={"snapshot": row.before})
        for row in done.iterator(chunk_size=BATCH)
    )
    data = {"parts": operation.data["parts"], "expected": operation.data["snapshot"]}
    return _start(operation.merchant, UNDO, f"Undo: {operation.title}", rows, data=data, actor=actor)


@transaction.atomic
def apply_batch(operation: Operation, rows: Sequence[OperationRow]) -> None:
    """Writes the exceptions of these rows' SKUs and ends the rows. Safe to repeat: ended rows do not come again."""
    merchant = operation.merchant
    parts, shared = operation.data["parts"], operation.data.get("snapshot")
    expected = operation.data.get("expected")
    ids = [row.object_id for row in rows if row.object_id]
    locked = Variant.objects.filter(merchant=merchant, pk__in=ids).order_by("pk")
    here = list(locked.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    now = snapshots(merchant, here)
    wanted = {
        row.object_id: _only(Snapshot.from_json(shared or row.data["snapshot"]), parts)
        for row in rows
        if row.object_id in now and _is_as_expected(now[row.object_id], expected, parts)
    }
    write_snapshots(merchant, wanted, parts)
    befores = [
        {"id": row.pk, "before": now[row.object_id].as_json()} for row in rows if row.object_id in wanted
    ]
    update_rows(OperationRow, merchant, ("before",), befores)
    _end_rows(operation, rows, set(wanted), set(here))
    record(
        merchant,
        f"{operation.kind}.applied",
        f"{counted(len(wanted), 'SKU')} got other exceptions",
        actor=Actor(label=operation.actor_label, user=operation.actor),
        about=operation,
        operation=operation,
    )
    tell_jet(merchant, list(wanted))


def _only(snapshot: Snapshot, parts: Sequence[str]) -> Snapshot:
    return Snapshot(
        snapshot.shipping if "shipping" in parts else (), snapshot.returns if "returns" in parts else None
    )


def _is_as_expected(now: Snapshot, expected: dict[str, Any] | None, parts: Sequence[str]) -> bool:
    if expected is None:
        return True
    stored = now.as_json()
    return all(stored[part] == expected[part] for part in parts)


def _end_rows(operation: Operation, rows: Sequence[OperationRow], written: set[int], here: set[int]) -> None:
    done = [row.pk for row in rows if row.object_id in written]
    changed = [row.pk for row in rows if row.object_id in here - written]
    gone = [row.pk for row in rows if row.object_id not in here]
    finish_rows(operation, done, RowState.DONE, message="Written here; Jet is told.")
    finish_rows(operation, changed, RowState.SKIPPED, code=Code.CHANGED_SINCE, message=CHANGED_SINCE)
    finish_rows(operation, gone, RowState.SKIPPED, message="The SKU was deleted meanwhile.")
