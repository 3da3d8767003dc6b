"""The export of all data over HTTP: ask for it, look how far it is, download it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.actions.data_export import start_export
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.operations import ID
from jetsync.api.views import OfMerchant
from jetsync.models import DataExport
from jetsync.panel.data_file import ZIP, hand_out
from jetsync.queries.data_export import exports_of, get_export
from jetsync.tenancy.rights import Right


class DataExportSerializer(serializers.ModelSerializer[DataExport]):
    """`is_ready`: the file can be downloaded until `expires_at`. `operation`: its progress, table by table."""

    asked_by = serializers.CharField(source="actor_label", read_only=True)
    operation = serializers.IntegerField(source="operation_id", read_only=True, allow_null=True)
    is_ready = serializers.BooleanField(read_only=True)

    class Meta:
        model = DataExport
        fields = (
            "id",
            "operation",
            "is_ready",
            "asked_by",
            "row_count",
            "byte_count",
            "created_at",
            "finished_at",
            "expires_at",
        )


class DataExportViewSet(OfMerchant, IdempotentWrites, viewsets.ReadOnlyModelViewSet[DataExport]):
    """Exports of all data: the one being made and the one that can be downloaded. Making and downloading need
    `buyers.view` as well.
    """

    right = write_right = Right.DATA_EXPORT
    serializer_class = DataExportSerializer
    lookup_value_regex = ID

    def get_queryset(self) -> QuerySet[DataExport]:
        return DataExport.objects.none() if self.is_schema else exports_of(self.merchant)

    def get_object(self) -> DataExport:
        return get_export(self.merchant, int(self.kwargs["pk"]))

    @extend_schema(request=None, responses={202: DataExportSerializer})
    def create(self, _request: Request, **_kwargs: Any) -> Response:
        """409 while one is being made."""
        return Response(DataExportSerializer(start_export(self.merchant, actor=self.actor)).data, status=202)

    @extend_schema(responses={(200, ZIP): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, _request: Request, **_kwargs: Any) -> HttpResponseBase:
        """404 until it is ready, and after its time."""
        return hand_out(self.get_object(), actor=self.actor)
