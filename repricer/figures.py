"""What Jet tells of a SKU's offers, as plain numbers. Pure: no database, no call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from jetsync.jet.types.products import Offer, SalesData

TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)
NO_DATA = "No sales data available for this product"
IS_BEST = "Yours is the best offer."
NO_OFFER = "Jet shows no offer of yours: look at its stock and status."


class Price(NamedTuple):
    """One offer in USD: what the shopper pays for the item and for shipping, and when Jet noted it."""

    item: Decimal
    shipping: Decimal
    noted_at: datetime | None = None

    @property
    def landed(self) -> Decimal:
        return self.item + self.shipping


@dataclass(frozen=True)
class Figures:
    """`mine` and `best` are None where Jet shows no such offer; `rank` and `units_sold` (30 days) where it has none."""

    mine: Price | None = None
    best: Price | None = None
    rank: int | None = None
    units_sold: int | None = None


def read_figures(data: SalesData | None) -> Figures | None:
    """Of several offers the cheapest counts. None when Jet has nothing to show."""
    if data is None:
        return None
    mine, best = _cheapest(data.my_best_offer), _cheapest(data.best_marketplace_offer)
    if mine is None and best is None:
        return None
    rank = data.sales_rank.level_0 if data.sales_rank else None
    return Figures(mine, best, rank, data.units_sold.last_30_days if data.units_sold else None)


def _cheapest(offers: Sequence[Offer]) -> Price | None:
    found = [
        Price(offer.item_price, offer.shipping_price or Decimal(0), offer.last_update)
        for offer in offers
        if offer.item_price is not None and offer.item_price > 0
    ]
    return min(found, key=lambda price: price.landed, default=None)


def gap_percent(mine: Decimal | None, best: Decimal | None) -> Decimal | None:
    """By how much of the best landed price ours is dearer; below 0 where it is cheaper."""
    if mine is None or not best:
        return None
    return ((mine - best) * _HUNDRED / best).quantize(TENTH, ROUND_HALF_UP)


def advice(mine: Price | None, best: Price | None) -> str:
    """What to do about the gap, in a sentence (features SAL-05)."""
    if mine is None and best is None:
        return NO_DATA
    if mine is None:
        return NO_OFFER
    if best is None or mine.landed <= best.landed:
        return IS_BEST
    equal = best.landed - mine.shipping
    if equal <= 0:
        return "Your shipping price alone is above the best offer."
    return f"Lower to ${equal:,.2f} to be equal."
