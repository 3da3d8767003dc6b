"""The order grid and the grid of failed orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from jetsync.enums import Mode
from jetsync.models import Merchant
from jetsync.panel import cells
from jetsync.panel.lists import BulkAction, Column, EmptyState, PageAction, Tab
from jetsync.panel.rendering import countdown
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.enums import OPEN_STATES, OrderState
from orders.fixing import fixes_for
from orders.models import Order
from orders.pages import order_list_url, order_url
from orders.privacy import shown_buyer
from orders.queries.clock import Pulse, pulse
from orders.queries.held import holders_of
from orders.queries.order import all_orders, failed_orders, listed_orders
from orders.queries.sales import wholly_cancelled
from orders.queries.summary import NEAR
from orders.sheet import FAILED_SHEET, ORDER_SHEET
from orders.statuses import order_status_key
from orders.views.filters import ACCEPTED, VIEWS, FailedFilter, OrderFilter, in_view, of_state
from orders.views.freshness import FreshList, last_look, switched_off_words
from orders.wording import jet_words_of


def _lines(row: Order) -> cells.Cell:
    lines = list(row.lines.all())
    if not lines:
        return cells.text("")
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    first = f"{units[lines[0].sku]} x {lines[0].sku}"
    if len(units) == 1:
        return cells.code(first)
    more, pieces = counted(len(units) - 1, "more SKU"), counted(sum(units.values()), "unit")
    return cells.code(first, sub=f"and {more}, {pieces} in all")


def _item_ids(row: Order) -> cells.Cell:
    return cells.code(", ".join(line.order_item_id for line in row.lines.all()))


def _reason(row: Order) -> cells.Cell:
    if not row.failure_reason:
        return cells.text("")
    return cells.status(f"reason.{row.failure_reason}", sub=jet_words_of(row))


ORDER = Column(
    "order",
    "Order",
    cell=lambda row: cells.code(str(row), sub=row.alt_order_id and f"Store order {row.alt_order_id}"),
    sort=("reference_order_id",),
    is_primary=True,
)
STATUS = Column("status", "Status", cell="orders/cells/status.html", sort=("state", "placed_at"))
DUE = Column(
    "due",
    "Answer by",
    cell=lambda row: cells.when(row.ack_due_at),
    sort=("ack_due_at",),
    default_on=False,
    hint="Jet withdraws an unanswered order 15 minutes after it became ready",
)
ITEMS = Column("items", "SKU", cell=_lines)
CUSTOMER = Column("customer", "Customer", cell="orders/cells/customer.html")
TOTAL = Column("total", "Total", sort=("total",), align="end")
DELIVER_BY = Column("deliver_by", "Deliver by", cell="orders/cells/deliver_by.html", sort=("deliver_by",))
PLACED = Column("placed", "Date added", cell=lambda row: cells.when(row.placed_at), sort=("placed_at",))
UPDATED = Column(
    "updated",
    "Date modified",
    cell=lambda row: cells.when(row.updated_at),
    sort=("updated_at",),
    default_on=False,
)
REASON = Column("reason", "Reason", cell=_reason, sort=("failure_reason",), default_on=False)
HINT = Column(
    "hint",
    "What to do",
    cell=lambda row: cells.text(row.failure_message, sub=row.failure_hint),
    default_on=False,
)
ACTIONS = Column("actions", "Actions", cell="orders/cells/actions.html", align="end")
HIDDEN_IDS = (
    Column("alt_order_id", "Store order id", cell=lambda row: cells.code(row.alt_order_id), default_on=False),
    Column(
        "merchant_order_id",
        "Merchant Order Id",
        cell=lambda row: cells.code(row.merchant_order_id),
        default_on=False,
    ),
    Column("item_ids", "Order Item Id", cell=_item_ids, default_on=False),
    Column("pk", "ID", sort=("pk",), default_on=False, align="end"),
)


class OrderList(FreshList):
    live_seconds = 10
    right = Right.ORDERS_VIEW
    page_key = "orders"
    title = "Orders"
    noun = ("order", "orders")
    columns: Sequence[Column] = (
        ORDER,
        STATUS,
        DUE,
        ITEMS,
        CUSTOMER,
        TOTAL,
        DELIVER_BY,
        PLACED,
        UPDATED,
        REASON,
        HINT,
        *HIDDEN_IDS,
        ACTIONS,
    )
    filter_class = OrderFilter
    sheet = ORDER_SHEET
    empty_by_tab = True
    default_sort = "-placed"
    bulk_actions: Sequence[BulkAction] = (
        BulkAction(
            "acknowledge",
            "Acknowledge",
            "orders:order-acknowledge",
            Right.ORDERS_ACKNOWLEDGE,
            style="primary",
            icon="check",
        ),
        BulkAction("ship", "Ship", "orders:order-ship-many", Right.ORDERS_SHIP, icon="truck"),
        BulkAction("slips", "Packing slips", "orders:order-slips", Right.ORDERS_VIEW, icon="printer"),
        BulkAction("pick", "Pick list", "orders:order-pick", Right.ORDERS_VIEW, icon="list-check"),
        BulkAction("reject", "Reject", "orders:order-reject-many", Right.ORDERS_ACKNOWLEDGE, icon="x"),
        BulkAction("cancel", "Cancel", "orders:order-cancel-many", Right.ORDERS_SHIP, icon="ban"),
        BulkAction("refresh", "Fetch again", "orders:order-refresh-many", Right.ORDERS_FETCH, icon="refresh"),
    )
    page_actions: Sequence[PageAction] = (
        PageAction("Ship many", url_name="orders:order-ship-many", right=Right.ORDERS_SHIP, icon="truck"),
        PageAction(
            "Fetch orders",
            url_name="orders:order-fetch",
            right=Right.ORDERS_FETCH,
            primary=True,
            method="post",
            icon="refresh",
        ),
    )

    def get_page_actions(self) -> Sequence[PageAction]:
        if self.request.merchant.mode != Mode.TEST:
            return super().get_page_actions()
        return (PageAction("Test order", url_name="orders:tour", icon="flask"), *super().get_page_actions())

    def get_queryset(self) -> QuerySet[Any]:
        merchant = self.request.merchant
        cancelled = wholly_cancelled(merchant, Order.objects.filter(pk=OuterRef("pk")))
        return listed_orders(merchant).annotate(is_cancelled=Exists(cancelled))

    def get_rows(self, rows: list[Any]) -> list[Any]:
        actor, now = self.request.actor, timezone.now()
        for row in rows:
            row.shown_buyer = shown_buyer(row, actor)
            row.status_key = order_status_key(row.state, row.planned_answer, is_cancelled=row.is_cancelled)
            row.may_answer, row.may_ship = actor.may(Right.ORDERS_ACKNOWLEDGE), actor.may(Right.ORDERS_SHIP)
            row.is_open_at_jet = row.state in OPEN_STATES
            row.is_deliver_near = bool(row.is_shippable and row.deliver_by and row.deliver_by - now < NEAR)
            row.is_deliver_late = bool(row.is_deliver_near and row.deliver_by < now)
        return rows

    @cached_property
    def sort(self) -> str:
        """Among the ready ones the nearest to Jet's end comes first, unless something else was asked for."""
        if self.query.get("view") == "ready" and not self.query.get("sort"):
            return "due"
        return super().sort

    def row_url(self, row: Any) -> str:
        row.merchant = self.request.merchant
        return order_url(row)

    def get_tabs(self) -> Sequence[Tab]:
        merchant = self.request.merchant
        orders = all_orders(merchant)
        parts = [
            Tab(label, f"view={key}", rows=in_view(merchant, orders, key))
            for key, (label, _states) in VIEWS.items()
        ]
        return [Tab("All"), *parts]

    def get_freshness(self) -> SafeString | str:
        merchant = self.request.merchant
        now = pulse(merchant, timezone.now() - timedelta(hours=1))
        words = f"{counted(now.new, 'new order') if now.new else 'No new orders'} in the last hour."
        never = "New orders are fetched from Jet every 10 minutes; the first look is still to come."
        if now.is_off:
            return format_html("{} {}", _waiting_words(merchant, now), switched_off_words(merchant))
        looked = last_look(merchant, "orders.fetch", never=never, brought=words)
        return format_html("{} {}", _waiting_words(merchant, now), looked)

    def get_empty(self) -> EmptyState:
        if self.query.get("view") or self.query.get("state"):
            return EmptyState("No orders in this part", "They move here by themselves.", "inbox")
        return EmptyState(
            "No orders yet",
            "Orders appear here within 10 minutes after Jet releases them. Nothing came although you expected one? "
            "Look at the failed orders.",
            "shopping-cart",
            self.page_actions[-1],
        )


