"""Reads for parcels of many orders: orders by any of their ids, and orders by tracking number."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Prefetch, Q, QuerySet

from jetsync.models import Merchant
from orders.enums import HOLDING_SHIPMENTS, SHIPPABLE_STATES
from orders.models import Order, OrderLine, Shipment, ShipmentLine
from orders.queries.line import counted_units
from orders.queries.order import all_orders


def _lines_with_units(merchant: Merchant) -> Prefetch[str, QuerySet[OrderLine], str]:
    parcels = ShipmentLine.objects.filter(merchant=merchant).select_related("shipment").defer("shipment__raw")
    lines = OrderLine.objects.filter(merchant=merchant).defer("raw")
    return Prefetch("lines", queryset=lines.prefetch_related(Prefetch("shipment_lines", queryset=parcels)))


def orders_by_reference(merchant: Merchant, references: set[str]) -> dict[str, list[Order]]:
    """By Jet's two ids and the store's, in lower case, with lines, units and node."""
    wanted = {text for given in references for text in (given, given.lower())} - {""}
    orders = (
        all_orders(merchant)
        .filter(
            Q(reference_order_id__in=wanted) | Q(merchant_order_id__in=wanted) | Q(alt_order_id__in=wanted)
        )
        .select_related("node", "merchant")
        .defer("raw")
        .prefetch_related(_lines_with_units(merchant))
    )
    found: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        for name in {order.reference_order_id, order.merchant_order_id, order.alt_order_id} - {""}:
            found[name.casefold()].append(order)
    return found


def orders_of_numbers(merchant: Merchant, numbers: set[str]) -> dict[str, dict[int, str]]:
    """Which orders a tracking number stands on already: their names by id."""
    rows = (
        Shipment.objects.filter(
            merchant=merchant, tracking_number__in=numbers - {""}, state__in=HOLDING_SHIPMENTS
        )
        .select_related("order")
        .only("tracking_number", "order__reference_order_id", "order__merchant_order_id")
    )
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for row in rows:
        found[row.tracking_number][row.order_id] = str(row.order)
    return found


def has_number(order: Order, number: str) -> bool:
    """Whether a parcel of this order carries the number: asked below the order's lock, just before it is shipped."""
    return Shipment.objects.filter(
        merchant=order.merchant_id, order=order, tracking_number=number, state__in=HOLDING_SHIPMENTS
    ).exists()


def orders_to_ship(merchant: Merchant, orders: QuerySet[Order], most: int) -> list[tuple[Order, str]]:
    """Those of them that have something left to ship, the most urgent first, and what is left of each in words."""
    rows = (
        orders.filter(state__in=SHIPPABLE_STATES)
        .defer("raw")
        .prefetch_related(_lines_with_units(merchant))
        .order_by("ship_by", "pk")
    )
    found: list[tuple[Order, str]] = []
    for order in rows[: most * 2]:  # some have everything on its way to Jet
        counts = [counted_units(line, line.shipment_lines.all()) for line in order.lines.all()]
        left = [f"{count.remaining} x {count.line.sku}" for count in counts if count.remaining]
        if left:
            found.append((order, ", ".join(left)))
    return found[:most]
