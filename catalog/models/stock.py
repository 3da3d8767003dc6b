"""Quantity and price per fulfilment node, and pieces promised to orders."""

from __future__ import annotations

from django.db import models

from catalog.models.fields import DirtyField, DriftField
from jetsync.tenancy.managers import LargeTenantModel, TenantModel


class NodeStock(LargeTenantModel):
    """`quantity`/`price` null = take the variant's (for the default node). Jet gets each node's own number."""

    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="node_stock")
    node = models.ForeignKey("jetsync.FulfillmentNode", on_delete=models.CASCADE, related_name="+")
    quantity = models.IntegerField(null=True, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    buffer_quantity = models.PositiveIntegerField(null=True, blank=True)

    quantity_target = models.PositiveIntegerField(default=0)
    quantity_sent = models.PositiveIntegerField(null=True)
    quantity_sent_at = models.DateTimeField(null=True)
    quantity_live = models.PositiveIntegerField(null=True)
    quantity_live_at = models.DateTimeField(null=True)
    quantity_dirty = DirtyField("quantity_target", "quantity_sent")
    quantity_drift = DriftField("quantity_live", "quantity_sent")

    price_target = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    price_sent = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    price_dirty = DirtyField("price_target", "price_sent")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "variant", "node"], name="node_stock_once")
        ]
        indexes = [
            models.Index(
                fields=["merchant", "id"], condition=models.Q(quantity_dirty=True), name="node_stock_dirty"
            ),
            models.Index(
                fields=["merchant", "id"], condition=models.Q(price_dirty=True), name="node_stock_price_dirty"
            ),
            models.Index(
                fields=["merchant", "id"], condition=models.Q(quantity_drift=True), name="node_stock_drift"
            ),
            models.Index(fields=["merchant", "quantity_sent_at"], name="node_stock_sent_age"),
        ]

    def __str__(self) -> str:
        return f"variant {self.variant_id} at node {self.node_id}"


class Reservation(TenantModel):
    """Pieces promised to an order line. `key` names the line; a second reserve with it changes nothing.

    Ends by `released_at`: given back (cancel, reject) or consumed (shipped; the store count is lowered with it).
    """

    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="reservations")
    node = models.ForeignKey(
        "jetsync.FulfillmentNode", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    key = models.CharField(max_length=120)
    quantity = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="reservation_once")]
        indexes = [
            models.Index(
                fields=["merchant", "variant"], condition=models.Q(released_at=None), name="reservation_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.key}"
