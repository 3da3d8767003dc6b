"""Refunds a merchant started without a return."""

from __future__ import annotations

import random

from django.db import models

from jetsync.sandbox.marketplace.words import RefundStatus
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.base import Row
from jetsync.sandbox.models.order import Order, OrderItem


def new_refund_id() -> str:
    """A long run of digits, as in the samples."""
    return str(random.SystemRandom().randrange(10**15, 10**16))


class Refund(Row):
    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="refunds")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="refunds")
    refund_id = models.CharField(max_length=20, unique=True, default=new_refund_id)
    alt_refund_id = models.CharField(max_length=200)
    status = models.CharField(max_length=60, choices=RefundStatus.choices, default=RefundStatus.CREATED)
    created_at = models.DateTimeField()
    processing_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    settlement = models.ForeignKey(
        "SettlementReport", on_delete=models.SET_NULL, null=True, related_name="refunds"
    )

    class Meta(Row.Meta):
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "alt_refund_id"], name="sandbox_one_refund_per_alt_id"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "status", "created_at"], name="sandbox_refund_by_status")]

    def __str__(self) -> str:
        return f"{self.alt_refund_id} ({self.status})"

    @property
    def url(self) -> str:
        return f"/refunds/state/{self.refund_id}"


class RefundItem(Row):
    parent = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="items")
    order_item = models.ForeignKey(OrderItem, on_delete=models.CASCADE, related_name="sandbox_refund_items")
    quantity = models.PositiveIntegerField()
    amounts = models.JSONField()
    # The item as sent, shown again by the state call.
    data = models.JSONField()

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.order_item.merchant_sku}"
