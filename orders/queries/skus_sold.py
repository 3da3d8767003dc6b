"""What each SKU sold, by the rule of the sales: without lost orders and cancelled units. The database adds up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Any

from django.db.models import F, Max, QuerySet, Sum

from catalog.models import Variant
from catalog.queries.sold_out import left_at_jet
from jetsync.models import Merchant
from orders.amounts import ZERO
from orders.days import begin_of, last_days
from orders.models import Order, OrderLine
from orders.queries.order import all_orders
from orders.queries.sales import SOLD, CancelledUnits, cancelled_units

# As `line_charged`: the prices are per unit, the taxes of the line.
CHARGED = (F("base_price") + F("shipping_cost")) * F("quantity") + F("item_tax") + F("shipping_tax")


@dataclass(frozen=True)
class SoldSku:
    """`sku` and `title` as the orders name it; `variant_id` None when the catalogue has no such SKU."""

    sku: str
    title: str
    variant_id: int | None
    units: int
    sales: Decimal
    last_at: datetime


def sold_orders(merchant: Merchant, days: int) -> QuerySet[Order]:
    """Placed in the last `days` days of the merchant's own calendar, and not lost."""
    begin = begin_of(merchant, last_days(merchant, days)[0])
    return all_orders(merchant).filter(SOLD, placed_at__gte=begin)


def sold_lines(merchant: Merchant, orders: QuerySet[Order]) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(merchant=merchant, order__in=orders.values("pk")).order_by()


def best_sellers(
    merchant: Merchant, days: int, *, most: int, among: QuerySet[Variant] | None = None
) -> list[SoldSku]:
    """The SKUs with the most units, then the most money; of `among` alone where given. Two queries.

    A SKU whose units were cancelled can only fall. So besides `most`, as many more are read as there are such SKUs;
    whatever was not read stands behind `most` others.
    """
    orders = sold_orders(merchant, days)
    units, money = cancelled_sums(cancelled_units(orders))
    lines = sold_lines(merchant, orders)
    if among is not None:
        lines = lines.filter(variant__in=among.values("pk"))
    rows: Any = (
        lines.values("sku")
        .annotate(
            named=Max("title"),
            known=Max("variant"),
            units=Sum("quantity"),
            sales=Sum(CHARGED),
            last_at=Max("order__placed_at"),
        )
        .order_by("-units", "-sales", "sku")[: most + len(units)]
    )
    sold = [
        SoldSku(
            sku=row["sku"],
            title=row["named"],
            variant_id=row["known"],
            units=row["units"] - units[row["sku"]],
            sales=row["sales"] - money[row["sku"]],
            last_at=row["last_at"],
        )
        for row in rows
    ]
    left = [row for row in sold if row.units > 0]
    return sorted(left, key=lambda row: (-row.units, -row.sales, row.sku))[:most]


def cancelled_sums(rows: Iterable[CancelledUnits]) -> tuple[dict[str, int], dict[str, Decimal]]:
    """Units and dollars by SKU; what is not in them is nothing."""
    units: dict[str, int] = defaultdict(int)
    money: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        units[row.sku] += row.units
        money[row.sku] += row.amount
    return units, money


@dataclass(frozen=True)
class Pace:
    """`units` were sold in `days` days, `left` are at Jet."""

    variant_id: int
    units: int
    left: int
    days: int

    @property
    def per_day(self) -> float:
        return self.units / self.days

    @property
    def days_left(self) -> float:
        return self.left / self.per_day


def running_out(merchant: Merchant, days: int, *, within: int) -> list[Pace]:
    """What Jet sells and what, sold on as in the last `days` days, lasts `within` days at most; the shortest first.

    Three queries. Who has one piece left sold at least `days / within` units; less need not be looked at.
    """
    orders = sold_orders(merchant, days)
    gone: dict[int | None, int] = defaultdict(int)
    for row in cancelled_units(orders):
        gone[row.variant_id] += row.units
    rows = (
        sold_lines(merchant, orders)
        .filter(variant__isnull=False)
        .values_list("variant")
        .annotate(units=Sum("quantity"))
        .filter(units__gte=ceil(days / within))
    )
    units = {pk: count - gone[pk] for pk, count in rows}
    left = left_at_jet(merchant, list(units)) if units else {}
    paces = [Pace(pk, units[pk], pieces, days) for pk, pieces in left.items() if units[pk] > 0]
    return sorted(
        (pace for pace in paces if pace.days_left <= within),
        key=lambda pace: (pace.days_left, pace.variant_id),
    )
