"""Settlement reports: what a closed period brought, computed once when it closes."""

from __future__ import annotations

from django.db import models

from jetsync.sandbox.marketplace.words import SettlementState
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.base import Row, hex_id


class SettlementReport(Row):
    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="settlements")
    report_id = models.CharField(max_length=32, unique=True, default=hex_id)
    state = models.CharField(
        max_length=10, choices=SettlementState.choices, default=SettlementState.SUBMITTED
    )
    period_start = models.DateTimeField()
    # Exclusive; shown as the last tick before it.
    period_end = models.DateTimeField()
    order_details = models.JSONField()
    return_details = models.JSONField()
    adjustment = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    unavailable_balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta(Row.Meta):
        ordering = ["period_end", "id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "period_end"], name="sandbox_one_report_per_period"),
        ]

    def __str__(self) -> str:
        return f"{self.period_start:%Y-%m-%d} to {self.period_end:%Y-%m-%d}"

    @property
    def url(self) -> str:
        return f"/settlement/report/{self.report_id}"
