"""When each merchant's regular work is due. A stored due time makes "late" a query."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from jetsync.tenancy.managers import TenantModel


class Schedule(TenantModel):
    kind = models.CharField(max_length=60)
    interval_seconds = models.PositiveIntegerField()
    # What the merchant has chosen; empty = the usual interval of this version.
    chosen_seconds = models.PositiveIntegerField(null=True)
    # Which signed address starts it from outside; 0 = none was asked for.
    address_version = models.PositiveIntegerField(default=0)
    next_due_at = models.DateTimeField()
    is_paused = models.BooleanField(default=False)
    last_started_at = models.DateTimeField(null=True)
    last_finished_at = models.DateTimeField(null=True)
    last_duration_ms = models.PositiveIntegerField(null=True)
    last_ok = models.BooleanField(null=True)
    last_message = models.CharField(max_length=500, blank=True, default="")
    # Since when the merchant knows that it is late; empty again when it runs in time.
    late_noted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "kind"], name="schedule_once")]
        indexes = [models.Index(fields=["next_due_at"], name="schedule_due")]

    def __str__(self) -> str:
        return self.kind

    def is_late(self, now: datetime) -> bool:
        """Late = a whole interval past its due time, that is more than twice the interval since the last run."""
        return not self.is_paused and self.next_due_at + timedelta(seconds=self.interval_seconds) < now
