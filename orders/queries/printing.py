"""Reads for the pages that are printed: packing slips and pick lists. A constant number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from jetsync.models import Merchant
from orders.enums import HOLDING_SHIPMENTS, SHIPPABLE_STATES, OrderState
from orders.models import Order, OrderLine, Shipment, ShipmentLine
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
    """`rmas`: RMA numbers that were given out. `parcel`: the parcel it is of, None while it is still to be packed."""

    order: Order
    lines: list[SlipLine]
    rmas: list[str]
    parcel: Shipment | None = None


@dataclass
class PickLine:
    """Pieces of one SKU to take from the shelves of one node; `orders`: how many of them each order gets."""

    node: str
    sku: str
    title: str
    pieces: int = 0
    orders: dict[str, int] = field(default_factory=dict)

    @property
    def order_words(self) -> list[str]:
        return [f"{name} ({pieces})" if pieces > 1 else name for name, pieces in self.orders.items()]


def slips_of(merchant: Merchant, ids: Collection[int]) -> list[Slip]:
    """What is left to pack of open orders, and a slip per parcel of completed ones; orders without goods are left out."""
    slips = []
    for order in _with_units(merchant, ids).filter(state__in=PACKED_STATES):
        lines = list(order.lines.all())
        slips += [_left_to_pack(order, lines)] if order.is_shippable else _of_parcels(order, lines)
    return [slip for slip in slips if slip.lines]


def _left_to_pack(order: Order, lines: Sequence[OrderLine]) -> Slip:
    counts = [counted_units(line, line.shipment_lines.all()) for line in lines]
    packed = [SlipLine(count, _pieces(count)) for count in counts]
    rmas = [row.rma_number for line in lines for row in line.shipment_lines.all()]
    return Slip(order, [line for line in packed if line.quantity], _named(rmas))


def _of_parcels(order: Order, lines: Sequence[OrderLine]) -> list[Slip]:
    """In the order in which they left."""
    held: dict[int, list[SlipLine]] = {}
    rmas: dict[int, list[str]] = {}
    parcels: dict[int, Shipment] = {}
    for line in lines:
        rows = list(line.shipment_lines.all())
        count = counted_units(line, rows)
        for row in rows:
            if row.quantity and row.shipment.state in HOLDING_SHIPMENTS:
                parcels[row.shipment_id] = row.shipment
                held.setdefault(row.shipment_id, []).append(SlipLine(count, row.quantity))
                rmas.setdefault(row.shipment_id, []).append(row.rma_number)
    return [Slip(order, held[pk], _named(rmas[pk]), parcels[pk]) for pk in sorted(parcels)]


def _named(rmas: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, rmas)))


def _pieces(count: LineCount) -> int:
    return max(0, min(count.shippable, count.remaining - count.cancel_wanted))


def pick_list(merchant: Merchant, ids: Collection[int]) -> list[PickLine]:
    """What open orders still need, by node and SKU."""
    found: dict[tuple[str, str], PickLine] = {}
    for order in _with_units(merchant, ids).filter(state__in=SHIPPABLE_STATES):
        node = order.node.name if order.node else order.node_ref
        for line in order.lines.all():
            pieces = _pieces(counted_units(line, line.shipment_lines.all()))
            if pieces:
                pick = found.setdefault((node, line.sku), PickLine(node, line.sku, line.title))
                pick.pieces += pieces
                pick.orders[str(order)] = pick.orders.get(str(order), 0) + pieces
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
