"""What leaves for the shopper: parcels and cancelled units, one message to Jet each."""

from __future__ import annotations

from django.db import models

from jetsync.tenancy.managers import TenantModel
from orders.enums import ShipmentSource, ShipmentState


class Shipment(TenantModel):
    """`alt_shipment_id` is made from our own row, so that a repeated send can be recognised at Jet."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="shipments")
    alt_shipment_id = models.CharField(max_length=100, blank=True, default="")
    jet_shipment_id = models.CharField(max_length=64, blank=True, default="")
    source = models.CharField(max_length=12, choices=ShipmentSource.choices, default=ShipmentSource.HERE)
    state = models.CharField(max_length=10, choices=ShipmentState.choices, default=ShipmentState.QUEUED)
    carrier = models.CharField(max_length=80, blank=True, default="")
    method = models.CharField(max_length=80, blank=True, default="")
    tracking_number = models.CharField(max_length=100, blank=True, default="")
    shipped_at = models.DateTimeField("ship to date", null=True)
    expected_delivery_at = models.DateTimeField("expected delivery date", null=True)
    pick_up_at = models.DateTimeField("carrier pick-up date", null=True)
    ship_from_zip = models.CharField(max_length=20, blank=True, default="")
    failure_message = models.CharField(max_length=500, blank=True, default="")
    failure_hint = models.CharField(max_length=500, blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=150, blank=True, default="jetsync")
    raw = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "order", "alt_shipment_id"],
                condition=~models.Q(alt_shipment_id=""),
                name="shipment_once",
            ),
            models.UniqueConstraint(
                fields=["merchant", "order", "jet_shipment_id"],
                condition=~models.Q(jet_shipment_id=""),
                name="shipment_once_at_jet",
            ),
        ]
        indexes = [
            models.Index(
                fields=["merchant", "id"],
                condition=models.Q(state__in=(ShipmentState.QUEUED, ShipmentState.CHECKING)),
                name="shipment_waiting",
            ),
            models.Index(
                fields=["merchant", "tracking_number"],
                condition=~models.Q(tracking_number=""),
                name="shipment_tracking",
            ),
        ]

    def __str__(self) -> str:
        return self.alt_shipment_id or self.jet_shipment_id or f"shipment {self.pk}"


class ShipmentLine(TenantModel):
    """Units of one order line in one message. `return_location` is Jet's address object, null = account default."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.CASCADE, related_name="shipment_lines")
    quantity = models.PositiveIntegerField(default=0)
    cancel_quantity = models.PositiveIntegerField(default=0)
    rma_number = models.CharField("RMA number", max_length=60, blank=True, default="")
    days_to_return = models.PositiveSmallIntegerField(null=True)
    return_location = models.JSONField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["merchant", "shipment", "line"], name="shipment_line_once")
        ]
        indexes = [
            models.Index(fields=["merchant", "line"], name="shipment_line_line"),
            # Few units are cancelled: the list of cancelled orders and the rate begin here.
            models.Index(
                fields=["merchant", "shipment"],
                condition=models.Q(cancel_quantity__gt=0),
                name="shipment_line_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} shipped, {self.cancel_quantity} cancelled"
