"""Every group of checks in one pass over one SKU."""

from __future__ import annotations

from catalog.enums import ProductKind
from catalog.facts import ListingInput
from catalog.kinds import FIX, ONLY
from catalog.listing.attributes import add_attributes
from catalog.listing.category import add_category
from catalog.listing.identity import add_identity
from catalog.listing.images import add_images
from catalog.listing.numbers import add_measures, add_offer, add_prices
from catalog.listing.result import HINT, LEVELS, ListingResult
from catalog.listing.texts import add_bullets, add_small, add_texts

# The order is that of the members in the message and of equally heavy gaps in the checklist.
PARTS = (
    add_texts,
    add_category,
    add_identity,
    add_bullets,
    add_measures,
    add_prices,
    add_small,
    add_attributes,
    add_images,
    add_offer,
)


def build_listing(given: ListingInput) -> ListingResult:
    """Every check runs, so that a merchant sees all that is missing at once, what blocks first."""
    result = ListingResult(sources=given.origins)
    facts = given.facts
    if facts.kind == ProductKind.UNSUPPORTED:
        result.lack(
            "kind",
            "kind",
            ONLY,
            fix=FIX,
        )
    if not facts.is_active:
        result.lack(
            "is_active",
            "active",
            "The product is switched off in the store, so Jet gets quantity 0.",
            level=HINT,
        )
    if not facts.sells_on_jet:
        result.lack(
            "sells_on_jet",
            "off",
            "“Sell on Jet” is off for this SKU.",
            fix="Switch it on to list the SKU.",
        )
    for problem in given.mapped_problems:
        result.take(problem, problem.field, level=HINT)
    for problem in given.family_problems:
        result.take(problem, problem.field)
    for part in PARTS:
        part(given, result)
    result.gaps.sort(key=lambda gap: LEVELS.index(gap.level))
    return result
