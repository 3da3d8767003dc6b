"""Two weeks of other sellers' offers and bounds for some goods, so that charts and simulator have something to show."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from jetsync.enums import OPEN_JOB_STATES
from jetsync.models import Job, Merchant
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.managers import bulk_create
from repricer.actions.offers import FETCH, fetch_now
from repricer.actions.rules_file import set_by_percent
from repricer.models import OfferReading, SalesData
from repricer.queries.offers import for_sale

DAYS, A_DAY = 14, 3
# Every so manieth good gets bounds.
BOUNDED = 2
OTHERS_SHIPPING = (Decimal("0.00"), Decimal("4.95"), Decimal("5.95"))
CENT = Decimal("0.01")


def ask_for_figures(merchant: Merchant) -> bool:
    """True once Jet has told the figures of all that is for sale; asks for them where nobody is asking."""
    known = SalesData.objects.filter(merchant=merchant)
    if not for_sale(merchant).exclude(variant__in=known.values("variant")).exists():
        return True
    if not Job.objects.filter(merchant=merchant, kind=FETCH, state__in=OPEN_JOB_STATES).exists():
        fetch_now(merchant, actor=SYSTEM)
    return False


def add_past(merchant: Merchant) -> int:
    """Readings of the two weeks before those of today, and bounds for every second SKU. Once; returns how many SKUs."""
    latest = SalesData.objects.filter(merchant=merchant, my_price__isnull=False).order_by("variant__sku")
    if OfferReading.objects.filter(merchant=merchant).count() > latest.count():
        return 0
    goods = list(latest.select_related("variant"))
    bulk_create(OfferReading, [reading for row in goods for reading in _past(row)], batch_size=500)
    chosen = [row.variant_id for row in goods[::BOUNDED]]
    if chosen:
        bid = Decimal("0.25")
        set_by_percent(merchant, chosen, below=Decimal(12), above=Decimal(8), bid=bid, actor=SYSTEM)
    return len(goods)


def _past(row: SalesData) -> Iterator[OfferReading]:
    """Another seller who moves every other look, around our price; ours is the best where nobody is cheaper."""
    mine = row.mine
    if mine is None:
        return
    for number in range(DAYS * A_DAY, 0, -1):
        dice = random.Random(f"{row.variant.sku}:{number // 2}")
        shipping = dice.choice(OTHERS_SHIPPING)
        landed = mine.landed * Decimal(str(round(dice.uniform(0.91, 1.06), 4)))
        item = max(CENT, (landed - shipping).quantize(CENT))
        best = (item, shipping) if item + shipping < mine.landed else (mine.item, mine.shipping)
        yield OfferReading(
            merchant_id=row.merchant_id,
            variant=row.variant,
            at=row.read_at - timedelta(hours=24 / A_DAY * number),
            my_price=mine.item,
            my_shipping=mine.shipping,
            best_price=best[0],
            best_shipping=best[1],
        )
