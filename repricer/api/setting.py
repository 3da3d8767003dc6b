"""The switch of the repricer, its limits, going on after the breaker, and the simulator over HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.tenancy.rights import Right
from repricer.actions.setting import resume, save_setting
from repricer.models import RepricerSetting
from repricer.queries.runs import get_setting, troubles
from repricer.queries.simulation import MOST_SKUS, simulate
from repricer.simulation import Limits, Replayed, Slot

LIMITS = ("step_percent", "share_percent", "always_allowed")


class SettingSerializer(serializers.ModelSerializer[RepricerSetting]):
    """`frozen_at`: the breaker has stopped it, for `frozen_reason`. `troubles`: why nothing would come of it though on."""

    troubles = serializers.SerializerMethodField()

    class Meta:
        model = RepricerSetting
        fields = ("is_on", *LIMITS, "passes_once", "frozen_at", "frozen_reason", "troubles")
        read_only_fields = fields

    def get_troubles(self, row: RepricerSetting) -> list[str]:
        return troubles(row.merchant)


class SettingWriteSerializer(serializers.ModelSerializer[RepricerSetting]):
    """What is left out stays. `passes_once`: the run after switching on may change as many prices as it wants."""

    class Meta:
        model = RepricerSetting
        fields = ("is_on", *LIMITS, "passes_once")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_switched_on = attrs.get("is_on", False) and not (self.instance and self.instance.is_on)
        if attrs.get("passes_once") and not is_switched_on:
            raise serializers.ValidationError(
                {"passes_once": ["Only together with switching it on; after the breaker use resume."]}
            )
        return attrs


class ResumeSerializer(serializers.Serializer[Any]):
    passes_once = serializers.BooleanField(default=False)


class LimitsSerializer(serializers.ModelSerializer[RepricerSetting]):
    """Limits to try; one that is left out is as stored."""

    class Meta:
        model = RepricerSetting
        fields = LIMITS


class SlotSerializer(serializers.Serializer[Slot]):
    """One refresh. `trips`: the breaker would have stopped the run."""

    at = serializers.DateTimeField()
    looked = serializers.IntegerField()
    changed = serializers.IntegerField()
    trips = serializers.BooleanField()


class ReplayedSerializer(serializers.Serializer[Replayed]):
    """USD. Of `seen` refreshes ours was the best or equal in `ahead`, in truth in `was_ahead`."""

    variant = serializers.IntegerField(source="subject.variant_id")
    sku = serializers.CharField(source="subject.sku")
    first = serializers.DecimalField(max_digits=12, decimal_places=2)
    price = serializers.DecimalField(max_digits=12, decimal_places=2)
    lowest = serializers.DecimalField(max_digits=12, decimal_places=2)
    highest = serializers.DecimalField(max_digits=12, decimal_places=2)
    changes = serializers.IntegerField()
    seen = serializers.IntegerField()
    ahead = serializers.IntegerField()
    was_ahead = serializers.IntegerField()


class SimulationSerializer(serializers.Serializer[Any]):
    """`skus` of `total` SKUs that could be replayed. `trips`: refreshes at which the breaker would have stopped it."""

    total = serializers.IntegerField()
    most = serializers.IntegerField()
    limits = LimitsSerializer()
    changes = serializers.IntegerField()
    trips = serializers.IntegerField()
    refreshes = SlotSerializer(many=True)
    skus = ReplayedSerializer(many=True)


class RepricerSettingViewSet(OfMerchant, IdempotentWrites, viewsets.GenericViewSet[Any]):
    """One per merchant; off until somebody switches it on."""

    right = Right.PRODUCTS_VIEW
    write_right = Right.SETTINGS_EDIT
    serializer_class = SettingSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[RepricerSetting]:
        """Asked for by the schema alone."""
        return RepricerSetting.objects.none()

    def _answer(self) -> Response:
        return Response(SettingSerializer(get_setting(self.merchant)).data)

    @extend_schema(responses=SettingSerializer)
    def retrieve(self, _request: Request, **_kwargs: Any) -> Response:
        return self._answer()

    @extend_schema(request=SettingWriteSerializer, responses=SettingSerializer)
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Switched on, fresh figures are fetched and the first run follows; switched off, store prices come back."""
        form = SettingWriteSerializer(get_setting(self.merchant), data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        save_setting(self.merchant, form.validated_data, actor=self.actor)
        return self._answer()

    @extend_schema(request=ResumeSerializer, responses=SettingSerializer)
    def resume(self, request: Request, **_kwargs: Any) -> Response:
        """Goes on after the breaker."""
        form = self.read(ResumeSerializer, request)
        resume(self.merchant, passes_once=form.validated_data["passes_once"], actor=self.actor)
        return self._answer()


class SimulationViewSet(OfMerchant, viewsets.GenericViewSet[Any]):
    """What the repricer would have done. Changes nothing."""

    right = Right.PRODUCTS_VIEW
    serializer_class = SimulationSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[RepricerSetting]:
        """Asked for by the schema alone."""
        return RepricerSetting.objects.none()

    @extend_schema(parameters=[LimitsSerializer], responses=SimulationSerializer)
    def retrieve(self, request: Request, **_kwargs: Any) -> Response:
        """Replays the last 14 days with the stored limits, or with those that are given."""
        setting = get_setting(self.merchant)
        form = LimitsSerializer(data=request.query_params.dict(), partial=True)
        form.is_valid(raise_exception=True)
        given = {name: getattr(setting, name) for name in LIMITS} | form.validated_data
        found, total = simulate(self.merchant, Limits(**given))
        data = {
            "total": total,
            "most": MOST_SKUS,
            "limits": given,
            "changes": found.changes,
            "trips": found.trips,
            "refreshes": found.slots,
            "skus": found.skus,
        }
        return Response(SimulationSerializer(data).data)
