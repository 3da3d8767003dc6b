"""Variation groups over the API: the same actions as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions.variation import GroupSpec, change_group, dissolve_group, make_group, resend_group
from catalog.api.filters import SkuFilter
from catalog.api.serializers import MOST_NODE_ID
from catalog.csv_columns import MOST_CHILDREN, MOST_REFINEMENTS
from catalog.enums import GroupOrigin, GroupState
from catalog.models import VariationGroup, VariationMember
from catalog.queries.stock import get_variants
from catalog.queries.variation import all_groups, get_group
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.exceptions import InvalidInput
from jetsync.tenancy.rights import Right


class GroupSerializer(serializers.ModelSerializer[VariationGroup]):
    """`state`: incomplete (see `gaps`), waiting for its SKUs, queued, sent, refused or dissolving."""

    parent = serializers.CharField(source="parent.sku")  # type: ignore[assignment]  # a field of that name, not DRF's attribute
    children = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=GroupState.choices)

    class Meta:
        model = VariationGroup
        fields = (
            "id",
            "parent",
            "children",
            "group_title",
            "refinements",
            "origin",
            "state",
            "gaps",
            "error_message",
            "error_at",
            "sent_at",
            "created_at",
            "updated_at",
        )

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_children(self, row: VariationGroup) -> list[str]:
        return [member.variant.sku for member in row.members.all()]


class GroupWriteSerializer(serializers.Serializer[Any]):
    """SKUs by name. `children` in the order in which Jet is told; `refinements` are ids of Jet attributes."""

    parent = serializers.CharField(max_length=100, required=False)  # type: ignore[assignment]  # as above
    children = serializers.ListField(
        child=serializers.CharField(max_length=100),
        allow_empty=False,
        max_length=MOST_CHILDREN,
        required=False,
    )
    refinements = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_NODE_ID),
        max_length=MOST_REFINEMENTS,
        required=False,
    )
    group_title = serializers.CharField(required=False, allow_blank=True)


class NewGroupSerializer(GroupWriteSerializer):
    parent = serializers.CharField(max_length=100)
    children = serializers.ListField(
        child=serializers.CharField(max_length=100), allow_empty=False, max_length=MOST_CHILDREN
    )


class DissolvedSerializer(serializers.Serializer[Any]):
    """`jet_is_told`: Jet had the group and hears that there is none any more."""

    jet_is_told = serializers.BooleanField()


class GroupApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    state = django_filters.ChoiceFilter(choices=GroupState.choices)
    origin = django_filters.ChoiceFilter(choices=GroupOrigin.choices)
    parent = SkuFilter(field_name="parent")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")


class GroupViewSet(OfMerchant, IdempotentWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """SKUs that Jet shows on one page. Variable products form their groups by themselves."""

    right = Right.PRODUCTS_VIEW
    write_right = Right.PRODUCTS_EDIT
    action_rights: ClassVar[dict[str, Right]] = {"send": Right.PRODUCTS_PUBLISH}
    lookup_value_regex = r"\d{1,18}"
    serializer_class = GroupSerializer
    filterset_class = GroupApiFilter

    def get_queryset(self) -> QuerySet[Any]:
        if self.is_schema:
            return VariationGroup.objects.none()
        members = VariationMember.objects.filter(merchant=self.merchant).select_related("variant")
        return (
            all_groups(self.merchant).prefetch_related(Prefetch("members", queryset=members)).order_by("-pk")
        )

    def _answer(self, pk: int, status: int = 200) -> Response:
        get_group(self.merchant, pk)  # raises NotFound in the merchant's words
        return Response(GroupSerializer(self.get_queryset().get(pk=pk)).data, status=status)

    def _ids(self, skus: list[str], field: str) -> list[int]:
        rows = get_variants(self.merchant, skus, field=field, hint="Nothing was changed.")
        return [row.pk for row in rows]

    @extend_schema(responses=GroupSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return self._answer(int(pk))

    @extend_schema(request=NewGroupSerializer, responses={201: GroupSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Make a group by hand. What Jet would refuse is named in `gaps`, and nothing is sent before."""
        data = self.read(NewGroupSerializer, request).validated_data
        (parent,) = self._ids([data["parent"]], "parent")
        children = self._ids(data["children"], "children")
        if parent in children:
            message = "The parent cannot be its own child."
            raise InvalidInput(message, hint="Nothing was changed.", fields={"children": [message]})
        group = make_group(
            self.merchant,
            [parent, *children],
            title=data.get("group_title", ""),
            refinements=data.get("refinements", []),
            actor=self.actor,
        )
        return self._answer(group.pk, status=201)

    @extend_schema(request=GroupWriteSerializer, responses=GroupSerializer)
    def partial_update(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Change a group; what is left out stays. With another parent the answer is the new group."""
        data = self.read(GroupWriteSerializer, request).validated_data
        group = get_group(self.merchant, int(pk))
        members = VariationMember.objects.filter(merchant=self.merchant, group=group)
        now = list(members.order_by("position", "pk").values_list("variant_id", flat=True))
        parent = self._ids([data["parent"]], "parent")[0] if "parent" in data else group.parent_id
        children = self._ids(data["children"], "children") if "children" in data else now
        spec = GroupSpec(
            parent,
            tuple(dict.fromkeys(children)),
            tuple(data.get("refinements", group.refinements)),
            data.get("group_title", group.group_title),
        )
        return self._answer(change_group(group, spec, actor=self.actor).pk)

    @extend_schema(responses=DissolvedSerializer)
    def destroy(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Dissolve a group: the SKUs stay, Jet is told with an empty list."""
        told = dissolve_group(get_group(self.merchant, int(pk)), actor=self.actor)
        return Response({"jet_is_told": told})

    @extend_schema(request=None, responses={202: GroupSerializer})
    @action(detail=True, methods=["post"])
    def send(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Send the group once more, also after a refusal."""
        group = get_group(self.merchant, int(pk))
        resend_group(group, actor=self.actor)
        return self._answer(group.pk, status=202)
