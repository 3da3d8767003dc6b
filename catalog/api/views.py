"""Products and SKUs over the API: the same actions as the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions import publish
from catalog.actions.deleting import delete_all, delete_many
from catalog.actions.node_offer import node_offers
from catalog.actions.product import add_variant, create_product, set_offer, update_product
from catalog.api.filters import SkuFilter
from catalog.api.serializers import (
    AddVariantSerializer,
    NewProductSerializer,
    ProductSerializer,
    ProductWriteSerializer,
    PublishManySerializer,
    PublishSerializer,
    SkusSerializer,
    VariantDetailSerializer,
    VariantSerializer,
    VariantWriteSerializer,
    plain_values,
)
from catalog.enums import ListingStatus, ProductKind, Readiness
from catalog.models import NodeStock, Product, Variant
from catalog.price_guard import ANY
from catalog.queries.listing import listings_of
from catalog.queries.product import get_product, search_variants
from catalog.queries.stock import get_variant, get_variants
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.operations import OperationSerializer
from jetsync.api.views import OfMerchant
from jetsync.exceptions import NotFound
from jetsync.models import Operation
from jetsync.panel.filters import IdFilter
from jetsync.queries.settings import current_nodes
from jetsync.tenancy.rights import Right

_ACTS: dict[str, Callable[..., Operation]] = {
    "upload": publish.upload,
    "sync": publish.sync,
    "archive": publish.archive,
    "unarchive": publish.unarchive,
    "status": publish.read_status,
}
# Jet's whole answers are kilobytes; the detail page of the panel shows them.
_UNSHOWN = ("listing__live_body", "listing__content_sent_body")
_PRODUCT_VALUES = set(ProductWriteSerializer().fields)


class ProductApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    title = django_filters.CharFilter(lookup_expr="icontains")
    brand = django_filters.CharFilter(lookup_expr="iexact")
    kind = django_filters.ChoiceFilter(choices=ProductKind.choices)
    store_category = django_filters.CharFilter(field_name="store_category__path")
    is_active = django_filters.BooleanFilter()
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")


class VariantApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    q = django_filters.CharFilter(method="search", help_text="Part of the SKU or title, or a whole code")
    sku = SkuFilter(field_name="pk")
    product = IdFilter(field_name="product_id")
    status = django_filters.MultipleChoiceFilter(field_name="listing__status", choices=ListingStatus.choices)
    readiness = django_filters.MultipleChoiceFilter(
        field_name="listing__readiness", choices=Readiness.choices
    )
    has_error = django_filters.BooleanFilter(method="with_error")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    def search(self, rows: QuerySet[Variant], _name: str, value: str) -> QuerySet[Variant]:
        return search_variants(rows, self.request._request.merchant, value)

    def with_error(self, rows: QuerySet[Variant], _name: str, value: bool) -> QuerySet[Variant]:  # noqa: FBT001 -- django-filter's signature
        return rows.exclude(listing__error_code="") if value else rows.filter(listing__error_code="")


class _CatalogViewSet(OfMerchant, IdempotentWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    right = Right.PRODUCTS_VIEW
    write_right = Right.PRODUCTS_EDIT
    action_rights: ClassVar[dict[str, Right]] = {
        "publish": Right.PRODUCTS_PUBLISH,
        "publish_many": Right.PRODUCTS_PUBLISH,
    }
    lookup_value_regex = r"\d{1,18}"

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "merchant": self.merchant}

    def _publish(self, do: str, variant_ids: list[int]) -> Response:
        operation = _ACTS[do](self.merchant, variant_ids, actor=self.actor)
        operation.refresh_from_db()
        return Response(OperationSerializer(operation).data, status=202)


class ProductViewSet(_CatalogViewSet):
    """A product is what its SKUs share. Saving sends changed price and quantity to Jet by itself."""

    serializer_class = ProductSerializer
    filterset_class = ProductApiFilter

    def get_queryset(self) -> QuerySet[Product]:
        if self.is_schema:
            return Product.objects.none()
        skus = Variant.objects.filter(merchant=self.merchant).select_related("listing").defer(*_UNSHOWN)
        rows = Product.objects.filter(merchant=self.merchant).select_related("store_category")
        return rows.prefetch_related(Prefetch("variants", queryset=skus.order_by("position", "pk")))

    def _answer(self, pk: int, status: int = 200) -> Response:
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise NotFound(f"There is no product {pk}.", hint="It may belong to another merchant.")
        return Response(ProductSerializer(row, context=self.get_serializer_context()).data, status=status)

    @extend_schema(responses=ProductSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return self._answer(int(pk))

    @extend_schema(request=NewProductSerializer, responses={201: ProductSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Make a product with one SKU, or with several when it is variable."""
        data = self.read(NewProductSerializer, request).validated_data
        shared = {name: value for name, value in data.items() if name in _PRODUCT_VALUES}
        first, *others = data["variants"]
        with transaction.atomic():
            product = create_product(
                self.merchant, shared, plain_values(first), kind=ProductKind(data["kind"]), actor=self.actor
            )
            made = [product.variants.get()]
            made += [add_variant(product, plain_values(row), actor=self.actor) for row in others]
            for variant, row in zip(made, data["variants"], strict=True):
                self._set_nodes(variant, {node["node_id"]: dict(node) for node in row.get("nodes", ())})
        return self._answer(product.pk, status=201)

    @extend_schema(request=ProductWriteSerializer, responses=ProductSerializer)
    def partial_update(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Change what the SKUs of a product share."""
        changes = dict(self.read(ProductWriteSerializer, request).validated_data)
        product = get_product(self.merchant, int(pk))
        update_product(product, changes, actor=self.actor)
        return self._answer(product.pk)

    @extend_schema(responses={204: None})
    def destroy(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Delete a product with all its SKUs; refused (409) while Jet has one of them that is not archived there."""
        product = get_product(self.merchant, int(pk))
        rows = Variant.objects.filter(merchant=self.merchant, product=product)
        delete_all(self.merchant, list(rows.values_list("pk", flat=True)), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=PublishSerializer, responses={202: OperationSerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Upload, sync, archive, un-archive or read all SKUs of a product."""
        form = self.read(PublishSerializer, request)
        product = get_product(self.merchant, int(pk))
        rows = Variant.objects.filter(merchant=self.merchant, product=product)
        return self._publish(form.validated_data["do"], list(rows.values_list("pk", flat=True)))

    def _set_nodes(self, variant: Variant, rows: dict[str, dict[str, Any]]) -> None:
        if rows:
            set_offer(variant, {}, node_offers(self.merchant, rows), actor=self.actor, confirmed=ANY)


class VariantViewSet(_CatalogViewSet):
    """A SKU: price, quantity, codes, images, and what Jet has of it."""

    serializer_class = VariantSerializer
    filterset_class = VariantApiFilter

    def get_queryset(self) -> QuerySet[Variant]:
        if self.is_schema:
            return Variant.objects.none()
        rows = Variant.objects.filter(merchant=self.merchant)
        return rows.select_related("listing").defer(*_UNSHOWN)

    def _answer(self, pk: int, status: int = 200) -> Response:
        nodes = NodeStock.objects.filter(merchant=self.merchant, node__in=current_nodes(self.merchant))
        nodes = nodes.select_related("node").order_by("-node__is_default", "node__name")
        rows = self.get_queryset().prefetch_related(Prefetch("node_stock", queryset=nodes))
        row: Any = rows.filter(pk=pk).first()
        if row is None:
            raise NotFound(f"There is no SKU with id {pk}.", hint="It may belong to another merchant.")
        row.jet_payload = listings_of(self.merchant, [pk])[pk].payload
        context = self.get_serializer_context()
        return Response(VariantDetailSerializer(row, context=context).data, status=status)

    @extend_schema(responses=VariantDetailSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return self._answer(int(pk))

    @extend_schema(request=AddVariantSerializer, responses={201: VariantDetailSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Add a SKU to a product, which becomes variable by it."""
        form = self.read(AddVariantSerializer, request)
        values = form.values()
        product = get_product(self.merchant, values.pop("product"))
        with transaction.atomic():
            variant = add_variant(product, values, actor=self.actor)
            self._offer(variant, {}, form.node_rows(), ANY)  # a new SKU has no price to step from
        return self._answer(variant.pk, status=201)

    @extend_schema(request=VariantWriteSerializer, responses=VariantDetailSerializer)
    def partial_update(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Change a SKU; price and quantity go to Jet by themselves, product data with the next upload."""
        form = self.read(VariantWriteSerializer, request)
        variant = get_variant(self.merchant, int(pk))
        self._offer(variant, form.values(), form.node_rows(), form.confirmed)
        return self._answer(variant.pk)

    def _offer(
        self, variant: Variant, values: dict[str, Any], nodes: dict[str, dict[str, Any]], confirmed: str
    ) -> None:
        offers = node_offers(self.merchant, nodes)
        if values or offers:
            set_offer(variant, values, offers, actor=self.actor, confirmed=confirmed)

    @extend_schema(responses={204: None})
    def destroy(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Delete a SKU, and its product with the last one; refused (409) while Jet has it and it is not archived there."""
        variant = get_variant(self.merchant, int(pk))
        delete_all(self.merchant, [variant.pk], actor=self.actor)
        return Response(status=204)

    @extend_schema(
        operation_id="variants_delete_many", request=SkusSerializer, responses={202: OperationSerializer}
    )
    @action(detail=False, methods=["post"], url_path="delete")
    def delete_many(self, request: Request, **_kwargs: Any) -> Response:
        """Delete many SKUs as one operation; its rows say which stay, and why."""
        skus = self.read(SkusSerializer, request).validated_data["skus"]
        operation = delete_many(self.merchant, self._known(skus), actor=self.actor)
        operation.refresh_from_db()
        return Response(OperationSerializer(operation).data, status=202)

    @extend_schema(request=PublishSerializer, responses={202: OperationSerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Upload, sync, archive, un-archive or read one SKU."""
        form = self.read(PublishSerializer, request)
        variant = get_variant(self.merchant, int(pk))
        return self._publish(form.validated_data["do"], [variant.pk])

    @extend_schema(
        operation_id="variants_publish_many",
        request=PublishManySerializer,
        responses={202: OperationSerializer},
    )
    @action(detail=False, methods=["post"], url_path="publish")
    def publish_many(self, request: Request, **_kwargs: Any) -> Response:
        """Upload, sync, archive, un-archive or read many SKUs as one operation."""
        data = self.read(PublishManySerializer, request).validated_data
        return self._publish(data["do"], self._known(data["skus"]))

    def _known(self, skus: Sequence[str]) -> list[int]:
        return [row.pk for row in get_variants(self.merchant, skus)]
