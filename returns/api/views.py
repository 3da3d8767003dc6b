"""Returns over HTTP: list, detail, settle, fetch. The same actions and rules as the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.panel.filters import IdFilter
from jetsync.tenancy.rights import Right
from orders.privacy import may_see_buyers
from returns.actions.confirming import confirm_return, decline_return
from returns.actions.settling import fetch_now, refresh_now, settle_return
from returns.api.serializers import (
    DecisionSerializer,
    ReasonSerializer,
    ReturnDetailSerializer,
    ReturnSerializer,
)
from returns.models import Return
from returns.queries import all_returns, get_return, without_json


class DecidedApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """Of returns and refunds alike."""

    status = django_filters.CharFilter()
    send_state = django_filters.CharFilter()
    merchant_order_id = django_filters.CharFilter()
    order = IdFilter(field_name="order_id")


class ReturnViewSet(OfMerchant, IdempotentWrites, ReadOnlyModelViewSet[Return]):
    """Returns of the current mode, newest first. Filter by `status`, `merchant_order_id` and `send_state`."""

    right = Right.RETURNS_VIEW
    write_right = Right.RETURNS_SETTLE
    serializer_class = ReturnSerializer
    filterset_class = DecidedApiFilter
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Return]:
        if self.is_schema:
            return Return.objects.none()
        rows = all_returns(self.merchant)
        # The order only where its shopper is to be hidden.
        rows = rows if may_see_buyers(self.actor) else rows.select_related("order")
        return without_json(rows)

    def get_object(self) -> Return:
        return get_return(self.merchant, int(self.kwargs["pk"]))

    def get_serializer_class(self) -> type[ReturnSerializer]:
        return ReturnSerializer if self.action == "list" else ReturnDetailSerializer

    @extend_schema(request=DecisionSerializer, responses=ReturnDetailSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, **_kwargs: Any) -> Response:
        """Answers the return; the answer goes to Jet in the background (`send_state`).

        At or above the store's limit it waits instead (`waits_for_second_person`) until somebody else confirms it.
        """
        given = DecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        returned = settle_return(self.get_object(), given.decision(), actor=self.actor)
        return Response(self.get_serializer(get_return(returned.merchant, returned.pk)).data)

    @extend_schema(request=None, responses=ReturnDetailSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, _request: Request, **_kwargs: Any) -> Response:
        """Sends a waiting answer, as its second person; 403 `same_person` for whoever decided."""
        returned = confirm_return(self.get_object(), actor=self.actor)
        return Response(self.get_serializer(get_return(returned.merchant, returned.pk)).data)

    @extend_schema(request=ReasonSerializer, responses=ReturnDetailSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, **_kwargs: Any) -> Response:
        """Sends a waiting answer back with a reason; its money is free again."""
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reason = given.validated_data["reason"]
        returned = decline_return(self.get_object(), reason, actor=self.actor)
        return Response(self.get_serializer(get_return(returned.merchant, returned.pk)).data)

    @extend_schema(request=None, responses=None)
    @action(detail=True, methods=["post"])
    def refresh(self, _request: Request, **_kwargs: Any) -> Response:
        """Reads this return from Jet in the background."""
        job = refresh_now(self.get_object(), actor=self.actor)
        return Response({"job": job.pk}, status=202)

    @extend_schema(request=None, responses=None)
    @action(detail=False, methods=["post"])
    def fetch(self, _request: Request, **_kwargs: Any) -> Response:
        """Fetches returns from Jet in the background."""
        job = fetch_now(self.merchant, actor=self.actor)
        return Response({"job": job.pk}, status=202)
