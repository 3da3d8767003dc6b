"""An order as Jet sent it, what we answered, and why."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone

from jetsync.tenancy.managers import TenantModel
from orders.enums import FAILED_STATES, SHIPPABLE_STATES, AnsweredBy, FailureReason, OrderState

# Jet withdraws an order that nobody answers in this time (protocol: deadlines).
ACKNOWLEDGE_WINDOW = timedelta(minutes=15)
# Before the line's number in the key of what it has reserved.
RESERVATION_PREFIX = "order-line-"


class Order(TenantModel):
    """One merchant order of Jet.

    `planned_*` is the answer that has been decided and is on its way; `acknowledgement_status` is what stands at
    Jet. `alarms` counts those raised about it (orders.actions.alarm), so that each is raised once. `node` is our row
    for Jet's `node_ref`, null when the node is not in the settings. Money is USD.
    """

    account = models.ForeignKey("jetsync.JetAccount", on_delete=models.RESTRICT, related_name="+")
    merchant_order_id = models.CharField("Jet order id", max_length=64)
    reference_order_id = models.CharField(max_length=64, blank=True, default="")
    customer_reference_order_id = models.CharField(max_length=64, blank=True, default="")
    alt_order_id = models.CharField("store order id", max_length=100, blank=True, default="")

    state = models.CharField(max_length=12, choices=OrderState.choices)
    jet_status = models.CharField(max_length=60, blank=True, default="")
    exception_state = models.CharField(max_length=120, blank=True, default="")
    acknowledgement_status = models.CharField(max_length=80, blank=True, default="")
    planned_answer = models.CharField(max_length=80, blank=True, default="")
    planned_by = models.CharField(max_length=150, blank=True, default="")
    planned_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=10, choices=AnsweredBy.choices, blank=True, default="")
    alarms = models.PositiveSmallIntegerField("alarms raised", default=0)

    node = models.ForeignKey(
        "jetsync.FulfillmentNode", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    node_ref = models.CharField("Jet fulfilment node id", max_length=64, blank=True, default="")

    placed_at = models.DateTimeField(null=True)
    transmission_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    ack_due_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    ship_by = models.DateTimeField(null=True)
    deliver_by = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    buyer_name = models.CharField(max_length=200, blank=True, default="")
    buyer_phone = models.CharField(max_length=40, blank=True, default="")
    hash_email = models.CharField(max_length=200, blank=True, default="")
    ship_to_name = models.CharField(max_length=200, blank=True, default="")
    ship_to_phone = models.CharField(max_length=40, blank=True, default="")
    ship_to_address1 = models.CharField(max_length=200, blank=True, default="")
    ship_to_address2 = models.CharField(max_length=200, blank=True, default="")
    ship_to_city = models.CharField(max_length=120, blank=True, default="")
    ship_to_state = models.CharField(max_length=40, blank=True, default="")
    ship_to_zip = models.CharField(max_length=20, blank=True, default="")

    request_carrier = models.CharField(max_length=80, blank=True, default="")
    request_method = models.CharField(max_length=80, blank=True, default="")
    request_service_level = models.CharField(max_length=80, blank=True, default="")
    is_directed_cancel = models.BooleanField("Jet asks to cancel", default=False)

    total = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    fees = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    failure_reason = models.CharField(max_length=20, choices=FailureReason.choices, blank=True, default="")
    failure_message = models.CharField(max_length=500, blank=True, default="")
    failure_hint = models.CharField(max_length=500, blank=True, default="")

    raw = models.JSONField(default=dict)
    tag = models.CharField(max_length=40, blank=True, default="")
    seen_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "merchant_order_id"], name="order_once")]
        indexes = [
            models.Index(fields=["merchant", "account", "-placed_at", "-id"], name="order_recent"),
            models.Index(fields=["merchant", "account", "state", "-placed_at", "-id"], name="order_state"),
            models.Index(
                fields=["merchant", "ack_due_at"],
                condition=models.Q(state=OrderState.READY),
                name="order_ack_due",
            ),
            models.Index(fields=["merchant", "account", "ready_at"], name="order_ready_at"),
            models.Index(
                fields=["merchant", "account", "completed_at"],
                condition=models.Q(completed_at__isnull=False),
                name="order_completed",
            ),
            models.Index(
                fields=["merchant", "seen_at"],
                condition=models.Q(
                    state__in=(OrderState.CREATED, OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS)
                ),
                name="order_open_seen",
            ),
            models.Index(
                fields=["merchant", "reference_order_id"],
                name="order_reference",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
            models.Index(
                fields=["merchant", "merchant_order_id"],
                name="order_jet_id_prefix",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
            models.Index(fields=["merchant", "alt_order_id"], name="order_alt"),
            models.Index(fields=["merchant", "updated_at", "id"], name="order_changed"),
            models.Index(fields=["merchant", "node", "-placed_at", "-id"], name="order_node"),
            models.Index(fields=["merchant", "account", "deliver_by"], name="order_deliver_by"),
            models.Index(
                fields=["merchant", "account", "ship_by"],
                condition=models.Q(state__in=SHIPPABLE_STATES),
                name="order_ship_by",
            ),
            models.Index(
                fields=["merchant", "account", "failure_reason", "-placed_at", "-id"],
                condition=~models.Q(failure_reason=""),
                name="order_problem",
            ),
            GinIndex(OpClass(Upper("buyer_name"), name="gin_trgm_ops"), name="order_buyer_trgm"),
        ]

    def __str__(self) -> str:
        return self.reference_order_id or self.merchant_order_id

    @property
    def is_shippable(self) -> bool:
        return self.state in SHIPPABLE_STATES

    @property
    def is_answerable(self) -> bool:
        """Ready, and no answer is on its way."""
        return self.state == OrderState.READY and not self.planned_answer

    @property
    def has_failed(self) -> bool:
        return self.state in FAILED_STATES


class OrderLine(TenantModel):
    """One item. `base_price` and `shipping_cost` are per unit, taxes and fees for the line (see `amounts`)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    order_item_id = models.CharField(max_length=64)
    alt_order_item_id = models.CharField(max_length=100, blank=True, default="")
    sku = models.CharField("SKU", max_length=100)
    variant = models.ForeignKey("catalog.Variant", on_delete=models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=500, blank=True, default="")
    quantity = models.PositiveIntegerField(default=0)
    cancel_requested = models.PositiveIntegerField(default=0)
    base_price = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    item_tax = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    shipping_cost = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    shipping_tax = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    fees = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    ack_status = models.CharField("item answer at Jet", max_length=80, blank=True, default="")
    planned_status = models.CharField("item answer on its way", max_length=80, blank=True, default="")
    problem = models.CharField(max_length=20, choices=FailureReason.choices, blank=True, default="")
    cancel_planned = models.PositiveIntegerField("units to cancel once Jet has the yes", default=0)
    raw = models.JSONField(default=dict)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["merchant", "order", "order_item_id"], name="order_line_once")
        ]
        indexes = [
            models.Index(fields=["merchant", "sku", "-id"], name="order_line_sku"),
            models.Index(fields=["merchant", "variant"], name="order_line_variant"),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def reservation_key(self) -> str:
        """Names the pieces promised to this line in the catalogue's reservations."""
        return f"{RESERVATION_PREFIX}{self.pk}"

    @property
    def accountable(self) -> int:
        """Units that must be shipped or cancelled. A generated cancel test has 0 ordered and 1 to cancel."""
        return max(self.quantity, self.cancel_requested)
