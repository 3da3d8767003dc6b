"""Files of products, prices and variations over the API: the same check and import as the page's."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions.csv_import import summary
from catalog.actions.csv_upload import cancel_upload, resume_import, start_import, start_upload
from catalog.enums import CsvKind, CsvState
from catalog.models import CsvUpload
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.tenancy.rights import Right


class UploadWriteSerializer(serializers.Serializer[Any]):
    """`preview` true only checks the file; POST to its `import` address then imports it.

    `columns`: an object of the file's names and ours, e.g. {"Seller SKU": "sku", "Notes": ""}; "" leaves one out.
    """

    kind = serializers.ChoiceField(choices=CsvKind.choices)
    file = serializers.FileField(help_text="CSV, or an Excel workbook (.xlsx, first sheet).")
    is_on_jet = serializers.BooleanField(required=False, default=False)
    preview = serializers.BooleanField(required=False, default=False)
    confirm_price_step = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Take changes that would be held back: prices over the merchant's percentage or beyond a limit, and "
        "quantities that jump.",
    )
    columns = serializers.JSONField(
        required=False, help_text="An object: name in the file to name of ours, or to “”."
    )

    def validate_columns(self, value: Any) -> dict[str, str]:
        if isinstance(value, dict) and all(isinstance(name, str) for name in value.values()):
            return value
        raise serializers.ValidationError('Give an object of names, e.g. {"Seller SKU": "sku", "Notes": ""}.')


class ImportSerializer(serializers.Serializer[Any]):
    confirm_price_step = serializers.BooleanField(
        required=False,
        default=False,
        help_text="The changes that `preview` names as held are right.",
    )


BEFORE_IMPORT = (CsvState.MAPPING, CsvState.CHECKING, CsvState.CHECKED)


class UploadSerializer(serializers.ModelSerializer[CsvUpload]):
    """`preview`: what the check found, empty when the file was imported at once. `summary`: of the import, empty before."""

    summary = serializers.SerializerMethodField()

    class Meta:
        model = CsvUpload
        fields = (
            *("id", "kind", "original_name", "state", "summary", "preview", "operation"),
            *("row_count", "rows_done", "created_count", "updated_count", "unchanged_count", "failed_count"),
            *("created_at", "finished_at"),
        )

    def get_summary(self, upload: CsvUpload) -> str:
        return "" if upload.state in BEFORE_IMPORT else summary(upload)


class UploadViewSet(
    OfMerchant,
    IdempotentWrites,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[CsvUpload],
):
    """Uploaded files, the newest first. A file is imported at once unless `preview` is asked for."""

    right = Right.PRODUCTS_VIEW
    write_right = Right.PRODUCTS_EDIT
    action_rights: ClassVar[dict[str, Right]] = {}
    serializer_class = UploadSerializer
    lookup_value_regex = r"\d{1,18}"
    parser_classes = (MultiPartParser, FormParser)

    def get_queryset(self) -> QuerySet[CsvUpload]:
        if self.is_schema:
            return CsvUpload.objects.none()
        rows = CsvUpload.objects.filter(merchant=self.merchant)
        return rows.select_related("merchant", "operation").order_by("-pk")

    @extend_schema(request=UploadWriteSerializer, responses={202: UploadSerializer})
    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        form = UploadWriteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        upload = start_upload(
            self.merchant,
            CsvKind(values["kind"]),
            values["file"],
            is_on_jet=values["is_on_jet"],
            preview=values["preview"],
            confirms_prices=values["confirm_price_step"],
            chosen=values.get("columns"),
            actor=self.actor,
        )
        return Response(UploadSerializer(upload).data, status=202)

    @extend_schema(request=ImportSerializer, responses={202: UploadSerializer})
    @action(detail=True, methods=["post"], url_path="import", url_name="import")
    def import_checked(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Imports a file that was checked; 409 when it was not, or is imported already."""
        form = ImportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        confirmed = form.validated_data["confirm_price_step"]
        return self._answer(start_import(self.get_object(), actor=self.actor, confirms_prices=confirmed))

    @extend_schema(request=None, responses={202: UploadSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:  # noqa: ARG002 -- DRF's signature
        """Ends a file that was not imported."""
        return self._answer(cancel_upload(self.get_object(), actor=self.actor))

    @extend_schema(request=None, responses={202: UploadSerializer})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:  # noqa: ARG002 -- DRF's signature
        """Goes on with an import that ended before its last row."""
        return self._answer(resume_import(self.get_object(), actor=self.actor))

    def _answer(self, upload: CsvUpload) -> Response:
        return Response(UploadSerializer(upload).data, status=202)
