"""The way back from an import, batch by batch, the last first. A batch that is written back is kept no longer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from catalog.actions.csv_plan import Change, Plan, lock_known, stored_values
from catalog.actions.csv_upload import IMPORT_KIND
from catalog.actions.csv_write import SHARED, write_prices, write_products
from catalog.actions.deltas import push_deltas
from catalog.actions.targets import refresh_targets
from catalog.bulk import update_rows
from catalog.csv_rows import ParsedRow
from catalog.csv_undo import mark_of_value, moved_words, typed_value
from catalog.enums import CsvKind, ProductKind
from catalog.facts import VariantFacts
from catalog.models import CsvBefore, CsvUpload, NodeStock, Variant
from catalog.queries.sheet import Known
from jetsync.actions.operation import is_cancelled, mark_running, refresh_progress, start_operation
from jetsync.cycles import no_cycle_search
from jetsync.enums import Priority, RowState
from jetsync.exceptions import StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.queries.settings import default_node
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import undo_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.managers import bulk_create

IMPORT_BACK = "catalog.csv_undo"
UNDO_JOB = "catalog.undo_csv"
SAYS = (
    "SKUs that the file changed get back what they had before, of just those columns. SKUs that the file added stay: "
    "delete them in Products, or archive those that Jet lists."
)


def can_go_back(operation: Operation) -> bool:
    """Whether values of before are kept: files that changed nothing and variation files have none."""
    return _kept(operation).exists()


def _kept(operation: Operation) -> QuerySet[CsvBefore]:
    return CsvBefore.objects.filter(merchant=operation.merchant_id, upload__operation=operation)


@undo_with(IMPORT_KIND, says=SAYS, when=can_go_back)
def undo_import(operation: Operation, actor: Actor) -> Operation:
    """Starts the way back. Raises StateConflict where nothing is kept of what stood before."""
    upload = CsvUpload.objects.filter(merchant=operation.merchant_id, operation=operation).first()
    count = sum(len(rows) for rows in _kept(operation).values_list("rows", flat=True).iterator(chunk_size=1))
    if upload is None or not count:
        raise StateConflict(f"“{operation.title}” changed no SKU.", hint="There is nothing to undo.")
    title, data = f"Undo: {operation.title}"[:200], {"csv_upload": upload.pk}
    undoing = start_operation(operation.merchant, IMPORT_BACK, title, actor=actor, data=data)
    Operation.objects.filter(pk=undoing.pk, merchant=operation.merchant_id).update(total=count)
    enqueue(
        operation.merchant,
        UNDO_JOB,
        f"operation-{undoing.pk}",
        priority=Priority.NOW,
        operation=undoing,
        data={"operation": undoing.pk},
    )
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
    """What one batch does: `changes` to write, own counts of the default node, and why others are left."""

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
    back = _plan(operation, entries, _locked(merchant, list(entries)))
    written = _write(merchant, before.upload, back)
    if written:
        refresh_targets(merchant, written, push=False)
        push_deltas(merchant)
    bulk_create(OperationRow, back.left)
    before.delete()
    Operation.objects.filter(pk=operation.pk, merchant=merchant).update(
        done=F("done") + len(entries) - len(back.left), skipped=F("skipped") + len(back.left)
    )
    return True


def _locked(merchant: Merchant, ids: Sequence[int]) -> dict[int, VariantFacts]:
    rows = Variant.objects.filter(merchant=merchant, pk__in=ids).values_list("pk", "product_id")
    found = lock_known(merchant, [Known(pk, product, "") for pk, product in rows])
    return {facts.pk: facts for facts in found.values()}


def _plan(
    operation: Operation, entries: Mapping[int, Mapping[str, Any]], known: Mapping[int, VariantFacts]
) -> _Back:
    back = _Back()
    # Of two SKUs of one product the lower row was written: both know what stood before them.
    ours: dict[tuple[int, str], set[str]] = defaultdict(set)
    for pk, entry in entries.items():
        for name, mark in entry["new"].items() if pk in known else ():
            ours[_owner(known[pk], name), name].add(mark)
    for pk, entry in entries.items():
        facts = known.get(pk)
        if facts is None:
            back.left.append(_left(operation, pk, f"SKU {pk}", "gone", "The SKU was deleted meanwhile."))
            continue
        stored = {"price": facts.price, "quantity": facts.quantity, **stored_values(facts)}
        old = {name: typed_value(name, value) for name, value in entry["old"].items()}
        differ = {
            name
            for name, value in old.items()
            if mark_of_value(name, value) != mark_of_value(name, stored[name])
        }
        moved = [
            name
            for name in differ
            if mark_of_value(name, stored[name]) not in ours[_owner(facts, name), name]
        ]
        if moved:
            words = "; ".join(moved_words(name, stored[name]) for name in sorted(moved))
            message = f"Changed since: {words}. Left as it is."
            back.left.append(_left(operation, pk, facts.sku, "moved", message))
            continue
        if "own" in entry:
            back.own[pk] = entry["own"]
        if differ:
            values = {**stored, **{name: old[name] for name in differ}}
            row = ParsedRow(0, [], sku=facts.sku, values=values)
            back.changes.append(Change(row, facts, values, frozenset(differ)))
    return back


def _owner(facts: VariantFacts, name: str) -> int:
    """Products and variants have keys of their own; a negative one is a product's."""
    is_shared = name in SHARED and not (name == "title" and facts.kind == ProductKind.VARIABLE)
    return -facts.product_id if is_shared else facts.pk


def _left(operation: Operation, pk: int, label: str, code: str, message: str) -> OperationRow:
    return OperationRow(
        merchant_id=operation.merchant_id,
        operation=operation,
        object_type="catalog.variant",
        object_id=pk,
        label=label[:200],
        state=RowState.SKIPPED,
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
