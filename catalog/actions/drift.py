"""Where Jet shows something else than it accepted: send our values again, or take Jet's into the store's data.

Values travel as flat dicts: "variant.price", "product.title", "node.17" (own quantity of a NodeStock row),
"listing.archived_target". `before` of an operation's row holds what stood there, so the way back is the same writing;
`drift_writing` does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from catalog.actions.resubmit import resend
from catalog.bulk import batches, insert_rows
from catalog.enums import ProductKind, Step
from catalog.models import Listing, Variant
from catalog.product_fields import DECIMALS, PLAIN_TEXTS
from catalog.queries.drift import ARCHIVED, PRICE, QUANTITY, STEPS, Drift, drifts_of
from jetsync.actions.operation import RowSpec, start_operation
from jetsync.enums import RowState
from jetsync.exceptions import InvalidInput
from jetsync.models import LogEntry, Merchant, Operation, OperationRow
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import no_undo_of, operation_kind, undo_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

OURS = "catalog.drift_ours"
THEIRS, THEIRS_BACK = "catalog.drift_theirs", "catalog.drift_theirs_undo"
TAKE_JOB = "catalog.take_theirs"
LISTING = "catalog.listing"
BATCH = 500
# Columns of a line in the log that is written for many SKUs at once.
LOGGED = (
    "actor",
    "actor_label",
    "action",
    "message",
    "object_type",
    "object_id",
    "object_label",
    "old",
    "new",
    "operation",
)

# Jet's member -> where the store's value stands. Anything else has no place here and can only be sent again.
_PLACES = {
    "product_description": "product.description",
    "brand": "product.brand",
    "manufacturer": "product.manufacturer",
    "bullets": "product.bullets",
    "jet_browse_node_id": "product.jet_node_id",
    "mfr_part_number": "variant.mfr_part_number",
    "multipack_quantity": "variant.multipack_quantity",
    "ASIN": "variant.asin",
    "prop_65": "variant.prop_65",
    "map_implementation": "variant.map_implementation",
    **{name: f"variant.{name}" for name in PLAIN_TEXTS},
    "main_image_url": "variant.main_image_url",
    **{name: f"variant.{name}" for name in DECIMALS},
}
Values = dict[str, Any]
no_undo_of(
    OURS,
    "Your values were sent and stay: what Jet had shown was never a value of your store. The time line of each SKU keeps "
    "it. To sell at another value, change it on the SKU's page, where a large step of a price asks first.",
)

operation_kind(OURS, right=Right.PRODUCTS_PUBLISH)
operation_kind(THEIRS, right=Right.PRODUCTS_EDIT)
operation_kind(THEIRS_BACK, right=Right.PRODUCTS_EDIT)


@transaction.atomic
def send_ours(merchant: Merchant, listing_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Sends again what Jet had accepted before it showed something else, of each SKU only the values that differ.

    It has no undo: Jet's values were never the store's. The log keeps them for each SKU.
    """
    steps_of: dict[int, set[Step]] = {}
    found: dict[int, list[Drift]] = {}
    for batch in batches(sorted(set(listing_ids)), BATCH):
        found |= drifts_of(merchant, batch)
    for pk, drifts in found.items():
        steps = {STEPS[drift.facet] for drift in drifts}
        # Opened again a SKU has no quantity at Jet until it is sent.
        steps_of[pk] = steps | ({Step.INVENTORY} if Step.ARCHIVE in steps else set())
    if not steps_of:
        raise InvalidInput("Nothing differs any more.", hint="Jet shows what it accepted.")
    operation = resend(merchant, steps_of, actor=actor, what="our values", kind=OURS)
    for batch in batches(sorted(found), BATCH):
        _log_shown(operation, {pk: found[pk] for pk in batch}, actor)
    return operation


def _log_shown(operation: Operation, found: Mapping[int, Sequence[Drift]], actor: Actor) -> None:
    """What Jet showed of each SKU and what was sent over it, in words as the page of drift has them."""
    listings = Listing.objects.filter(merchant=operation.merchant_id, pk__in=list(found)).order_by("pk")
    rows = [
        {
            "actor": actor.user and actor.user.pk,
            "actor_label": actor.label[:150],
            "action": f"{OURS}.sent",
            "message": f"SKU {sku}: our values were sent over what Jet showed",
            "object_type": "catalog.variant",
            "object_id": variant,
            "object_label": sku[:200],
            "old": {drift.label: drift.theirs for drift in found[pk]},
            "new": {drift.label: drift.ours for drift in found[pk]},
            "operation": operation.pk,
        }
        for pk, variant, sku in listings.values_list("pk", "variant_id", "variant__sku")
    ]
    insert_rows(LogEntry, operation.merchant, LOGGED, rows)


