"""Profiles, their assignment, the field mapping and the store's own fields over the API: the same actions as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions.assigning import assign_profile
from catalog.actions.field_mapping import Mapped, reset_mappings, save_mappings, stored_mappings
from catalog.actions.profile import (
    PROFILE_FIELDS,
    copy_profile,
    create_profile,
    delete_profile,
    update_profile,
)
from catalog.api.serializers import MOST_NODE_ID
from catalog.enums import StoreFieldKind
from catalog.jet_fields import JET_FIELDS, JetField
from catalog.models import FieldMapping, Product, Profile, StoreCategory, StoreField
from catalog.price_guard import ANY
from catalog.queries.profile import get_profile, products_to_assign, profiles
from catalog.queries.stock import get_variants
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.operations import OperationSerializer
from jetsync.api.views import OfMerchant
from jetsync.exceptions import InvalidInput, NotFound
from jetsync.ids import parse_id
from jetsync.tenancy.rights import Right

# One request, one operation; more goes by store category.
MOST_NAMED = 10_000
MOST_ATTRIBUTES_SENT = 100


class ProfileAttributeSerializer(serializers.Serializer[Any]):
    """`value` is sent as it is and wins over `source`, a key such as `field:material`."""

    id = serializers.IntegerField(min_value=1, max_value=MOST_NODE_ID)
    value = serializers.CharField(required=False, allow_blank=True, default="")
    unit = serializers.CharField(required=False, allow_blank=True, default="")
    source = serializers.CharField(required=False, allow_blank=True, default="")  # type: ignore[assignment]  # a field of that name, not DRF's attribute


class SpecificSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(required=False, allow_blank=True, default="")
    source = serializers.CharField(required=False, allow_blank=True, default="")  # type: ignore[assignment]  # a field of that name, not DRF's attribute


class ProfileWriteSerializer(serializers.Serializer[Any]):
    """Fields that are left out stay as they are; `attributes` and `specifics` are set as a whole."""

    name = serializers.CharField(required=False, allow_blank=True)
    sku_as_part_number = serializers.BooleanField(required=False)
    sku_as_code = serializers.CharField(required=False, allow_blank=True)
    code_type = serializers.CharField(required=False, allow_blank=True)
    code_source = serializers.CharField(required=False, allow_blank=True)
    jet_node_id = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MOST_NODE_ID
    )
    attributes = ProfileAttributeSerializer(many=True, required=False, max_length=MOST_ATTRIBUTES_SENT)  # type: ignore[call-arg]  # an argument of the list around it
    specifics = serializers.DictField(child=SpecificSerializer(), required=False)
    confirm_price_step = serializers.BooleanField(
        required=False,
        help_text="The MAP price is right, though it is above the price of SKUs of the profile. Without it such a request "
        "is answered 409 with the code `price_step`.",
    )


class ProfileSerializer(serializers.ModelSerializer[Profile]):
    products = serializers.IntegerField(source="product_count", help_text="How many products have it.")

    class Meta:
        model = Profile
        fields = ("id", *PROFILE_FIELDS, "products", "created_at", "updated_at")


class AssignSerializer(serializers.Serializer[Any]):
    """Exactly one way to name the products. `replace` false refuses with 409 when one has another profile."""

    products = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_NODE_ID),
        required=False,
        max_length=MOST_NAMED,
    )
    skus = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=MOST_NAMED
    )
    store_category = serializers.CharField(required=False, help_text="The path of a store category.")
    without_profile = serializers.BooleanField(required=False, help_text="All that have none yet.")
    replace = serializers.BooleanField(default=False)
    confirm_price_step = serializers.BooleanField(
        default=False,
        help_text="The profile's MAP price is right, though SKUs are sold for less. Without it such a request is answered "
        "409 with the code `price_step`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        ways = [name for name in ("products", "skus") if name in attrs]
        wide = "store_category" in attrs or attrs.get("without_profile", False)
        if len(ways) + int(wide) != 1:
            text = "Name the products in one way: products, skus, or store_category and without_profile."
            raise serializers.ValidationError(text)
        return attrs


class MappingSerializer(serializers.Serializer[Any]):
    """A field of Jet with what fills it; `is_mapped` is false while it is at its default."""

    jet_field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not DRF's attribute
    hint = serializers.CharField()
    default = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not DRF's attribute
    fixed = serializers.CharField()
    overrides = serializers.BooleanField()
    is_mapped = serializers.BooleanField()


class MappingWriteSerializer(serializers.Serializer[Any]):
    source = serializers.CharField(required=False, allow_blank=True, default="")  # type: ignore[assignment]  # a field of that name, not DRF's attribute
    fixed = serializers.CharField(required=False, allow_blank=True, default="")
    overrides = serializers.BooleanField(default=False)
    confirm_price_step = serializers.BooleanField(
        required=False,
        write_only=True,
        help_text="The MAP price is right, though SKUs are sold for less; without it such a line is answered 409 with the "
        "code `price_step`.",
    )


class StoreFieldSerializer(serializers.ModelSerializer[StoreField]):
    key = serializers.CharField(source="__str__")

    class Meta:
        model = StoreField
        fields = ("key", "kind", "name", "sample", "seen_at")


class _MappingViewSet(OfMerchant, IdempotentWrites, viewsets.GenericViewSet[Any]):
    right = Right.MAPPING_VIEW
    write_right = Right.MAPPING_EDIT


class ProfileApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    name = django_filters.CharFilter(lookup_expr="icontains")


class ProfileViewSet(mixins.ListModelMixin, _MappingViewSet):
    """What many products share on their way to Jet. A product has at most one profile."""

    serializer_class = ProfileSerializer
    filterset_class = ProfileApiFilter
    lookup_value_regex = r"\d{1,18}"
    action_rights: ClassVar[dict[str, Right]] = {
        "assign": Right.PRODUCTS_EDIT,
        "unassign": Right.PRODUCTS_EDIT,
    }

    def get_queryset(self) -> QuerySet[Profile]:
        if self.is_schema:
            return Profile.objects.none()
        return profiles(self.merchant)

    def _answer(self, pk: int, status: int = 200) -> Response:
        return Response(ProfileSerializer(get_profile(self.merchant, pk)).data, status=status)

    @extend_schema(responses=ProfileSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return self._answer(int(pk))

    @extend_schema(request=ProfileWriteSerializer, responses={201: ProfileSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Make a profile; products get it by `assign`."""
        values = self.read(ProfileWriteSerializer, request).validated_data
        return self._answer(create_profile(self.merchant, values, actor=self.actor).pk, status=201)

    @extend_schema(request=ProfileWriteSerializer, responses=ProfileSerializer)
    def partial_update(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Change a profile; what its products get follows at once, or by a job where they are many."""
        values = self.read(ProfileWriteSerializer, request).validated_data
        confirmed = ANY if values.pop("confirm_price_step", False) else ""
        profile = get_profile(self.merchant, int(pk))
        return self._answer(update_profile(profile, values, actor=self.actor, confirmed=confirmed).pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Delete a profile. `?move_to=<id>` gives its products another one; without it they have none.

        `&confirm_price_step=true`: SKUs may be sold below that one's MAP price.
        """
        profile = get_profile(self.merchant, int(pk))
        wanted = request.query_params.get("move_to", "")
        move_to = get_profile(self.merchant, _id_of(wanted)) if wanted else None
        is_sure = request.query_params.get("confirm_price_step", "").lower() == "true"
        delete_profile(profile, move_to=move_to, actor=self.actor, confirmed=ANY if is_sure else "")
        return Response(status=204)

    @extend_schema(request=None, responses={201: ProfileSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """The same profile under a new name, without products."""
        return self._answer(
            copy_profile(get_profile(self.merchant, int(pk)), actor=self.actor).pk, status=201
        )

    @extend_schema(request=AssignSerializer, responses={202: OperationSerializer})
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Give products this profile: an operation that can be undone."""
        profile = get_profile(self.merchant, int(pk))
        return self._assign(self.read(AssignSerializer, request).validated_data, profile)

    @extend_schema(
        operation_id="profiles_unassign", request=AssignSerializer, responses={202: OperationSerializer}
    )
    @action(detail=False, methods=["post"])
    def unassign(self, request: Request, **_kwargs: Any) -> Response:
        """Take the profile from products."""
        return self._assign({**self.read(AssignSerializer, request).validated_data, "replace": True}, None)

    def _assign(self, values: dict[str, Any], profile: Profile | None) -> Response:
        ids = self._products(values)
        operation = assign_profile(
            self.merchant,
            ids,
            profile,
            actor=self.actor,
            replace=values["replace"],
            confirmed=ANY if values["confirm_price_step"] else "",
        )
        operation.refresh_from_db()
        return Response(OperationSerializer(operation).data, status=202)

    def _products(self, values: dict[str, Any]) -> list[int]:
        if "products" in values:
            return self._known(values["products"])
        if "skus" in values:
            return self._of_skus(values["skus"])
        path = values.get("store_category")
        category = None
        if path is not None:
            row = StoreCategory.objects.filter(merchant=self.merchant, path=path).first()
            if row is None:
                message = f"There is no store category “{path}”."
                raise InvalidInput(message, fields={"store_category": [message]})
            category = row.pk
        wanted = products_to_assign(
            self.merchant, store_category=category, without_profile=values.get("without_profile", False)
        )
        return list(wanted.values_list("pk", flat=True))

    def _known(self, ids: list[int]) -> list[int]:
        rows = Product.objects.filter(merchant=self.merchant, pk__in=ids)
        found = set(rows.values_list("pk", flat=True))
        if unknown := [pk for pk in ids if pk not in found]:
            more = f"and {len(unknown) - 1:,} more are" if len(unknown) > 1 else "is"
            raise InvalidInput(
                f"Product {unknown[0]} {more} not known here.",
                hint="Nothing was started. The list of products says their ids; `skus` takes SKUs instead.",
                fields={"products": [f"Unknown: {pk}" for pk in unknown[:50]]},
            )
        return sorted(found)

    def _of_skus(self, skus: list[str]) -> list[int]:
        return sorted({row.product_id for row in get_variants(self.merchant, skus)})


def _id_of(text: str) -> int:
    if number := parse_id(text):
        return number
    raise NotFound("There is no such profile.", hint="move_to takes the id of a profile.")


class FieldMappingViewSet(_MappingViewSet):
    """Which store field or fixed text fills each field of Jet. PUT sets one line, DELETE resets it to its default."""

    serializer_class = MappingSerializer
    lookup_field = "jet_field"
    lookup_url_kwarg = "key"
    lookup_value_regex = r"[A-Za-z0-9_-]{1,60}"
    pagination_class = None

    @extend_schema(responses=MappingSerializer(many=True))
    def list(self, _request: Request, **_kwargs: Any) -> Response:
        """All fields of Jet, those at their default too."""
        stored = stored_mappings(self.merchant)
        return Response([_shown(spec, stored.get(spec.name)) for spec in JET_FIELDS.values()])

    @extend_schema(responses=MappingSerializer)
    def retrieve(self, _request: Request, key: str, **_kwargs: Any) -> Response:
        return self._answer(_spec_of(key))

    @extend_schema(request=MappingWriteSerializer, responses=MappingSerializer)
    def update(self, request: Request, key: str, **_kwargs: Any) -> Response:
        """Set one line as a whole; it applies to all products at once, or by a job where they are many."""
        spec = _spec_of(key)
        values = self.read(MappingWriteSerializer, request).validated_data
        confirmed = ANY if values.pop("confirm_price_step", False) else ""
        save_mappings(self.merchant, {spec.name: Mapped(**values)}, actor=self.actor, confirmed=confirmed)
        return self._answer(spec)

    def get_queryset(self) -> QuerySet[FieldMapping]:
        """For the schema alone: the lines are made of the stored mappings and the defaults."""
        return FieldMapping.objects.none()

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, key: str, **_kwargs: Any) -> Response:
        """Back to the default. `?confirm_price_step=true`: SKUs may be sold below a MAP price that the line held down."""
        is_sure = request.query_params.get("confirm_price_step", "").lower() == "true"
        confirmed = ANY if is_sure else ""
        reset_mappings(self.merchant, [_spec_of(key).name], actor=self.actor, confirmed=confirmed)
        return Response(status=204)

    def _answer(self, spec: JetField) -> Response:
        return Response(_shown(spec, stored_mappings(self.merchant).get(spec.name)))


def _spec_of(name: str) -> JetField:
    spec = JET_FIELDS.get(name)
    if spec is None:
        raise NotFound(
            f"Jet has no field “{name}” that can be mapped.", hint="See the list of field mappings."
        )
    return spec


def _shown(spec: JetField, line: Mapped | None) -> dict[str, Any]:
    known = {"jet_field": spec.name, "label": spec.label, "hint": spec.hint, "default": spec.default}
    return {**known, **(line or Mapped()).as_json(), "is_mapped": line is not None}


class StoreFieldFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    kind = django_filters.ChoiceFilter(choices=StoreFieldKind.choices)
    name = django_filters.CharFilter(lookup_expr="icontains")


class StoreFieldViewSet(mixins.ListModelMixin, _MappingViewSet):
    """Names of the fields and options that products of the store carry; `key` is what profiles and mappings take."""

    serializer_class = StoreFieldSerializer
    filterset_class = StoreFieldFilter

    def get_queryset(self) -> QuerySet[StoreField]:
        if self.is_schema:
            return StoreField.objects.none()
        return StoreField.objects.filter(merchant=self.merchant)
