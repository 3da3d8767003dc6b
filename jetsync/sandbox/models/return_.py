"""Returns a shopper opened. The module name carries an underscore because `return` is a keyword."""

from __future__ import annotations

from django.db import models

from jetsync.sandbox.marketplace.words import ReturnStatus
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.base import Row, hex_id
from jetsync.sandbox.models.order import Order, OrderItem


class Return(Row):
    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="returns")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="returns")
    return_id = models.CharField(max_length=32, unique=True, default=hex_id)
    reference_id = models.CharField(max_length=30)
    status = models.CharField(max_length=30, choices=ReturnStatus.choices, default=ReturnStatus.CREATED)
    refund_without_return = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    shipping_carrier = models.CharField(max_length=40)
    tracking_number = models.CharField(max_length=40)
    return_charge = models.DecimalField(max_digits=12, decimal_places=2)
    agree_to_return_charge = models.BooleanField(null=True)
    return_charge_feedback = models.CharField(max_length=60, null=True)
    return_location = models.JSONField(default=list)
    # The items of the merchant's complete message as sent; empty until then.
    reported = models.JSONField(default=list)
    settlement = models.ForeignKey(
        "SettlementReport", on_delete=models.SET_NULL, null=True, related_name="returns"
    )

    class Meta(Row.Meta):
        ordering = ["opened_at", "id"]
        indexes = [models.Index(fields=["merchant", "status", "opened_at"], name="sandbox_return_by_status")]

    def __str__(self) -> str:
        return f"{self.reference_id} ({self.status})"

    @property
    def url(self) -> str:
        return f"/returns/state/{self.return_id}"


class ReturnItem(Row):
    """What the shopper sends back, and what the merchant gave for it (null until answered)."""

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="items")
    order_item = models.ForeignKey(OrderItem, on_delete=models.CASCADE, related_name="sandbox_return_items")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=100)
    requested = models.JSONField()
    refunded_quantity = models.PositiveIntegerField(null=True)
    refunded = models.JSONField(null=True)

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.order_item.merchant_sku}"
