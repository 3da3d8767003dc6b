"""Reads for the alarm of silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncHour

from catalog.enums import VacationState
from catalog.models import Vacation
from jetsync.models import Merchant
from jetsync.queries.settings import account_in_use, get_options
from orders.models import Order
from orders.silence import SHORTEST, Silence, Verdict, judge

# Long enough for every hour of the week eight times, short enough to follow how a store grows.
HISTORY = timedelta(weeks=8)


def silence_of(merchant: Merchant, now: datetime) -> Silence:
    """The verdict for the account in use. One query while orders come; two more when none has for some time.

    UNKNOWN also where silence is wanted: orders are not fetched, or the store is on vacation.
    """
    rows = Order.objects.filter(merchant=merchant, account=account_in_use(merchant), ready_at__lte=now)
    last_at = rows.order_by("-ready_at").values_list("ready_at", flat=True).first()
    if last_at is not None and now - last_at < SHORTEST:
        return Silence(Verdict.LIVELY, last_at)
    if last_at is None or not get_options(merchant).pull_orders or _is_away(merchant):
        return Silence(Verdict.UNKNOWN, last_at)
    hours = (
        rows.filter(ready_at__gte=now - HISTORY).order_by().annotate(hour=TruncHour("ready_at", tzinfo=UTC))
    )
    counts = dict(hours.values("hour").annotate(orders=Count("pk")).values_list("hour", "orders"))
    return judge(counts, last_at=last_at, now=now, zone=merchant.zone)


def _is_away(merchant: Merchant) -> bool:
    return Vacation.objects.filter(merchant=merchant, state=VacationState.ON).exists()
