"""Merchant SKUs and what the single calls and bulk files hang on them."""

from __future__ import annotations

from typing import Any

from django.db import models

from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.base import Row, hex_id


def correlation_id() -> str:
    return f"map-{hex_id()}"


class ListingStatus(models.TextChoices):
    UNDER_REVIEW = "Under Jet Review"
    MISSING_DATA = "Missing Listing Data"
    AVAILABLE = "Available for Purchase"
    EXCLUDED = "Excluded"
    UNAUTHORIZED = "Unauthorized"
    ARCHIVED = "Archived"
    # Words of 2015 and 2016, by verdict only.
    READY_TO_LIST = "Ready to List"
    PROCESSING = "Processing"


class Sku(Row):
    """One merchant SKU. The JSON columns hold what was sent, in the API's own shape."""

    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="skus")
    merchant_sku = models.CharField(max_length=200)
    merchant_sku_id = models.CharField(max_length=32, default=hex_id)
    correlation_id = models.CharField(max_length=36, default=correlation_id)
    # Body of the last SKU call, known members only.
    content = models.JSONField(default=dict)
    status = models.CharField(
        max_length=30, choices=ListingStatus.choices, default=ListingStatus.UNDER_REVIEW
    )
    sub_status = models.JSONField(default=list)
    is_archived = models.BooleanField(default=False)
    jet_retail_sku = models.CharField(max_length=32, default="", blank=True)
    # When the review looks at it; None = nothing to look at.
    review_due = models.DateTimeField(null=True)
    # Set by the portal or a test: the review ends with this status and these sub statuses.
    verdict = models.CharField(max_length=30, default="", blank=True)
    verdict_sub_status = models.JSONField(default=list)
    # Until then the SKU answers 404, as fresh ones did for a while.
    visible_from = models.DateTimeField()
    sku_last_update = models.DateTimeField()
    # {"price": 38.5, "fulfillment_nodes": [{"fulfillment_node_id", "fulfillment_node_price"}]}
    price = models.JSONField(null=True)
    price_last_update = models.DateTimeField(null=True)
    # {node_id: {"quantity": 12, "last_update": ".NET time"}}
    inventory = models.JSONField(default=dict)
    inventory_last_update = models.DateTimeField(null=True)
    variation = models.JSONField(null=True)
    # {node_id: [exception, ...]}
    shipping_exceptions = models.JSONField(default=dict)
    returns_exception = models.JSONField(null=True)
    # Body of the sales data call when a test or the portal sets it; None = made up from the SKU.
    sales_data = models.JSONField(null=True)
    # What other sellers ask around: our first price. They do not follow ours, or a repricer would chase itself.
    market_price = models.FloatField(null=True)
    # {"item_price", "shipping_price", "since": .NET time} of the best other seller; None = made up.
    competitor = models.JSONField(null=True)

    class Meta(Row.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "merchant_sku"], name="sandbox_sku_key")]
        indexes = [
            models.Index(fields=["merchant", "status"], name="sandbox_sku_status_idx"),
            models.Index(
                fields=["review_due"],
                name="sandbox_sku_review_idx",
                condition=models.Q(review_due__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.merchant_sku

    @property
    def title(self) -> str:
        return str(self.content.get("product_title", ""))

    @property
    def base_price(self) -> float | None:
        """What the merchant is paid per unit, None before the first price call."""
        return self.price["price"] if self.price else None

    def quantity_at(self, node_id: str) -> int:
        entry: dict[str, Any] = self.inventory.get(node_id, {})
        return int(entry.get("quantity", 0))

    @property
    def has_inventory(self) -> bool:
        return any(entry["quantity"] > 0 for entry in self.inventory.values())
