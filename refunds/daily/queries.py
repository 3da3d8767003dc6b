"""Counting days, and reading what is kept of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from jetsync.models import JetAccount, Merchant
from jetsync.queries.settings import account_in_use
from orders.amounts import ZERO
from orders.models import Order
from orders.queries.sales import SOLD, cancelled_by_day
from refunds.enums import RefundStatus
from refunds.models import DailyReport, RefundLine
from returns.enums import FINISHED_STATUSES, SendState
from returns.models import Return, ReturnLine
from returns.queries import LINE_TOTAL


@dataclass(frozen=True)
class DayCount:
    """The columns of a DailyReport of the same names."""

    orders: int = 0
    sales: Decimal = ZERO
    returns: int = 0
    completed_returns: int = 0
    returned: Decimal = ZERO
    refunds: int = 0
    refunded: Decimal = ZERO


COUNTED = tuple(field.name for field in fields(DayCount))


def all_daily_reports(merchant: Merchant) -> QuerySet[DailyReport]:
    """Days of the merchant's current mode."""
    return DailyReport.objects.filter(merchant=merchant, account=account_in_use(merchant))


def today_of(merchant: Merchant) -> date:
    return timezone.localdate(timezone=merchant.zone)


def count_days(merchant: Merchant, account: JetAccount, first: date, last: date) -> dict[date, DayCount]:
    """Each day from `first` to `last`, also those on which nothing happened. Five queries, however many days."""
    ours = {"merchant": merchant, "account": account}
    lines = {"merchant": merchant, "parent__account": account}
    found: dict[date, dict[str, Any]] = {}

    def add(rows: QuerySet[Any], name: str, **counts: Any) -> None:
        for row in _by_day(rows, name, merchant, first, last, counts):
            found.setdefault(row.pop("local_day"), {}).update(
                {key: value for key, value in row.items() if value is not None}
            )

    sold = Order.objects.filter(SOLD, **ours)
    add(sold, "placed_at", orders=Count("pk"), sales=Sum("total"))
    inside = _inside(sold, "placed_at", merchant, first, last)
    for day, cancelled in cancelled_by_day(inside, merchant.zone).items():
        found[day]["orders"] -= len(cancelled.whole)
        found[day]["sales"] -= cancelled.amount
    add(Return.objects.filter(**ours), "return_date", returns=Count("pk"))
    add(
        ReturnLine.objects.filter(**lines, parent__status__in=FINISHED_STATUSES, is_included=True),
        "parent__completed_date",
        completed_returns=Count("parent_id", distinct=True),
        returned=Sum(LINE_TOTAL),
    )
    add(
        RefundLine.objects.filter(**lines, parent__send_state=SendState.SENT).exclude(
            parent__status=RefundStatus.REJECTED
        ),
        "parent__created_at",
        refunds=Count("parent_id", distinct=True),
        refunded=Sum(LINE_TOTAL),
    )
    return {day: DayCount(**found.get(day, {})) for day in days_between(first, last)}


def _by_day(  # noqa: PLR0917 -- one grouped read
    rows: QuerySet[Any], name: str, merchant: Merchant, first: date, last: date, counts: dict[str, Any]
) -> Iterable[dict[str, Any]]:
    inside = _inside(rows, name, merchant, first, last)
    grouped = inside.annotate(local_day=TruncDate(name, tzinfo=merchant.zone)).order_by().values("local_day")
    result: Iterable[dict[str, Any]] = grouped.annotate(**counts)
    return result


def _inside(rows: QuerySet[Any], name: str, merchant: Merchant, first: date, last: date) -> QuerySet[Any]:
    begin = datetime.combine(first, time.min, tzinfo=merchant.zone)
    end = datetime.combine(last + timedelta(days=1), time.min, tzinfo=merchant.zone)
    return rows.filter(**{f"{name}__gte": begin, f"{name}__lt": end})


def days_between(first: date, last: date) -> list[date]:
    """Both included; empty when `first` is later."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def first_day(merchant: Merchant, account: JetAccount) -> date:
    """The day from which there is something to count: of the first order, or of the account itself."""
    placed = Order.objects.filter(merchant=merchant, account=account).aggregate(first=Min("placed_at"))[
        "first"
    ]
    begin = min(placed, account.created_at) if placed else account.created_at
    return begin.astimezone(merchant.zone).date()


def totals_of(rows: QuerySet[DailyReport]) -> dict[str, Any]:
    """The sum of every column, and `net`; one query."""
    found = rows.order_by().aggregate(**{f"sum_{name}": Sum(name) for name in COUNTED}, days=Count("pk"))
    totals = {name: found[f"sum_{name}"] or 0 for name in COUNTED}
    return {**totals, "days": found["days"], "net": totals["sales"] - totals["returned"] - totals["refunded"]}
