"""The grid of days with its totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import F, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jetsync.panel import cells
from jetsync.panel.charts import ColumnChart, columns_of, day_label
from jetsync.panel.filters import DayRangeFilter, PanelFilterSet
from jetsync.panel.lists import Column, EmptyState, Tab
from jetsync.panel.rendering import when
from jetsync.queries.schedules import last_run
from jetsync.tenancy.rights import Right
from jetsync.wording import counted, day_text
from orders.views.freshness import FreshList
from refunds.daily.actions import JOB_KIND
from refunds.daily.behind import Behind, behind
from refunds.daily.queries import all_daily_reports, today_of, totals_of
from refunds.daily.sheet import DAILY_SHEET

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


def _day(row: Any) -> cells.Cell:
    return cells.text(row.day_text, sub=f"{row.day:%A}")


def _count(name: str) -> Callable[[Any], cells.Cell]:
    def cell(row: Any) -> cells.Cell:
        behind = row.behind.get(name, Behind())
        sub = "" if behind.now is None else f"now {behind.now:,}"
        return cells.number(getattr(row, name), url=behind.url, sub=sub)

    return cell


# The chart's columns are as many as a page's rows, or they could not be told apart.
CHARTED = 90


class DailyList(FreshList):
    template_name = "refunds/daily_list.html"
    fragment_name = "refunds/daily_body.html"
    right = Right.REFUNDS_VIEW
    page_key = "daily-reports"
    title = "Daily reports"
    noun = ("day", "days")
    per_page = CHARTED
    columns: Sequence[Column] = (
        Column("day", "Day", cell=_day, sort=("day",), is_primary=True),
        Column("orders", "Orders", cell=_count("orders"), sort=("orders",), align="end"),
        Column("sales", "Sales", cell=lambda row: cells.money(row.sales), sort=("sales",), align="end"),
        Column(
            "returns",
            "Returns opened",
            cell=_count("returns"),
            sort=("returns",),
            align="end",
        ),
        Column(
            "completed",
            "Returns completed",
            cell=_count("completed_returns"),
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
        Column("refunds", "Refunds", cell=_count("refunds"), sort=("refunds",), align="end"),
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

    def get_rows(self, rows: list[Any]) -> list[Any]:
        merchant = self.request.merchant
        found, today = behind(merchant, rows, self.request.actor), today_of(merchant)
        for row in rows:
            row.behind = found.get(row.day, {})
            row.day_text = day_text(row.day, today)
        return rows

    def get_freshness(self) -> SafeString | str:
        found = last_run(self.request.merchant, JOB_KIND)
        if found is None:
            return "Days are counted once a day, after midnight; the first count is still to come."
        moment = when(found.schedule.last_finished_at, relative=True)
        if found.schedule.last_ok is False:
            return format_html("The last count failed {}: {}", moment, found.schedule.last_message)
        return format_html("Counted {} ({}). {}", moment, found.by, found.schedule.last_message)

    def extra_context(self) -> dict[str, Any]:
        days = self.filtered()
        return {**super().extra_context(), "totals": totals_of(days), "chart": self._chart(days)}

    def _chart(self, days: QuerySet[Any]) -> ColumnChart:
        """Sales of the newest of these days, oldest first; one query."""
        rows = reversed(days.order_by("-day").values_list("day", "sales", "orders")[:CHARTED])
        return columns_of(
            [
                (day_label(day), float(sales), f"${sales:,.2f}, {counted(orders, 'order')}")
                for day, sales, orders in rows
            ]
        )

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "No day counted yet",
            "jetsync counts each day after midnight of your store's time zone, and fills in up to 90 days before.",
            "report",
        )
