"""Sending again what Jet refused: a file from current data for the SKUs it concerns, or the SKUs of an error group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from catalog.actions.files import step_of
from catalog.actions.left_out import skip_unready
from catalog.actions.sending import (
    Way,
    check_ready,
    listing_row,
    start_sending,
)
from catalog.actions.targets import refresh_targets
from catalog.bulk import batches
from catalog.codes import Code
from catalog.enums import FileState, FileType, Step
from catalog.models import BulkFile, Listing, NodeStock, SkuError, VariationGroup, VariationMember
from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec
from jetsync.enums import RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.registry import operation_kind, retry_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

RESUBMIT, RESEND = "catalog.resubmit", "catalog.resend"
BATCH = 2000
# What else a SKU misses when its product data was refused: Jet took neither price nor quantity of it.
UPLOAD_STEPS = (Step.CONTENT, Step.PRICE, Step.INVENTORY, Step.VARIATION, Step.SHIPPING, Step.RETURNS)
RESUBMITTABLE = (FileState.WITH_ERRORS, FileState.FAILED)


@dataclass(frozen=True)
class Touched:
    """The listings of a file that Jet refused, and those among them whose data differs from what the file held."""

    listing_ids: list[int]
    changed: list[int]

    @property
    def unchanged(self) -> int:
        return len(self.listing_ids) - len(self.changed)


def touched_by(file: BulkFile) -> Touched:
    """What a resubmit would carry: SKUs with an open error of this file, or all of a file that never arrived."""
    merchant = file.merchant
    entries = {entry[0]: entry for entry in file.manifest}
    if file.state == FileState.WITH_ERRORS:
        rows = SkuError.objects.filter(merchant=merchant, file=file, resolved_at=None)
        # A child that Jet named has no entry of its own: its group's parent has.
        wanted = set(rows.values_list("listing_id", flat=True)) & entries.keys()
    else:
        wanted = set(entries)
    known = Listing.objects.filter(merchant=merchant, pk__in=wanted).order_by("pk")
    ids = list(known.values_list("pk", flat=True))
    now = _present(merchant, FileType(file.file_type), ids)
    changed = [pk for pk in ids if pk in entries and not _is_same(entries[pk], now.get(pk))]
    return Touched(ids, changed)


def _is_same(entry: Sequence[Any], now: Sequence[Any] | None) -> bool:
    """A group's entry ends with the children, which its hash speaks for."""
    return now is not None and list(entry[2 : 2 + len(now)]) == list(now)


def _present(merchant: Merchant, file_type: FileType, ids: Sequence[int]) -> dict[int, list[Any]]:
    """Listing -> its manifest entry as it would be now, without pk and SKU. One or two queries."""
    rows = Listing.objects.filter(merchant=merchant, pk__in=list(ids))
    columns = {
        FileType.MERCHANT_SKUS: "content_target",
        FileType.ARCHIVE: "archived_target",
        FileType.SHIPPING_EXCEPTION: "shipping_target",
        FileType.RETURNS_EXCEPTION: "returns_target",
    }
    if file_type in columns:
        return {pk: [value] for pk, value in rows.values_list("pk", columns[file_type])}
    if file_type == FileType.VARIATION:
        groups = VariationGroup.objects.filter(merchant=merchant, parent__listing__in=list(ids))
        return {
            pk: [group, target] for pk, group, target in groups.values_list("parent__listing", "pk", "target")
        }
    stock = _stock(merchant, ids)
    if file_type == FileType.INVENTORY:
        return {pk: [{node: quantity for node, (quantity, _price) in stock[pk].items()}] for pk in ids}
    return {
        pk: [str(price), {node: own for node, (_quantity, own) in stock[pk].items()}]
        for pk, price in rows.values_list("pk", "price_target")
    }


def _stock(merchant: Merchant, ids: Sequence[int]) -> dict[int, dict[str, tuple[int, str | None]]]:
    found: dict[int, dict[str, tuple[int, str | None]]] = defaultdict(dict)
    rows = NodeStock.objects.filter(
        merchant=merchant, variant__listing__in=list(ids), node__account__mode=merchant.mode
    )
    for listing, pk, quantity, price in rows.values_list(
        "variant__listing", "pk", "quantity_target", "price_target"
    ):
        found[listing][str(pk)] = (quantity, None if price is None else str(price))
    return found