@transaction.atomic
def take_theirs(
    merchant: Merchant, listing_ids: Sequence[int], *, actor: Actor, confirms_prices: bool = False
) -> Operation:
    """Writes Jet's values into the store's data, in a job. What Jet shows then counts as sent, so nothing goes out.

    Under a price rule the store gets the price from which the rule makes Jet's. Prices that are slips are left unless
    `confirms_prices`.
    """
    rows = [
        row for batch in batches(sorted(set(listing_ids)), BATCH) for row in _taking_rows(merchant, batch)
    ]
    if not rows:
        raise InvalidInput("Nothing differs any more.", hint="Jet shows what it accepted.")
    return _start(
        merchant,
        THEIRS,
        f"Take Jet's values of {counted(len(rows), 'SKU')}",
        rows,
        actor,
        data={"confirms_prices": confirms_prices},
    )


def _taking_rows(merchant: Merchant, listing_ids: Sequence[int]) -> list[RowSpec]:
    found = drifts_of(merchant, listing_ids)
    rows = Listing.objects.filter(merchant=merchant, pk__in=list(found)).select_related("variant__product")
    return [_row(listing, found[listing.pk]) for listing in rows.order_by("pk")]


def _start(
    merchant: Merchant,
    kind: str,
    title: str,
    rows: Sequence[RowSpec],
    actor: Actor,
    *,
    data: dict[str, Any] | None = None,
) -> Operation:
    operation = start_operation(merchant, kind, title, actor=actor, rows=rows, data=data)
    enqueue(merchant, TAKE_JOB, f"operation:{operation.pk}", operation=operation)
    return operation


def _row(listing: Listing, drifts: Sequence[Drift]) -> RowSpec:
    """The new values as JSON, and those that cannot be taken by name."""
    values: Values = {}
    left: list[str] = []
    for drift in drifts:
        try:
            values |= _taken(listing, drift)
        except (KeyError, ValueError, TypeError, InvalidOperation):
            left.append(drift.label)
    data = {"values": values, "left": left, "facets": sorted({drift.facet for drift in drifts})}
    return RowSpec(LISTING, listing.pk, listing.variant.sku, data=data)


def _taken(listing: Listing, drift: Drift) -> Values:
    """Raises KeyError, ValueError or TypeError for what has no place in the store's data."""
    if drift.facet == PRICE:
        return {"variant.price": str(drift.raw)}
    if drift.facet == QUANTITY:
        return {f"node.{drift.stock_id}": int(drift.raw)}
    if drift.facet == ARCHIVED:
        return {"listing.archived_target": bool(drift.raw)}
    return _taken_member(listing.variant, drift.member, drift.raw)


def _taken_member(variant: Variant, member: str, raw: Any) -> Values:
    if member == "product_title":
        own = variant.product.kind == ProductKind.VARIABLE and variant.title
        return {"variant.title" if own else "product.title": str(raw)}
    if member == "standard_product_codes":
        codes = [
            {"type": row["standard_product_code_type"], "code": row["standard_product_code"]} for row in raw
        ]
        return {"variant.codes": codes}
    if member == "alternate_images":
        slots = sorted(raw, key=lambda row: int(row["image_slot_id"]))
        return {"variant.alternate_image_urls": [str(row["image_url"]) for row in slots]}
    if member == "attributes_node_specific":
        return {"variant.attributes": [_attribute(row) for row in raw]}
    if member in DECIMALS:
        return {_PLACES[member]: str(Decimal(str(raw)))}
    return {_PLACES[member]: raw}


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _attribute(row: Mapping[str, Any]) -> dict[str, Any]:
    unit = row.get("attribute_value_unit") or ""
    return {"id": int(row["attribute_id"]), "value": str(row["attribute_value"]), "unit": str(unit)}


@undo_with(THEIRS)
def _undo_theirs(operation: Operation, actor: Actor) -> Operation:
    """Writes the store's former values back, but not over what was changed since; the deltas then bring them to Jet."""
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.DONE
    ).exclude(before={})
    specs = [
        RowSpec(
            LISTING,
            row.object_id,
            row.label,
            data={"values": row.before, "expected": row.data.get("written", {})},
        )
        for row in rows.order_by("pk").iterator(chunk_size=BATCH)
    ]
    return _start(operation.merchant, THEIRS_BACK, f"Undo: {operation.title}"[:200], specs, actor)
