"""The way back from an import, batch by batch, the last first. A batch that is written back is kept no longer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from catalog.actions.csv_groups import restore_groups
from catalog.actions.csv_plan import Change, Plan, lock_known, stored_values
from catalog.actions.csv_upload import IMPORT_KIND
from catalog.actions.csv_write import SHARED, write_prices, write_products
from catalog.actions.deltas import push_deltas
from catalog.actions.targets import refresh_targets
from catalog.bulk import update_rows
from catalog.codes import Code
from catalog.csv_rows import ParsedRow
from catalog.csv_undo import can_empty, falls_back, mark_of_value, moved_words, typed_value, word_for
from catalog.enums import CsvKind, ProductKind
from catalog.facts import VariantFacts
from catalog.models import CsvBefore, CsvUpload, NodeStock, Variant
from catalog.node_columns import split_key
from catalog.queries.csv_emptied import count_emptied, emptying, listed_among, nodes_of
from catalog.queries.sheet import Known, node_values
from jetsync.actions.operation import is_cancelled, mark_running, refresh_progress, start_operation
from jetsync.cycles import no_cycle_search
from jetsync.enums import Priority, RowState
from jetsync.exceptions import StateConflict
from jetsync.models import FulfillmentNode, Merchant, Operation, OperationRow
from jetsync.queries.settings import default_node
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind, undo_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.managers import bulk_create
from jetsync.tenancy.rights import Right

IMPORT_BACK = "catalog.csv_undo"
UNDO_JOB = "catalog.undo_csv"
SAYS = (
    "SKUs that the file changed get back what they had before, of just those columns. SKUs that the file added stay: "
    "the page of the file deletes those that Jet does not list. Variation groups become what they were before the file."
)

operation_kind(IMPORT_BACK, right=Right.PRODUCTS_EDIT)


def can_go_back(operation: Operation) -> bool:
    """Whether values of before are kept: files that changed nothing have none."""
    return _kept(operation).exists()


def _kept(operation: Operation) -> QuerySet[CsvBefore]:
    return CsvBefore.objects.filter(merchant=operation.merchant_id, upload__operation=operation)


def _foretell(operation: Operation) -> list[str]:
    count = count_emptied(operation)
    if not count:
        return []
    skus, them = ("1 listed SKU loses", "it") if count == 1 else (f"{count:,} listed SKUs lose", "them")
    said = f"{skus} price or quantity, which the file brought, unless you leave {them} alone"
    return [f"{said}: without a quantity a SKU is set to 0 at Jet, without a price Jet keeps the last one."]


def _choice(operation: Operation) -> str:
    count = count_emptied(operation)
    if not count:
        return ""
    skus = "the listed SKU" if count == 1 else f"the {count:,} listed SKUs"
    return f"Leave price and quantity of {skus} that would have none"


@undo_with(IMPORT_KIND, says=SAYS, when=can_go_back, foretells=_foretell, choice=_choice)
def undo_import(operation: Operation, actor: Actor, spares: bool = True) -> Operation:  # noqa: FBT001, FBT002 -- the registry calls it
    """Starts the way back; `spares` leaves listed SKUs their price and quantity where they had none before.

    Raises StateConflict where nothing is kept of what stood before.
    """
    upload = CsvUpload.objects.filter(merchant=operation.merchant_id, operation=operation).first()
    count = sum(len(rows) for rows in _kept(operation).values_list("rows", flat=True).iterator(chunk_size=1))
    if upload is None or not count:
        raise StateConflict(f"“{operation.title}” changed no SKU.", hint="There is nothing to undo.")
    title, data = f"Undo: {operation.title}"[:200], {"csv_upload": upload.pk, "spares_listed": spares}
    undoing = start_operation(operation.merchant, IMPORT_BACK, title, actor=actor, data=data)
    Operation.objects.filter(pk=undoing.pk, merchant=operation.merchant_id).update(total=count)
    enqueue(operation.merchant, UNDO_JOB, f"operation:{undoing.pk}", priority=Priority.NOW, operation=undoing)
    return undoing


def run_undo(operation: Operation, heartbeat: Callable[[], None] = lambda: None) -> Operation:
    """Writes back what is still kept; may be called again after a kill."""
    mark_running(operation)
    while not is_cancelled(operation):
        heartbeat()
        if not _undo_batch(operation):
            break
    return refresh_progress(operation, finish=True)


@dataclass
class _Back:
    """What one batch does: `changes` to write, own counts of the default node, and which SKUs or columns are left, why.

    `at_nodes`: what nodes have of these SKUs now, by the SKU's pk; `nodes`: their names; `default`: pk of the default one.
    """

    operation: Operation
    at_nodes: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    nodes: Mapping[int, str] = field(default_factory=dict)
    default: int | None = None
    changes: list[Change] = field(default_factory=list)
    own: dict[int, int] = field(default_factory=dict)
    left: list[OperationRow] = field(default_factory=list)


@no_cycle_search()
@transaction.atomic
def _undo_batch(operation: Operation) -> bool:
    """False when nothing is left."""
    merchant = operation.merchant
    kept = CsvBefore.objects.filter(merchant=merchant, upload=operation.data["csv_upload"])
    before = kept.select_for_update(of=("self",)).select_related("upload").order_by("-upto").first()
    if before is None:
        return False
    entries = {int(pk): entry for pk, entry in before.rows.items()}
    if before.upload.kind == CsvKind.VARIATIONS:
        _undo_groups(operation, before, entries)
        return True
    known = _locked(merchant, list(entries))
    spares = operation.data.get("spares_listed", True)
    back = _plan(operation, entries, known, listed_among(merchant, emptying(entries)) if spares else set())
    written = _write(merchant, before.upload, back)
    if written:
        refresh_targets(merchant, written, push=False)
        push_deltas(merchant)
    bulk_create(OperationRow, back.left)
    before.delete()
    skipped = sum(row.state == RowState.SKIPPED for row in back.left)
    Operation.objects.filter(pk=operation.pk, merchant=merchant).update(
        done=F("done") + len(entries) - skipped, skipped=F("skipped") + skipped
    )
    return True


def _undo_groups(operation: Operation, before: CsvBefore, entries: Mapping[int, Mapping[str, Any]]) -> None:
    back = restore_groups(operation.merchant, entries)
    names = dict(
        Variant.objects.filter(merchant=operation.merchant, pk__in=list(back.left)).values_list("pk", "sku")
    )
    rows = [
        _left(operation, pk, names.get(pk, f"SKU {pk}"), Code.MOVED, words) for pk, words in back.left.items()
    ]
    bulk_create(OperationRow, rows)
    before.delete()
    Operation.objects.filter(pk=operation.pk, merchant=operation.merchant_id).update(
        done=F("done") + back.done, skipped=F("skipped") + len(rows)
    )


def _locked(merchant: Merchant, ids: Sequence[int]) -> dict[int, VariantFacts]:
    rows = Variant.objects.filter(merchant=merchant, pk__in=ids).values_list("pk", "product_id")
    found = lock_known(merchant, [Known(pk, product, "") for pk, product in rows])
    return {facts.pk: facts for facts in found.values()}


def _plan(
    operation: Operation,
    entries: Mapping[int, Mapping[str, Any]],
    known: Mapping[int, VariantFacts],
    spared: Collection[int],
) -> _Back:
    """`spared`: SKUs that keep price and quantity where they had none before."""
    back = _started(operation, entries)
    # Of two SKUs of one product the lower row was written: both know what stood before them.
    ours: dict[tuple[int, str], set[str]] = defaultdict(set)
    for pk, entry in entries.items():
        for name, mark in entry["new"].items() if pk in known else ():
            ours[_owner(known[pk], name), name].add(mark)
    for pk, entry in entries.items():
        facts = known.get(pk)
        if facts is None:
            back.left.append(_left(operation, pk, f"SKU {pk}", Code.GONE, "The SKU was deleted meanwhile."))
            continue
        _plan_one(back, facts, entry, ours, spares=pk in spared)
    return back


def _started(operation: Operation, entries: Mapping[int, Mapping[str, Any]]) -> _Back:
    """Two queries more where the file wrote at nodes, one otherwise."""
    merchant, default = operation.merchant, default_node(operation.merchant)
    places = nodes_of(entry["old"] for entry in entries.values())
    if not places:
        return _Back(operation, default=default.pk if default else None)
    names = FulfillmentNode.objects.filter(merchant=merchant, pk__in=places).values_list("pk", "name")
    own = node_values(merchant, list(entries), places)
    return _Back(operation, own, dict(names), default.pk if default else None)


def _plan_one(
    back: _Back,
    facts: VariantFacts,
    entry: Mapping[str, Any],
    ours: Mapping[tuple[int, str], set[str]],
    *,
    spares: bool,
) -> None:
    """Each column for itself: one that was changed since, or would leave a listed SKU without, stays alone."""
    at_nodes: dict[str, Any] = {name: None for name in entry["old"] if split_key(name)}
    at_nodes.update(back.at_nodes.get(facts.pk, {}))
    stored = {"price": facts.price, "quantity": facts.quantity, **at_nodes, **stored_values(facts)}
    old = {name: typed_value(name, value) for name, value in entry["old"].items()}
    differ = {
        name for name, value in old.items() if mark_of_value(name, value) != mark_of_value(name, stored[name])
    }
    moved = {
        name for name in differ if mark_of_value(name, stored[name]) not in ours[_owner(facts, name), name]
    }
    kept = _spared(back, facts, {name: old[name] for name in differ - moved}) if spares else set()
    names = differ - moved - kept
    if "own" in entry and "quantity" not in moved | kept:
        back.own[facts.pk] = entry["own"]
    if names:
        values = {**stored, **{name: old[name] for name in names}}
        row = ParsedRow(0, [], sku=facts.sku, values=values)
        back.changes.append(Change(row, facts, values, frozenset(names)))
    if moved or kept:
        words = _left_words(stored, moved, kept, names, back.nodes)
        state = RowState.DONE if names or facts.pk in back.own else RowState.SKIPPED
        code = Code.MOVED if moved else Code.LISTED
        back.left.append(_left(back.operation, facts.pk, facts.sku, code, words, state=state))


def _spared(back: _Back, facts: VariantFacts, old: Mapping[str, Any]) -> set[str]:
    """What the SKU had none of before, and cannot be sold without, there or at all."""
    empties = {name for name, value in old.items() if value is None and can_empty(name)}
    return {name for name in empties if not falls_back(name, back.default, facts.quantity)}


def _left_words(
    stored: Mapping[str, Any], moved: set[str], kept: set[str], names: set[str], nodes: Mapping[int, str]
) -> str:
    parts = []
    if moved:
        words = "; ".join(moved_words(word_for(name, nodes), stored[name]) for name in sorted(moved))
        parts.append(f"Changed since: {words}. Left as it is.")
    if kept:
        parts.append(f"Listed at Jet, and had no {_listed_names(kept, nodes)} before. Left as it is.")
    if names:
        parts.append(f"Written back: {_listed_names(names, nodes)}.")
    return " ".join(parts)


def _listed_names(names: set[str], nodes: Mapping[int, str]) -> str:
    return ", ".join(word_for(name, nodes) for name in sorted(names))


def _owner(facts: VariantFacts, name: str) -> int:
    """Products and variants have keys of their own; a negative one is a product's."""
    is_shared = name in SHARED and not (name == "title" and facts.kind == ProductKind.VARIABLE)
    return -facts.product_id if is_shared else facts.pk


