"""Bulk files and errors by cause over the API: the same actions as the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions.errors import clear_errors
from catalog.actions.files import ask_results, delete_files
from catalog.actions.resubmit import resend_errors, resubmit_file
from catalog.api.publishing_base import MOST_NAMED, PublishingViewSet
from catalog.enums import FileState, FileType
from catalog.models import BulkFile, SkuError
from catalog.queries.errors import error_groups, gap_groups, open_errors
from catalog.queries.files import errors_of, files_of, get_file
from jetsync.api.operations import OperationSerializer
from jetsync.models import Merchant


class SkuErrorSerializer(serializers.ModelSerializer[SkuError]):
    sku = serializers.CharField(source="listing.variant.sku")

    class Meta:
        model = SkuError
        fields = (
            "id", "sku", "step", "code", "message", "hint", "field", "group_key", "group_label", "file", "created_at",
            "resolved_at",
        )  # fmt: skip


class BulkFileSerializer(serializers.ModelSerializer[BulkFile]):
    class Meta:
        model = BulkFile
        fields = (
            "id", "name", "file_type", "state", "jet_file_id", "jet_status", "sku_count", "error_count", "message",
            "operation", "resubmit_of", "created_at", "sent_at", "finished_at",
        )  # fmt: skip


class BulkFileDetailSerializer(BulkFileSerializer):
    sku_errors = serializers.SerializerMethodField()

    class Meta(BulkFileSerializer.Meta):
        fields = (*BulkFileSerializer.Meta.fields, "errors", "sku_errors")  # type: ignore[assignment]  # a longer tuple

    def get_sku_errors(self, row: BulkFile) -> list[dict[str, Any]]:
        return list(SkuErrorSerializer(errors_of(row)[:1000], many=True).data)


class ResubmitSerializer(serializers.Serializer[Any]):
    anyway = serializers.BooleanField(default=False, help_text="Send although nothing has changed.")


class BulkFileFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    file_type = django_filters.ChoiceFilter(choices=FileType.choices)
    state = django_filters.ChoiceFilter(choices=FileState.choices)


class BulkFileViewSet(mixins.ListModelMixin, PublishingViewSet):
    """Files sent to Jet and what it said about them."""

    serializer_class = BulkFileSerializer
    filterset_class = BulkFileFilter
    pagination_class = viewsets.GenericViewSet.pagination_class

    def get_queryset(self) -> QuerySet[BulkFile]:
        if self.is_schema:
            return BulkFile.objects.none()
        return files_of(self.merchant)

    @extend_schema(responses=BulkFileDetailSerializer)
    def retrieve(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        return Response(BulkFileDetailSerializer(get_file(self.merchant, int(pk))).data)

    def destroy(self, _request: Request, pk: str, **_kwargs: Any) -> Response:
        """Clear a file from the list; its results stay."""
        delete_files(self.merchant, [get_file(self.merchant, int(pk)).pk], actor=self.actor)
        return Response(status=204)

    @extend_schema(request=ResubmitSerializer, responses={202: OperationSerializer})
    @action(detail=True, methods=["post"])
    def resubmit(self, request: Request, pk: str, **_kwargs: Any) -> Response:
        """Build the refused SKUs of a file anew from current data."""
        data = self.read(ResubmitSerializer, request).validated_data
        row = get_file(self.merchant, int(pk))
        return self.started(resubmit_file(row, actor=self.actor, anyway=data["anyway"]))

    @extend_schema(request=None, responses={202: None})
    @action(detail=False, methods=["post"])
    def fetch(self, _request: Request, **_kwargs: Any) -> Response:
        """Ask Jet for the results of all open files now."""
        ask_results(self.merchant)
        return Response(status=202)


class ErrorIdsSerializer(serializers.Serializer[Any]):
    """The errors with these ids, or all of a cause."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=MOST_NAMED
    )
    group_key = serializers.CharField(required=False, max_length=64)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("ids")) == bool(attrs.get("group_key")):
            raise serializers.ValidationError("Give either ids or group_key.")
        return attrs

    def error_ids(self, merchant: Merchant) -> list[int]:
        rows, data = open_errors(merchant), self.validated_data
        rows = (
            rows.filter(pk__in=data["ids"]) if data.get("ids") else rows.filter(group_key=data["group_key"])
        )
        return list(rows.values_list("pk", flat=True))


class CauseSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # fields have a label of their own
    field = serializers.CharField()
    fix = serializers.CharField()
    skus = serializers.IntegerField()


class SkuErrorFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """By id and not by choice: a choice of files would need the merchant before there is a request."""

    group_key = django_filters.CharFilter()
    step = django_filters.CharFilter()
    file = django_filters.NumberFilter(field_name="file_id", min_value=1, max_value=2**63 - 1)


class SkuErrorViewSet(mixins.ListModelMixin, PublishingViewSet):
    """Open refusals, one row per SKU and sentence of Jet."""

    serializer_class = SkuErrorSerializer
    filterset_class = SkuErrorFilter
    pagination_class = viewsets.GenericViewSet.pagination_class

    def get_queryset(self) -> QuerySet[SkuError]:
        if self.is_schema:
            return SkuError.objects.none()
        return open_errors(self.merchant).select_related("listing__variant")

    @extend_schema(responses=CauseSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def groups(self, _request: Request, **_kwargs: Any) -> Response:
        """Refusals by cause, most SKUs first."""
        return Response(CauseSerializer(error_groups(self.merchant), many=True).data)

    @extend_schema(responses=CauseSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def gaps(self, _request: Request, **_kwargs: Any) -> Response:
        """What is missing before an upload, by cause."""
        return Response(CauseSerializer(gap_groups(self.merchant), many=True).data)

    @extend_schema(request=ErrorIdsSerializer, responses={202: OperationSerializer})
    @action(detail=False, methods=["post"])
    def resend(self, request: Request, **_kwargs: Any) -> Response:
        """Send the SKUs again, of each only the steps that Jet refused."""
        ids = self.read(ErrorIdsSerializer, request).error_ids(self.merchant)
        return self.started(resend_errors(self.merchant, ids, actor=self.actor))

    @extend_schema(request=ErrorIdsSerializer, responses={200: None})
    @action(detail=False, methods=["post"])
    def clear(self, request: Request, **_kwargs: Any) -> Response:
        """End the errors without sending anything."""
        ids = self.read(ErrorIdsSerializer, request).error_ids(self.merchant)
        return Response({"cleared": clear_errors(self.merchant, ids, actor=self.actor)})
