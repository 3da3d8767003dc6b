"""Days of the merchant's own calendar."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from jetsync.models import Merchant


def last_days(merchant: Merchant, days: int, now: datetime | None = None) -> list[date]:
    """Today and the days before it, oldest first."""
    today = (now or timezone.now()).astimezone(merchant.zone).date()
    return [today - timedelta(days=back) for back in range(days - 1, -1, -1)]


def begin_of(merchant: Merchant, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=merchant.zone)
