"""The connection over the API: the same settings and actions as the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.tenancy.rights import Right
from orders.models import ShipStationConnection, ShipStationNotice
from orders.shipstation import connecting, noticing
from orders.shipstation.overview import state_of
from orders.shipstation.pages import store_url
from orders.shipstation.queries import get_connection, get_notice, notices_of
from orders.shipstation.words import NoticeState, ShippedStatus, StatusWord


class ConnectionSerializer(serializers.ModelSerializer[ShipStationConnection]):
    state = serializers.SerializerMethodField(help_text="none, off, silent, late, trouble or working")
    store_url = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField(help_text="The word that is exported, by status")

    class Meta:
        model = ShipStationConnection
        fields = (
            "state",
            "store_url",
            "user_name",
            "key_hint",
            "key_made_at",
            "is_active",
            "export_statuses",
            "shipped_status",
            "keeps_log",
            "words",
            "last_export_at",
            "last_notice_at",
            "last_error_at",
            "last_error",
        )

    def get_state(self, row: ShipStationConnection) -> str:
        return state_of(row, timezone.now())

    def get_store_url(self, row: ShipStationConnection) -> str:
        return store_url(row.merchant)

    def get_words(self, row: ShipStationConnection) -> dict[str, str]:
        return {name: row.word_for(name) for name in StatusWord.values}


class ConnectionWriteSerializer(serializers.Serializer[Any]):
    """What is left out stays."""

    is_active = serializers.BooleanField(required=False)
    export_statuses = serializers.ListField(
        child=serializers.ChoiceField(choices=StatusWord.choices), required=False, max_length=len(StatusWord)
    )
    shipped_status = serializers.ChoiceField(choices=ShippedStatus.choices, required=False)
    keeps_log = serializers.BooleanField(required=False)
    words = serializers.DictField(
        child=serializers.CharField(max_length=50, allow_blank=True),
        required=False,
        help_text="Own word by status; an empty one brings ours back",
    )


class KeySerializer(serializers.Serializer[Any]):
    user_name = serializers.CharField()
    key = serializers.CharField(help_text="Shown here once and stored nowhere")
    store_url = serializers.CharField()


class ShipStationViewSet(OfMerchant, IdempotentWrites, viewsets.GenericViewSet[Any]):
    """The connection with ShipStation: one per merchant."""

    right = Right.SETTINGS_VIEW
    write_right = Right.SETTINGS_EDIT
    serializer_class = ConnectionSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[ShipStationConnection]:
        return ShipStationConnection.objects.none()

    def _answer(self) -> Response:
        row = get_connection(self.merchant)
        row.merchant = self.merchant
        return Response(ConnectionSerializer(row).data)

    @extend_schema(responses=ConnectionSerializer)
    def retrieve(self, _request: Request, **_kwargs: Any) -> Response:
        """Settings, and how the connection stands."""
        return self._answer()

    @extend_schema(request=ConnectionWriteSerializer, responses=ConnectionSerializer)
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Changes what is given. `is_active` switches on or off."""
        form = ConnectionWriteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data, row = form.validated_data, get_connection(self.merchant)
        given = connecting.ConnectionSettings(
            export_statuses=data.get("export_statuses", row.export_statuses),
            shipped_status=data.get("shipped_status", row.shipped_status),
            keeps_log=data.get("keeps_log", row.keeps_log),
            words={**row.words, **data.get("words", {})},
        )
        connecting.change_connection(self.merchant, given, on=data.get("is_active"), actor=self.actor)
        return self._answer()


class ShipStationKeyViewSet(OfMerchant, viewsets.GenericViewSet[Any]):
    """Not idempotent by key: the answer that would be kept for a day holds the secret."""

    right = write_right = Right.SETTINGS_EDIT
    serializer_class = KeySerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[ShipStationConnection]:
        return ShipStationConnection.objects.none()

    @extend_schema(request=None, responses=KeySerializer)
    def renew(self, _request: Request, **_kwargs: Any) -> Response:
        """Makes user name and key, or a new key; the old one stops working at once."""
        row, key = connecting.renew_key(self.merchant, actor=self.actor)
        answer = {"user_name": row.user_name, "key": key, "store_url": store_url(self.merchant)}
        return Response(answer, headers={"Cache-Control": "no-store"})


class NoticeSerializer(serializers.ModelSerializer[ShipStationNotice]):
    order_number = serializers.CharField(source="order")

    class Meta:
        model = ShipStationNotice
        fields = (
            "id",
            "order",
            "order_number",
            "state",
            "carrier",
            "service",
            "tracking_number",
            "ship_date",
            "items",
            "shipment",
            "message",
            "hint",
            "created_at",
        )


class TrackingSerializer(serializers.Serializer[Any]):
    tracking_number = serializers.CharField(max_length=100)
    carrier = serializers.CharField(max_length=80, help_text="Jet's word, for example UPS")


class NoticeApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    state = django_filters.MultipleChoiceFilter(choices=NoticeState.choices)
    order = django_filters.NumberFilter(field_name="order_id", min_value=0, max_value=2**63 - 1)


class ShipStationNoticeViewSet(
    OfMerchant, IdempotentWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Any]
):
    """Parcels as ShipStation reported them."""

    right = Right.ORDERS_VIEW
    write_right = Right.ORDERS_SHIP
    serializer_class = NoticeSerializer
    filterset_class = NoticeApiFilter
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[ShipStationNotice]:
        if self.is_schema:
            return ShipStationNotice.objects.none()
        return notices_of(self.merchant).select_related("order")

    @extend_schema(responses=NoticeSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return Response(NoticeSerializer(get_notice(self.merchant, int(pk))).data)

    @extend_schema(request=TrackingSerializer, responses={202: NoticeSerializer})
    @action(detail=True, methods=["post"])
    def tracking(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Gives the tracking number that ShipStation left out; the shipment then goes to Jet."""
        form = TrackingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row, given = get_notice(self.merchant, int(pk)), form.validated_data
        noticing.give_tracking(row, given["tracking_number"], given["carrier"], actor=self.actor)
        return Response(NoticeSerializer(get_notice(self.merchant, row.pk)).data, status=202)
