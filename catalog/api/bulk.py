"""Bulk actions and their dry runs over the API: the same actions as the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.actions import publish
from catalog.actions.publish import ACTIONS
from catalog.actions.sending import Way
from catalog.api.publishing_base import MOST_NAMED, PublishingViewSet
from catalog.queries.choosing import category_ids, chosen_ids
from catalog.queries.dry_run import unpacked
from catalog.sync.dry_run import Rehearsal, rehearse
from jetsync.api.operations import OperationSerializer
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant

KINDS = {
    "upload": publish.UPLOAD,
    "sync": publish.SYNC,
    "archive": publish.ARCHIVE,
    "unarchive": publish.UNARCHIVE,
}
BULK_ACTIONS = list(KINDS)
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
            return chosen_ids(merchant, categories=category_ids(merchant, data["store_categories"]))
        return chosen_ids(merchant, skus=data.get("skus", ()))


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

    def how(self) -> dict[str, Any]:
        """Arguments of the action, beside the SKUs. Raises InvalidInput for one that the action does not know."""
        data = self.validated_data
        if not data["may_end_sale"]:
            return {"way": Way(data["way"])}
        if data["do"] != "upload":
            fields = {"may_end_sale": ["Leave it out."]}
            raise InvalidInput("may_end_sale goes with upload alone.", fields=fields)
        return {"way": Way(data["way"]), "may_end_sale": True}


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


class BulkViewSet(PublishingViewSet):
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
        ids, how = form.variant_ids(self.merchant), form.how()
        run = ACTIONS[KINDS[data["do"]]]
        return self.started(run(self.merchant, ids, actor=self.actor, expects=expects, **how))

    @extend_schema(operation_id="bulk_dry_run", request=BulkActionSerializer, responses=DryRunSerializer)
    @action(detail=False, methods=["post"], url_path="dry-run")
    def dry_run(self, request: Request, **_kwargs: Any) -> Response:
        """The exact calls and bodies, against what Jet accepted last. Nothing is sent or stored."""
        form = self.read(BulkActionSerializer, request)
        data = form.validated_data
        ids = form.variant_ids(self.merchant)
        found = rehearse(self.merchant, KINDS[data["do"]], ids, **form.how())
        return Response(DryRunSerializer(found).data)
