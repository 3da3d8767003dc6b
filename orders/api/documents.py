"""Invoices, store shipments and credit memos over the API: reading only, because they are made by themselves."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers, viewsets

from jetsync.api.views import OfMerchant
from jetsync.panel.filters import IdFilter
from jetsync.tenancy.rights import Right
from orders.enums import DocumentKind
from orders.models import Document, DocumentLine
from orders.queries.store import all_documents, get_document

_PARTS = ("principal", "tax", "shipping_cost", "shipping_tax")


class DocumentLineSerializer(serializers.ModelSerializer[DocumentLine]):
    class Meta:
        model = DocumentLine
        fields = ("order_line", "sku", "title", "quantity", *_PARTS)


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """Money is USD, zero on a shipment. It names no shopper; the order does, for those who may see him."""

    lines = DocumentLineSerializer(many=True, read_only=True)
    merchant_order_id = serializers.CharField(source="order.merchant_order_id")
    reference_order_id = serializers.CharField(source="order.reference_order_id")
    store_order_number = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = (
            "id",
            "kind",
            "number",
            "order",
            "merchant_order_id",
            "reference_order_id",
            "store_order_number",
            "reference",
            "shipment",
            "units",
            *_PARTS,
            "total",
            "issued_at",
            "lines",
        )

    def get_store_order_number(self, document: Document) -> str:
        """Empty for a credit memo of an order that never became one of the store."""
        store_order = getattr(document.order, "store_order", None)
        return store_order.number if store_order else ""


class DocumentApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    kind = django_filters.MultipleChoiceFilter(choices=DocumentKind.choices)
    number = django_filters.CharFilter()
    order = IdFilter(field_name="order_id")
    issued_after = django_filters.IsoDateTimeFilter(field_name="issued_at", lookup_expr="gte")
    issued_before = django_filters.IsoDateTimeFilter(field_name="issued_at", lookup_expr="lt")


class DocumentViewSet(OfMerchant, viewsets.ReadOnlyModelViewSet[Document]):
    """Documents of the current mode, newest first."""

    right = Right.ORDERS_VIEW
    serializer_class = DocumentSerializer
    filterset_class = DocumentApiFilter
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Document]:
        if self.is_schema:
            return Document.objects.none()
        rows = all_documents(self.merchant).select_related("order", "order__store_order").defer("order__raw")
        return rows.prefetch_related("lines").order_by("-issued_at", "-pk")

    def get_object(self) -> Document:
        return get_document(self.merchant, int(self.kwargs["pk"]))
