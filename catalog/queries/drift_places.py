"""Where a value that Jet shows belongs in the store, and what “Take theirs” makes of the counts there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import Listing, NodeStock
from catalog.queries.drift import QUANTITY, drifts_of
from jetsync.models import Merchant


def stock_of(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, NodeStock]:
    rows = NodeStock.objects.filter(merchant=merchant, variant__in=list(variant_ids)).select_related("node")
    return {row.pk: row for row in rows}


def resolve(place: str, value: Any, listing: Listing, stock: Mapping[int, NodeStock]) -> tuple[Any, str, Any]:
    """(row, column, value). A quantity at a node goes to the node's own number, or to the SKU's where that counts."""
    kind, _, name = place.partition(".")
    if kind == "stock":  # the way back: exactly this column of this row
        return stock.get(int(name)), "quantity", value
    if kind != "node":
        owner = {"variant": listing.variant, "product": listing.variant.product, "listing": listing}[kind]
        return owner, name, value
    row = stock.get(int(name))
    if row is None:
        return None, "quantity", value
    own = row.quantity is not None or not row.node.is_default
    counted = row.quantity if own else listing.variant.quantity
    held = max(0, (counted or 0) - row.quantity_target) if row.quantity_target else 0
    return (row if own else listing.variant), "quantity", (value + held if value else 0)


@dataclass(frozen=True)
class TakenQuantity:
    """`place` names the node; `now` and `then` are counts of the store, of which Jet gets `theirs`."""

    sku: str
    place: str
    theirs: int
    now: int | None
    then: int


def quantities_to_take(merchant: Merchant, listing_ids: Sequence[int]) -> list[TakenQuantity]:
    """What “Take theirs” would make of the counts, by SKU; a constant number of queries."""
    found = {
        pk: [drift for drift in drifts if drift.facet == QUANTITY and drift.raw is not None]
        for pk, drifts in drifts_of(merchant, listing_ids).items()
    }
    listings = Listing.objects.filter(
        merchant=merchant, pk__in=[pk for pk, drifts in found.items() if drifts]
    )
    rows = list(listings.select_related("variant").order_by("variant__sku"))
    stock = stock_of(merchant, [row.variant_id for row in rows])
    taken = []
    for row in rows:
        for drift in found[row.pk]:
            at = stock.get(drift.stock_id or 0)
            if at is None:
                continue
            theirs = int(drift.raw)
            owner, name, then = resolve(f"node.{at.pk}", theirs, row, stock)
            taken.append(TakenQuantity(row.variant.sku, at.node.name, theirs, getattr(owner, name), then))
    return taken
