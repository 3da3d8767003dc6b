"""Weekly settlement: every finished order, return and refund goes into exactly one report.

Weeks run from Monday 00:00 UTC. A row is settled when its `settlement` points at a report, so closing a period
twice, or closing the running week early by hand, never counts anything twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from jetsync.sandbox import processing
from jetsync.sandbox.clock import now
from jetsync.sandbox.http import net_time
from jetsync.sandbox.marketplace.money import ZERO, Amounts, cents, paid_for, share
from jetsync.sandbox.marketplace.words import OrderStatus, RefundStatus, ReturnStatus, SettlementState
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.order import Order, OrderItem
from jetsync.sandbox.models.refund import Refund
from jetsync.sandbox.models.return_ import Return
from jetsync.sandbox.models.settlement import SettlementReport

PAID_AFTER = timedelta(days=2)  # the bank's time
WEEK = timedelta(days=7)
ORDER_DETAILS = (
    "merchant_price",
    "jet_variable_commission",
    "fixed_commission",
    "tax",
    "shipping_revenue",
    "shipping_tax",
    "shipping_charge",
    "fulfillment_fee",
    "product_cost",
)
RETURN_DETAILS = (
    "merchant_price",
    "jet_variable_commission",
    "fixed_commission",
    "tax",
    "shipping_tax",
    "merchant_return_charge",
    "return_processing_fee",
    "product_cost",
)
Details = dict[str, Decimal]


def week_start(at: datetime) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def close_period(merchant: MerchantAccount, start: datetime, end: datetime) -> SettlementReport | None:
    """Settle everything unsettled that finished before `end`; None when there is nothing."""
    orders = list(unsettled_orders(end).filter(merchant=merchant).prefetch_related("items"))
    returns = list(unsettled_returns(end).filter(merchant=merchant).prefetch_related("items__order_item"))
    refunds = list(unsettled_refunds(end).filter(merchant=merchant).prefetch_related("items__order_item"))
    if not (orders or returns or refunds):
        return None
    report = SettlementReport.objects.create(
        merchant=merchant,
        period_start=start,
        period_end=end,
        order_details=_plain(order_details(orders)),
        return_details=_plain(return_details(returns, refunds)),
        unavailable_balance=_open_value(merchant),
    )
    # The same rows as read above: the caller's transaction holds the write lock.
    unsettled_orders(end).filter(merchant=merchant).update(settlement=report)
    unsettled_returns(end).filter(merchant=merchant).update(settlement=report)
    unsettled_refunds(end).filter(merchant=merchant).update(settlement=report)
    return report


def close_now(merchant: MerchantAccount, at: datetime) -> SettlementReport | None:
    """Close the running week early, as the portal's button does."""
    # The end is exclusive, and what happened this very moment is to be in.
    return close_period(merchant, week_start(at), at + timedelta(microseconds=1))


def order_details(orders: Iterable[Order]) -> Details:
    """What shipped units brought: prices, taxes and shipping positive, commissions negative."""
    total = dict.fromkeys(ORDER_DETAILS, ZERO)
    for order in orders:
        for item in order.items.all():
            units = min(item.shipped, item.quantity)
            paid = paid_for(item, units)
            total["merchant_price"] += paid.principal
            total["tax"] += paid.tax
            total["shipping_revenue"] += paid.shipping_cost
            total["shipping_tax"] += paid.shipping_tax
            total["fixed_commission"] -= share(item.base_fee, units, item.quantity)
            total["jet_variable_commission"] -= share(item.variable_fee, units, item.quantity)
    return total


def return_details(returns: Iterable[Return], refunds: Iterable[Refund]) -> Details:
    """What went back to shoppers, signs the other way round.

    The record has no place for shipping cost given back; it is part of `merchant_price` here.
    """
    total = dict.fromkeys(RETURN_DETAILS, ZERO)
    for opened in returns:
        if opened.agree_to_return_charge:
            total["merchant_return_charge"] -= opened.return_charge
        for row in opened.items.all():
            _give_back(total, row.order_item, row.refunded_quantity or 0, row.refunded)
    for refund in refunds:
        for item in refund.items.all():
            _give_back(total, item.order_item, item.quantity, item.amounts)
    return total


def report_record(report: SettlementReport) -> dict[str, Any]:
    """S2: the report. `settlement_value` is the sum of both balances and the adjustment."""
    order_balance = _balance(report.order_details)
    return_balance = _balance(report.return_details)
    return {
        "settlement_report_id": report.report_id,
        "settlement_state": report.state,
        "currency": "dollars",
        "unavailable_balance": float(report.unavailable_balance),
        "settlement_period_start": f"{report.period_start:%Y-%m-%dT%H:%M:%SZ}",
        "settlement_period_end": _last_tick(report.period_end),
        "order_balance_details": report.order_details,
        "order_balance": float(order_balance),
        "return_balance_details": report.return_details,
        "return_balance": float(return_balance),
        "jet_adjustment": float(report.adjustment),
        "settlement_value": float(order_balance + return_balance + report.adjustment),
    }


