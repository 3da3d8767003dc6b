"""What a run would do to a batch of SKUs: reads, decides, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from catalog.facts import VariantFacts
from catalog.models import Listing
from catalog.pricing import PriceRules
from catalog.queries.listing import load_filled
from catalog.queries.rules import price_rules
from jetsync.models import Merchant
from jetsync.queries.settings import get_options
from repricer.enums import RunKind, Why
from repricer.formula import Decision, Floor, Offers, decide
from repricer.models import SalesData
from repricer.queries.rules import bounds_by_variant
from repricer.queries.runs import OLDEST_FIGURES
from repricer.rules import Bounds


@dataclass(frozen=True)
class Plan:
    """One SKU. `old_price`: what Jet should have now; `old_value`, `new_value`: its repriced price, None = the store's."""

    variant_id: int
    sku: str
    old_price: Decimal
    old_value: Decimal | None
    new_value: Decimal | None
    why: Why
    words: str

    @property
    def is_change(self) -> bool:
        return self.new_value != self.old_value


def plan_batch(
    merchant: Merchant, variant_ids: Sequence[int], *, kind: RunKind, step_percent: int
) -> list[Plan]:
    """A plan for every SKU that has a price for Jet. A constant number of queries."""
    filled = load_filled(merchant, variant_ids)
    rules = price_rules(get_options(merchant))
    bounds = bounds_by_variant(merchant, filled, rules)
    figures = {row.variant_id: row for row in SalesData.objects.filter(merchant=merchant, variant__in=filled)}
    listings = Listing.objects.filter(merchant=merchant, variant__in=filled)
    prices = dict(listings.values_list("variant_id", "price_target"))
    now, plans = timezone.now(), []
    for pk, row in filled.items():
        current = prices.get(pk)
        if current is None:
            continue
        if kind == RunKind.RELEASE:
            plans.append(_released(row.facts, current, Why.RELEASED, "The repricer is off."))
            continue
        found = _decide(row.facts, current, figures.get(pk), bounds[pk], rules, step_percent, now)
        plans.append(_plan(row.facts, current, found))
    return plans


def _plan(facts: VariantFacts, current: Decimal, found: Decision) -> Plan:
    if found.why == Why.NO_BOUNDS:
        return _released(facts, current, found.why, found.words)
    value = facts.repriced_price if found.price is None else found.price
    return Plan(facts.pk, facts.sku, current, facts.repriced_price, value, found.why, found.words)


def _released(facts: VariantFacts, current: Decimal, why: Why, words: str) -> Plan:
    return Plan(facts.pk, facts.sku, current, facts.repriced_price, None, why, words)


def _decide(  # noqa: PLR0917 -- everything that a decision rests on
    facts: VariantFacts,
    current: Decimal,
    figures: SalesData | None,
    bounds: Bounds,
    rules: PriceRules,
    step_percent: int,
    now: datetime,
) -> Decision:
    if bounds.gap:
        return Decision(None, Why.NO_BOUNDS, bounds.gap)
    if figures is None or figures.error or is_stale(figures, now):
        words = (figures.error if figures else "") or "Jet's figures are older than three days."
        return Decision(None, Why.STALE, words)
    offers = Offers(figures.mine, figures.best)
    return decide(current, offers, bounds, step_percent=step_percent, floors=floors_of(facts, rules))


def is_stale(figures: SalesData, now: datetime) -> bool:
    noted = figures.best_noted_at or figures.read_at
    return now - noted > OLDEST_FIGURES


def floors_of(facts: VariantFacts, rules: PriceRules) -> tuple[Floor, ...]:
    """What no price of the SKU goes below, besides its bounds and cost."""
    found = (
        (facts.price_floor, "lowest price for Jet of the SKU"),
        (rules.lowest, "lowest price of the store"),
        (facts.map_price, "MAP price"),
    )
    return tuple(Floor(amount, name) for amount, name in found if amount is not None)
