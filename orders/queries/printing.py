"""Reads for the pages that are printed: packing slips and pick lists. A constant number of queries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from jetsync.models import Merchant
from orders.enums import SHIPPABLE_STATES, OrderState
from orders.models import Order, OrderLine, ShipmentLine
from orders.queries.line import LineCount, counted_units
from orders.queries.order import all_orders

PACKED_STATES = (*SHIPPABLE_STATES, OrderState.COMPLETE)


@dataclass(frozen=True)
class SlipLine:
    """`quantity`: what this parcel holds; `ordered` stands beside it where they differ."""

    count: LineCount
    quantity: int

    @property
    def is_part(self) -> bool:
        return self.quantity != self.count.line.quantity


@dataclass(frozen=True)
class Slip:
    """`rmas`: RMA numbers that were given out with earlier parcels."""

    order: Order
    lines: list[SlipLine]
    rmas: list[str]


@dataclass
class PickLine:
    """Pieces of one SKU to take from the shelves of one node, and the orders they are for."""

    node: str
    sku: str
    title: str
    pieces: int = 0
    orders: list[str] = field(default_factory=list)


def slips_of(merchant: Merchant, ids: Collection[int]) -> list[Slip]:
    """What is left to pack of open orders, what was shipped of completed ones; orders without goods are left out."""
    slips = []
    for order in _with_units(merchant, ids).filter(state__in=PACKED_STATES):
        lines = list(order.lines.all())
        counts = [counted_units(line, line.shipment_lines.all()) for line in lines]
        packed = [SlipLine(count, _pieces(order, count)) for count in counts]
        rmas = [row.rma_number for line in lines for row in line.shipment_lines.all() if row.rma_number]
        if any(line.quantity for line in packed):
            slips.append(Slip(order, [line for line in packed if line.quantity], list(dict.fromkeys(rmas))))
    return slips


def _pieces(order: Order, count: LineCount) -> int:
    if order.is_shippable:
        return max(0, min(count.shippable, count.remaining - count.cancel_wanted))
    return count.shipped


def pick_list(merchant: Merchant, ids: Collection[int]) -> list[PickLine]:
    """What open orders still need, by node and SKU."""
    found: dict[tuple[str, str], PickLine] = {}
    for order in _with_units(merchant, ids).filter(state__in=SHIPPABLE_STATES):
        node = order.node.name if order.node else order.node_ref
        for line in order.lines.all():
            pieces = _pieces(order, counted_units(line, line.shipment_lines.all()))
            if pieces:
                pick = found.setdefault((node, line.sku), PickLine(node, line.sku, line.title))
                pick.pieces += pieces
                pick.orders.append(f"{order} ({pieces})" if pieces > 1 else str(order))
    return [found[key] for key in sorted(found)]


def _with_units(merchant: Merchant, ids: Collection[int]) -> QuerySet[Order]:
    parcels = ShipmentLine.objects.filter(merchant=merchant).select_related("shipment").defer("shipment__raw")
    lines = OrderLine.objects.filter(merchant=merchant).defer("raw")
    return (
        all_orders(merchant)
        .filter(pk__in=list(ids))
        .select_related("node")
        .defer("raw")
        .prefetch_related(
            Prefetch("lines", queryset=lines.prefetch_related(Prefetch("shipment_lines", queryset=parcels)))
        )
        .order_by("ship_by", "pk")
    )
