"""Invoices, store shipments and credit memos: the list, and a page of each to print."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from jetsync.panel import cells
from jetsync.panel.filters import DateRangeFilter, NumberRangeFilter, PanelFilterSet, SearchFilter
from jetsync.panel.lists import Column, EmptyState, ListPage
from jetsync.panel.rendering import local_zone
from jetsync.queries.settings import current_return_locations
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from orders.document_sheet import DOCUMENT_SHEET
from orders.enums import DocumentKind
from orders.pages import document_url, order_url
from orders.privacy import may_see_buyers, shown_address
from orders.queries.store import all_documents, get_document


class OrderIdFilter(django_filters.CharFilter):  # type: ignore[misc]  # django-filter ships no types
    """The order's id at Jet, or its number in the store, exactly."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        text = value.strip()
        if not text:
            return qs
        return qs.filter(
            Q(order__reference_order_id=text)
            | Q(order__merchant_order_id=text.lower())
            | Q(order__store_order__number=text)
        )


class DocumentFilter(PanelFilterSet):
    q = SearchFilter(lookups=("number__istartswith",), placeholder="Number")
    kind = django_filters.ChoiceFilter(choices=DocumentKind.choices, label="Kind", empty_label="All")
    order_id = OrderIdFilter(label="Order id or store order number")
    issued = DateRangeFilter(field_name="issued_at", label="Date")
    total = NumberRangeFilter(field_name="total", label="Total in USD")
    bar: ClassVar[tuple[str, ...]] = ("q", "kind")


class DocumentList(ListPage):
    right = Right.ORDERS_VIEW
    page_key = "documents"
    title = "Documents"
    subtitle = "Invoices and shipments of every parcel Jet has taken, credit memos of what went back. Made by themselves."
    noun = ("document", "documents")
    columns = (
        Column(
            "number", "Number", cell=lambda row: cells.code(row.number), sort=("number",), is_primary=True
        ),
        Column(
            "kind", "Kind", cell=lambda row: cells.text(row.get_kind_display()), sort=("kind", "issued_at")
        ),
        Column("order", "Order", cell="orders/cells/document_order.html"),
        Column("reference", "Made for", cell=lambda row: cells.text(row.reference)),
        Column("units", "Units", sort=("units",), align="end"),
        Column("total", "Total", cell="orders/cells/document_total.html", sort=("total",), align="end"),
        Column("issued", "Date", cell=lambda row: cells.when(row.issued_at), sort=("issued_at",)),
    )
    filter_class = DocumentFilter
    sheet = DOCUMENT_SHEET
    default_sort = "-issued"
    empty = EmptyState(
        "No documents yet",
        "An invoice and a shipment are made as soon as Jet has taken the first parcel; credit memos with returns and "
        "refunds.",
        "receipt",
    )

    def get_queryset(self) -> QuerySet[Any]:
        return (
            all_documents(self.request.merchant)
            .select_related("order", "order__store_order")
            .defer("order__raw")
        )

    def get_rows(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.merchant = self.request.merchant
            row.store_order = getattr(row.order, "store_order", None)
        return rows

    def row_url(self, row: Any) -> str:
        return document_url(row)


@merchant_view(Right.ORDERS_VIEW)
def document(request: MerchantRequest, pk: int) -> HttpResponse:
    """One document as a page for paper."""
    found = get_document(request.merchant, pk)
    found.order.merchant = request.merchant
    context = {
        "title": f"{found.get_kind_display()} {found}",
        "document": found,
        "issued_on": timezone.localdate(found.issued_at, local_zone()),
        "store_order": getattr(found.order, "store_order", None),
        "address": shown_address(found.order, request.actor),
        "sees_buyers": may_see_buyers(request.actor),
        "sender": current_return_locations(request.merchant).first(),
        "has_amounts": found.kind != DocumentKind.SHIPMENT,
        "back": order_url(found.order),
    }
    return render(request, "orders/print/document.html", context)
