"""Keeping the days."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from jetsync.actions.mail import post_mail
from jetsync.models import JetAccount, Merchant
from jetsync.tenancy.managers import bulk_create
from refunds.daily.queries import COUNTED, all_daily_reports, count_days, days_between, first_day, today_of
from refunds.models import DailyReport

JOB_KIND = "refunds.daily"
# A day is counted again for a week, because orders are answered and refunds rejected after it; then it stands.
FRESH_DAYS = 7
# So far back a missing day is filled in.
FILLED_DAYS = 90


@transaction.atomic
def keep_days(merchant: Merchant, account: JetAccount) -> list[date]:
    """Counts the last week and every missing day of the last 90. Returns the days that are new, oldest first.

    Twice is harmless: a day has one row, which is counted again or left, and yesterday is mailed when it is new.
    """
    last = today_of(merchant) - timedelta(days=1)
    first = max(last - timedelta(days=FILLED_DAYS - 1), first_day(merchant, account))
    kept = set(all_daily_reports(merchant).filter(day__gte=first).values_list("day", flat=True))
    fresh = last - timedelta(days=FRESH_DAYS - 1)
    wanted = [day for day in days_between(first, last) if day >= fresh or day not in kept]
    if not wanted:
        return []
    counts, now = count_days(merchant, account, wanted[0], last), timezone.now()
    rows = [
        DailyReport(
            merchant=merchant,
            account=account,
            day=day,
            counted_at=now,
            **{name: getattr(counts[day], name) for name in COUNTED},
        )
        for day in wanted
    ]
    bulk_create(
        DailyReport,
        rows,
        update_conflicts=True,
        unique_fields=["merchant", "account", "day"],
        update_fields=[*COUNTED, "counted_at"],
    )
    if last not in kept:  # days that are filled in are no news
        post_mail(merchant, "refunds.daily", about=all_daily_reports(merchant).get(day=last))
    return [day for day in wanted if day not in kept]
