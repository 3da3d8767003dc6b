"""One value of many SKUs: fixed, or a price by an amount or a percentage. A job writes it; an undo writes it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.actions.sheet import SHEET_EDIT, lock_variants, profile_slips, write_values
from catalog.codes import Code
from catalog.models import Variant
from catalog.price_guard import UNCONFIRMED, PriceGuard, variant_slips
from catalog.pricing import to_cents
from catalog.problems import Problem
from catalog.queries.rules import price_guard
from catalog.queries.sheet import SheetRow, editor_rows, lookups_of
from catalog.sheet_cells import Lookups, cell_text, read_cell
from jetsync.actions.operation import (
    RowSpec,
    is_cancelled,
    lock_waiting,
    mark_running,
    refresh_progress,
    start_operation,
)
from jetsync.enums import Priority, RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind, undo_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

BULK_EDIT, EDIT_BACK = "catalog.bulk_edit", "catalog.edit_undo"
EDIT_JOB = "catalog.apply_edit"
# SKUs per transaction: locks are held well under a second.
BATCH = 500
SET, ADD, PERCENT = "set", "add", "percent"

operation_kind(BULK_EDIT, right=Right.PRODUCTS_EDIT)
operation_kind(EDIT_BACK, right=Right.PRODUCTS_EDIT)


@dataclass(frozen=True)
class BulkChange:
    """`how`: "set" the text, "add" an amount to the price (negative lowers it), or raise it by "percent"."""

    column: str
    how: str
    text: str

    def new_text(self, old: str) -> str | Problem:
        if self.how == SET:
            return self.text.strip()
        if not old:
            return Problem(self.column, "missing", "", "It has no price to start from.", "Set a price first.")
        amount, before = Decimal(self.text), Decimal(old)
        after = before + amount if self.how == ADD else before * (100 + amount) / 100
        return f"{to_cents(after):.2f}"


def new_value(change: BulkChange, row: SheetRow, lookups: Lookups) -> tuple[str, Any | Problem]:
    """The text and the value that the SKU would get, or what is wrong with it."""
    text = change.new_text(row.texts[change.column])
    if isinstance(text, Problem):
        return "", text
    value = read_cell(change.column, text, lookups)
    return text if isinstance(value, Problem) else cell_text(change.column, value), value


def start_bulk_edit(
    merchant: Merchant,
    ids: Sequence[int],
    change: BulkChange,
    *,
    title: str,
    actor: Actor,
    confirms_prices: bool = False,
) -> Operation:
    """Freezes the SKUs and enqueues the job. Raises InvalidInput for a value that no SKU could take.

    SKUs whose price would be a slip, or that would be sold below the MAP price of the profile, keep what they have and
    fail with the reason, unless `confirms_prices`.
    """
    if change.how == SET:
        found = read_cell(change.column, change.text, lookups_of(merchant))
        if isinstance(found, Problem):
            raise InvalidInput(found.message, hint=found.fix, fields={"value": [found.message]})
    variants = Variant.objects.filter(merchant=merchant, pk__in=ids).order_by("pk")
    specs = (
        RowSpec("catalog.variant", pk, sku)
        for pk, sku in variants.values_list("pk", "sku").iterator(chunk_size=2000)
    )
    with transaction.atomic():
        data = {"change": asdict(change), "confirms_prices": confirms_prices}
        operation = start_operation(merchant, BULK_EDIT, title, actor=actor, rows=specs, data=data)
        _enqueue(operation)
    return operation


def _enqueue(operation: Operation) -> None:
    enqueue(
        operation.merchant, EDIT_JOB, f"operation:{operation.pk}", priority=Priority.NOW, operation=operation
    )


def run_edit(operation: Operation, heartbeat: Callable[[], None] = lambda: None) -> Operation:
    """Writes what is still waiting, batch by batch; may be called again after a kill."""
    mark_running(operation)
    while not is_cancelled(operation):
        heartbeat()
        if not _edit_batch(operation):
            break
    return refresh_progress(operation, finish=True)


@transaction.atomic
def _edit_batch(operation: Operation) -> bool:
    """False when nothing is left."""
    merchant = operation.merchant
    rows = lock_waiting(operation, BATCH)
    if not rows:
        return False
    ids = [row.object_id for row in rows if row.object_id]
    lock_variants(merchant, ids)
    lookups, guard = lookups_of(merchant), guard_of(operation)
    known = editor_rows(merchant, ids, list(lookups.nodes))
    values: dict[int, dict[str, Any]] = {}
    for row in rows:
        sheet_row = known.get(row.object_id or 0)
        found = _plan_row(operation, row, sheet_row, lookups, guard) if sheet_row else None
        if sheet_row is None:
            _skip(row, Code.GONE, "The SKU was deleted meanwhile.")
        elif found:
            values[sheet_row.pk] = found
    if guard:
        _hold_profiles(merchant, rows, known, values)
    if values:
        write_values(merchant, known, values)
    OperationRow.objects.bulk_update(
        rows, ["state", "code", "message", "hint", "before", "data"], batch_size=BATCH
    )
    refresh_progress(operation, finish=False)
    return True


def _hold_profiles(
    merchant: Merchant,
    rows: Sequence[OperationRow],
    known: Mapping[int, SheetRow],
    values: dict[int, dict[str, Any]],
) -> None:
    """SKUs whose product would be sold below the MAP price of its new profile keep the one they have."""
    by_sku = {row.object_id: row for row in rows}
    for pk, slip in profile_slips(merchant, known, values).items():
        row = by_sku[pk]
        _skip(row, UNCONFIRMED, slip.words, RowState.FAILED)
        row.hint = "Its profile is as before. Change it again and confirm it, if it is right."
        row.before, row.data = {}, {}
        del values[pk]


def guard_of(operation: Operation) -> PriceGuard | None:
    """None where the prices are confirmed, or those of before come back."""
    change = operation.data.get("change", {})
    asks = change.get("column") in {"price", "profile"} and not operation.data.get("confirms_prices")
    return price_guard(operation.merchant) if asks else None


def _skip(row: OperationRow, code: str, message: str, state: RowState = RowState.SKIPPED) -> None:
    row.state, row.code, row.message = state, code, message


def _plan_row(
    operation: Operation, row: OperationRow, stored: SheetRow, lookups: Lookups, guard: PriceGuard | None
) -> dict[str, Any] | None:
    """The values to write, or None with the row ended and the reason on it."""
    if "change" in operation.data:
        return _plan_change(BulkChange(**operation.data["change"]), row, stored, lookups, guard)
    return _plan_back(row, stored, lookups)


def _plan_change(
    change: BulkChange, row: OperationRow, stored: SheetRow, lookups: Lookups, guard: PriceGuard | None
) -> dict[str, Any] | None:
    old = stored.texts[change.column]
    text, value = new_value(change, stored, lookups)
    if isinstance(value, Problem):
        _skip(row, value.rule, value.message, RowState.FAILED)
        row.hint = value.fix
        return None
    if text == old:
        _skip(row, Code.SAME, f"It is “{old}” already.")
        return None
    slips = variant_slips(guard, stored.sku, stored.prices, {change.column: value}) if guard else []
    if slips:
        _skip(row, UNCONFIRMED, slips[0].reason, RowState.FAILED)
        row.hint = "Its price is as before. Change it again and confirm it, if it is right."
        return None
    row.state = RowState.DONE
    row.before, row.data = {change.column: old}, {"after": {change.column: text}}
    return {change.column: value}


def _plan_back(row: OperationRow, stored: SheetRow, lookups: Lookups) -> dict[str, Any] | None:
    """An undo leaves alone what was changed since, and names it."""
    expected: Mapping[str, str] = row.data.get("expects", {})
    if all(stored.texts.get(name) == text for name, text in row.data["after"].items()):
        _skip(row, Code.SAME, "It has the value of before already.")
        return None
    moved = [
        f"{name} is “{stored.texts.get(name, '')}” now, not “{text}”"
        for name, text in expected.items()
        if not _is_same(stored.texts.get(name, ""), text)
    ]
    if moved:
        _skip(row, Code.MOVED, f"Changed since: {'; '.join(moved)}. Left as it is.")
        return None
    values = {name: read_cell(name, text, lookups) for name, text in row.data["after"].items()}
    wrong = [value for value in values.values() if isinstance(value, Problem)]
    if wrong:
        _skip(
            row, wrong[0].rule, f"The value of before cannot be stored: {wrong[0].message}", RowState.FAILED
        )
        return None
    row.before, row.state = dict(expected), RowState.DONE
    return values


def _is_same(now: str, text: str) -> bool:
    return now == text.strip()


@undo_with(BULK_EDIT)
@undo_with(SHEET_EDIT)
def undo_edit(operation: Operation, actor: Actor) -> Operation:
    """A new operation that writes the values of before back, here, and so at Jet."""
    done = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.DONE
    ).order_by("pk")
    specs = (
        RowSpec(
            row.object_type,
            row.object_id,
            row.label,
            data={"after": row.before, "expects": row.data.get("after", {})},
        )
        for row in done.iterator(chunk_size=2000)
        if row.before
    )
    undoing = start_operation(
        operation.merchant, EDIT_BACK, f"Undo: {operation.title}"[:200], actor=actor, rows=specs
    )
    if not undoing.total:
        raise StateConflict(f"“{operation.title}” changed nothing.", hint="There is nothing to undo.")
    _enqueue(undoing)
    return undoing
