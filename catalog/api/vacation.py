"""Vacations over the API: the same acts as the page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions.vacation import cancel_vacation, end_vacation, plan_vacation
from catalog.api.publishing_base import PublishingViewSet
from catalog.enums import VacationState
from catalog.models import Vacation
from catalog.queries.vacation import get_vacation, preview, uploaded_since, vacations_of


class VacationSerializer(serializers.ModelSerializer[Vacation]):
    """`skus`: how many it has archived, by the operation `leaving`, and opens again, by `returning`. `ends_at` null: until
    somebody ends it. `still_open`: SKUs that can be bought although it is on, because they were uploaded since.
    """

    skus = serializers.IntegerField(source="sku_count", read_only=True)
    still_open = serializers.SerializerMethodField()

    class Meta:
        model = Vacation
        fields = (
            *("id", "state", "starts_at", "ends_at", "started_at", "ended_at"),
            *("skus", "still_open", "leaving", "returning"),
        )

    def get_still_open(self, row: Vacation) -> int:
        return uploaded_since(row)


class PlanSerializer(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField(default=None, allow_null=True, help_text="Null: now.")
    ends_at = serializers.DateTimeField(
        default=None, allow_null=True, help_text="Null: until somebody ends it."
    )


class VacationPreviewSerializer(serializers.Serializer[Any]):
    """`to_archive` SKUs are open at Jet; `stay_archived` are archived already and stay so afterwards."""

    to_archive = serializers.IntegerField()
    stay_archived = serializers.IntegerField()


class VacationViewSet(mixins.ListModelMixin, PublishingViewSet):
    """Times in which everything that is open at Jet is archived, newest first. One is planned or on at a time."""

    serializer_class = VacationSerializer
    pagination_class = viewsets.GenericViewSet.pagination_class

    def get_queryset(self) -> QuerySet[Vacation]:
        return Vacation.objects.none() if self.is_schema else vacations_of(self.merchant)

    def _answer(self, pk: int, status: int = 200) -> Response:
        return Response(VacationSerializer(get_vacation(self.merchant, pk)).data, status=status)

    @extend_schema(responses=VacationSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return self._answer(int(pk))

    @extend_schema(request=PlanSerializer, responses={202: VacationSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Archive everything that is open at Jet, now or from `starts_at` on. 409 while one is planned or on."""
        times = self.read(PlanSerializer, request).validated_data
        return self._answer(plan_vacation(self.merchant, **times, actor=self.actor).pk, 202)

    @extend_schema(request=None, responses={202: VacationSerializer})
    @action(detail=True, methods=["post"])
    def end(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """End one that is on, which opens again what it has archived, or take back a plan. 409 when it is over."""
        row = get_vacation(self.merchant, int(pk))
        if row.state == VacationState.PLANNED:
            cancel_vacation(row, actor=self.actor)
        else:
            end_vacation(row, actor=self.actor)
        return self._answer(row.pk, 202)

    @extend_schema(responses=VacationPreviewSerializer)
    @action(detail=False, methods=["get"], pagination_class=None)
    def preview(self, _request: Request, **_kwargs: Any) -> Response:
        """What a vacation that began now would archive."""
        return Response(VacationPreviewSerializer(preview(self.merchant)).data)
