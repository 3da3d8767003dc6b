"""How the offers of a SKU moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from catalog.models import Variant
from jetsync.models import Merchant
from repricer.figures import gap_percent
from repricer.models import OfferReading, RepriceChange

CHARTED = timedelta(days=90)
# Points that a chart of this width can show, and rows that a person reads.
MOST_POINTS, MOST_ROWS, MOST_CHANGES = 500, 30, 20


@dataclass(frozen=True)
class Reading:
    """Landed prices in USD."""

    at: datetime
    mine: Decimal | None
    best: Decimal | None

    @property
    def gap(self) -> Decimal | None:
        return None if self.mine is None or self.best is None else self.mine - self.best

    @property
    def percent(self) -> Decimal | None:
        return gap_percent(self.mine, self.best)


def readings_of(merchant: Merchant, variant: Variant) -> list[Reading]:
    """Of the last 90 days, oldest first; the newest 500 of them."""
    rows = OfferReading.objects.filter(merchant=merchant, variant=variant, at__gte=timezone.now() - CHARTED)
    found = [
        Reading(row.at, row.mine.landed if row.mine else None, row.best.landed if row.best else None)
        for row in rows.order_by("-at")[:MOST_POINTS]
    ]
    return found[::-1]


def changes_of_variant(merchant: Merchant, variant: Variant) -> list[RepriceChange]:
    rows = RepriceChange.objects.filter(merchant=merchant, variant=variant)
    return list(rows.order_by("-pk")[:MOST_CHANGES])
