"""Settings of one merchant, one typed column each; the defaults are those of docs/features.md (CFG)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models

from jetsync.enums import FallbackPolicy
from jetsync.tenancy.managers import TenantModel


class Options(TenantModel):
    auto_acknowledge = models.BooleanField(
        "Acknowledge orders automatically",
        default=True,
        help_text="Jet gives 15 minutes. When off, ready orders wait for you until the fallback acts.",
    )
    fallback_policy = models.CharField(
        "When 2 minutes are left",
        max_length=16,
        choices=FallbackPolicy.choices,
        default=FallbackPolicy.ACCEPT_IF_STOCK,
        help_text="What jetsync does with an order that nobody has answered shortly before Jet's window closes.",
    )
    pull_orders = models.BooleanField(
        "Fetch orders from Jet", default=True, help_text="Every 10 minutes. Off: the order schedule idles."
    )
    send_tracking = models.BooleanField(
        "Send shipments to Jet", default=True, help_text="Off: shipments are stored here and wait."
    )
    send_inventory = models.BooleanField(
        "Send quantities to Jet", default=True, help_text="Off: quantity changes wait until you turn it on."
    )
    send_price = models.BooleanField(
        "Send prices to Jet", default=True, help_text="Off: price changes wait until you turn it on."
    )
    buffer_quantity = models.PositiveIntegerField(
        "Buffer per product",
        default=0,
        validators=[MaxValueValidator(10_000)],
        help_text="Pieces held back: Jet gets store quantity minus reserved minus this.",
    )
    zero_quantity_default = models.PositiveIntegerField(
        "Quantity to send when stock is zero",
        null=True,
        blank=True,
        validators=[MaxValueValidator(1_000)],
        help_text="Leave empty to send 0. A number here can sell goods you do not have.",
    )
    direct_upload_limit = models.PositiveIntegerField(
        "Direct calls up to",
        default=30,
        validators=[MaxValueValidator(500)],
        help_text="Up to this many products are sent one by one; above it as files.",
    )
    skus_per_file = models.PositiveIntegerField(
        "SKUs per bulk file", default=5000, help_text="Between 30 and 20,000. Errors are brought to each SKU."
    )
    days_to_return = models.PositiveSmallIntegerField(
        "Days to return", default=30, help_text="Sent with each shipment line that names a return location."
    )
    default_carrier = models.CharField("Usual carrier", max_length=40, blank=True, default="UPS")
    transit_days = models.PositiveSmallIntegerField(
        "Usual transit time in business days",
        default=4,
        help_text="Used to propose the expected delivery date.",
    )
    notification_emails = models.TextField(
        "Notification mail",
        blank=True,
        default="",
        help_text="One address per line. Empty: mail goes to the owner.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant"], name="options_once")]

    def __str__(self) -> str:
        return f"Options of merchant {self.merchant_id}"
