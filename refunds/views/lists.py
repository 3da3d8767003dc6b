"""The refund grid, and the completed orders a refund can be started for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils.safestring import SafeString

from jetsync.panel import cells
from jetsync.panel.filters import (
    ChildFilter,
    DateRangeFilter,
    MomentRangeFilter,
    PanelFilterSet,
    SearchFilter,
)
from jetsync.panel.lists import Column, EmptyState, ListPage, PageAction, Tab
from jetsync.tenancy.rights import Right
from orders.models import Order
from orders.privacy import may_see_buyers, shown_buyer
from orders.queries.order import completed_orders, search_orders
from orders.queries.sales import with_shipped_units
from orders.views.freshness import FreshList, last_look
from refunds.actions.creating import CREATE_JOB
from refunds.enums import RefundStatus
from refunds.models import Refund, RefundLine
from refunds.pages import new_refund_url, refund_url
from refunds.queries import NOT_THROUGH, all_refunds, given_back, search_refunds, without_json
from refunds.sheet import REFUND_SHEET
from refunds.statuses import refund_status_key
from refunds.wording import WHEN_USED
from returns.cells import items_cell
from returns.enums import SendState
from returns.models import Return
from returns.money import total_of
from returns.queries import failure_codes
from returns.second_person import WHO_WAITS


class RefundSearch(SearchFilter):
    """Refund ids, order ids and SKU."""

    def __init__(self) -> None:
        super().__init__(lookups=(), placeholder="Refund id, order id or SKU")

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return search_refunds(qs, self.parent.merchant, value)


class GivenFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    """What the sums of money given back are of."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(given_back()) if value else qs


class ProblemFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """What a person is to correct, as the home page counts it."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(NOT_THROUGH) if value else qs


class RefundFilter(PanelFilterSet):
    q = RefundSearch()
    status = django_filters.ChoiceFilter(choices=RefundStatus.choices, label="Status", empty_label="Any")
    send_state = django_filters.ChoiceFilter(choices=SendState.choices, label="Way to Jet", empty_label="Any")
    given = GivenFilter(
        choices=[("yes", "Sent to Jet and not rejected")], label="Money given back", empty_label="Any"
    )
    problem = ProblemFilter(
        choices=[("not_through", "Did not get through")], label="Problem", empty_label="Any"
    )
    order_id = django_filters.CharFilter(
        field_name="merchant_order_id", lookup_expr="startswith", label="Merchant order id"
    )
    made = DateRangeFilter(field_name="created_at", label="Date added")
    closed = MomentRangeFilter(field_name="closed_at", label="Accepted or rejected")
    sku = ChildFilter(RefundLine, "parent_id", "sku", label="SKU, exactly")
    sku_start = ChildFilter(RefundLine, "parent_id", "sku__startswith", label="SKU begins with")
    reason = ChildFilter(RefundLine, "parent_id", "reason__icontains", label="Reason contains")
    bar: ClassVar[tuple[str, ...]] = ("q", "status")


def _lines(row: Refund) -> list[RefundLine]:
    return list(row.lines.all())


def _status_words(row: Refund) -> str:
    if row.failure_message:
        return row.failure_message[:80]
    return f"Jet: {row.jet_status}" if row.jet_status else ""


CREATE = PageAction(
    "Create new refund",
    url_name="refunds:choose-order",
    right=Right.REFUNDS_CREATE,
    primary=True,
    icon="plus",
)


class RefundList(FreshList):
    live_seconds = 10
    right = Right.REFUNDS_VIEW
    page_key = "refunds"
    title = "Refunds"
    noun = ("refund", "refunds")
    columns: Sequence[Column] = (
        Column(
            "refund",
            "Refund",
            cell=lambda row: cells.code(str(row)),
            sort=("alt_refund_id",),
            is_primary=True,
        ),
        Column("status", "Status", cell="returns/cells/status.html", sort=("status", "created_at")),
        Column("items", "Products", cell=lambda row: items_cell(_lines(row))),
        Column(
            "returned",
            "Qty Returned",
            cell=lambda row: cells.number(sum(line.quantity_returned for line in _lines(row))),
            align="end",
        ),
        Column(
            "refunded",
            "Qty Refund",
            cell=lambda row: cells.number(sum(line.quantity_refunded for line in _lines(row))),
            align="end",
        ),
        Column(
            "amount",
            "Amount to refund",
            cell=lambda row: cells.money(total_of(line.amounts for line in _lines(row)).total),
            align="end",
        ),
        Column(
            "order",
            "Order",
            cell=lambda row: cells.code(row.order_label),
            sort=("reference_order_id",),
            default_on=False,
        ),
        Column(
            "made",
            "Date added",
            cell=lambda row: cells.when(row.created_at, sub=row.created_by),
            sort=("created_at",),
        ),
        Column(
            "jet_id",
            "Refund Id",
            cell=lambda row: cells.code(row.refund_authorization_id),
            sort=("refund_authorization_id",),
            default_on=False,
        ),
        Column(
            "merchant_order_id",
            "Merchant Order Id",
            cell=lambda row: cells.code(row.merchant_order_id),
            default_on=False,
        ),
        Column(
            "item_ids",
            "Order Item Id",
            cell=lambda row: cells.code(", ".join(line.order_item_id for line in _lines(row))),
            default_on=False,
        ),
        Column("pk", "ID", sort=("pk",), default_on=False, align="end"),
    )
    filter_class = RefundFilter
    sheet = REFUND_SHEET
    empty_by_tab = True
    default_sort = "-made"
    page_actions = (
        PageAction(
            "Update status",
            url_name="refunds:update-status",
            right=Right.REFUNDS_CREATE,
            method="post",
            icon="refresh",
        ),
        CREATE,
    )

    def get_queryset(self) -> QuerySet[Any]:
        return without_json(all_refunds(self.request.merchant))

    def get_rows(self, rows: list[Any]) -> list[Any]:
        causes = failure_codes(rows, CREATE_JOB)
        for row in rows:
            row.status_key, row.status_words = refund_status_key(row), _status_words(row)
            row.cause = "refund_unreadable" if row.is_unreadable else causes.get(row.pk, "")
        return rows

    def row_url(self, row: Any) -> str:
        row.merchant = self.request.merchant
        return refund_url(row)

    def get_tabs(self) -> Sequence[Tab]:
        rows = all_refunds(self.request.merchant)
        # Accepted ones only grow; their number tells nobody what to do.
        open_rows = rows.exclude(status=RefundStatus.ACCEPTED)

        def tab(status: RefundStatus) -> Tab:
            counted = None if status == RefundStatus.ACCEPTED else rows.filter(status=status)
            return Tab(str(status.label), f"status={status}", rows=counted)

        return [
            Tab("All"),
            Tab(
                SendState.WAITING.label,
                f"send_state={SendState.WAITING}",
                rows=open_rows.filter(send_state=SendState.WAITING),
            ),
            *(tab(status) for status in RefundStatus),
        ]

    def get_freshness(self) -> SafeString:
        return last_look(
            self.request.merchant,
            "refunds.status",
            never="The status of open refunds is read from Jet every 30 minutes; the first look is still to come.",
        )

    def get_empty(self) -> EmptyState:
        if self.query.get("send_state") == SendState.WAITING:
            return EmptyState("No refund waits for a second person", WHO_WAITS, "inbox")
        if self.query.get("status"):
            return EmptyState("No refunds in this part", "They move here by themselves.", "inbox")
        return EmptyState("No refunds yet", WHEN_USED, "credit-card-refund", CREATE)


class OrderSearch(SearchFilter):
    def __init__(self) -> None:
        super().__init__(lookups=(), placeholder="Merchant order id, reference order id or SKU")

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        actor = self.parent.request.actor
        return search_orders(qs, self.parent.merchant, value, with_buyers=may_see_buyers(actor))


class OrderFilter(PanelFilterSet):
    q = OrderSearch()
    placed = DateRangeFilter(field_name="placed_at", label="Placed")
    bar: ClassVar[tuple[str, ...]] = ("q",)


def _stands(row: Order) -> cells.Cell:
    """What already went back, so that nobody starts a refund that cannot be."""
    names = [f"Return {returned}" for returned in row.shown_returns]  # type: ignore[attr-defined]  # prefetched
    names += [f"Refund {refund}" for refund in row.shown_refunds]  # type: ignore[attr-defined]  # prefetched
    return (
        cells.text(names[0], sub=f"and {len(names) - 1} more" if len(names) > 1 else "")
        if names
        else cells.text("")
    )


class ChooseOrder(ListPage):
    """Only completed orders can be refunded, so only those are offered."""

    right = Right.REFUNDS_CREATE
    page_key = "refunds-orders"
    title = "Create a refund"
    subtitle = WHEN_USED
    noun = ("completed order", "completed orders")
    columns: Sequence[Column] = (
        Column(
            "order",
            "Order",
            cell=lambda row: cells.code(str(row)),
            sort=("reference_order_id",),
            is_primary=True,
        ),
        Column("merchant_order_id", "Merchant Order Id", cell=lambda row: cells.code(row.merchant_order_id)),
        Column(
            "items", "Products", cell=lambda row: cells.text(", ".join(line.sku for line in row.lines.all()))
        ),
        Column("customer", "Customer", cell=lambda row: cells.text(row.shown_buyer)),
        Column("total", "Total", sort=("total",), align="end"),
        Column("back", "Returns and refunds", cell=_stands),
        Column("placed", "Placed", cell=lambda row: cells.when(row.placed_at), sort=("placed_at",)),
        Column("action", "Action", cell="refunds/cells/start.html", align="end"),
    )
    filter_class = OrderFilter
    default_sort = "-placed"

    def get_queryset(self) -> QuerySet[Any]:
        merchant = self.request.merchant
        return with_shipped_units(completed_orders(merchant)).prefetch_related(
            "lines",
            Prefetch("returns", queryset=Return.objects.filter(merchant=merchant), to_attr="shown_returns"),
            Prefetch("refunds", queryset=Refund.objects.filter(merchant=merchant), to_attr="shown_refunds"),
        )

    def get_rows(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.shown_buyer = shown_buyer(row, self.request.actor)
            row.start_url = new_refund_url(self.request.merchant, row.pk)
        return rows

    def row_url(self, row: Any) -> str:
        return str(row.start_url)

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "No completed orders yet",
            "An order can be refunded when every unit is shipped or cancelled.",
            "package",
        )
