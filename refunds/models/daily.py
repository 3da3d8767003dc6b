"""What each day brought, kept so that a report of last month reads the same next month."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from jetsync.tenancy.managers import TenantModel
from returns.models import money_field


class DailyReport(TenantModel):
    """One day of the merchant's own calendar, in one mode. Money is USD.

    `orders` were placed on the day and not rejected, missed, failed or wholly cancelled; `sales` is what they are worth
    without their cancelled units. `returns` were
    opened on it; `completed_returns` were completed on it and gave back `returned`. `refunds` were made on it, and Jet has
    them and did not reject them.
    """

    account = models.ForeignKey("jetsync.JetAccount", on_delete=models.RESTRICT, related_name="+")
    day = models.DateField()
    orders = models.PositiveIntegerField(default=0)
    sales = money_field()
    returns = models.PositiveIntegerField("returns opened", default=0)
    completed_returns = models.PositiveIntegerField("returns completed", default=0)
    returned = money_field()
    refunds = models.PositiveIntegerField(default=0)
    refunded = money_field()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "account", "day"], name="daily_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"

    @property
    def net(self) -> Decimal:
        """What is left of the sales once what went back on the same day is taken off."""
        return self.sales - self.returned - self.refunded