@transaction.atomic
def resubmit_file(file: BulkFile, *, actor: Actor, anyway: bool = False) -> Operation:
    """Builds the refused SKUs of a file anew from current data and sends them as a file.

    Raises StateConflict when the file has nothing to resubmit, or nothing has changed and `anyway` was not said.
    """
    merchant = file.merchant
    locked = BulkFile.objects.select_for_update(of=("self",)).get(pk=file.pk, merchant=merchant)
    if locked.state not in RESUBMITTABLE:
        raise StateConflict(
            f"{locked.name} is “{locked.get_state_display()}”.",
            hint="Only files that came back with errors, or were never sent, can be resubmitted.",
        )
    listings = _listings(merchant, touched_by(locked).listing_ids)
    if not listings:
        raise StateConflict(
            f"No SKU of {locked.name} has an open error.", hint="Clear the file: there is nothing to send."
        )
    refresh_targets(merchant, [row.variant_id for row in listings], push=False)
    touched = touched_by(locked)
    if not touched.changed and not anyway:
        raise StateConflict(
            "Nothing has changed since this file was sent, so Jet would refuse it again.",
            hint="Correct the products first, or say that it should be sent all the same.",
            code=Code.NOTHING_CHANGED,
        )
    step = step_of(locked)
    steps = UPLOAD_STEPS if step == Step.CONTENT else (step,)
    operation = _send(
        merchant,
        RESUBMIT,
        f"Resubmit {counted(len(listings), 'product')} of {locked.name}",
        [listing_row(row) for row in listings],
        steps,
        actor=actor,
        data={"resubmit_of": locked.pk},
    )
    locked.state = FileState.RESUBMITTED
    locked.save(update_fields=["state"])
    record(
        merchant,
        "catalog.file.resubmitted",
        f"{locked.name} was resubmitted with {counted(len(listings), 'product')}, {len(touched.changed):,} of them changed",
        actor=actor,
        about=locked,
        operation=operation,
    )
    return operation


def _send(
    merchant: Merchant,
    kind: str,
    title: str,
    rows: Sequence[RowSpec],
    steps: Sequence[Step],
    *,
    actor: Actor,
    data: dict[str, Any] | None = None,
    way: Way = Way.FILES,
) -> Operation:
    operation = start_sending(merchant, kind, title[:200], rows, steps, actor=actor, way=way, data=data)
    if Step.CONTENT in steps:
        skip_unready(operation, [row.object_id or 0 for row in rows if str(Step.CONTENT) not in row.data])
    return operation


def _listings(merchant: Merchant, ids: Iterable[int]) -> list[Listing]:
    rows = Listing.objects.filter(merchant=merchant, pk__in=list(ids)).select_related("variant")
    return list(rows.order_by("pk"))


@transaction.atomic
def resend_errors(
    merchant: Merchant, error_ids: Sequence[int], *, actor: Actor, way: Way = Way.AUTO
) -> Operation:
    """Sends the SKUs of these open errors again, each only the steps that Jet refused. Raises InvalidInput for none."""
    steps_of: dict[int, set[Step]] = defaultdict(set)
    for batch in batches(sorted(set(error_ids)), BATCH):
        rows = SkuError.objects.filter(merchant=merchant, pk__in=batch, resolved_at=None)
        for listing, step in rows.values_list("listing_id", "step"):
            if step in list(Step):
                steps_of[listing] |= _whole(Step(step))
    _lead_groups(merchant, steps_of)
    return resend(merchant, steps_of, actor=actor, way=way, what="refused")


def _lead_groups(merchant: Merchant, steps_of: dict[int, set[Step]]) -> None:
    """A group travels with its parent: what Jet refused for the sake of a child is sent from there."""
    asked = [pk for pk, steps in steps_of.items() if steps == {Step.VARIATION}]
    members = VariationMember.objects.filter(merchant=merchant, variant__listing__in=asked)
    for child, parent in members.values_list("variant__listing", "group__parent__listing"):
        del steps_of[child]
        steps_of[parent].add(Step.VARIATION)


def _whole(step: Step) -> set[Step]:
    """A SKU whose product data Jet refused has neither price nor quantity there."""
    return set(UPLOAD_STEPS) if step == Step.CONTENT else {step}


@transaction.atomic
def resend(
    merchant: Merchant,
    steps_of: dict[int, set[Step]],
    *,
    actor: Actor,
    way: Way = Way.AUTO,
    what: str = "",
    kind: str = RESEND,
) -> Operation:
    """Sends each listing its own steps, in Jet's order, as one operation."""
    listings = [row for batch in batches(sorted(steps_of), BATCH) for row in _listings(merchant, batch)]
    check_ready(merchant, [row.variant_id for row in listings])
    refresh_targets(merchant, [row.variant_id for row in listings], push=False)
    steps = [step for step in Step if any(step in wanted for wanted in steps_of.values())]
    if not steps:
        raise InvalidInput("There is nothing to send.", hint="The errors may have been ended meanwhile.")
    rows = [_row(row, steps, steps_of[row.pk]) for row in listings]
    title = (
        f"Send {counted(len(rows), 'product')} again"
        if what == "refused"
        else f"Send {what} of {counted(len(rows), 'product')}"
    )
    return _send(merchant, kind, title, rows, steps, actor=actor, way=way, data={"what": what})


def _row(listing: Listing, steps: Sequence[Step], wanted: set[Step]) -> RowSpec:
    """The steps it does not need count as past; which ones it needs is kept for another try."""
    spec = listing_row(listing, **{str(step): True for step in steps if step not in wanted})
    return replace(spec, before={**spec.before, "steps": sorted(str(step) for step in wanted)})


def _retry(operation: Operation, actor: Actor) -> Operation:
    """The failed rows with the steps they had; a file stays resubmitted by its first operation."""
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.FAILED
    )
    steps_of = {
        pk: {Step(step) for step in before.get("steps", operation.data["steps"])}
        for pk, before in rows.values_list("object_id", "before")
        if pk is not None
    }
    return resend(operation.merchant, steps_of, actor=actor, what="refused")


for _kind in (RESUBMIT, RESEND):
    operation_kind(_kind, right=Right.PRODUCTS_PUBLISH)
    retry_with(_kind)(_retry)
