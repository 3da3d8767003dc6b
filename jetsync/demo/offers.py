"""Two weeks of other sellers' offers and bounds for some goods, so that charts and simulator have something to show."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from catalog.enums import ListingStatus
from catalog.models import Listing
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from repricer.actions.offers import fetch_now, store_figures
from repricer.actions.rules_file import set_by_percent
from repricer.figures import Figures, Price
from repricer.models import OfferReading

DAYS, A_DAY = 14, 3
# Every so manieth good gets bounds.
BOUNDED = 2
SHIPPING = (Decimal("0.00"), Decimal("4.95"), Decimal("5.95"))
CENT = Decimal("0.01")


def add_offers(merchant: Merchant) -> int:
    """Readings of the last two weeks for what Jet sells, bounds for every second SKU, and a look at Jet. Once."""
    if OfferReading.objects.filter(merchant=merchant).exists():
        return 0
    rows = Listing.objects.filter(
        merchant=merchant, status=ListingStatus.AVAILABLE, price_target__isnull=False
    )
    goods = list(rows.order_by("variant__sku").values_list("variant_id", "variant__sku", "price_target"))
    now = timezone.now()
    for number in range(DAYS * A_DAY, 0, -1):
        at = now - timedelta(hours=24 / A_DAY * number)
        store_figures(
            merchant, {pk: _figures(sku, price, at, number) for pk, sku, price in goods if price}, now=at
        )
    chosen = [pk for pk, _sku, _price in goods[::BOUNDED]]
    if chosen:
        bid = Decimal("0.25")
        set_by_percent(merchant, chosen, below=Decimal(12), above=Decimal(8), bid=bid, actor=SYSTEM)
        fetch_now(merchant, actor=SYSTEM)
    return len(goods)


def _figures(sku: str, price: Decimal, at: datetime, number: int) -> Figures:
    """Another seller who moves every other look, around the price of the SKU; ours counts where nobody is cheaper."""
    own = random.Random(sku)
    dice = random.Random(f"{sku}:{number // 2}")
    shipping, others = own.choice(SHIPPING), dice.choice(SHIPPING)
    mine = Price(price, shipping, at)
    landed = mine.landed * Decimal(str(round(dice.uniform(0.91, 1.06), 4)))
    other = Price(max(CENT, (landed - others).quantize(CENT)), others, at)
    return Figures(mine, min(mine, other, key=lambda offer: offer.landed))
