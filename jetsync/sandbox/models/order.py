"""Orders as Jet holds them, their lines, shipped messages and the log of effects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models

from jetsync.sandbox.marketplace.words import OrderStatus
from jetsync.sandbox.models.account import Effect, MerchantAccount
from jetsync.sandbox.models.base import Row, hex_id


class OrderSource(models.TextChoices):
    GENERATOR = "generator", "API generator"
    PORTAL = "portal", "Portal generator"
    TRICKLE = "trickle", "Order trickle"


class Order(Row):
    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="orders")
    merchant_order_id = models.CharField(max_length=32, unique=True, default=hex_id)
    reference_order_id = models.CharField(max_length=20)
    customer_reference_order_id = models.CharField(max_length=20)
    fulfillment_node = models.CharField(max_length=32)
    source = models.CharField(max_length=10, choices=OrderSource.choices)
    alt_order_id = models.CharField(max_length=200, null=True)
    hash_email = models.CharField(max_length=100)
    status = models.CharField(max_length=20, choices=OrderStatus.choices)
    # Complete, and not a single unit was shipped.
    is_cancelled = models.BooleanField(default=False)
    exception_state = models.CharField(max_length=60, null=True)
    acknowledgement_status = models.CharField(max_length=60, null=True)
    directed_cancel = models.BooleanField(default=False)
    tag = models.CharField(max_length=200, null=True)

    placed_at = models.DateTimeField()
    transmitted_at = models.DateTimeField()
    # When a `created` order becomes `ready`; fixed at birth so that turning the switch moves no older order.
    ready_due_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    ship_by = models.DateTimeField()
    deliver_by = models.DateTimeField()
    carrier = models.CharField(max_length=40, null=True)
    method = models.CharField(max_length=60)
    service_level = models.CharField(max_length=60)
    buyer = models.JSONField()
    shipping_to = models.JSONField()
    settlement = models.ForeignKey(
        "SettlementReport", on_delete=models.SET_NULL, null=True, related_name="orders"
    )

    class Meta(Row.Meta):
        ordering = ["placed_at", "id"]
        indexes = [
            models.Index(fields=["merchant", "status", "placed_at"], name="sandbox_order_by_status"),
            models.Index(fields=["status", "ready_due_at"], name="sandbox_order_by_due"),
            models.Index(
                fields=["completed_at"],
                name="sandbox_order_unsettled",
                condition=models.Q(settlement=None, completed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference_order_id} ({self.status})"

    @property
    def url(self) -> str:
        return f"/orders/withoutShipmentDetail/{self.merchant_order_id}"


class OrderItem(Row):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    order_item_id = models.CharField(max_length=32, unique=True, default=hex_id)
    alt_order_item_id = models.CharField(max_length=200, null=True)
    merchant_sku = models.CharField(max_length=200)
    product_title = models.CharField(max_length=500)
    item_tax_code = models.CharField(max_length=100, default="")
    url = models.CharField(max_length=2000, default="")
    quantity = models.PositiveIntegerField()
    cancel_quantity = models.PositiveIntegerField(null=True)
    acknowledgement_status = models.CharField(max_length=60, null=True)

    base_price = models.DecimalField(max_digits=12, decimal_places=2)
    shipping_cost = models.DecimalField(max_digits=12, decimal_places=2)
    item_tax = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    shipping_tax = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    base_fee = models.DecimalField(max_digits=12, decimal_places=2)
    variable_fee = models.DecimalField(max_digits=12, decimal_places=2)

    shipped = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.merchant_sku}"


class Shipment(Row):
    """One entry of a shipped message; the fields stand as sent."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments")
    shipment_id = models.CharField(max_length=32, unique=True, default=hex_id)
    alt_shipment_id = models.CharField(max_length=200, null=True)
    received_at = models.DateTimeField()
    data = models.JSONField()
    items = models.JSONField()

    class Meta(Row.Meta):
        ordering = ["id"]
        indexes = [models.Index(fields=["order", "alt_shipment_id"], name="sandbox_shipment_by_alt_id")]

    def __str__(self) -> str:
        return self.alt_shipment_id or self.shipment_id


class EventKind(models.TextChoices):
    """What happened, in the words of the order history call; only `order_shipped` is known to be Jet's own."""

    CREATED = "order_created"
    READY = "order_ready"
    ACKNOWLEDGED = "order_acknowledged"
    REJECTED = "order_rejected"
    EXPIRED = "order_expired"
    SHIPPED = "order_shipped"
    CANCELLED = "order_cancelled"
    CANCEL_DIRECTED = "order_cancel_directed"
    TAGGED = "order_tagged"
    RETURN_CREATED = "return_created"
    RETURN_ANSWERED = "return_answered"
    RETURN_COMPLETED = "return_completed"
    REFUND_CREATED = "refund_created"
    REFUND_PROCESSING = "refund_processing"
    REFUND_ACCEPTED = "refund_accepted"
    REFUND_REJECTED = "refund_rejected"


# Acts of the merchant, under the names by which `/control/counts` counts them.
MERCHANT_ACTS = {
    EventKind.ACKNOWLEDGED: "acknowledge",
    EventKind.REJECTED: "reject",
    EventKind.SHIPPED: "ship",
    EventKind.CANCELLED: "cancel",
    EventKind.TAGGED: "tag",
    EventKind.RETURN_ANSWERED: "return_complete",
    EventKind.REFUND_CREATED: "refund",
}


class OrderEvent(Row):
    """One effect, written in the transaction that made it: a repeated message without effect leaves no row."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=30, choices=EventKind.choices)
    payload = models.JSONField(default=dict)

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return self.kind

    @classmethod
    def note(
        cls,
        order: Order,
        kind: EventKind,
        at: datetime,
        payload: dict[str, Any] | None = None,
        *,
        key: str = "",
    ) -> None:
        """Write one event, and for an act of the merchant its effect under `key` (the order when not given)."""
        cls.objects.create(order=order, kind=kind, at=at, payload=payload or {})
        if kind in MERCHANT_ACTS:
            Effect.objects.create(
                merchant_id=order.merchant_id,
                kind=MERCHANT_ACTS[kind],
                key=key or order.merchant_order_id,
                at=at,
            )
