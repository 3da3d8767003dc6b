"""Settlement reports over HTTP, to read."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from jetsync.tenancy.rights import Right
from refunds.models import SettlementLine, SettlementReport
from refunds.settlement.comparison import Row, compare
from refunds.settlement.queries import all_settlements, get_settlement, settlement_lines


class SettlementLineSerializer(serializers.ModelSerializer[SettlementLine]):
    class Meta:
        model = SettlementLine
        fields = ("side", "name", "amount")


class SettlementSerializer(serializers.ModelSerializer[SettlementReport]):
    """`difference` is Jet's minus ours as of `seen_at`; `differing` is how much of the report differs."""

    lines = SettlementLineSerializer(many=True, read_only=True)

    class Meta:
        model = SettlementReport
        fields = (
            "id",
            "report_id",
            "state",
            "jet_state",
            "state_at",
            "currency",
            "period_start",
            "period_end",
            "order_balance",
            "return_balance",
            "jet_adjustment",
            "settlement_value",
            "unavailable_balance",
            "difference",
            "differing",
            "problems",
            "seen_at",
            "lines",
        )


class ComparedSerializer(serializers.Serializer[Row]):
    """`ours` is null where only Jet knows the amount."""

    name = serializers.CharField(source="label")
    jet = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    ours = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    difference = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    words = serializers.CharField()


class ComparisonSerializer(serializers.Serializer[Any]):
    """`orders` and `returns` row by row, and sentences about `sums` that do not add up."""

    orders = ComparedSerializer(many=True)
    returns = ComparedSerializer(many=True)
    sums = serializers.ListField(child=serializers.CharField())
    difference = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)


class SettlementApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    state = django_filters.CharFilter()
    report_id = django_filters.CharFilter()


class SettlementViewSet(ReadOnlyModelViewSet[SettlementReport]):
    """Settlement reports of the current mode, newest first. Filter by `state` and `report_id`."""

    right = Right.REFUNDS_VIEW
    serializer_class = SettlementSerializer
    filterset_class = SettlementApiFilter
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[SettlementReport]:
        if getattr(self, "swagger_fake_view", False):  # the schema is made without a merchant
            return SettlementReport.objects.none()
        rows = all_settlements(self.request._request.merchant)  # type: ignore[attr-defined]  # set by the middleware
        return rows.defer("raw", "unread").prefetch_related("lines")

    def get_object(self) -> SettlementReport:
        return get_settlement(self.request._request.merchant, int(self.kwargs["pk"]))  # type: ignore[attr-defined]  # as above

    @extend_schema(responses=ComparisonSerializer)
    @action(detail=True, methods=["get"])
    def comparison(self, _request: Request, **_kwargs: Any) -> Response:
        """Jet's amounts beside those of our own orders, returns and refunds of the period."""
        report = self.get_object()
        found = compare(report, settlement_lines(report))
        orders, returns = (part.rows for part in found.parts)
        shown = {"orders": orders, "returns": returns, "sums": found.sums, "difference": found.difference}
        return Response(ComparisonSerializer(shown).data)
