"""Bulk actions, bulk files, errors by cause, drift and dry runs over the API: the same actions as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions import publish
from catalog.actions.drift import send_ours, take_theirs
from catalog.actions.errors import clear_errors
from catalog.actions.files import ask_results, delete_files
from catalog.actions.publish import ACTIONS, Way
from catalog.actions.resubmit import resend_errors, resubmit_file
from catalog.enums import FileState, FileType
from catalog.models import BulkFile, Listing, SkuError, StoreCategory
from catalog.queries.choosing import chosen_ids
from catalog.queries.drift import drifted, drifts_of
from catalog.queries.dry_run import unpacked
from catalog.queries.errors import error_groups, gap_groups, open_errors
from catalog.queries.files import errors_of, files_of, get_file
from catalog.queries.stock import get_variants
from catalog.sync.dry_run import Rehearsal, rehearse
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.operations import OperationSerializer
from jetsync.api.views import OfMerchant
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant, Operation
from jetsync.tenancy.rights import Right

KINDS = {
    "upload": publish.UPLOAD,
    "sync": publish.SYNC,
    "archive": publish.ARCHIVE,
    "unarchive": publish.UNARCHIVE,
}
BULK_ACTIONS = list(KINDS)
MOST_NAMED = 20_000
LONGEST_EXPECTATION = 2_000_000


class SkuChoice(serializers.Serializer[Any]):
    """Exactly one of: `skus`, `excluded_skus` (all but these), `store_categories` (paths), or `all`."""

    skus = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=MOST_NAMED
    )
    excluded_skus = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=MOST_NAMED
    )
    store_categories = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, max_length=1000
    )
    all = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in ("skus", "excluded_skus", "store_categories", "all") if attrs.get(name)]
        if len(given) != 1:
            raise serializers.ValidationError(
                "Give exactly one of skus, excluded_skus, store_categories, all."
            )
        return attrs

    def variant_ids(self, merchant: Merchant) -> list[int]:
        """By SKU. Raises InvalidInput for unknown SKUs or categories, and for nothing at all."""
        data = self.validated_data
        if data.get("excluded_skus"):
            return chosen_ids(merchant, but=data["excluded_skus"], field="excluded_skus")
        if data.get("store_categories"):
            return chosen_ids(merchant, categories=_categories(merchant, data["store_categories"]))
        return chosen_ids(merchant, skus=data.get("skus", ()))


def _categories(merchant: Merchant, paths: list[str]) -> list[int]:
    found = dict(StoreCategory.objects.filter(merchant=merchant, path__in=paths).values_list("path", "pk"))
    unknown = [path for path in paths if path not in found]
    if unknown:
        fields = {"store_categories": [f"Unknown: {path}" for path in unknown[:50]]}
        raise InvalidInput(f"Store category {unknown[0]} is not known here.", fields=fields)
    return list(found.values())


class BulkActionSerializer(SkuChoice):
    do = serializers.ChoiceField(choices=BULK_ACTIONS)
    way = serializers.ChoiceField(choices=[str(way) for way in Way], default=str(Way.AUTO))
    may_end_sale = serializers.BooleanField(
        required=False,
        default=False,
        help_text="With `upload`: send also SKUs that Jet sells and, as they are now, would hold back.",
    )
    expects = serializers.CharField(
        required=False,
        default="",
        max_length=LONGEST_EXPECTATION,
        help_text="`expects` of a dry run: send exactly that.",
    )


class CallSerializer(serializers.Serializer[Any]):
    step = serializers.CharField()
    method = serializers.CharField()
    path = serializers.CharField()
    file_type = serializers.CharField()
    state = serializers.CharField()
    body = serializers.JSONField()
    changes = serializers.SerializerMethodField()

    def get_changes(self, call: Any) -> list[dict[str, Any]]:
        """`is_old_known` is false where only a fingerprint of what Jet accepted is kept; `old` is null then."""
        return [
            {"member": row.member, "old": row.old, "new": row.new, "is_old_known": row.is_old_known}
            for row in call.changes
        ]


class DryRunSku(serializers.Serializer[Any]):
    sku = serializers.CharField()
    calls = CallSerializer(many=True)


class DryRunSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    way = serializers.CharField()
    total = serializers.IntegerField()
    sent = serializers.IntegerField()
    left_out_count = serializers.IntegerField()
    skus = DryRunSku(many=True)
    fingerprint = serializers.SerializerMethodField()
    expects = serializers.SerializerMethodField()

    def get_fingerprint(self, run: Rehearsal) -> str:
        return run.expected.fingerprint if run.expected else ""

    def get_expects(self, run: Rehearsal) -> str:
        return run.expected.packed() if run.expected else ""


class _ViewSet(OfMerchant, IdempotentWrites, viewsets.GenericViewSet[Any]):
    right = Right.PRODUCTS_VIEW
    write_right = Right.PRODUCTS_PUBLISH
    action_rights: ClassVar[dict[str, Right]] = {}
    lookup_value_regex = r"\d{1,18}"
    pagination_class: Any = None

    def started(self, operation: Operation) -> Response:
        operation.refresh_from_db()
        return Response(OperationSerializer(operation).data, status=202)


class BulkViewSet(_ViewSet):
    """Upload, sync, archive or un-archive a set of products as one operation."""

    serializer_class = BulkActionSerializer

    @extend_schema(request=BulkActionSerializer, responses={202: OperationSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        form = self.read(BulkActionSerializer, request)
        data, expects = form.validated_data, None
        if data["expects"]:
            expects = unpacked(data["expects"])
            if expects is None:
                raise InvalidInput(
                    "expects is not what a dry run gave.", fields={"expects": ["Not readable."]}
                )
        ids = form.variant_ids(self.merchant)
        run, extra = ACTIONS[KINDS[data["do"]]], {}
        if data["may_end_sale"]:
            if data["do"] != "upload":
                raise InvalidInput(
                    "may_end_sale goes with upload alone.", fields={"may_end_sale": ["Leave it out."]}
                )
            extra = {"may_end_sale": True}
        way = Way(data["way"])
        return self.started(run(self.merchant, ids, actor=self.actor, way=way, expects=expects, **extra))

    @extend_schema(operation_id="bulk_dry_run", request=BulkActionSerializer, responses=DryRunSerializer)
    @action(detail=False, methods=["post"], url_path="dry-run")
    def dry_run(self, request: Request, **_kwargs: Any) -> Response:
        """The exact calls and bodies, against what Jet accepted last. Nothing is sent or stored."""
        form = self.read(BulkActionSerializer, request)
        data = form.validated_data
        ids = form.variant_ids(self.merchant)
        return Response(
            DryRunSerializer(rehearse(self.merchant, KINDS[data["do"]], ids, way=Way(data["way"]))).data
        )


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


class BulkFileViewSet(mixins.ListModelMixin, _ViewSet):
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


class SkuErrorViewSet(mixins.ListModelMixin, _ViewSet):
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


class DriftSkus(serializers.Serializer[Any]):
    skus = serializers.ListField(
        child=serializers.CharField(max_length=100), allow_empty=False, max_length=MOST_NAMED
    )

    def listing_ids(self, merchant: Merchant) -> list[int]:
        known = [row.pk for row in get_variants(merchant, self.validated_data["skus"])]
        return list(Listing.objects.filter(merchant=merchant, variant__in=known).values_list("pk", flat=True))


class TheirSkus(DriftSkus):
    confirm_price_step = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Take prices too that move by more than the merchant's percentage or pass a limit; else they are left.",
    )


class DriftSerializer(serializers.ModelSerializer[Listing]):
    sku = serializers.CharField(source="variant.sku")
    values = serializers.SerializerMethodField()

    class Meta:
        model = Listing
        fields = ("id", "sku", "drift_since", "status_read_at", "values")

    def get_values(self, row: Any) -> list[dict[str, Any]]:
        return [
            {"facet": item.facet, "label": item.label, "ours": item.ours, "theirs": item.theirs}
            for item in row.drifts
        ]


class DriftViewSet(mixins.ListModelMixin, _ViewSet):
    """SKUs where Jet shows another value than it accepted."""

    serializer_class = DriftSerializer
    action_rights: ClassVar[dict[str, Right]] = {"theirs": Right.PRODUCTS_EDIT}
    pagination_class = viewsets.GenericViewSet.pagination_class

    def get_queryset(self) -> QuerySet[Listing]:
        if self.is_schema:
            return Listing.objects.none()
        return drifted(self.merchant).select_related("variant")

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = list(super().paginate_queryset(queryset) or [])
        found = drifts_of(self.merchant, [row.pk for row in rows])
        for row in rows:
            row.drifts = found.get(row.pk, [])
        return rows

    @extend_schema(request=DriftSkus, responses={202: OperationSerializer})
    @action(detail=False, methods=["post"])
    def ours(self, request: Request, **_kwargs: Any) -> Response:
        """Send our values again where they differ."""
        ids = self.read(DriftSkus, request).listing_ids(self.merchant)
        return self.started(send_ours(self.merchant, ids, actor=self.actor))

    @extend_schema(request=TheirSkus, responses={202: OperationSerializer})
    @action(detail=False, methods=["post"])
    def theirs(self, request: Request, **_kwargs: Any) -> Response:
        """Write Jet's values into the store's data; the operation can be undone."""
        form = self.read(TheirSkus, request)
        ids, confirmed = form.listing_ids(self.merchant), form.validated_data["confirm_price_step"]
        return self.started(take_theirs(self.merchant, ids, actor=self.actor, confirms_prices=confirmed))
