"""Refunds a merchant starts himself, for goods that came back (or were lost) without a return at Jet."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from jetsync.tenancy.managers import TenantModel
from refunds.enums import OPEN_STATUSES, RefundStatus
from returns.enums import SendState
from returns.models import Decided, money_field
from returns.money import Amounts


class Refund(Decided):
    """One refund. `alt_refund_id` is ours, made with the row and never again: by it a repeated send is recognised.

    `order` is null only for a refund made elsewhere whose order was never imported.
    """

    # The name of nobody here: made at Jet itself or by another program.
    MADE_ELSEWHERE = "Jet"

    account = models.ForeignKey("jetsync.JetAccount", on_delete=models.RESTRICT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.SET_NULL, null=True, related_name="refunds")
    merchant_order_id = models.CharField("Jet order id", max_length=64, blank=True, default="")
    reference_order_id = models.CharField(max_length=64, blank=True, default="")
    alt_refund_id = models.CharField("our refund id", max_length=100)
    refund_authorization_id = models.CharField("Jet refund id", max_length=64, blank=True, default="")

    status = models.CharField(max_length=10, choices=RefundStatus.choices, default=RefundStatus.CREATED)
    jet_status = models.CharField(max_length=100, blank=True, default="")
    send_state = models.CharField(max_length=10, choices=SendState.choices, default=SendState.QUEUED)
    created_by = models.CharField(max_length=150, blank=True, default="jetsync")
    # When we saw that Jet accepted or rejected it; Jet gives no time of its own.
    closed_at = models.DateTimeField(null=True)

    raw = models.JSONField(default=dict)
    seen_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "alt_refund_id"], name="refund_once"),
            models.UniqueConstraint(
                fields=["merchant", "refund_authorization_id"],
                condition=~models.Q(refund_authorization_id=""),
                name="refund_once_at_jet",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "account", "-created_at", "-id"], name="refund_recent"),
            models.Index(
                fields=["merchant", "account", "status", "-created_at", "-id"], name="refund_status"
            ),
            models.Index(
                fields=["merchant", "account", "id"],
                condition=models.Q(status__in=OPEN_STATUSES),
                name="refund_open",
            ),
            models.Index(fields=["merchant", "account", "closed_at"], name="refund_closed"),
            models.Index(fields=["merchant", "order"], name="refund_order"),
            models.Index(fields=["merchant", "merchant_order_id"], name="refund_jet_order"),
        ]

    def __str__(self) -> str:
        return self.alt_refund_id

    @property
    def is_unreadable(self) -> bool:
        """Made elsewhere, and it never could be read: nobody knows its amount."""
        return self.created_by == self.MADE_ELSEWHERE and self.jet_status == ""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def order_label(self) -> str:
        return self.reference_order_id or self.merchant_order_id


class RefundLine(TenantModel):
    """Units and dollars of one order line."""

    parent = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(
        "orders.OrderLine", on_delete=models.SET_NULL, null=True, related_name="refund_lines"
    )
    order_item_id = models.CharField(max_length=64)
    sku = models.CharField("SKU", max_length=100, blank=True, default="")
    title = models.CharField(max_length=500, blank=True, default="")
    quantity_returned = models.PositiveIntegerField(default=0)
    quantity_refunded = models.PositiveIntegerField(default=0)
    reason = models.CharField("refund reason", max_length=120)
    feedback = models.CharField("refund feedback", max_length=120, blank=True, default="")
    notes = models.CharField("refund notes", max_length=500, blank=True, default="")
    principal = money_field()
    tax = money_field()
    shipping_cost = money_field()
    shipping_tax = money_field()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["merchant", "parent", "order_item_id"], name="refund_line_once")
        ]
        indexes = [
            models.Index(fields=["merchant", "order_line"], name="refund_line_order_line"),
            models.Index(fields=["merchant", "sku", "-id"], name="refund_line_sku"),
        ]

    def __str__(self) -> str:
        return self.sku or self.order_item_id

    @property
    def amounts(self) -> Amounts:
        return Amounts(self.principal, self.tax, self.shipping_cost, self.shipping_tax)
