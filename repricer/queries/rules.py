"""Reads of what the repricer may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.models import Product, Profile, Variant
from catalog.pricing import PriceRules, jet_price
from catalog.queries.listing import load_filled
from catalog.queries.product import all_variants
from catalog.queries.rules import price_rules
from catalog.sources import Filled
from jetsync.models import Merchant
from jetsync.queries.settings import get_options
from repricer.models import ProfileRule, RepriceRule
from repricer.rules import NO_PROFILE, Bounds, ProfileValues, RuleValues, bounds_of

# A SKU's own bounds are enough on their own.
COMPLETE = Q(
    reprice_rule__min_price__isnull=False,
    reprice_rule__max_price__isnull=False,
    reprice_rule__bid__isnull=False,
)
SOME = Q(reprice_rule__isnull=False)
BY_PROFILE = Q(product__profile__reprice_rule__isnull=False)


def variants_with_rules(merchant: Merchant) -> QuerySet[Variant]:
    """All SKUs with their own bounds and those of their profile; one query."""
    return all_variants(merchant).select_related("reprice_rule", "product__profile__reprice_rule")


def counted_parts(merchant: Merchant) -> dict[str, QuerySet[Any]]:
    """As many rows as SKUs have all bounds, some of them, and bounds of their profile; a table each."""
    own = RepriceRule.objects.filter(merchant=merchant)
    complete = Q(min_price__isnull=False, max_price__isnull=False, bid__isnull=False)
    profiles = ProfileRule.objects.filter(merchant=merchant).values("profile")
    shared = Product.objects.filter(merchant=merchant, profile__in=profiles)
    return {
        "complete": own.filter(complete),
        "partial": own.exclude(complete),
        "profile": Variant.objects.filter(merchant=merchant, product__in=shared.values("pk")),
    }


def own_values(variant: Variant) -> RuleValues:
    row: RepriceRule | None = getattr(variant, "reprice_rule", None)
    return row.values if row else RuleValues()


def profile_values(variant: Variant) -> ProfileValues:
    profile = variant.product.profile
    row: ProfileRule | None = getattr(profile, "reprice_rule", None) if profile else None
    return row.values if row else NO_PROFILE


def profiles_with_rules(merchant: Merchant) -> QuerySet[Profile]:
    return Profile.objects.filter(merchant=merchant).select_related("reprice_rule").order_by("name")


def load_bounds(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, Bounds]:
    """Variant pk -> the bounds in force; a constant number of queries."""
    filled = load_filled(merchant, variant_ids)
    return bounds_by_variant(merchant, filled, price_rules(get_options(merchant)))


def bounds_by_variant(
    merchant: Merchant, filled: Mapping[int, Filled], rules: PriceRules
) -> dict[int, Bounds]:
    """As `load_bounds`, of facts that are loaded already: two queries."""
    own = {
        row.variant_id: row.values
        for row in RepriceRule.objects.filter(merchant=merchant, variant__in=list(filled))
    }
    profile_ids = {row.facts.profile_id for row in filled.values()} - {None}
    shared = {
        row.profile_id: row.values
        for row in ProfileRule.objects.filter(merchant=merchant, profile__in=profile_ids)
    }
    return {
        pk: bounds_of(
            own.get(pk, RuleValues()),
            shared.get(row.facts.profile_id or 0, NO_PROFILE),
            store_price(row, rules),
        )
        for pk, row in filled.items()
    }


def store_price(row: Filled, rules: PriceRules) -> Decimal | None:
    """What Jet would be paid without the repricer."""
    return jet_price(row.facts, rules, timezone.now()).price


def store_prices(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, Decimal | None]:
    rules = price_rules(get_options(merchant))
    return {pk: store_price(row, rules) for pk, row in load_filled(merchant, variant_ids).items()}
