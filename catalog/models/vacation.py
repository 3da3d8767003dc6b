"""A time in which the merchant sells nothing at Jet."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.enums import OPEN_VACATIONS, VacationState
from jetsync.models import Operation
from jetsync.tenancy.managers import TenantModel
from jetsync.wording import day_text


class Vacation(TenantModel):
    """`planned -> on -> over`, or `planned -> cancelled`; one of a merchant is open at a time.

    `listing_ids` are those that it has archived: what was archived before is not among them, so it stays archived
    afterwards. `ends_at` empty = until somebody ends it.
    """

    state = models.CharField(max_length=9, choices=VacationState.choices, default=VacationState.PLANNED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    listing_ids = ArrayField(models.BigIntegerField(), default=list)
    leaving = models.ForeignKey(Operation, null=True, on_delete=models.SET_NULL, related_name="+")
    returning = models.ForeignKey(Operation, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(state__in=OPEN_VACATIONS), name="vacation_one_open"
            )
        ]
        indexes = [models.Index(fields=["merchant", "-id"], name="vacation_recent")]

    def __str__(self) -> str:
        zone = self.merchant.zone
        day = self.starts_at.astimezone(zone).date()
        return f"Vacation from {day_text(day, timezone.localdate(timezone=zone))}"

    @property
    def began_at(self) -> datetime:
        """The moment in which it really began; of a plan that in which it is to begin."""
        return self.started_at or self.starts_at

    @property
    def began_late(self) -> bool:
        return self.began_at - self.starts_at >= timedelta(minutes=1)