def _waiting_words(merchant: Merchant, now: Pulse) -> SafeString:
    """ "2 orders wait for your answer, the first 4:12 left, urgent." Stands above every part of the list."""
    if not now.waiting:
        return mark_safe("")
    verb = "waits" if now.waiting == 1 else "wait"
    words = f"{counted(now.waiting, 'order')} {verb} for your answer"
    link = format_html('<a href="{}">{}</a>', order_list_url(merchant, "view=ready"), words)
    if now.nearest is None:
        return format_html("{}.", link)
    return format_html("{}, the first: {}.", link, countdown(now.nearest))


FAILED_VIEWS: dict[str, str] = {
    OrderState.READY: "Still to answer",
    ACCEPTED: "Accepted, to mend",
    OrderState.REJECTED: "Rejected",
    OrderState.EXPIRED: "Missed",
    OrderState.FAILED: "Failed",
}


class FailedOrderList(OrderList):
    page_key = "orders-failed"
    title = "Failed orders"
    filter_class = FailedFilter
    sheet = FAILED_SHEET
    columns = (
        ORDER,
        STATUS,
        Column("reason", "Reason", cell="orders/cells/reason.html", sort=("failure_reason",)),
        Column("hint", "What to do", cell=lambda row: cells.text(row.failure_message, sub=row.failure_hint)),
        Column("fix", "Mend it", cell="orders/cells/fix.html"),
        ITEMS,
        CUSTOMER,
        TOTAL,
        PLACED,
        UPDATED,
        *HIDDEN_IDS,
    )
    bulk_actions = (
        BulkAction(
            "refresh", "Fetch again", "orders:order-failed-refresh", Right.ORDERS_FETCH, icon="refresh"
        ),
    )
    page_actions = ()

    def get_queryset(self) -> QuerySet[Any]:
        return failed_orders(super().get_queryset())

    def get_rows(self, rows: list[Any]) -> list[Any]:
        merchant, actor = self.request.merchant, self.request.actor
        shown = super().get_rows(rows)
        holders = holders_of(merchant, [line for row in shown for line in row.lines.all()])
        for row in shown:
            row.fixes = fixes_for(merchant, row, list(row.lines.all()), actor, holders)
            row.jet_words = jet_words_of(row)
        return rows

    def get_tabs(self) -> Sequence[Tab]:
        orders = self.get_queryset()
        parts = [
            Tab(label, f"state={state}", rows=orders.filter(of_state(state)))
            for state, label in FAILED_VIEWS.items()
        ]
        return [Tab("All"), *parts]

    def get_freshness(self) -> str:
        return "Orders that cannot be delivered, were rejected or were lost, each with its reason."

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "No failed orders",
            "Orders land here when a SKU is unknown, out of stock or disabled, or when nobody answered in time.",
            "circle-check",
        )
