"""What the API shows of sales data."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from repricer.figures import Price, advice, gap_percent
from repricer.models import RepriceChange, RepriceRule, RepriceRun, SalesData


class OfferSerializer(serializers.Serializer[Price]):
    """USD. `last_update`: when Jet noted the offer."""

    item_price = serializers.DecimalField(source="item", max_digits=12, decimal_places=2)
    shipping_price = serializers.DecimalField(source="shipping", max_digits=12, decimal_places=2)
    landed = serializers.DecimalField(max_digits=12, decimal_places=2)


class SalesDataSerializer(serializers.ModelSerializer[SalesData]):
    sku = serializers.CharField(source="variant.sku", read_only=True)
    my_best_offer = OfferSerializer(source="mine", read_only=True, allow_null=True)
    best_marketplace_offer = OfferSerializer(source="best", read_only=True, allow_null=True)
    gap_percent = serializers.SerializerMethodField()
    advice = serializers.SerializerMethodField()

    class Meta:
        model = SalesData
        fields = (
            "variant",
            "sku",
            "has_data",
            "my_best_offer",
            "my_noted_at",
            "best_marketplace_offer",
            "best_noted_at",
            "gap",
            "gap_percent",
            "rank",
            "units_sold",
            "advice",
            "read_at",
            "error",
        )
        read_only_fields = fields

    def get_gap_percent(self, row: SalesData) -> str | None:
        mine, best = row.mine, row.best
        percent = gap_percent(mine.landed, best.landed) if mine and best else None
        return None if percent is None else str(percent)

    def get_advice(self, row: SalesData) -> str:
        return advice(row.mine, row.best)


class FetchSerializer(serializers.Serializer[Any]):
    """Without `skus`: all for sale."""

    skus = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=5000, allow_empty=False
    )


class RuleSerializer(serializers.ModelSerializer[RepriceRule]):
    """USD; null is empty, which means that the SKU is not repriced unless its profile has the value."""

    sku = serializers.CharField(source="variant.sku", read_only=True)

    class Meta:
        model = RepriceRule
        fields = ("variant", "sku", "min_price", "max_price", "bid", "cost", "updated_at")
        read_only_fields = fields


class RuleWriteSerializer(serializers.Serializer[Any]):
    """A member that is left out changes nothing; null empties the value."""

    sku = serializers.CharField(max_length=100)
    min_price = serializers.DecimalField(max_digits=14, decimal_places=4, required=False, allow_null=True)
    max_price = serializers.DecimalField(max_digits=14, decimal_places=4, required=False, allow_null=True)
    bid = serializers.DecimalField(max_digits=14, decimal_places=4, required=False, allow_null=True)
    cost = serializers.DecimalField(max_digits=14, decimal_places=4, required=False, allow_null=True)


class RunSerializer(serializers.ModelSerializer[RepriceRun]):
    """`changed` of `looked` SKUs, of which `allowed` might change. `operation`: by which it can be undone."""

    class Meta:
        model = RepriceRun
        fields = (
            "id",
            "kind",
            "state",
            "started_at",
            "finished_at",
            "total",
            "allowed",
            "looked",
            "changed",
            "operation",
            "message",
        )
        read_only_fields = fields


class ChangeSerializer(serializers.ModelSerializer[RepriceChange]):
    """USD, as Jet should have it before and after; `words` give the reason with its numbers."""

    class Meta:
        model = RepriceChange
        fields = ("id", "run", "variant", "sku", "at", "old_price", "new_price", "why", "words", "state")
        read_only_fields = fields
