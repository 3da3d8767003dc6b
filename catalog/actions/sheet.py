"""Writing cells: of the editor in a table, of a change of many SKUs, and of their undo. One road for all three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog.actions.node_stock import write_at_node
from catalog.actions.product_rows import OFFERED_WITH
from catalog.actions.targets import refresh_targets
from catalog.bulk import update_rows
from catalog.models import Product, Variant
from catalog.price_guard import Asked, Slip, asked_about, is_confirmed, quantity_slip, variant_slips
from catalog.problems import Problem
from catalog.queries.map_price import slips_by_product
from catalog.queries.product import variants_of_products
from catalog.queries.rules import price_guard
from catalog.queries.sheet import SheetRow, editor_rows, lookups_of
from catalog.sheet_cells import NEEDED, NODE, Lookups, cell_text, read_cell, sheet_columns
from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_rows, refresh_progress, start_operation
from jetsync.enums import RowState
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

SHEET_EDIT = "catalog.sheet_edit"
# A page of the editor has up to 200 rows; nobody pastes more than this many cells into it.
MOST_CELLS = 5000
PRICES = frozenset({"price", "special_price"})
SHARED = {"title", "brand", "description", "store_category", "profile"}

operation_kind(SHEET_EDIT, right=Right.PRODUCTS_EDIT)


@dataclass(frozen=True)
class CellEdit:
    """`seen` is what the cell held when the page was read: what differs from it now was changed by somebody else."""

    variant_id: int
    column: str
    seen: str
    text: str


@dataclass(frozen=True)
class CellNote:
    """Why a cell was not stored. `now` is what is stored, when that has changed since the page was read.

    `is_emptied`: a value that is needed would be gone; it is stored once that is confirmed.
    """

    variant_id: int
    column: str
    message: str
    fix: str = ""
    now: str | None = None
    is_emptied: bool = False


@dataclass
class Judged:
    """`values` of good cells by SKU and column. `shared`: (product, column) -> the SKU and text that came first."""

    rows: dict[int, SheetRow] = field(default_factory=dict)
    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    notes: list[CellNote] = field(default_factory=list)
    shared: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)
    asked: Asked | None = None


@dataclass(frozen=True)
class Saved:
    operation: Operation | None
    cells: int
    notes: list[CellNote]
    asked: Asked | None = None


def judge_cells(
    merchant: Merchant, edits: Sequence[CellEdit], confirmed: str = "", *, may_empty: bool = False
) -> Judged:
    """What the edits would store, and why others cannot be. Nothing is written.

    Values that are needed are not emptied unless `may_empty`. Prices and quantities that are slips are left out, and
    asked about, unless `confirmed` has their mark.
    """
    lookups = lookups_of(merchant)
    ids = sorted({edit.variant_id for edit in edits})
    judged = Judged(editor_rows(merchant, ids, list(lookups.nodes)))
    labels = {column.key: column.label for column in sheet_columns(lookups)}
    for edit in edits:
        row = judged.rows.get(edit.variant_id)
        if row is None or edit.column not in labels or edit.text.strip() == edit.seen.strip():
            continue
        if edit.column in NEEDED and row.texts[edit.column] and not edit.text.strip() and not may_empty:
            judged.notes.append(_emptied(row, edit, labels[edit.column]))
            continue
        _judge_cell(judged, row, edit, labels[edit.column], lookups)
    _hold_back(merchant, judged, confirmed, labels)
    return judged


def _emptied(row: SheetRow, edit: CellEdit, label: str) -> CellNote:
    message = (
        f"{label} of SKU {row.sku} would be empty. Jet needs it, unless a profile or a mapping fills it."
    )
    return CellNote(row.pk, edit.column, message, "Type it, or confirm that it goes.", is_emptied=True)


def _jumps(row: SheetRow, values: Mapping[str, Any], labels: Mapping[str, str]) -> list[Slip]:
    """Of the SKU's own quantity and of its nodes'."""
    found = [
        quantity_slip(row.sku, int(row.texts[key] or 0), value, field=key, label=labels[key])
        for key, value in values.items()
        if key == "quantity" or key.startswith(NODE)
    ]
    return [slip for slip in found if slip]


def _hold_back(merchant: Merchant, judged: Judged, confirmed: str, labels: Mapping[str, str]) -> None:
    slips = {pk: _jumps(judged.rows[pk], values, labels) for pk, values in judged.values.items()}
    names = {column for values in judged.values.values() for column in values}
    if not names & {*PRICES, "profile"} and not any(slips.values()):
        return
    guard = price_guard(merchant)
    for pk, values in judged.values.items():
        slips[pk] += variant_slips(guard, judged.rows[pk].sku, judged.rows[pk].prices, values)
    for pk, slip in profile_slips(merchant, judged.rows, judged.values).items():
        slips[pk].append(slip)
    every = [slip for found in slips.values() for slip in found]
    if is_confirmed(every, confirmed):
        return
    judged.asked = asked_about(every, guard.percent)
    for pk, found in slips.items():
        for slip in found:
            del judged.values[pk][slip.field]
            judged.notes.append(CellNote(pk, slip.field, slip.reason, slip.problem.fix))
        if not judged.values[pk]:
            del judged.values[pk]


def profile_slips(
    merchant: Merchant, rows: Mapping[int, SheetRow], values: Mapping[int, Mapping[str, Any]]
) -> dict[int, Slip]:
    """SKU -> the question about the profile that its product would get. It concerns all SKUs of the product."""
    wanted = {rows[pk].product_id: own["profile"] for pk, own in values.items() if "profile" in own}
    found = slips_by_product(merchant, wanted) if wanted else {}
    return {
        pk: found[rows[pk].product_id]
        for pk, own in values.items()
        if "profile" in own and rows[pk].product_id in found
    }


def _judge_cell(judged: Judged, row: SheetRow, edit: CellEdit, label: str, lookups: Lookups) -> None:
    now, shared = row.texts[edit.column], judged.shared
    if now == edit.text.strip():
        return
    if now != edit.seen.strip():
        message = f"{label} of SKU {row.sku} was “{edit.seen}” when you opened the page and is “{now}” now."
        fix = "Look at the new value and save again to replace it."
        judged.notes.append(CellNote(row.pk, edit.column, message, fix, now))
        return
    value = read_cell(edit.column, edit.text, lookups)
    if isinstance(value, Problem):
        judged.notes.append(CellNote(row.pk, edit.column, value.message, value.fix))
        return
    if is_shared(edit.column, row):
        key = (row.product_id, edit.column)
        sku, text = shared.setdefault(key, (row.sku, edit.text.strip()))
        if text != edit.text.strip():
            message = f"{label} is one for all SKUs of the product, and SKU {sku} says “{text}”."
            judged.notes.append(CellNote(row.pk, edit.column, message, "Give both the same value."))
            return
    if cell_text(edit.column, value) == now:  # written in another way
        return
    judged.values.setdefault(row.pk, {})[edit.column] = value


def is_shared(column: str, row: SheetRow) -> bool:
    """Whether the value belongs to the product. A SKU of a family has a title of its own."""
    return column in SHARED and not (column == "title" and row.is_family)


@transaction.atomic
def save_cells(
    merchant: Merchant,
    edits: Sequence[CellEdit],
    *,
    actor: Actor,
    confirmed: str = "",
    may_empty: bool = False,
) -> Saved:
    """Stores the good cells as one operation that can be undone, and says of every other cell why it was left."""
    lock_variants(merchant, [edit.variant_id for edit in edits])
    judged = judge_cells(merchant, edits, confirmed, may_empty=may_empty)
    count = sum(len(values) for values in judged.values.values())
    if not count:
        return Saved(None, 0, judged.notes, judged.asked)
    skus = len(judged.values)
    title = f"Edited {counted(count, 'cell')} of {counted(skus, 'SKU')} in a table"
    specs = [
        RowSpec(
            "catalog.variant",
            pk,
            judged.rows[pk].sku,
            before={column: judged.rows[pk].texts[column] for column in values},
            data={"after": {column: cell_text(column, value) for column, value in values.items()}},
        )
        for pk, values in judged.values.items()
    ]
    operation = start_operation(merchant, SHEET_EDIT, title, actor=actor, rows=specs)
    write_values(merchant, judged.rows, judged.values)
    rows = OperationRow.objects.filter(merchant=merchant, operation=operation)
    finish_rows(operation, list(rows.values_list("pk", flat=True)), RowState.DONE)
    log_rows(merchant, operation, actor)
    done = refresh_progress(operation, message=f"{counted(count, 'cell')} stored.", finish=True)
    return Saved(done, count, judged.notes, judged.asked)


def lock_variants(merchant: Merchant, ids: Sequence[int]) -> None:
    """Products before variants, each in order of their pk, as everywhere."""
    variants = Variant.objects.filter(merchant=merchant, pk__in=set(ids))
    products = list(variants.values_list("product_id", flat=True))
    locked = Product.objects.filter(merchant=merchant, pk__in=products).order_by("pk")
    list(locked.select_for_update(no_key=True).values_list("pk", flat=True))
    list(variants.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def write_values(
    merchant: Merchant, rows: Mapping[int, SheetRow], values: Mapping[int, Mapping[str, Any]]
) -> None:
    """Typed values by SKU and column; a constant number of statements per column. The rows are locked by the caller."""
    lookups = lookups_of(merchant)
    columns = {column for given in values.values() for column in given}
    for column in sorted(columns):
        given = {pk: own[column] for pk, own in values.items() if column in own}
        if column.startswith(NODE):
            write_at_node(merchant, int(column.removeprefix(NODE)), "quantity", given)
            continue
        _write_column(merchant, column, {pk: (rows[pk], value) for pk, value in given.items()}, lookups)
    products = {rows[pk].product_id for pk, own in values.items() if (SHARED | OFFERED_WITH) & own.keys()}
    refresh_targets(merchant, {*values, *variants_of_products(merchant, products)})


def _write_column(
    merchant: Merchant, column: str, given: Mapping[int, tuple[SheetRow, Any]], lookups: Lookups
) -> None:
    names = {"store_category": lookups.categories, "profile": lookups.profiles}.get(column)
    products: dict[int, dict[str, Any]] = {}
    variants = []
    for pk, (row, value) in given.items():
        stored = names.get(value) if names is not None and value else value
        if is_shared(column, row):
            products[row.product_id] = {"id": row.product_id, column: stored}
        else:
            variants.append({"id": pk, column: stored})
    update_rows(Product, merchant, (column,), list(products.values()), touch="updated_at")
    if variants:
        update_rows(Variant, merchant, (column,), variants, touch="updated_at")


def log_rows(merchant: Merchant, operation: Operation, actor: Actor) -> None:
    """A line in the time line of each SKU; for edits that a person typed, so at most some dozens."""
    rows = OperationRow.objects.filter(merchant=merchant, operation=operation, state=RowState.DONE)
    variants = Variant.objects.filter(merchant=merchant).in_bulk([row.object_id for row in rows])
    for row in rows:
        variant = variants.get(row.object_id or 0)
        if variant is not None:
            record(
                merchant,
                "catalog.variant.changed",
                f"SKU {row.label} was changed in a table",
                actor=actor,
                about=variant,
                old=row.before,
                new=row.data.get("after", {}),
                operation=operation,
            )
