"""What the simulator replays: bounds as they are now, offers as they were."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.utils import timezone

from catalog.bulk import batches
from catalog.models import Variant
from catalog.queries.listing import load_filled
from catalog.queries.rules import price_rules
from jetsync.models import Merchant
from jetsync.queries.schedules import schedule_named
from jetsync.queries.settings import get_options
from repricer.formula import Offers
from repricer.models import OfferReading
from repricer.planning import floors_of
from repricer.queries.offers import STOCK_SYNC, for_sale
from repricer.queries.rules import BY_PROFILE, SOME, bounds_by_variant
from repricer.simulation import Limits, Past, Simulation, Subject, replay

SPAN = timedelta(days=14)
# SKUs that one page replays: about a second of work. A larger catalogue is judged by these.
MOST_SKUS = 500
BATCH = 250
USUAL_INTERVAL = timedelta(hours=8)
# No more refreshes than this are replayed, whatever the interval of the stock sync.
MOST_REFRESHES = 60


def simulate(merchant: Merchant, limits: Limits, now: datetime | None = None) -> tuple[Simulation, int]:
    """`(simulation, how many SKUs could be replayed)`: of those the first 500. Reads only."""
    end = now or timezone.now()
    chosen = Variant.objects.filter(SOME | BY_PROFILE, merchant=merchant)
    chosen = chosen.filter(listing__in=for_sale(merchant).values("pk")).distinct()
    ids = list(chosen.order_by("pk").values_list("pk", flat=True)[:MOST_SKUS])
    subjects = [subject for batch in batches(ids, BATCH) for subject in _subjects(merchant, batch, end)]
    return replay(subjects, _moments(merchant, end), limits), chosen.count()


def _subjects(merchant: Merchant, ids: list[int], end: datetime) -> list[Subject]:
    filled = load_filled(merchant, ids)
    rules = price_rules(get_options(merchant))
    bounds = bounds_by_variant(merchant, filled, rules)
    past: dict[int, list[Past]] = defaultdict(list)
    rows = OfferReading.objects.filter(merchant=merchant, variant__in=ids, at__gte=end - SPAN, at__lte=end)
    for row in rows.order_by("variant_id", "at"):
        past[row.variant_id].append(Past(row.at, Offers(row.mine, row.best)))
    return [
        Subject(pk, row.facts.sku, bounds[pk], past[pk], floors_of(row.facts, rules))
        for pk, row in filled.items()
        if pk in past and not bounds[pk].gap
    ]


def _moments(merchant: Merchant, end: datetime) -> list[datetime]:
    """When the stock sync would have run."""
    schedule = schedule_named(merchant, STOCK_SYNC)
    interval = timedelta(seconds=schedule.interval_seconds) if schedule else USUAL_INTERVAL
    interval = max(interval, SPAN / MOST_REFRESHES)
    count = int(SPAN / interval)
    return [end - interval * number for number in range(count, -1, -1)]
