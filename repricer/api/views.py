"""Sales data, bounds and runs over HTTP: the same actions as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.filters import SkuFilter
from catalog.queries.stock import get_variants
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.panel.filters import IdFilter
from jetsync.tenancy.rights import Right
from repricer.actions.offers import fetch_now
from repricer.actions.rules import set_rule
from repricer.api.serializers import (
    ChangeSerializer,
    FetchSerializer,
    RuleSerializer,
    RuleWriteSerializer,
    RunSerializer,
    SalesDataSerializer,
)
from repricer.models import RepriceChange, RepriceRule, RepriceRun, SalesData
from repricer.queries.runs import changes_of, runs_of


class SalesDataFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    sku = SkuFilter(field_name="variant")
    has_data = django_filters.BooleanFilter()
    gap_from = django_filters.NumberFilter(
        field_name="gap", lookup_expr="gte", max_digits=12, decimal_places=2
    )
    read_after = django_filters.IsoDateTimeFilter(field_name="read_at", lookup_expr="gte")


class SalesDataViewSet(OfMerchant, IdempotentWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """Our best offer beside the best of the marketplace, by SKU. Jet's figures lag up to 24 hours."""

    right = Right.PRODUCTS_VIEW
    write_right = Right.PRODUCTS_PUBLISH
    action_rights: ClassVar[dict[str, Right]] = {}
    serializer_class = SalesDataSerializer
    filterset_class = SalesDataFilter

    def get_queryset(self) -> QuerySet[SalesData]:
        if self.is_schema:
            return SalesData.objects.none()
        return SalesData.objects.filter(merchant=self.merchant).select_related("variant").order_by("pk")

    @extend_schema(request=FetchSerializer, responses={202: None})
    @action(detail=False, methods=["post"])
    def fetch(self, request: Request, **_kwargs: Any) -> Response:
        """Ask Jet for fresh figures of these SKUs, or of all for sale. It happens in the background."""
        skus = self.read(FetchSerializer, request).validated_data.get("skus")
        chosen = None
        if skus is not None:
            chosen = [row.pk for row in get_variants(self.merchant, skus, hint="Nothing was done.")]
        return Response({"asked": fetch_now(self.merchant, chosen, actor=self.actor)}, status=202)


class RuleFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    sku = SkuFilter(field_name="variant")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")


class RuleViewSet(OfMerchant, IdempotentWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """Bounds of the repricer by SKU; SKUs without any are not listed."""

    right = Right.PRODUCTS_VIEW
    write_right = Right.PRODUCTS_EDIT
    serializer_class = RuleSerializer
    filterset_class = RuleFilter

    def get_queryset(self) -> QuerySet[RepriceRule]:
        if self.is_schema:
            return RepriceRule.objects.none()
        return RepriceRule.objects.filter(merchant=self.merchant).select_related("variant").order_by("pk")

    @extend_schema(request=RuleWriteSerializer, responses=RuleSerializer)
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Set values of one SKU. Safe to repeat."""
        given = dict(self.read(RuleWriteSerializer, request).validated_data)
        sku = given.pop("sku")
        (variant,) = get_variants(self.merchant, [sku], hint="Nothing was done.")
        set_rule(variant, given, actor=self.actor)
        row = self.get_queryset().filter(variant=variant).first()
        return Response(RuleSerializer(row or RepriceRule(variant=variant)).data)


class RunViewSet(OfMerchant, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Repricing runs, newest first."""

    right = Right.PRODUCTS_VIEW
    serializer_class = RunSerializer
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[RepriceRun]:
        return RepriceRun.objects.none() if self.is_schema else runs_of(self.merchant)


class ChangeFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    run = IdFilter(field_name="run_id")
    sku = SkuFilter(field_name="variant")
    why = django_filters.CharFilter()
    state = django_filters.CharFilter()


class ChangeViewSet(OfMerchant, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """Every price that the repricer has set, with its reason, newest first."""

    right = Right.PRODUCTS_VIEW
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter

    def get_queryset(self) -> QuerySet[RepriceChange]:
        return RepriceChange.objects.none() if self.is_schema else changes_of(self.merchant)
