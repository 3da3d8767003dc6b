"""What was sold: orders that Jet released and nobody rejected or lost, without the units that were cancelled.

Home, dashboard and daily reports count with the same words, so that a sum and its number of orders belong together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from jetsync.models import Merchant
from orders.amounts import ZERO, cancelled_charged
from orders.enums import HOLDING_SHIPMENTS, NO_SALE_STATES, OrderState
from orders.models import Order, ShipmentLine
from orders.queries.line import LineCount

SOLD = ~Q(state__in=NO_SALE_STATES)
_PRICES = ("quantity", "base_price", "item_tax", "shipping_cost", "shipping_tax")


@dataclass
class CancelledSales:
    """Of one day: what cancelled units would have brought, in dollars, and the orders of which nothing was shipped."""

    amount: Decimal = ZERO
    whole: set[int] = field(default_factory=set)


def holding_units(order: str = "pk") -> QuerySet[ShipmentLine]:
    """Units of the order OuterRef(order) that are shipped or cancelled, or on their way to Jet as such."""
    return ShipmentLine.objects.filter(shipment__order=OuterRef(order), shipment__state__in=HOLDING_SHIPMENTS)


def is_wholly_cancelled(order: Order, counts: Sequence[LineCount]) -> bool:
    """`wholly_cancelled` for one order whose lines were counted already."""
    shipped = sum(count.shipped + count.leaving_shipped for count in counts)
    cancelled = sum(count.cancelled + count.leaving_cancelled for count in counts)
    return order.state == OrderState.COMPLETE and bool(cancelled) and not shipped


def wholly_cancelled(merchant: Merchant, orders: QuerySet[Order]) -> QuerySet[Order]:
    """Those of the merchant's orders that Jet completed without a single unit having been shipped."""
    cancelled = ShipmentLine.objects.filter(
        merchant=merchant, cancel_quantity__gt=0, shipment__state__in=HOLDING_SHIPMENTS
    )
    return orders.filter(
        ~Exists(holding_units().filter(quantity__gt=0)),
        pk__in=cancelled.values("shipment__order"),
        state=OrderState.COMPLETE,
    )


def without_wholly_cancelled(merchant: Merchant, orders: QuerySet[Order]) -> QuerySet[Order]:
    gone = wholly_cancelled(merchant, Order.objects.filter(merchant=merchant))
    return orders.exclude(pk__in=gone.values("pk"))


def with_shipped_units(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Those of the completed ones for which the shopper was charged: all but the wholly cancelled ones."""
    units = holding_units()
    return orders.filter(~Exists(units.filter(cancel_quantity__gt=0)) | Exists(units.filter(quantity__gt=0)))


@dataclass(frozen=True)
class CancelledUnits:
    """Of one order line: how many units were cancelled, or are on their way to it, and what they would have brought.

    `is_lost`: nothing of the whole order was shipped, and Jet completed it.
    """

    order_id: int
    placed_at: datetime
    variant_id: int | None
    sku: str
    units: int
    amount: Decimal
    is_lost: bool


def cancelled_units(orders: QuerySet[Order]) -> list[CancelledUnits]:
    """Of those of the orders that are sales. One query, a row per line with cancelled units."""
    shipped = holding_units("shipment__order").filter(quantity__gt=0)
    rows = (
        ShipmentLine.objects.filter(
            shipment__order__in=orders.filter(SOLD),
            shipment__state__in=HOLDING_SHIPMENTS,
            cancel_quantity__gt=0,
        )
        .order_by()
        .values("line", "shipment__order", "shipment__order__state", "shipment__order__placed_at")
        .annotate(units=Sum("cancel_quantity"), is_shipped=Exists(shipped))
        .values(
            "units",
            "is_shipped",
            "shipment__order",
            "shipment__order__state",
            "shipment__order__placed_at",
            "line__variant",
            "line__sku",
            *(f"line__{name}" for name in _PRICES),
        )
    )
    return [_cancelled(row) for row in rows]


def _cancelled(row: dict[str, Any]) -> CancelledUnits:
    line: Any = SimpleNamespace(**{name: row[f"line__{name}"] for name in _PRICES})
    return CancelledUnits(
        order_id=row["shipment__order"],
        placed_at=row["shipment__order__placed_at"],
        variant_id=row["line__variant"],
        sku=row["line__sku"],
        units=row["units"],
        amount=cancelled_charged(line, row["units"]).total,
        is_lost=not row["is_shipped"] and row["shipment__order__state"] == OrderState.COMPLETE,
    )


def cancelled_by_day(orders: QuerySet[Order], zone: Any) -> dict[date, CancelledSales]:
    """By the day of `zone` on which the order was placed; sales alone. One query."""
    found: dict[date, CancelledSales] = defaultdict(CancelledSales)
    for row in cancelled_units(orders):
        day = found[row.placed_at.astimezone(zone).date()]
        day.amount += row.amount
        if row.is_lost:
            day.whole.add(row.order_id)
    return dict(found)
