"""Drift over the API: what Jet shows otherwise than it accepted, and both ways out."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions.drift import send_ours, take_theirs
from catalog.api.publishing_base import MOST_NAMED, PublishingViewSet
from catalog.models import Listing
from catalog.queries.drift import drifted, drifts_of
from catalog.queries.stock import get_variants
from jetsync.api.operations import OperationSerializer
from jetsync.models import Merchant
from jetsync.tenancy.rights import Right


class DriftSkus(serializers.Serializer[Any]):
    skus = serializers.ListField(
        child=serializers.CharField(max_length=100), allow_empty=False, max_length=MOST_NAMED
    )

    def listing_ids(self, merchant: Merchant) -> list[int]:
        known = [row.pk for row in get_variants(merchant, self.validated_data["skus"])]
        return list(Listing.objects.filter(merchant=merchant, variant__in=known).values_list("pk", flat=True))


class TheirSkus(DriftSkus):
    confirm_price_step = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Take prices too that move by more than the merchant's percentage or pass a limit; else they are left.",
    )


class DriftSerializer(serializers.ModelSerializer[Listing]):
    sku = serializers.CharField(source="variant.sku")
    values = serializers.SerializerMethodField()

    class Meta:
        model = Listing
        fields = ("id", "sku", "drift_since", "status_read_at", "values")

    def get_values(self, row: Any) -> list[dict[str, Any]]:
        return [
            {"facet": item.facet, "label": item.label, "ours": item.ours, "theirs": item.theirs}
            for item in row.drifts
        ]


class DriftViewSet(mixins.ListModelMixin, PublishingViewSet):
    """SKUs where Jet shows another value than it accepted."""

    serializer_class = DriftSerializer
    action_rights: ClassVar[dict[str, Right]] = {"theirs": Right.PRODUCTS_EDIT}
    pagination_class = viewsets.GenericViewSet.pagination_class

    def get_queryset(self) -> QuerySet[Listing]:
        if self.is_schema:
            return Listing.objects.none()
        return drifted(self.merchant).select_related("variant")

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = list(super().paginate_queryset(queryset) or [])
        found = drifts_of(self.merchant, [row.pk for row in rows])
        for row in rows:
            row.drifts = found.get(row.pk, [])
        return rows

    @extend_schema(request=DriftSkus, responses={202: OperationSerializer})
    @action(detail=False, methods=["post"])
    def ours(self, request: Request, **_kwargs: Any) -> Response:
        """Send our values again where they differ."""
        ids = self.read(DriftSkus, request).listing_ids(self.merchant)
        return self.started(send_ours(self.merchant, ids, actor=self.actor))

    @extend_schema(request=TheirSkus, responses={202: OperationSerializer})
    @action(detail=False, methods=["post"])
    def theirs(self, request: Request, **_kwargs: Any) -> Response:
        """Write Jet's values into the store's data; the operation can be undone."""
        form = self.read(TheirSkus, request)
        ids, confirmed = form.listing_ids(self.merchant), form.validated_data["confirm_price_step"]
        return self.started(take_theirs(self.merchant, ids, actor=self.actor, confirms_prices=confirmed))
