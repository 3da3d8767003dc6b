"""Orders over the API: the same actions as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.operations import OperationSerializer
from jetsync.api.views import OfMerchant
from jetsync.models import Operation
from jetsync.tenancy.rights import Right
from orders.actions.answer import accept_order, lines_of, reject_order
from orders.actions.fetch import fetch_now
from orders.actions.many import acknowledge_many, cancel_many, refresh_many, reject_many
from orders.actions.ship_many import ship_many
from orders.actions.shipment import cancel_rest, ship_order
from orders.api.serializers import (
    AcceptSerializer,
    AnswerTimesSerializer,
    JudgedParcelSerializer,
    OrderDetailSerializer,
    OrderIdsSerializer,
    OrderSerializer,
    RejectManySerializer,
    RejectSerializer,
    ShipManySerializer,
    ShipmentSerializer,
    ShipSerializer,
)
from orders.enums import OrderState
from orders.models import Order, Shipment
from orders.parcel_check import judge_parcels
from orders.queries.answer_times import answer_times
from orders.queries.order import get_order, listed_orders
from orders.queries.shipment import shipments_of


class OrderApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    state = django_filters.MultipleChoiceFilter(choices=OrderState.choices)
    reference_order_id = django_filters.CharFilter()
    merchant_order_id = django_filters.CharFilter()
    alt_order_id = django_filters.CharFilter()
    placed_after = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="gte")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")


class OrderViewSet(OfMerchant, IdempotentWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Order]):
    """Writes answer 202: the order as it stands now, with Jet being told by a job."""

    right = Right.ORDERS_VIEW
    write_right = Right.ORDERS_SHIP
    action_rights: ClassVar[dict[str, Right]] = {
        "acknowledge": Right.ORDERS_ACKNOWLEDGE,
        "reject": Right.ORDERS_ACKNOWLEDGE,
        "ship": Right.ORDERS_SHIP,
        "cancel": Right.ORDERS_SHIP,
        "fetch": Right.ORDERS_FETCH,
        "acknowledge_many": Right.ORDERS_ACKNOWLEDGE,
        "reject_many": Right.ORDERS_ACKNOWLEDGE,
        "refresh_many": Right.ORDERS_FETCH,
        "cancel_many": Right.ORDERS_SHIP,
        "ship_many": Right.ORDERS_SHIP,
        "check_parcels": Right.ORDERS_SHIP,
    }
    serializer_class = OrderSerializer
    filterset_class = OrderApiFilter
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Order]:
        if self.is_schema:
            return Order.objects.none()
        return listed_orders(self.merchant)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "actor": self.actor, "merchant": self.merchant}

    def _order(self, pk: str) -> Order:
        return get_order(self.merchant, int(pk))

    def _answer(self, order: Order, status: int = 202) -> Response:
        fresh = get_order(self.merchant, order.pk)
        return Response(
            OrderDetailSerializer(fresh, context=self.get_serializer_context()).data, status=status
        )

    @extend_schema(responses=OrderDetailSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return self._answer(self._order(pk), status=200)

    @extend_schema(request=AcceptSerializer, responses={202: OrderDetailSerializer})
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Accept a ready order."""
        form = AcceptSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        order = self._order(pk)
        accept_order(order, actor=self.actor, **form.validated_data)
        return self._answer(order)

    @extend_schema(request=RejectSerializer, responses={202: OrderDetailSerializer})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Reject a ready order with Jet's words."""
        order = self._order(pk)
        by_item = {line.order_item_id: line.pk for line in lines_of(order)}
        form = RejectSerializer(data=request.data, context={"lines_by_item": by_item})
        form.is_valid(raise_exception=True)
        reject_order(order, actor=self.actor, **form.validated_data)
        return self._answer(order)

    @extend_schema(request=ShipSerializer, responses={202: ShipmentSerializer})
    @action(detail=True, methods=["post"])
    def ship(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Ship units, cancel units, or both."""
        order = self._order(pk)
        form = ShipSerializer(data=request.data, context={"merchant": self.merchant})
        form.is_valid(raise_exception=True)
        return self._shipment(ship_order(order, form.as_input(), actor=self.actor))

    @extend_schema(request=None, responses={202: ShipmentSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Cancel every unit that is neither shipped nor cancelled."""
        return self._shipment(cancel_rest(self._order(pk), actor=self.actor))

    def _shipment(self, shipment: Shipment) -> Response:
        fresh = shipments_of(shipment.order).get(pk=shipment.pk)
        return Response(ShipmentSerializer(fresh).data, status=202)

    # Named, because "acknowledge" of one order would be numbered beside it.
    @extend_schema(
        operation_id="v1_m_orders_acknowledge_many",
        request=OrderIdsSerializer,
        responses={202: OperationSerializer},
    )
    @action(detail=False, methods=["post"], url_path="acknowledge")
    def acknowledge_many(self, request: Request, **_kwargs: Any) -> Response:
        """Accept the ready ones of these orders; answers the operation, which has a row per order."""
        return self._operation(acknowledge_many, OrderIdsSerializer, request)

    # Named, because "reject" of one order would be numbered beside it.
    @extend_schema(
        operation_id="v1_m_orders_reject_many",
        request=RejectManySerializer,
        responses={202: OperationSerializer},
    )
    @action(detail=False, methods=["post"], url_path="reject")
    def reject_many(self, request: Request, **_kwargs: Any) -> Response:
        """Reject the ready ones of these orders for one reason; answers the operation, which has a row per order."""
        return self._operation(reject_many, RejectManySerializer, request)

    @extend_schema(
        operation_id="v1_m_orders_refresh_many",
        request=OrderIdsSerializer,
        responses={202: OperationSerializer},
    )
    @action(detail=False, methods=["post"], url_path="refresh")
    def refresh_many(self, request: Request, **_kwargs: Any) -> Response:
        """Read these orders again from Jet; answers the operation, which has a row per order."""
        return self._operation(refresh_many, OrderIdsSerializer, request)

    # Named, because "cancel" of one order would be numbered beside it.
    @extend_schema(
        operation_id="v1_m_orders_cancel_many",
        request=OrderIdsSerializer,
        responses={202: OperationSerializer},
    )
    @action(detail=False, methods=["post"], url_path="cancel")
    def cancel_many(self, request: Request, **_kwargs: Any) -> Response:
        """Cancel all that is left of these orders; answers the operation, which has a row per order."""
        return self._operation(cancel_many, OrderIdsSerializer, request)

    # Named, because "ship" of one order would be numbered beside it.
    @extend_schema(
        operation_id="v1_m_orders_ship_many",
        request=ShipManySerializer,
        responses={202: OperationSerializer},
    )
    @action(detail=False, methods=["post"], url_path="ship")
    def ship_many(self, request: Request, **_kwargs: Any) -> Response:
        """Ship parcels of many orders; answers the operation, which has a row per parcel."""
        form = ShipManySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        operation = ship_many(
            self.merchant,
            form.as_rows(),
            actor=self.actor,
            ship_on=values["ship_on"],
            shares=values["shares"],
            confirms_tracking=values["confirms_tracking"],
        )
        return Response(OperationSerializer(operation).data, status=202)

    @extend_schema(
        operation_id="v1_m_orders_ship_check",
        request=ShipManySerializer,
        responses={200: JudgedParcelSerializer(many=True)},
    )
    @action(detail=False, methods=["post"], url_path="ship/check")
    def check_parcels(self, request: Request, **_kwargs: Any) -> Response:
        """What would become of each parcel; nothing is stored or sent."""
        form = ShipManySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        parcels = judge_parcels(
            self.merchant,
            form.as_rows(),
            ship_on=values["ship_on"],
            shares=values["shares"],
            confirms_tracking=values["confirms_tracking"],
        )
        return Response(JudgedParcelSerializer(parcels, many=True).data)

    def _operation(
        self, act: Callable[..., Operation], shape: type[OrderIdsSerializer], request: Request
    ) -> Response:
        form = shape(data=request.data, context={"merchant": self.merchant})
        form.is_valid(raise_exception=True)
        operation = act(self.merchant, actor=self.actor, **form.validated_data)
        return Response(OperationSerializer(operation).data, status=202)

    @extend_schema(responses=AnswerTimesSerializer(many=True), filters=False)
    @action(
        detail=False, url_path="answer-times", pagination_class=None, filterset_class=None, filter_backends=[]
    )
    def answer_times(self, _request: Request, **_kwargs: Any) -> Response:
        """How many orders were answered within Jet's 15 minutes and how fast, over the last 7, 30 and 90 days."""
        return Response(AnswerTimesSerializer(answer_times(self.merchant), many=True).data)

    @extend_schema(request=None, responses={202: None})
    @action(detail=False, methods=["post"])
    def fetch(self, _request: Request, **_kwargs: Any) -> Response:
        """Fetch new orders from Jet now; answers the job's number."""
        job = fetch_now(self.merchant, actor=self.actor)
        return Response({"job": job.pk, "state": job.state}, status=202)
