"""Refunds over HTTP: list, detail, create, update status. The same actions and rules as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.tenancy.rights import Right
from orders.privacy import may_see_buyers
from orders.queries.order import get_order
from refunds.actions.confirming import confirm_refund, decline_refund
from refunds.actions.creating import create_refund, refresh_now, update_status_now
from refunds.api.serializers import NewRefundSerializer, RefundDetailSerializer, RefundSerializer
from refunds.models import Refund
from refunds.queries import all_refunds, get_refund, without_json
from returns.api.serializers import ReasonSerializer
from returns.api.views import DecidedApiFilter


class RefundViewSet(OfMerchant, IdempotentWrites, ReadOnlyModelViewSet[Refund]):
    """Refunds of the current mode, newest first. Filter by `status`, `merchant_order_id` and `send_state`."""

    right = Right.REFUNDS_VIEW
    write_right = Right.REFUNDS_CREATE
    serializer_class = RefundSerializer
    filterset_class = DecidedApiFilter
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Refund]:
        if self.is_schema:
            return Refund.objects.none()
        rows = all_refunds(self.merchant)
        # The order only where its shopper is to be hidden.
        rows = rows if may_see_buyers(self.actor) else rows.select_related("order")
        return without_json(rows)

    def get_object(self) -> Refund:
        return get_refund(self.merchant, int(self.kwargs["pk"]))

    def get_serializer_class(self) -> type[RefundSerializer]:
        return RefundSerializer if self.action == "list" else RefundDetailSerializer

    @extend_schema(request=NewRefundSerializer, responses={201: RefundDetailSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Creates a refund; it goes to Jet in the background (`send_state`).

        At or above the store's limit it waits instead (`waits_for_second_person`) until somebody else confirms it.
        """
        given = NewRefundSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        order = get_order(self.merchant, given.validated_data["order"])
        refund = create_refund(order, given.line_inputs(), actor=self.actor)
        fresh = get_refund(refund.merchant, refund.pk)
        return Response(self.get_serializer(fresh).data, status=201)

    @extend_schema(request=None, responses=RefundDetailSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, _request: Request, **_kwargs: Any) -> Response:
        """Sends a waiting refund, as its second person; 403 `same_person` for whoever created it."""
        refund = confirm_refund(self.get_object(), actor=self.actor)
        return Response(self.get_serializer(get_refund(refund.merchant, refund.pk)).data)

    @extend_schema(request=ReasonSerializer, responses=RefundDetailSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, **_kwargs: Any) -> Response:
        """Sends a waiting refund back with a reason; nothing is paid."""
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reason = given.validated_data["reason"]
        refund = decline_refund(self.get_object(), reason, actor=self.actor)
        return Response(self.get_serializer(get_refund(refund.merchant, refund.pk)).data)

    @extend_schema(request=None, responses=None)
    @action(detail=True, methods=["post"])
    def refresh(self, _request: Request, **_kwargs: Any) -> Response:
        """Reads this refund's status from Jet in the background."""
        job = refresh_now(self.get_object(), actor=self.actor)
        return Response({"job": job.pk}, status=202)

    @extend_schema(request=None, responses=None)
    @action(detail=False, methods=["post"], url_path="update-status")
    def update_status(self, _request: Request, **_kwargs: Any) -> Response:
        """Reads all open refunds from Jet in the background."""
        job = update_status_now(self.merchant, actor=self.actor)
        return Response({"job": job.pk}, status=202)
