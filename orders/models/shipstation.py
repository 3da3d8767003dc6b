"""One merchant's connection with ShipStation: settings, what it reported, its carriers, and its calls."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from jetsync.tenancy.managers import TenantModel
from orders.shipstation.words import CallAction, NoticeState, ShippedStatus, StatusWord, default_export


class ShipStationConnection(TenantModel):
    """`key_hash` is the SHA-256 of the key, empty before the first one was made; the key itself is kept nowhere.

    `words`: the merchant's own word by status, those left out are ours. `export_cursor`: where the next page of the
    window asked for last begins (see `orders.shipstation.paging`).
    """

    user_name = models.CharField(max_length=80, blank=True, default="")
    key_hash = models.CharField(max_length=64, blank=True, default="")
    key_hint = models.CharField(max_length=12, blank=True, default="")
    key_made_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=False)
    export_statuses = ArrayField(
        models.CharField(max_length=16, choices=StatusWord.choices), default=default_export
    )
    shipped_status = models.CharField(
        max_length=12, choices=ShippedStatus.choices, default=ShippedStatus.COMPLETE
    )
    keeps_log = models.BooleanField(default=True)
    words = models.JSONField(default=dict, blank=True)
    export_cursor = models.JSONField(default=dict, blank=True)
    last_export_at = models.DateTimeField(null=True)
    last_notice_at = models.DateTimeField(null=True)
    last_error_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant"], name="shipstation_once")]

    def __str__(self) -> str:
        return "ShipStation"

    @property
    def has_key(self) -> bool:
        return bool(self.key_hash)

    def word_for(self, status: str) -> str:
        """The word that is exported for one of our statuses."""
        return str(self.words.get(status) or status)


class ShipStationNotice(TenantModel):
    """A parcel as ShipStation reported it. `key` tells it from others of its order, so that a repetition is known.

    `items`: list of {"line_item_id", "sku", "quantity"}; empty means everything that was open. `jet_carrier` is the
    carrier a person chose, empty for the one of the table.
    """

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="shipstation_notices")
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=NoticeState.choices, default=NoticeState.WAITING)
    carrier = models.CharField(max_length=50, blank=True, default="")
    service = models.CharField(max_length=100, blank=True, default="")
    tracking_number = models.CharField(max_length=100, blank=True, default="")
    jet_carrier = models.CharField(max_length=80, blank=True, default="")
    ship_date = models.DateField(null=True)
    label_at = models.DateTimeField(null=True)
    items = models.JSONField(default=list)
    shipment = models.ForeignKey("orders.Shipment", on_delete=models.SET_NULL, null=True, related_name="+")
    times_seen = models.PositiveIntegerField(default=1)
    message = models.CharField(max_length=500, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "order", "key"], name="shipstation_notice_once")
        ]
        indexes = [models.Index(fields=["merchant", "state", "-id"], name="shipstation_notice_state")]

    def __str__(self) -> str:
        return self.tracking_number or f"notice {self.pk}"


class ShipStationCarrier(TenantModel):
    """One line of the translation: a carrier of ShipStation, or a word in the name of a service, to Jet's carrier.

    `key` is the pair as it is compared (`orders.shipstation.carriers.rule_key`). `is_open`: met in a report and not
    decided by anybody yet, so it goes to Jet as "Other".
    """

    carrier = models.CharField(max_length=50, blank=True, default="")
    service = models.CharField(max_length=50, blank=True, default="")
    key = models.CharField(max_length=110)
    jet_carrier = models.CharField(max_length=80)
    is_open = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-is_open", "key")
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="shipstation_carrier_once")]

    def __str__(self) -> str:
        return " ".join(part for part in (self.carrier, self.service) if part)


class ShipStationCall(TenantModel):
    """One call of ShipStation while logging is on; kept for a while. Never holds credentials or the query."""

    action = models.CharField(max_length=12, choices=CallAction.choices)
    status = models.PositiveSmallIntegerField()
    orders = models.PositiveIntegerField(default=0)
    duration_ms = models.PositiveIntegerField(default=0)
    about = models.CharField(max_length=200, blank=True, default="")
    message = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "-id"], name="shipstation_call_recent"),
            models.Index(fields=["created_at"], name="shipstation_call_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.status}"

    @property
    def is_ok(self) -> bool:
        return self.status < 400  # noqa: PLR2004 -- HTTP