def reports_of(merchant: MerchantAccount, days: int, at: datetime) -> QuerySet[SettlementReport]:
    """Reports of periods that ended in the last `days` days, oldest first."""
    return merchant.settlements.filter(period_end__gte=at - timedelta(days=days))


def settlement_rows(report: SettlementReport) -> list[dict[str, Any]]:
    """One row per order line, return line and refund line: the content of the detailed report."""
    rows = []
    for order in report.orders.prefetch_related("items"):
        rows += [
            _row("order", order, item, paid_for(item, min(item.shipped, item.quantity)))
            for item in order.items.all()
        ]
    for opened in report.returns.select_related("order").prefetch_related("items__order_item"):
        for row in opened.items.all():
            given = Amounts.from_json(row.refunded) if row.refunded else Amounts()
            rows.append(_row("return", opened.order, row.order_item, given, sign=-1))
    for refund in report.refunds.select_related("order").prefetch_related("items__order_item"):
        for item in refund.items.all():
            rows.append(
                _row("refund", refund.order, item.order_item, Amounts.from_json(item.amounts), sign=-1)
            )
    return rows


@processing.register
def close_weeks() -> None:
    """Close every past week that still holds unsettled business, oldest first."""
    monday = week_start(now())
    owners = {
        pk
        for rows in (unsettled_orders(monday), unsettled_returns(monday), unsettled_refunds(monday))
        for pk in rows.order_by().values_list("merchant_id", flat=True).distinct()
    }
    for merchant in MerchantAccount.objects.filter(pk__in=owners) if owners else ():
        with transaction.atomic():
            _close_weeks_of(merchant, monday)


@processing.register
def pay_out() -> None:
    """`Submitted` becomes `Paid` when the bank had its time."""
    SettlementReport.objects.filter(
        state=SettlementState.SUBMITTED, period_end__lte=now() - PAID_AFTER
    ).update(state=SettlementState.PAID)


def unsettled_orders(before: datetime) -> QuerySet[Order]:
    return Order.objects.filter(
        settlement=None, completed_at__lt=before, status=OrderStatus.COMPLETE, is_cancelled=False
    )


def unsettled_returns(before: datetime) -> QuerySet[Return]:
    return Return.objects.filter(settlement=None, status=ReturnStatus.COMPLETED, completed_at__lt=before)


def unsettled_refunds(before: datetime) -> QuerySet[Refund]:
    return Refund.objects.filter(settlement=None, status=RefundStatus.ACCEPTED, closed_at__lt=before)


def _close_weeks_of(merchant: MerchantAccount, monday: datetime) -> None:
    firsts = (
        unsettled_orders(monday)
        .filter(merchant=merchant)
        .order_by("completed_at")
        .values_list("completed_at", flat=True),
        unsettled_returns(monday)
        .filter(merchant=merchant)
        .order_by("completed_at")
        .values_list("completed_at", flat=True),
        unsettled_refunds(monday)
        .filter(merchant=merchant)
        .order_by("closed_at")
        .values_list("closed_at", flat=True),
    )
    moments = [moment for rows in firsts if (moment := rows.first()) is not None]
    start = week_start(min(moments))
    while start < monday:
        close_period(merchant, start, start + WEEK)
        start += WEEK


def _give_back(total: Details, item: OrderItem, units: int, amounts: dict[str, float] | None) -> None:
    if not amounts:
        return
    given = Amounts.from_json(amounts)
    total["merchant_price"] -= given.principal + given.shipping_cost
    total["tax"] -= given.tax
    total["shipping_tax"] -= given.shipping_tax
    total["fixed_commission"] += share(item.base_fee, units, item.quantity)
    total["jet_variable_commission"] += share(item.variable_fee, units, item.quantity)


def _open_value(merchant: MerchantAccount) -> Decimal:
    """Estimate of what is not settled yet: everything accepted and not complete."""
    waiting = merchant.orders.filter(
        Q(status=OrderStatus.ACKNOWLEDGED) | Q(status=OrderStatus.IN_PROGRESS)
    ).prefetch_related("items")
    return sum((paid_for(item, item.quantity).total for order in waiting for item in order.items.all()), ZERO)


def _plain(details: Details) -> dict[str, float]:
    return {key: float(value) for key, value in details.items()}


def _balance(details: dict[str, float]) -> Decimal:
    return sum((cents(Decimal(str(value))) for value in details.values()), ZERO)


def _last_tick(end: datetime) -> str:
    """The period's end as Jet wrote it: the last ten-millionth of a second before the exclusive end."""
    return f"{end - timedelta(microseconds=1):%Y-%m-%dT%H:%M:%S.%f}9Z"


def _row(kind: str, order: Order, item: OrderItem, amounts: Amounts, *, sign: int = 1) -> dict[str, Any]:
    return {
        "type": kind,
        "merchant_order_id": order.merchant_order_id,
        "reference_order_id": order.reference_order_id,
        "merchant_sku": item.merchant_sku,
        "completed": net_time(order.completed_at, zulu=True) if order.completed_at else "",
        **{key: sign * value for key, value in amounts.as_json().items()},
    }
