"""Counting days, and reading what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum, Value
from django.db.models.functions import TruncDate
from django.utils import timezone

from jetsync.models import JetAccount, Merchant
from jetsync.queries.settings import account_in_use
from orders.amounts import ZERO
from orders.days import begin_of
from orders.models import Order
from orders.queries.sales import SOLD, cancelled_by_day, without_wholly_cancelled
from refunds.models import DailyReport, RefundLine
from refunds.queries import given_back
from returns.models import Return, ReturnLine
from returns.queries import GIVEN_BACK, LINE_TOTAL


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


_Found = dict[date, dict[str, Any]]
COUNTED = tuple(field.name for field in fields(DayCount))


def all_daily_reports(merchant: Merchant) -> QuerySet[DailyReport]:
    """Days of the merchant's current mode."""
    return DailyReport.objects.filter(merchant=merchant, account=account_in_use(merchant))


def today_of(merchant: Merchant) -> date:
    return timezone.localdate(timezone=merchant.zone)


@dataclass(frozen=True)
class Period:
    """Days of the merchant's own calendar, both included."""

    merchant: Merchant
    account: JetAccount
    first: date
    last: date

    def counts(self, found: _Found) -> dict[date, DayCount]:
        return {day: DayCount(**found.get(day, {})) for day in days_between(self.first, self.last)}


def count_days(merchant: Merchant, account: JetAccount, first: date, last: date) -> dict[date, DayCount]:
    """Each day from `first` to `last`, also those on which nothing happened. Five queries, however many days."""
    period = Period(merchant, account, first, last)
    found: _Found = {}
    _add_sales(found, period)
    _add_given_back(found, period)
    return period.counts(found)


def count_rows(merchant: Merchant, first: date, last: date) -> dict[tuple[date, str], int]:
    """What the lists of orders, returns and refunds hold now of each day, by day and name of the number; a day without is
    left out. One query over the account in use.
    """
    account, zone = account_in_use(merchant), merchant.zone
    sold = Order.objects.filter(SOLD, merchant=merchant, account=account)
    lines = {"merchant": merchant, "parent__account": account}
    parents = Count("parent_id", distinct=True)
    parts: list[tuple[str, QuerySet[Any], str, Count]] = [
        ("orders", without_wholly_cancelled(merchant, sold), "placed_at", Count("pk")),
        ("returns", Return.objects.filter(merchant=merchant, account=account), "return_date", Count("pk")),
        (
            "completed_returns",
            ReturnLine.objects.filter(GIVEN_BACK, **lines),
            "parent__completed_date",
            parents,
        ),
        (
            "refunds",
            RefundLine.objects.filter(given_back("parent__"), **lines),
            "parent__created_at",
            parents,
        ),
    ]
    counts = [
        _inside(rows, moment, merchant, first, last)
        .order_by()
        .annotate(local_day=TruncDate(moment, tzinfo=zone), what=Value(name))
        .values("local_day", "what")
        .annotate(n=count)
        .values_list("local_day", "what", "n")
        for name, rows, moment, count in parts
    ]
    return {(day, name): n for day, name, n in counts[0].union(*counts[1:], all=True)}


def count_given_back(period: Period) -> dict[date, DayCount]:
    """The same without orders and sales; three queries."""
    found: _Found = {}
    _add_given_back(found, period)
    return period.counts(found)


def _add_sales(found: _Found, period: Period) -> None:
    sold = Order.objects.filter(SOLD, merchant=period.merchant, account=period.account)
    _add(found, period, sold, "placed_at", orders=Count("pk"), sales=Sum("total"))
    inside = _inside(sold, "placed_at", period.merchant, period.first, period.last)
    for day, cancelled in cancelled_by_day(inside, period.merchant.zone).items():
        found[day]["orders"] -= len(cancelled.whole)
        found[day]["sales"] -= cancelled.amount


def _add_given_back(found: _Found, period: Period) -> None:
    ours = {"merchant": period.merchant, "account": period.account}
    lines = {"merchant": period.merchant, "parent__account": period.account}
    _add(found, period, Return.objects.filter(**ours), "return_date", returns=Count("pk"))
    _add(
        found,
        period,
        ReturnLine.objects.filter(GIVEN_BACK, **lines),
        "parent__completed_date",
        completed_returns=Count("parent_id", distinct=True),
        returned=Sum(LINE_TOTAL),
    )
    _add(
        found,
        period,
        RefundLine.objects.filter(given_back("parent__"), **lines),
        "parent__created_at",
        refunds=Count("parent_id", distinct=True),
        refunded=Sum(LINE_TOTAL),
    )


def _add(found: _Found, period: Period, rows: QuerySet[Any], name: str, **counts: Any) -> None:
    inside = _inside(rows, name, period.merchant, period.first, period.last)
    grouped = (
        inside.annotate(local_day=TruncDate(name, tzinfo=period.merchant.zone)).order_by().values("local_day")
    )
    for row in grouped.annotate(**counts):
        day = found.setdefault(row.pop("local_day"), {})
        day.update({key: value for key, value in row.items() if value is not None})


def _inside(rows: QuerySet[Any], name: str, merchant: Merchant, first: date, last: date) -> QuerySet[Any]:
    begin, end = begin_of(merchant, first), begin_of(merchant, last + timedelta(days=1))
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
