"""The settlement grid, one report in full, and fetching at a press."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from jetsync.panel import cells
from jetsync.panel.details import timeline_for
from jetsync.panel.filters import DateRangeFilter, PanelFilterSet, SearchFilter
from jetsync.panel.lists import Column, EmptyState, PageAction, Tab
from jetsync.panel.messages import say_outcome
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted
from orders.views.freshness import FreshList, last_look
from refunds.enums import SettlementState
from refunds.models import SettlementReport
from refunds.settlement.actions import JOB_KIND, fetch_now
from refunds.settlement.comparison import compare, near_the_ends
from refunds.settlement.pages import settlement_list_url, settlement_url
from refunds.settlement.queries import all_settlements, get_settlement, settlement_lines
from refunds.settlement.sheet import SETTLEMENT_SHEET
from refunds.settlement.statuses import settlement_status_key
from refunds.settlement.words import period_words

FETCH = PageAction(
    "Fetch settlement reports",
    url_name="refunds:settlement-fetch",
    right=Right.ACTIVITY_CONTROL,
    method="post",
    icon="refresh",
)


class SettlementFilter(PanelFilterSet):
    q = SearchFilter(lookups=("report_id__startswith",), placeholder="Report id")
    state = django_filters.ChoiceFilter(choices=SettlementState.choices, label="State", empty_label="Any")
    ended = DateRangeFilter(field_name="period_end", label="Period end")
    bar: ClassVar[tuple[str, ...]] = ("q", "state")


def _state(row: SettlementReport) -> cells.Cell:
    key = settlement_status_key(row)
    if row.problems:
        return cells.status(key, sub=row.problems[0][:80])
    return cells.status(key, sub=f"Jet: {row.jet_state}" if row.state == SettlementState.UNKNOWN else "")


def _difference(row: SettlementReport) -> cells.Cell:
    differing = counted(row.differing, "difference") if row.differing else ""
    return cells.money(row.difference, sub=differing, hint="Jet's minus ours, of what both know")


class SettlementList(FreshList):
    live_seconds = 30
    right = Right.REFUNDS_VIEW
    page_key = "settlement"
    title = "Settlement"
    subtitle = "What Jet pays for each period. Periods are days of UTC, as Jet counts them."
    noun = ("settlement report", "settlement reports")
    columns: Sequence[Column] = (
        Column(
            "period",
            "Period",
            cell=lambda row: cells.text(period_words(row)),
            sort=("period_end", "period_start"),
            is_primary=True,
        ),
        Column("state", "State", cell=_state, sort=("state", "period_end")),
        Column(
            "orders",
            "Orders",
            cell=lambda row: cells.money(row.order_balance),
            sort=("order_balance",),
            align="end",
        ),
        Column(
            "returns",
            "Returns and refunds",
            cell=lambda row: cells.money(row.return_balance),
            sort=("return_balance",),
            align="end",
        ),
        Column(
            "adjustment",
            "Jet's adjustment",
            cell=lambda row: cells.money(row.jet_adjustment),
            sort=("jet_adjustment",),
            align="end",
        ),
        Column(
            "value",
            "Value",
            cell=lambda row: cells.money(row.settlement_value),
            sort=("settlement_value",),
            align="end",
        ),
        Column(
            "unavailable",
            "Not yet settled",
            cell=lambda row: cells.money(row.unavailable_balance),
            default_on=False,
            align="end",
        ),
        Column("difference", "Difference", cell=_difference, sort=("difference",), align="end"),
        Column(
            "since",
            "State since",
            cell=lambda row: cells.when(row.state_at),
            sort=("state_at",),
            default_on=False,
        ),
        Column("report", "Report id", cell=lambda row: cells.code(row.report_id), default_on=False),
    )
    filter_class = SettlementFilter
    sheet = SETTLEMENT_SHEET
    empty_by_tab = True
    default_sort = "-period"
    page_actions = (FETCH,)

    def get_queryset(self) -> QuerySet[Any]:
        return all_settlements(self.request.merchant).defer("raw", "unread")

    def row_url(self, row: Any) -> str:
        row.merchant = self.request.merchant
        return settlement_url(row)

    def get_tabs(self) -> Sequence[Tab]:
        rows = all_settlements(self.request.merchant)
        return [
            Tab("All"),
            *(
                Tab(str(state.label), f"state={state}", rows=rows.filter(state=state))
                for state in SettlementState
            ),
        ]

    def get_freshness(self) -> SafeString:
        return last_look(
            self.request.merchant,
            JOB_KIND,
            never="Reports are read from Jet once a day; the first look is still to come.",
        )

    def get_empty(self) -> EmptyState:
        if self.query.get("state"):
            return EmptyState("No settlement reports in this part", "They move here by themselves.", "inbox")
        return EmptyState(
            "No settlement reports yet",
            "Jet makes one for each week in which an order was completed; jetsync reads them every morning.",
            "receipt",
            FETCH,
        )


@merchant_view(Right.REFUNDS_VIEW)
def settlement_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    report = get_settlement(request.merchant, pk)
    comparison = compare(report, settlement_lines(report))
    context: dict[str, Any] = {
        "report": report,
        "period": period_words(report),
        "status_key": settlement_status_key(report),
        "comparison": comparison,
        "near": near_the_ends(report) if comparison.differing else 0,
        "mode": report.account.get_mode_display().lower(),
        "answers": [
            (title, answer)
            for title, answer in (
                ("What Jet sent last, unreadable", report.unread),
                ("What Jet sent", report.raw),
            )
            if answer is not None
        ],
        "timeline": timeline_for(request.merchant, "refunds.settlementreport", report.pk),
    }
    return render(request, "refunds/settlement_detail.html", context)


@merchant_view(Right.REFUNDS_VIEW, write=Right.ACTIVITY_CONTROL)
@require_POST
def settlement_fetch(request: MerchantRequest) -> HttpResponse:
    with say_outcome(request, "Asking Jet for its settlement reports. This list shows them by itself."):
        fetch_now(request.merchant, actor=request.actor)
    return HttpResponseRedirect(settlement_list_url(request.merchant))
