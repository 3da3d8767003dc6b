"""A shopper's return as Jet sent it, what we decided, and what Jet holds in the end."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone

from jetsync.tenancy.managers import TenantModel
from orders.amounts import ZERO
from returns.enums import (
    ANSWERED_STATUSES,
    HOLDING_STATES,
    IN_FLIGHT_STATES,
    OPEN_STATUSES,
    ReturnStatus,
    SendState,
)
from returns.money import Amounts


def money_field() -> models.DecimalField[Decimal, Decimal]:
    return models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)


class Decided(TenantModel):
    """A decision about money and how far it is on its way to Jet; returns and refunds alike."""

    send_state = models.CharField(max_length=10, choices=SendState.choices, default=SendState.NONE)
    # Who decided, whatever they are called by then: the one person who may not confirm it.
    proposer = models.ForeignKey("jetsync.User", on_delete=models.SET_NULL, null=True, related_name="+")
    confirmed_by = models.CharField(max_length=150, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failure_message = models.CharField(max_length=500, blank=True, default="")
    failure_hint = models.CharField(max_length=500, blank=True, default="")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    @property
    def is_in_flight(self) -> bool:
        return self.send_state in IN_FLIGHT_STATES

    @property
    def is_waiting(self) -> bool:
        """Stored, and not sent before a second person confirms."""
        return self.send_state == SendState.WAITING


class Return(Decided):
    """One return. Money is USD.

    `agree_to_return_charge`, `return_charge_feedback` and the settled part of the lines hold our decision from the
    moment it is taken, and what Jet shows once Jet shows it. `order` is null while the order was never imported.
    """

    account = models.ForeignKey("jetsync.JetAccount", on_delete=models.RESTRICT, related_name="+")
    merchant_return_authorization_id = models.CharField("Jet return id", max_length=64)
    reference_return_authorization_id = models.CharField(max_length=64, blank=True, default="")
    alt_return_authorization_id = models.CharField(max_length=100, blank=True, default="")
    order = models.ForeignKey("orders.Order", on_delete=models.SET_NULL, null=True, related_name="returns")
    merchant_order_id = models.CharField("Jet order id", max_length=64, blank=True, default="")
    reference_order_id = models.CharField(max_length=64, blank=True, default="")
    alt_order_id = models.CharField("store order id", max_length=100, blank=True, default="")

    status = models.CharField(max_length=12, choices=ReturnStatus.choices)
    jet_status = models.CharField(max_length=60, blank=True, default="")
    refund_without_return = models.BooleanField(default=False)
    return_date = models.DateTimeField(null=True)
    completed_date = models.DateTimeField(null=True)
    shipping_carrier = models.CharField(max_length=80, blank=True, default="")
    tracking_number = models.CharField(max_length=100, blank=True, default="")
    return_location = models.JSONField(default=list)
    merchant_return_charge = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    agree_to_return_charge = models.BooleanField(null=True)
    return_charge_feedback = models.CharField(max_length=60, blank=True, default="")
    decided_by = models.CharField(max_length=150, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    raw = models.JSONField(default=dict)
    seen_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "merchant_return_authorization_id"], name="return_once"
            )
        ]
        indexes = [
            models.Index(fields=["merchant", "account", "-return_date", "-id"], name="return_recent"),
            models.Index(
                fields=["merchant", "account", "status", "-return_date", "-id"], name="return_status"
            ),
            models.Index(
                fields=["merchant", "account", "seen_at"],
                condition=models.Q(status__in=OPEN_STATUSES),
                name="return_open_seen",
            ),
            models.Index(fields=["merchant", "order"], name="return_order"),
            models.Index(fields=["merchant", "merchant_order_id"], name="return_jet_order"),
            GinIndex(
                OpClass(Upper("reference_return_authorization_id"), name="gin_trgm_ops"),
                name="return_ref_trgm",
            ),
        ]

    def __str__(self) -> str:
        return self.reference_return_authorization_id or self.merchant_return_authorization_id

    @property
    def is_answerable(self) -> bool:
        """Jet waits for the merchant, and no answer is stored or on its way."""
        return self.status == ReturnStatus.CREATED and not self.is_in_flight and not self.is_waiting

    @property
    def is_settled(self) -> bool:
        """The decision on the lines counts: taken by us and not refused, or shown by Jet."""
        return self.send_state in HOLDING_STATES or self.status in ANSWERED_STATUSES

    @property
    def is_unreadable(self) -> bool:
        """Jet lists it, and it never could be read: nothing is known but its id and perhaps its order's."""
        return self.status == ReturnStatus.OTHER and self.jet_status == "" and self.failure_message != ""

    @property
    def is_assumed(self) -> bool:
        """Jet ended it without a word about amounts, and no answer of ours is there: what was asked for counts."""
        is_answered = self.status in ANSWERED_STATUSES and self.status != ReturnStatus.OTHER
        return is_answered and self.send_state != SendState.SENT and not self.raw.get("items")

    @property
    def order_label(self) -> str:
        return self.reference_order_id or self.merchant_order_id


class ReturnLine(TenantModel):
    """One item. `requested_*` is the shopper's wish as Jet computed it; the plain amounts are what is given.

    `quantity_returned` and `quantity_refunded` are null until somebody decided. A line that was left out of the
    answer (`is_included` false) keeps nulls.
    """

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(
        "orders.OrderLine", on_delete=models.SET_NULL, null=True, related_name="return_lines"
    )
    order_item_id = models.CharField(max_length=64)
    alt_order_item_id = models.CharField(max_length=100, blank=True, default="")
    sku = models.CharField("SKU", max_length=100, blank=True, default="")
    title = models.CharField(max_length=500, blank=True, default="")
    return_quantity = models.PositiveIntegerField("quantity to be returned", default=0)
    reason = models.CharField(max_length=120, blank=True, default="")
    requested_principal = money_field()
    requested_tax = money_field()
    requested_shipping_cost = money_field()
    requested_shipping_tax = money_field()

    is_included = models.BooleanField("answered with this return", default=True)
    quantity_returned = models.PositiveIntegerField(null=True)
    quantity_refunded = models.PositiveIntegerField(null=True)
    feedback = models.CharField("return refund feedback", max_length=120, blank=True, default="")
    notes = models.CharField("notes for Jet", max_length=500, blank=True, default="")
    principal = money_field()
    tax = money_field()
    shipping_cost = money_field()
    shipping_tax = money_field()
    raw = models.JSONField(default=dict)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["merchant", "parent", "order_item_id"], name="return_line_once")
        ]
        indexes = [
            models.Index(fields=["merchant", "order_line"], name="return_line_order_line"),
            models.Index(fields=["merchant", "sku", "-id"], name="return_line_sku"),
        ]

    def __str__(self) -> str:
        return self.sku or self.order_item_id

    @property
    def requested(self) -> Amounts:
        return Amounts(
            self.requested_principal,
            self.requested_tax,
            self.requested_shipping_cost,
            self.requested_shipping_tax,
        )

    @property
    def settled(self) -> Amounts:
        return Amounts(self.principal, self.tax, self.shipping_cost, self.shipping_tax)


class ReturnNote(TenantModel):
    """What people here write about a return to each other; never sent to Jet."""

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey("jetsync.User", on_delete=models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=150)
    text = models.CharField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=["merchant", "parent", "-id"], name="return_note_recent")]

    def __str__(self) -> str:
        return self.text[:80]
