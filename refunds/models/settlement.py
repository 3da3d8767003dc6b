"""What Jet pays for a period, as its settlement report says it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.utils import timezone

from jetsync.tenancy.managers import TenantModel
from refunds.enums import SettlementSide, SettlementState


def balance_field(label: str = "") -> models.DecimalField[Decimal | None, Decimal | None]:
    """USD; null when Jet named none, or nothing that is an amount."""
    return models.DecimalField(label or None, max_digits=14, decimal_places=2, null=True)


class SettlementReport(TenantModel):
    """One report. `state` is ours beside Jet's own word.

    `problems` says in sentences what of the last answer could not be read; that answer stands in `unread`, and the
    amounts, the lines and `raw` stay those of the last one that could be read.

    `difference` is Jet's minus ours over the `differing` compared lines, worked out when the report was last read.
    """

    account = models.ForeignKey("jetsync.JetAccount", on_delete=models.RESTRICT, related_name="+")
    report_id = models.CharField("report id at Jet", max_length=100)
    state = models.CharField(max_length=10, choices=SettlementState.choices, default=SettlementState.UNKNOWN)
    jet_state = models.CharField(max_length=60, blank=True, default="")
    currency = models.CharField(max_length=40, blank=True, default="")
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    order_balance = balance_field()
    return_balance = balance_field()
    jet_adjustment = balance_field()
    settlement_value = balance_field()
    unavailable_balance = balance_field()
    difference = balance_field()
    differing = models.PositiveSmallIntegerField("lines that differ", default=0)

    problems = models.JSONField(default=list)
    raw = models.JSONField(null=True)
    unread = models.JSONField(null=True)
    state_at = models.DateTimeField("state known since", null=True)
    seen_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "report_id"], name="settlement_once")]
        indexes = [
            models.Index(fields=["merchant", "account", "-period_end", "-id"], name="settlement_recent")
        ]

    def __str__(self) -> str:
        return self.report_id

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """First and last moment; None when Jet named no readable period."""
        if self.period_start is None or self.period_end is None:
            return None
        return self.period_start, self.period_end

    @property
    def has_amounts(self) -> bool:
        return self.settlement_value is not None


class SettlementLine(TenantModel):
    """One named amount of a report, also one that jetsync knows no words for. USD, signed as Jet signs it."""

    report = models.ForeignKey(SettlementReport, on_delete=models.CASCADE, related_name="lines")
    side = models.CharField(max_length=6, choices=SettlementSide.choices)
    name = models.CharField("Jet's name", max_length=80)
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "report", "side", "name"], name="settlement_line_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