def _left(
    operation: Operation, pk: int, label: str, code: str, message: str, *, state: RowState = RowState.SKIPPED
) -> OperationRow:
    return OperationRow(
        merchant_id=operation.merchant_id,
        operation=operation,
        object_type="catalog.variant",
        object_id=pk,
        label=label[:200],
        state=state,
        code=code,
        message=message[:1000],
    )


def _write(merchant: Merchant, upload: CsvUpload, back: _Back) -> list[int]:
    """The SKUs whose targets must follow."""
    plan = Plan(changed=back.changes, upload_id=upload.pk)
    is_prices = upload.kind == CsvKind.PRICE_INVENTORY
    written = write_prices(merchant, plan) if is_prices else write_products(merchant, plan)
    _restore_own(merchant, back.own)
    return [*written.variant_ids, *back.own]


def _restore_own(merchant: Merchant, own: Mapping[int, int]) -> None:
    """A count that was typed at the default node since stays."""
    if not own:
        return
    rows = NodeStock.objects.filter(
        merchant=merchant, variant__in=list(own), node=default_node(merchant), quantity=None
    )
    found = rows.values_list("pk", "variant_id")
    update_rows(
        NodeStock, merchant, ("quantity",), [{"id": pk, "quantity": own[variant]} for pk, variant in found]
    )
