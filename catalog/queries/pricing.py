"""What a change of the price rules would do, before it is saved; and the price of one SKU from store to Jet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from heapq import nlargest

from django.utils import timezone

from catalog.bulk import batches
from catalog.facts import VariantFacts
from catalog.models import Listing, NodeStock, Variant
from catalog.price_guard import Asked, Slip, mark_of
from catalog.pricing import CENT, NO_RULES, JetPrice, PriceRules, is_special, jet_price
from catalog.queries.listing import load_filled
from catalog.queries.rules import price_rules
from jetsync.models import FulfillmentNode, Merchant, Options
from jetsync.queries.settings import current_nodes, get_options

# SKUs that a preview computes: about a second of work. A larger catalogue is judged by these.
COUNTED = 5_000
BATCH = 1_000
EXAMPLES = 3
# Large steps that the second look names.
SHOWN_STEPS = 20


@dataclass(frozen=True)
class PriceStep:
    """One SKU: `old` is what Jet should have now, `found` what it should have by the new rules."""

    pk: int
    sku: str
    title: str
    old: Decimal | None
    found: JetPrice
    floor: Decimal | None

    @property
    def new(self) -> Decimal | None:
        return self.found.price

    @property
    def share(self) -> Decimal:
        """By how much of the old price it moves; 0 where one of the two is missing."""
        if not self.old or self.new is None:
            return Decimal(0)
        return (self.new - self.old) / self.old

    @property
    def percent(self) -> str:
        return f"{self.share * 100:+.1f}%"

    @property
    def words(self) -> str:
        return f"{self.sku}: {self.old:,.2f} → {self.new:,.2f}, {self.percent}"


@dataclass
class PricePreview:
    """`total` SKUs of the merchant, of which `counted` were computed. A step over `percent` is a large one."""

    percent: int = 20
    rules: PriceRules = NO_RULES
    total: int = 0
    counted: int = 0
    up: int = 0
    down: int = 0
    without: int = 0
    floored: int = 0
    examples: list[PriceStep] = field(default_factory=list)
    large_steps: list[PriceStep] = field(default_factory=list)
    largest: PriceStep | None = None

    @property
    def same(self) -> int:
        return self.counted - self.up - self.down - self.without

    @property
    def large(self) -> int:
        return len(self.large_steps)

    @property
    def is_partial(self) -> bool:
        """SKUs that were not computed may move by anything."""
        return self.counted < self.total

    @property
    def needs_confirmation(self) -> bool:
        """Any SKU would move by more than the percentage, or some were not computed."""
        return bool(self.large_steps) or self.is_partial

    @property
    def biggest(self) -> list[PriceStep]:
        return nlargest(SHOWN_STEPS, self.large_steps, key=lambda step: abs(step.share))

    def asked(self) -> Asked:
        """The tick, which counts for just these rules and large steps."""
        slips = [Slip(step.sku, "price", step.old, step.new or Decimal(0), "") for step in self.large_steps]
        mark = hashlib.sha256(f"{self.rules!r}{mark_of(slips)}".encode()).hexdigest()[:32]
        reasons = [step.words for step in self.biggest]
        if self.large > SHOWN_STEPS:
            reasons.append(f"and {self.large - SHOWN_STEPS:,} more")
        if self.is_partial:
            reasons.append(
                f"{self.total - self.counted:,} of {self.total:,} SKUs were not computed; they may move as far."
            )
            return Asked(mark, f"Yes, change the prices of all {self.total:,} SKUs", tuple(reasons))
        words = "Yes, change this price" if self.large == 1 else f"Yes, change these {self.large:,} prices"
        return Asked(mark, words, tuple(reasons))

    def take(self, step: PriceStep) -> None:
        self.counted += 1
        if step.new is None:
            self.without += 1
            return
        if len(self.examples) < EXAMPLES:
            self.examples.append(step)
        self.floored += any("floor" in word for word in step.found.steps)
        if step.old is None or step.new == step.old:
            return
        if step.new > step.old:
            self.up += 1
        else:
            self.down += 1
        if abs(step.share) * 100 > self.percent:
            self.large_steps.append(step)
        if self.largest is None or abs(step.share) > abs(self.largest.share):
            self.largest = step


def price_preview(
    merchant: Merchant, rules: PriceRules, now: datetime | None = None, *, percent: int
) -> PricePreview:
    """Computes the first `COUNTED` SKUs by these rules. Reads only."""
    rows = Variant.objects.filter(merchant=merchant)
    preview = PricePreview(percent, rules, total=rows.count())
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:COUNTED])
    for step in _steps(merchant, ids, rules, now or timezone.now()):
        preview.take(step)
    return preview


def _steps(merchant: Merchant, ids: list[int], rules: PriceRules, now: datetime) -> Iterator[PriceStep]:
    for batch in batches(ids, BATCH):
        listings = Listing.objects.filter(merchant=merchant, variant__in=batch)
        old = dict(listings.values_list("variant_id", "price_target"))
        for pk, filled in load_filled(merchant, batch).items():
            facts = filled.facts
            yield PriceStep(
                pk,
                facts.sku,
                facts.own_title or facts.product_title,
                old.get(pk),
                jet_price(facts, rules, now),
                floor_of(facts, rules),
            )


def floor_of(facts: VariantFacts, rules: PriceRules) -> Decimal | None:
    """The higher of the SKU's own floor and the merchant's; None when neither is set."""
    floors = [floor for floor in (facts.price_floor, rules.lowest) if floor is not None]
    return max(floors).quantize(CENT) if floors else None


@dataclass(frozen=True)
class NodePrice:
    node: FulfillmentNode
    store: Decimal
    target: Decimal | None
    sent: Decimal | None


@dataclass(frozen=True)
class PriceCard:
    """Every station of a SKU's price. `special_state`: "", waiting, active or over."""

    facts: VariantFacts
    rules: PriceRules
    found: JetPrice
    floor: Decimal | None
    special_state: str
    nodes: list[NodePrice]
    sends_special: bool


def price_card(merchant: Merchant, variant: Variant) -> PriceCard:
    options: Options = get_options(merchant)
    rules, now = price_rules(options), timezone.now()
    facts = load_filled(merchant, [variant.pk])[variant.pk].facts
    rows = NodeStock.objects.filter(
        merchant=merchant, variant=variant, node__in=current_nodes(merchant), price__isnull=False
    )
    nodes = [
        NodePrice(row.node, row.price, row.price_target, row.price_sent)
        for row in rows.select_related("node")
        if row.price is not None
    ]
    return PriceCard(
        facts,
        rules,
        jet_price(facts, rules, now),
        floor_of(facts, rules),
        _special_state(facts, now),
        nodes,
        options.price_source == "special",
    )


def _special_state(facts: VariantFacts, now: datetime) -> str:
    if facts.special_price is None:
        return ""
    if is_special(facts, now):
        return "active"
    return "waiting" if facts.special_from and facts.special_from > now else "over"
