"""Taxonomy, category mapping and attribute mapping over the API: the same actions as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions.attribute_mapping import map_attribute, set_values, unmap_attribute
from catalog.actions.category import map_paths, unmap_categories
from catalog.actions.taxonomy import choose_version
from catalog.enums import FreeText
from catalog.models import AttributeMapping, CategoryMapping, JetCategory, TaxonomyVersion
from catalog.queries.attribute_mapping import (
    attribute_mappings,
    get_attribute_mapping,
    rule_of,
    value_rows,
)
from catalog.queries.category import mapped_counts, mappings
from catalog.queries.suggestions import MOST_CATEGORIES, category_suggestions
from catalog.queries.taxonomy import (
    attributes_of,
    current_version,
    get_category,
    get_version,
    nodes_in_use,
    values_of,
    versions_for,
)
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.exceptions import InvalidInput, NotFound
from jetsync.ids import parse_id
from jetsync.tenancy.rights import Right

# Categories or values of one call; more travel by CSV or in several calls.
MOST_ROWS = 1000


class TaxonomySerializer(serializers.ModelSerializer[TaxonomyVersion]):
    is_own = serializers.SerializerMethodField(help_text="Yours alone; else shared by all")
    in_use = serializers.SerializerMethodField(help_text="The one your products are checked against")
    changes = serializers.SerializerMethodField(
        help_text="Counts against the version that was in use before: gone, new, renamed, moved"
    )

    class Meta:
        model = TaxonomyVersion
        fields = (
            "id",
            "name",
            "is_own",
            "in_use",
            "categories",
            "attributes",
            "attribute_values",
            "links",
            "dropped",
            "changes",
            "imported_at",
        )

    def get_is_own(self, row: TaxonomyVersion) -> bool:
        return row.owner_id is not None

    def get_in_use(self, row: TaxonomyVersion) -> bool:
        return bool(row.pk == self.context.get("in_use"))

    def get_changes(self, row: TaxonomyVersion) -> dict[str, dict[str, int]]:
        return {part: row.diff.get(part, {}) for part in ("nodes", "attributes")}


class JetCategorySerializer(serializers.ModelSerializer[JetCategory]):
    takes_products = serializers.SerializerMethodField()
    mapped_store_categories = serializers.SerializerMethodField()

    class Meta:
        model = JetCategory
        fields = (
            "node_id",
            "name",
            "level",
            "path",
            "parent_id",
            "is_active",
            "tax_code",
            "takes_products",
            "mapped_store_categories",
        )

    def get_takes_products(self, row: JetCategory) -> bool:
        return row.is_active and row.level >= 2  # noqa: PLR2004 -- sub-level nodes

    def get_mapped_store_categories(self, row: JetCategory) -> int:
        return int(self.context.get("counts", {}).get(row.node_id, 0))


class JetAttributeSerializer(serializers.Serializer[Any]):
    attribute_id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    free_text = serializers.ChoiceField(choices=FreeText.choices)
    is_variant = serializers.BooleanField()
    values = serializers.ListField(child=serializers.CharField(), help_text="Empty: any text")
    units = serializers.ListField(child=serializers.CharField())


class JetCategoryDetailSerializer(JetCategorySerializer):
    attributes = JetAttributeSerializer(many=True)

    class Meta(JetCategorySerializer.Meta):
        fields = (*JetCategorySerializer.Meta.fields, "attributes")  # type: ignore[assignment]  # one longer


class CategoryMappingSerializer(serializers.ModelSerializer[CategoryMapping]):
    store_category = serializers.CharField(source="store_category.path", read_only=True)
    products = serializers.IntegerField(source="product_count", read_only=True)

    class Meta:
        model = CategoryMapping
        fields = ("id", "store_category", "jet_node_id", "jet_path", "products", "mapped_at")


class MapCategoriesSerializer(serializers.Serializer[Any]):
    store_categories = serializers.ListField(
        child=serializers.CharField(max_length=300),
        min_length=1,
        max_length=MOST_ROWS,
        help_text="Paths such as “Kitchen > Kettles”; made where they are missing",
    )
    jet_node_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class AppliedSerializer(serializers.Serializer[Any]):
    mapped = serializers.IntegerField()
    products = serializers.IntegerField(help_text="How many products it applies to")


class NodeMatchSerializer(serializers.Serializer[Any]):
    node_id = serializers.IntegerField()
    path = serializers.CharField()
    percent = serializers.IntegerField(help_text="0 to 100; 100 is the very same path")


class SuggestionSerializer(serializers.Serializer[Any]):
    store_category = serializers.CharField(source="category.path")
    products = serializers.IntegerField()
    matches = NodeMatchSerializer(many=True)


class AttributeMappingSerializer(serializers.ModelSerializer[AttributeMapping]):
    values = serializers.IntegerField(source="value_count", read_only=True)

    class Meta:
        model = AttributeMapping
        fields = ("id", "source", "attribute_id", "attribute_name", "unit", "values", "mapped_at")


class MapAttributeSerializer(serializers.Serializer[Any]):
    source = serializers.CharField(  # type: ignore[assignment]  # DRF takes declared fields off the class
        max_length=120, help_text="field:<name>, option:<name>, or one that every product has"
    )
    attribute_id = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    unit = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class MappedAttributeSerializer(AttributeMappingSerializer):
    values = serializers.IntegerField(default=0)
    products = serializers.IntegerField(help_text="How many products it is applied to")

    class Meta(AttributeMappingSerializer.Meta):
        fields = (*AttributeMappingSerializer.Meta.fields, "products")  # type: ignore[assignment]  # one longer


class ValueSerializer(serializers.Serializer[Any]):
    store_value = serializers.CharField(max_length=200)
    jet_value = serializers.CharField(max_length=300, allow_blank=True, help_text="Empty: no longer mapped")
    jet_unit = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class ValueRowSerializer(ValueSerializer):
    products = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["open", "unit", "mapped", "same"])
    suggestion = serializers.CharField(allow_blank=True)
    percent = serializers.IntegerField()


class ValuesWriteSerializer(serializers.Serializer[Any]):
    values = serializers.ListField(child=ValueSerializer(), min_length=1, max_length=MOST_ROWS)


class _MappingViewSet(OfMerchant, IdempotentWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    right = Right.MAPPING_VIEW
    write_right = Right.MAPPING_EDIT
    lookup_value_regex = r"\d{1,18}"


class TaxonomyViewSet(_MappingViewSet):
    """The versions of Jet's taxonomy that you may use: shared ones and your own. Import is in the panel."""

    serializer_class = TaxonomySerializer

    def get_queryset(self) -> QuerySet[TaxonomyVersion]:
        return TaxonomyVersion.objects.none() if self.is_schema else versions_for(self.merchant)

    def get_serializer_context(self) -> dict[str, Any]:
        now = None if self.is_schema else current_version(self.merchant)
        return {**super().get_serializer_context(), "in_use": now.pk if now else None}

    def _answer(self, version: TaxonomyVersion) -> Response:
        return Response(TaxonomySerializer(version, context=self.get_serializer_context()).data)

    @extend_schema(responses=TaxonomySerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return self._answer(get_version(self.merchant, int(pk)))

    @extend_schema(request=None, responses=TaxonomySerializer)
    @action(detail=True, methods=["post"])
    def use(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Put this version to use for your products; they are checked against it in the background."""
        version = get_version(self.merchant, int(pk))
        return self._answer(choose_version(self.merchant, version, actor=self.actor))


class JetCategoryApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    name = django_filters.CharFilter(lookup_expr="icontains")
    path = django_filters.CharFilter(method="by_path", help_text="Words that the path holds, in any order")
    node_id = django_filters.NumberFilter(min_value=0, max_value=2**63 - 1)
    level = django_filters.NumberFilter(min_value=0, max_value=99)
    parent_id = django_filters.NumberFilter(min_value=0, max_value=2**63 - 1)
    is_active = django_filters.BooleanFilter()

    def by_path(self, rows: QuerySet[JetCategory], _name: str, value: str) -> QuerySet[JetCategory]:
        for word in value.split()[:6]:
            rows = rows.filter(path__icontains=word)
        return rows


class JetCategoryViewSet(_MappingViewSet):
    """Jet's categories in the taxonomy in use."""

    serializer_class = JetCategorySerializer
    filterset_class = JetCategoryApiFilter
    lookup_url_kwarg = "node_id"

    def get_queryset(self) -> QuerySet[JetCategory]:
        return JetCategory.objects.none() if self.is_schema else nodes_in_use(self.merchant)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002 -- DRF's signature
        page = list(self.paginate_queryset(self.filter_queryset(self.get_queryset())) or [])
        counts = mapped_counts(self.merchant, [row.node_id for row in page])
        return self.get_paginated_response(
            JetCategorySerializer(page, many=True, context={"counts": counts}).data
        )

    @extend_schema(responses=JetCategoryDetailSerializer)
    def retrieve(self, _request: Request, node_id: str, **_kwargs: Any) -> Response:
        """One category with what it asks for: attributes, their legal values and units."""
        row: Any = get_category(self.merchant, parse_id(node_id))
        if row is None:
            raise NotFound(f"Jet category {node_id} is not in the taxonomy in use.")
        asked = list(attributes_of(self.merchant, [row.node_id]))
        lists = values_of(self.merchant, [item.attribute_id for item in asked])
        row.attributes = [
            {
                "attribute_id": item.attribute_id,
                "name": item.name,
                "description": item.description,
                "free_text": item.free_text,
                "is_variant": item.is_variant,
                "values": lists[item.attribute_id][0],
                "units": lists[item.attribute_id][1],
            }
            for item in asked
        ]
        counts = mapped_counts(self.merchant, [row.node_id])
        return Response(JetCategoryDetailSerializer(row, context={"counts": counts}).data)


class CategoryMappingViewSet(_MappingViewSet):
    """Which store category goes to which Jet category. A change applies to the products at once."""

    serializer_class = CategoryMappingSerializer

    def get_queryset(self) -> QuerySet[CategoryMapping]:
        return CategoryMapping.objects.none() if self.is_schema else mappings(self.merchant)

    @extend_schema(request=MapCategoriesSerializer, responses={201: AppliedSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Map store categories to one Jet category, replacing earlier mappings; missing ones are made."""
        data = self.read(MapCategoriesSerializer, request).validated_data
        mapped, products = map_paths(
            self.merchant, data["store_categories"], data["jet_node_id"], actor=self.actor
        )
        return Response({"mapped": mapped, "products": products}, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Remove a mapping; the products of the store category lose the Jet category."""
        row = CategoryMapping.objects.filter(merchant=self.merchant, pk=int(pk)).first()
        if row is None:
            raise NotFound("There is no such category mapping.")
        unmap_categories(self.merchant, [row.store_category_id], actor=self.actor)
        return Response(status=204)

    @extend_schema(responses=SuggestionSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def suggestions(self, _request: Request, **_kwargs: Any) -> Response:
        """Store categories without a mapping with the Jet categories most alike, the surest first; at most 500."""
        found = category_suggestions(self.merchant, most=MOST_CATEGORIES)
        return Response(SuggestionSerializer(found, many=True).data)


class AttributeMappingViewSet(_MappingViewSet):
    """Which store field or option fills which Jet attribute, and what Jet is told for each value."""

    serializer_class = AttributeMappingSerializer
    action_rights: ClassVar[dict[str, Right]] = {"values": Right.MAPPING_VIEW}

    def get_queryset(self) -> QuerySet[AttributeMapping]:
        return AttributeMapping.objects.none() if self.is_schema else attribute_mappings(self.merchant)

    @extend_schema(request=MapAttributeSerializer, responses={201: MappedAttributeSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Map a field or option; repeated with another unit it takes that one."""
        data = self.read(MapAttributeSerializer, request).validated_data
        applied = map_attribute(
            self.merchant, data["source"], data["attribute_id"], unit=data["unit"], actor=self.actor
        )
        row: Any = get_attribute_mapping(self.merchant, applied.mapping.pk)
        shown = AttributeMappingSerializer(row).data
        return Response({**shown, "products": applied.products}, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Remove a mapping with its values."""
        unmap_attribute(get_attribute_mapping(self.merchant, int(pk)), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses=ValueRowSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def values(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """The values that products have there, with what Jet is told and what it may be."""
        mapping = get_attribute_mapping(self.merchant, int(pk))
        rows = value_rows(self.merchant, mapping, rule_of(self.merchant, mapping.attribute_id))
        return Response(
            [
                {
                    "store_value": row.store.value,
                    "jet_value": row.jet_value,
                    "jet_unit": row.jet_unit,
                    "products": row.store.products,
                    "state": row.state,
                    "suggestion": row.match,
                    "percent": row.percent,
                }
                for row in rows
            ]
        )

    @extend_schema(request=ValuesWriteSerializer, responses={200: dict[str, int]})
    @values.mapping.put
    def set_values(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Map values; those not named stay, an empty `jet_value` removes one."""
        mapping = get_attribute_mapping(self.merchant, int(pk))
        data = self.read(ValuesWriteSerializer, request).validated_data
        wanted = {row["store_value"]: (row["jet_value"], row["jet_unit"]) for row in data["values"]}
        if len(wanted) < len(data["values"]):
            raise InvalidInput("A store value is named twice.", hint="Name each once.")
        return Response({"changed": set_values(mapping, wanted, actor=self.actor)})
