"""Special prices begin and end by the clock: no one saves anything then, so a schedule looks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.actions.deltas import push_deltas
from catalog.actions.targets import BATCH, refresh_targets
from catalog.models import Variant
from jetsync.enums import Queue
from jetsync.models import Merchant, Schedule
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right

SPECIAL_PRICES = "catalog.special_prices"
# A run notes its end, and what began while it worked belongs to the next one.
OVERLAP = timedelta(hours=1)
# After a run that failed, or none at all. Recomputing a SKU once more changes nothing.
LOOK_BACK = timedelta(days=7)


def crossed(merchant: Merchant, since: datetime, until: datetime) -> QuerySet[Variant]:
    """SKUs whose special price began or ended in this time; two partial indexes."""
    rows = Variant.objects.filter(merchant=merchant, special_price__isnull=False)
    begun = Q(special_from__gt=since, special_from__lte=until)
    return rows.filter(begun | Q(special_to__gt=since, special_to__lte=until)).order_by("pk")


def _since(schedule: Schedule | None, now: datetime) -> datetime:
    if schedule is None or not schedule.last_ok or schedule.last_finished_at is None:
        return now - LOOK_BACK
    return schedule.last_finished_at - OVERLAP


@handler(
    SPECIAL_PRICES,
    label="Begin and end special prices",
    right=Right.PRODUCTS_EDIT,
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
)
def follow_the_clock(context: JobContext) -> None:
    """Recomputes what crossed a date since the last run; changed prices are sent. Safe to repeat."""
    merchant, now = context.merchant, timezone.now()
    rows = crossed(merchant, _since(context.job.schedule, now), now)
    last, changed = 0, 0
    while ids := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        context.heartbeat()
        changed += refresh_targets(merchant, ids, push=False)
        last = ids[-1]
    if changed:
        push_deltas(merchant)
    context.note(f"{changed:,} prices began or ended.")


add_schedule(
    ScheduleKind(
        "catalog.special_prices",
        "Special prices",
        timedelta(minutes=15),
        SPECIAL_PRICES,
        "Special prices begin and end by the clock; what changes is sent at once.",
    )
)
