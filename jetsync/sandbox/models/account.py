"""Merchant accounts and what belongs to the server as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models

from jetsync.sandbox.models.base import Row, hex_id

TEST = "test"
LIVE = "live"


class MerchantAccount(Row):
    """One merchant in one mode. Test and live share `merchant_id` and name; keys and all data are separate.

    So a row that points here never has to say for itself which mode it belongs to.
    """

    merchant_id = models.CharField(max_length=32, default=hex_id)
    mode = models.CharField(max_length=4, choices=[(TEST, "Test"), (LIVE, "Live")], default=TEST)
    name = models.CharField(max_length=100)
    user = models.CharField(max_length=100, unique=True)
    secret = models.CharField(max_length=200)
    portal_user_id = models.CharField(max_length=32, default=hex_id)
    # Part of the token signature: raising it makes every token of the account worthless.
    token_generation = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Row.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant_id", "mode"], name="sandbox_account_key")]

    def __str__(self) -> str:
        return f"{self.name} ({self.mode})"

    @property
    def is_test(self) -> bool:
        return self.mode == TEST


class Node(Row):
    """A fulfilment node, made in the partner portal."""

    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="nodes")
    node_id = models.CharField(max_length=32, default=hex_id, unique=True)
    name = models.CharField(max_length=100)
    address1 = models.CharField(max_length=100, default="9 Dock Street")
    address2 = models.CharField(max_length=100, blank=True, default="")
    city = models.CharField(max_length=60, default="Hoboken")
    state = models.CharField(max_length=2, default="NJ")
    zip_code = models.CharField(max_length=10, default="07030")
    time_zone = models.CharField(max_length=60, default="Eastern Standard Time")
    is_daylight_savings_enabled = models.BooleanField(default=True)
    # Names of the methods a shipping exception with `Additional charge` may lean on.
    ship_methods = models.JSONField(default=list)
    service_levels = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} {self.node_id}"


class ReturnLocation(Row):
    """Where returned goods go, made in the partner portal."""

    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="return_locations")
    location_id = models.CharField(max_length=32, default=hex_id, unique=True)
    name = models.CharField(max_length=100)
    address1 = models.CharField(max_length=100, default="9 Dock Street")
    address2 = models.CharField(max_length=100, blank=True, default="")
    city = models.CharField(max_length=60, default="Hoboken")
    state = models.CharField(max_length=2, default="NJ")
    zip_code = models.CharField(max_length=10, default="07030")

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} {self.location_id}"


class SwitchValue(Row):
    """A switch that was moved from its default; no merchant = for all."""

    merchant = models.ForeignKey(
        MerchantAccount, on_delete=models.CASCADE, null=True, related_name="switch_values"
    )
    name = models.CharField(max_length=60)
    value = models.JSONField()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "name"], name="sandbox_switch_key", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}={self.value!r}"


class Clock(Row):
    """The one row that keeps the clock over a restart."""

    offset_seconds = models.FloatField(default=0)
    frozen_at = models.DateTimeField(null=True)

    @classmethod
    def store(cls, offset_seconds: float, frozen_at: datetime | None) -> None:
        cls.objects.update_or_create(
            pk=1, defaults={"offset_seconds": offset_seconds, "frozen_at": frozen_at}
        )

    def __str__(self) -> str:
        return f"{self.offset_seconds:+} s"


class Effect(Row):
    """An act that took effect (`acknowledge`, `ship`, `refund` ...), so that tests can prove there was exactly one.

    Written in the transaction of the act itself, hence it counts lost answers and not refused calls.
    """

    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="effects")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["merchant", "kind", "key"], name="sandbox_effect_idx")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @classmethod
    def note(cls, merchant: MerchantAccount, kind: str, key: str) -> None:
        from jetsync.sandbox.clock import now  # noqa: PLC0415 -- the clock reads models

        cls.objects.create(merchant=merchant, kind=kind, key=key, at=now())


class FaultRule(Row):
    """One line of the fault board."""

    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, null=True, related_name="faults")
    kind = models.CharField(max_length=20)
    path = models.CharField(max_length=300, default=".*")
    method = models.CharField(max_length=10, default="", blank=True)
    rate = models.FloatField(default=1.0)
    # None = until cleared.
    remaining = models.PositiveIntegerField(null=True)
    hits = models.PositiveIntegerField(default=0)
    # kind-specific: `seconds`, `status`, `retry_after`.
    options = models.JSONField(default=dict)

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.method} {self.path}"

    def option(self, name: str, default: Any) -> Any:
        return self.options.get(name, default)
