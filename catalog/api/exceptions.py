"""Shipping and return exceptions over the API, addressed by the id of the SKU."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions.exceptions import (
    delete_return_exception,
    save_return_exception,
    set_shipping_exceptions,
)
from catalog.enums import OverrideType, ShippingExceptionType
from catalog.exceptions import SERVICE_LEVELS, SHIPPING_METHODS, ReturnValues, ShippingValues
from catalog.models import Variant
from catalog.queries.exceptions import RETURNS, SHIPPING, snapshots, variants_with_exceptions
from catalog.queries.stock import get_variant
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.exceptions import InvalidInput
from jetsync.queries.settings import current_nodes, current_return_locations
from jetsync.tenancy.rights import Right

# More ways to ship do not exist: levels and methods of Jet, each once per node.
MOST_ENTRIES = 500


class ShippingExceptionSerializer(serializers.Serializer[Any]):
    node_id = serializers.CharField(help_text="Jet's id of the fulfilment node")
    service_level = serializers.CharField(
        required=False, allow_blank=True, default="", help_text=f"One of: {', '.join(SERVICE_LEVELS)}"
    )
    shipping_method = serializers.CharField(
        required=False, allow_blank=True, default="", help_text=f"One of: {', '.join(SHIPPING_METHODS)}"
    )
    override_type = serializers.CharField(
        required=False, allow_blank=True, default="", help_text=f"One of: {', '.join(OverrideType.values)}"
    )
    shipping_charge_amount = serializers.DecimalField(
        max_digits=None, decimal_places=None, required=False, allow_null=True, default=None, help_text="USD"
    )
    exception_type = serializers.CharField(help_text=f"One of: {', '.join(ShippingExceptionType.values)}")


class ShippingExceptionsWriteSerializer(serializers.Serializer[Any]):
    exceptions = serializers.ListField(child=ShippingExceptionSerializer(), max_length=MOST_ENTRIES)


class ShippingExceptionsSerializer(ShippingExceptionsWriteSerializer):
    variant = serializers.IntegerField()
    sku = serializers.CharField()


class ReturnExceptionWriteSerializer(serializers.Serializer[Any]):
    return_location_ids = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=100, help_text="Jet's ids of return locations"
    )
    time_to_return = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Days, 1 to 30"
    )
    return_shipping_methods = serializers.ListField(
        child=serializers.CharField(max_length=60),
        max_length=len(SHIPPING_METHODS),
        required=False,
        default=list,
    )


class ReturnExceptionSerializer(ReturnExceptionWriteSerializer):
    variant = serializers.IntegerField()
    sku = serializers.CharField()


class _ExceptionViewSet(
    OfMerchant, IdempotentWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Any], ABC
):
    right = Right.PRODUCTS_VIEW
    write_right = Right.PRODUCTS_EDIT
    lookup_value_regex = r"\d{1,18}"
    facet = ""

    def get_queryset(self) -> QuerySet[Variant]:
        if self.is_schema:
            return Variant.objects.none()
        return variants_with_exceptions(self.merchant, self.facet)

    @abstractmethod
    def shown(self, variants: list[Variant]) -> list[dict[str, Any]]:
        """As the API answers them, in this order."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002 -- DRF's signature
        """SKUs that have such exceptions, or of which Jet was told some."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self.shown(list(page)))

    def _one(self, pk: str) -> Response:
        return Response(self.shown([get_variant(self.merchant, int(pk))])[0])


class ShippingExceptionViewSet(_ExceptionViewSet):
    """How SKUs ship otherwise than the account says. What is written goes to Jet by itself."""

    serializer_class = ShippingExceptionsSerializer
    facet = SHIPPING

    def shown(self, variants: list[Variant]) -> list[dict[str, Any]]:
        nodes = dict(current_nodes(self.merchant).values_list("pk", "node_id"))
        found = snapshots(self.merchant, [row.pk for row in variants])
        rows = [
            {
                "variant": variant.pk,
                "sku": variant.sku,
                "exceptions": [
                    {
                        "node_id": nodes[entry.node],
                        "service_level": entry.service_level,
                        "shipping_method": entry.shipping_method,
                        "override_type": entry.override_type,
                        "shipping_charge_amount": entry.shipping_charge_amount,
                        "exception_type": entry.exception_type,
                    }
                    for entry in found[variant.pk].shipping
                    if entry.node in nodes
                ],
            }
            for variant in variants
        ]
        return list(ShippingExceptionsSerializer(rows, many=True).data)

    @extend_schema(responses=ShippingExceptionsSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return self._one(pk)

    @extend_schema(request=ShippingExceptionsWriteSerializer, responses=ShippingExceptionsSerializer)
    def update(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Replace the whole set of one SKU; an empty list takes all away, at Jet too."""
        variant = get_variant(self.merchant, int(pk))
        given = self.read(ShippingExceptionsWriteSerializer, request).validated_data["exceptions"]
        nodes = {node.node_id: node.pk for node in current_nodes(self.merchant)}
        entries = [
            ShippingValues(node=nodes.get(str(row["node_id"]), 0), **_without(row, "node_id"))
            for row in given
        ]
        set_shipping_exceptions(variant, entries, actor=self.actor)
        return self._one(pk)

    @extend_schema(responses={204: None})
    def destroy(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Take all of one SKU's shipping exceptions away."""
        set_shipping_exceptions(get_variant(self.merchant, int(pk)), [], actor=self.actor)
        return Response(status=204)


class ReturnExceptionViewSet(_ExceptionViewSet):
    """How SKUs come back otherwise than the account says. What is written goes to Jet by itself."""

    serializer_class = ReturnExceptionSerializer
    facet = RETURNS

    def shown(self, variants: list[Variant]) -> list[dict[str, Any]]:
        places = dict(current_return_locations(self.merchant).values_list("pk", "return_id"))
        found = snapshots(self.merchant, [row.pk for row in variants])
        rows = []
        for variant in variants:
            values = found[variant.pk].returns or ReturnValues(())
            rows.append(
                {
                    "variant": variant.pk,
                    "sku": variant.sku,
                    "return_location_ids": [places[pk] for pk in values.locations if pk in places],
                    "time_to_return": values.time_to_return,
                    "return_shipping_methods": values.return_shipping_methods,
                }
            )
        return list(ReturnExceptionSerializer(rows, many=True).data)

    @extend_schema(responses=ReturnExceptionSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Without a return exception the list of locations is empty."""
        return self._one(pk)

    @extend_schema(request=ReturnExceptionWriteSerializer, responses=ReturnExceptionSerializer)
    def update(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Make or replace the return exception of one SKU."""
        variant = get_variant(self.merchant, int(pk))
        given = self.read(ReturnExceptionWriteSerializer, request).validated_data
        places = dict(current_return_locations(self.merchant).values_list("return_id", "pk"))
        unknown = [name for name in given["return_location_ids"] if name not in places]
        if unknown and places:
            raise InvalidInput(
                f"Return location {unknown[0]} is not set up.",
                hint="See Settings, Return locations.",
                fields={"return_location_ids": [f"Unknown: {', '.join(unknown)}"]},
            )
        values = ReturnValues(
            tuple(places[name] for name in given["return_location_ids"] if name in places),
            given["time_to_return"],
            tuple(given["return_shipping_methods"]),
        )
        save_return_exception(variant, values, actor=self.actor)
        return self._one(pk)

    @extend_schema(responses={204: None})
    def destroy(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        delete_return_exception(get_variant(self.merchant, int(pk)), actor=self.actor)
        return Response(status=204)


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
