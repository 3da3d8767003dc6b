"""The grid of days with its totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import F, QuerySet
from django.utils.safestring import SafeString

from jetsync.panel import cells
from jetsync.panel.filters import DayRangeFilter, PanelFilterSet
from jetsync.panel.lists import Column, EmptyState, Tab
from jetsync.tenancy.rights import Right
from orders.views.freshness import FreshList, last_look
from refunds.daily.actions import JOB_KIND
from refunds.daily.queries import all_daily_reports, today_of, totals_of
from refunds.daily.sheet import DAILY_SHEET
from refunds.models import DailyReport

PERIODS = (30, 90)


class DaysFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    """The last so many days before today."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        return qs.filter(day__gte=today_of(self.parent.merchant) - timedelta(days=int(value)))


class DailyFilter(PanelFilterSet):
    days = DaysFilter(
        choices=[(str(days), f"Last {days} days") for days in PERIODS], label="Period", empty_label="All"
    )
    day = DayRangeFilter(field_name="day", label="Day")
    bar: ClassVar[tuple[str, ...]] = ("days",)


def _day(row: DailyReport) -> cells.Cell:
    return cells.text(f"{row.day:%Y-%m-%d}", sub=f"{row.day:%A}")


class DailyList(FreshList):
    template_name = "refunds/daily_list.html"
    fragment_name = "refunds/daily_body.html"
    right = Right.REFUNDS_VIEW
    page_key = "daily-reports"
    title = "Daily reports"
    noun = ("day", "days")
    per_page = 90
    columns: Sequence[Column] = (
        Column("day", "Day", cell=_day, sort=("day",), is_primary=True),
        Column("orders", "Orders", cell=lambda row: cells.number(row.orders), sort=("orders",), align="end"),
        Column("sales", "Sales", cell=lambda row: cells.money(row.sales), sort=("sales",), align="end"),
        Column(
            "returns",
            "Returns opened",
            cell=lambda row: cells.number(row.returns),
            sort=("returns",),
            align="end",
        ),
        Column(
            "completed",
            "Returns completed",
            cell=lambda row: cells.number(row.completed_returns),
            sort=("completed_returns",),
            align="end",
        ),
        Column(
            "returned",
            "Given back by returns",
            cell=lambda row: cells.money(row.returned),
            sort=("returned",),
            align="end",
        ),
        Column(
            "refunds", "Refunds", cell=lambda row: cells.number(row.refunds), sort=("refunds",), align="end"
        ),
        Column(
            "refunded",
            "Refunded",
            cell=lambda row: cells.money(row.refunded),
            sort=("refunded",),
            align="end",
        ),
        Column("net", "Net", cell=lambda row: cells.money(row.net), sort=("net_sum",), align="end"),
    )
    filter_class = DailyFilter
    sheet = DAILY_SHEET
    default_sort = "-day"

    def get_subtitle(self) -> str:
        return f"Days of the store's clock, {self.request.merchant.time_zone}. Today's is counted after midnight."

    def get_queryset(self) -> QuerySet[Any]:
        rows = all_daily_reports(self.request.merchant)
        return rows.annotate(net_sum=F("sales") - F("returned") - F("refunded"))

    def row_url(self, row: Any) -> str:  # noqa: ARG002 -- a day has no page of its own
        return ""

    def get_tabs(self) -> Sequence[Tab]:
        return [Tab("All"), *(Tab(f"Last {days} days", f"days={days}") for days in PERIODS)]

    def get_freshness(self) -> SafeString:
        return last_look(
            self.request.merchant,
            JOB_KIND,
            never="Days are counted once a day, after midnight; the first count is still to come.",
        )

    def extra_context(self) -> dict[str, Any]:
        return {**super().extra_context(), "totals": totals_of(self.filtered())}

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "No day counted yet",
            "jetsync counts each day after midnight of your store's time zone, and fills in up to 90 days before.",
            "report",
        )
