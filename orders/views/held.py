"""The list of pieces that orders hold, and giving them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from jetsync.models import Selection
from jetsync.panel import cells
from jetsync.panel.confirm import SHOWN_NAMES, ConfirmPage
from jetsync.panel.filters import DateRangeFilter, PanelFilterSet, SearchFilter
from jetsync.panel.lists import BulkAction, Column, EmptyState, ListPage, Tab
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.actions.held import release_held
from orders.enums import OPEN_STATES
from orders.models import Order
from orders.pages import order_url
from orders.queries.held import held_pieces, held_too_long, why_too_long


class LateFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return held_too_long(qs, timezone.now()) if value else qs


class HeldFilter(PanelFilterSet):
    q = SearchFilter(lookups=("variant__sku__istartswith",), placeholder="SKU")
    held = LateFilter(
        choices=[("long", "Longer than it should be")], label="How long", empty_label="Any time"
    )
    since = DateRangeFilter(field_name="created_at", label="Held since")
    bar: ClassVar[tuple[str, ...]] = ("q", "held")


def _order(row: Any) -> cells.Cell:
    if row.order is None:
        return cells.text("–")  # noqa: RUF001 -- a dash, as typeset
    return cells.status(f"orders.{row.order.state}", sub=row.late or "")


class HeldStock(ListPage):
    right = Right.ORDERS_VIEW
    page_key = "held-stock"
    title = "Held stock"
    subtitle = "Pieces promised to orders: Jet is not offered them until the order is shipped, cancelled or rejected."
    noun = ("held SKU", "held SKUs")
    columns = (
        Column("sku", "SKU", cell=lambda row: cells.code(row.variant.sku), sort=("variant__sku",)),
        Column("order", "Order", cell=lambda row: cells.code(str(row.order or "–")), is_primary=True),  # noqa: RUF001
        Column("quantity", "Pieces", sort=("quantity",), align="end"),
        Column("state", "Order status", cell=_order),
        Column("node", "Fulfilment node", cell=lambda row: cells.text(row.node.name if row.node else "")),
        Column("since", "Held since", cell=lambda row: cells.when(row.created_at), sort=("created_at",)),
    )
    filter_class = HeldFilter
    default_sort = "since"
    bulk_actions = (
        BulkAction(
            "release", "Give back", "orders:held-stock-release", Right.ORDERS_SHIP, icon="arrow-back-up"
        ),
    )
    empty = EmptyState(
        "No pieces are held",
        "As soon as an order comes in, its pieces are held here until it is shipped, cancelled or rejected.",
        "package",
    )

    def get_queryset(self) -> QuerySet[Any]:
        return held_pieces(self.request.merchant).select_related("variant", "node")

    def get_rows(self, rows: list[Any]) -> list[Any]:
        merchant, now = self.request.merchant, timezone.now()
        orders = Order.objects.filter(merchant=merchant).in_bulk(
            {row.order_id for row in rows if row.order_id}
        )
        for row in rows:
            row.order = orders.get(row.order_id)
            row.late = why_too_long(row, merchant.mode, now)
        return rows

    def get_tabs(self) -> Sequence[Tab]:
        late = held_too_long(held_pieces(self.request.merchant), timezone.now())
        return [Tab("All"), Tab("Longer than it should be", "held=long", rows=late)]

    def row_url(self, row: Any) -> str:
        if row.order is None:
            return ""
        row.order.merchant = self.request.merchant
        return order_url(row.order)


class ReleaseHeldStock(ConfirmPage):
    right, write_right = Right.ORDERS_VIEW, Right.ORDERS_SHIP
    page_key = "held-stock"
    noun = ("held SKU", "held SKUs")
    confirm_label = "Give back"
    danger = True

    def _rows(self, target: Selection) -> QuerySet[Any]:
        return held_pieces(self.request.merchant).filter(pk__in=target.ids)

    def get_title(self, target: Selection) -> str:
        return f"Give back the pieces of {self.count_words(target)}"

    def get_names(self, target: Selection) -> Sequence[str]:
        rows = self._rows(target).select_related("variant").order_by("pk")[:SHOWN_NAMES]
        return [f"{row.variant.sku}: {counted(row.quantity, 'piece')}" for row in rows]

    def get_consequences(self, target: Selection) -> Sequence[str]:
        still_open = self._rows(target).filter(order_state__in=OPEN_STATES).count()
        warning = (
            f"{still_open:,} of them belong to orders that are still open: their pieces may be sold a second time, and "
            "shipping them later does not lower your store's count."
        )
        return (
            "Jet is offered the pieces again at once.",
            "The orders stay as they are; Jet is told nothing about them.",
            *([warning] if still_open else []),
        )

    def perform(self, target: Selection, form: None) -> str:  # noqa: ARG002 -- hook
        merchant = self.request.merchant
        count = release_held(merchant, target.ids, actor=self.request.actor)
        say(self.request, "success", f"Gave back the pieces of {counted(count, 'held SKU')}.")
        return reverse("orders:held-stock", kwargs={"merchant_slug": merchant.slug})
