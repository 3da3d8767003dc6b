"""What “Take theirs” makes of Jet's prices: the store's price from which the price rule comes out at exactly that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from catalog.models import Listing
from catalog.models.listing import DRIFTS
from catalog.price_guard import Slip
from catalog.pricing import Solved, solve_price
from catalog.queries.drift import PRICE
from catalog.queries.listing import load_filled
from catalog.queries.rules import price_guard
from jetsync.models import Merchant


@dataclass(frozen=True)
class TakenPrice:
    """`theirs` at Jet, `old` in the store now. `slip` is to be confirmed; `solved` may have no price."""

    sku: str
    theirs: Decimal
    old: Decimal | None
    solved: Solved
    slip: Slip | None

    @property
    def reason(self) -> str:
        """Why the price stays as it is unless somebody confirms it, or at all; empty when it is taken."""
        if self.solved.price is None:
            return self.solved.reason
        return self.slip.reason if self.slip else ""


def taken_prices(merchant: Merchant, theirs: Mapping[int, Decimal]) -> dict[int, TakenPrice]:
    """Variant pk -> what its price would become. Reads only; constant queries, none when nothing is asked."""
    if not theirs:
        return {}
    guard, now = price_guard(merchant), timezone.now()
    found = {}
    for pk, filled in load_filled(merchant, list(theirs)).items():
        facts, price = filled.facts, theirs[pk]
        solved = solve_price(price, facts, guard.rules, now)
        old = facts.special_price if solved.field == "special_price" else facts.price
        slip = guard.slip(facts.sku, old, solved.price, facts, field=solved.field)
        found[pk] = TakenPrice(facts.sku, price, old, solved, slip)
    return found


def prices_to_take(merchant: Merchant, listing_ids: list[int]) -> list[TakenPrice]:
    """Those of these listings whose price drifts, by SKU."""
    rows = Listing.objects.filter(DRIFTS[PRICE], merchant=merchant, pk__in=listing_ids, drifts=True)
    theirs = {pk: price for pk, price in rows.values_list("variant_id", "price_live") if price is not None}
    return sorted(taken_prices(merchant, theirs).values(), key=lambda price: price.sku)
