"""What our own orders, returns and refunds say a period brought, worked out by the database.

Signs are those of Jet's report: what shoppers paid is positive, what went back to them negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Least, NullIf, Round

from orders.amounts import ZERO
from orders.enums import OrderState, ShipmentState
from orders.models import Order, OrderLine, ShipmentLine
from refunds.enums import RefundStatus
from refunds.models import Refund, RefundLine, SettlementReport
from returns.enums import FINISHED_STATUSES
from returns.models import Return, ReturnLine

MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=24, decimal_places=2)
# Before rounding: a share of a line's tax may have more places.
EXACT: DecimalField[Decimal, Decimal] = DecimalField(max_digits=40, decimal_places=10)
NOTHING = Value(ZERO, output_field=MONEY)


@dataclass(frozen=True)
class Ours:
    """USD by Jet's names, and how many orders, returns and refunds the sums are of."""

    order: dict[str, Decimal]
    back: dict[str, Decimal]
    orders: int
    returns: int
    refunds: int


def ours_of(report: SettlementReport, start: datetime, end: datetime) -> Ours:
    """Four queries, whatever the number of orders; both ends belong to the period."""
    sold = _sold(report.merchant_id, orders_of(report, start, end))
    returns, refunds = returns_of_period(report, start, end), refunds_of_period(report, start, end)
    lines = ReturnLine.objects.filter(merchant=report.merchant_id, parent__in=returns, is_included=True)
    given, paid = (
        _given(lines),
        _given(RefundLine.objects.filter(merchant=report.merchant_id, parent__in=refunds)),
    )
    charges = returns.aggregate(
        charge=Coalesce(Sum("merchant_return_charge", filter=Q(agree_to_return_charge=True)), NOTHING),
        count=Count("pk"),
    )
    both = {
        name: -(given[name] + paid[name]) for name in ("principal", "tax", "shipping_cost", "shipping_tax")
    }
    return Ours(
        order={name: sold[name] for name in ("merchant_price", "tax", "shipping_revenue", "shipping_tax")},
        back={
            # Jet's record has no place for shipping cost given back: it stands with the price.
            "merchant_price": both["principal"] + both["shipping_cost"],
            "tax": both["tax"],
            "shipping_tax": both["shipping_tax"],
            "merchant_return_charge": -charges["charge"],
        },
        orders=sold["count"],
        returns=charges["count"],
        refunds=paid["count"],
    )


def orders_of(report: SettlementReport, start: datetime, end: datetime) -> QuerySet[Order]:
    """Orders that were seen complete in the period."""
    return Order.objects.filter(
        merchant=report.merchant_id,
        account=report.account_id,
        state=OrderState.COMPLETE,
        completed_at__range=(start, end),
    )


def returns_of_period(report: SettlementReport, start: datetime, end: datetime) -> QuerySet[Return]:
    """Returns that Jet completed in the period, also those whose charge was disputed."""
    return Return.objects.filter(
        merchant=report.merchant_id,
        account=report.account_id,
        status__in=FINISHED_STATUSES,
        completed_date__range=(start, end),
    )


def refunds_of_period(report: SettlementReport, start: datetime, end: datetime) -> QuerySet[Refund]:
    """Refunds that were seen accepted in the period."""
    return Refund.objects.filter(
        merchant=report.merchant_id,
        account=report.account_id,
        status=RefundStatus.ACCEPTED,
        closed_at__range=(start, end),
    )


def _sold(merchant_id: int, orders: QuerySet[Order]) -> dict[str, Any]:
    """Of the shipped units: prices and shipping per unit, taxes by their share, each line rounded to a cent."""
    sent = ShipmentLine.objects.filter(merchant=merchant_id, shipment__state=ShipmentState.SENT)
    shipped = sent.filter(line=OuterRef("pk")).order_by().values("line").annotate(units=Sum("quantity"))
    told = Exists(
        sent.filter(shipment__order=OuterRef("order_id")).filter(Q(quantity__gt=0) | Q(cancel_quantity__gt=0))
    )
    lines = OrderLine.objects.filter(merchant=merchant_id, order__in=orders).annotate(
        units=Case(
            # An order that was complete before it was imported may come without shipments: all its units have left.
            When(~told, then=F("quantity")),
            default=Least(Coalesce(Subquery(shipped.values("units")), 0), F("quantity")),
        )
    )
    return lines.aggregate(
        merchant_price=_sum(F("base_price") * F("units")),
        shipping_revenue=_sum(F("shipping_cost") * F("units")),
        tax=_sum(_share("item_tax")),
        shipping_tax=_sum(_share("shipping_tax")),
        count=Count("order_id", distinct=True),
    )


def _share(name: str) -> Any:
    return F(name) * Cast("units", EXACT) / NullIf(Cast("quantity", EXACT), Value(ZERO, output_field=EXACT))


def _sum(expression: Any) -> Any:
    rounded = Round(ExpressionWrapper(expression, output_field=EXACT), precision=2, output_field=MONEY)
    return Coalesce(Sum(rounded, output_field=MONEY), NOTHING)


def _given(lines: QuerySet[Any]) -> dict[str, Any]:
    sums = {
        name: Coalesce(Sum(name), NOTHING, output_field=MONEY)
        for name in ("principal", "tax", "shipping_cost", "shipping_tax")
    }
    found: dict[str, Any] = lines.aggregate(**sums, count=Count("parent_id", distinct=True))
    return found
