"""Reads what a merchant has set up about where values come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from catalog.models import AttributeMapping, FieldMapping, Profile, ValueMapping
from catalog.price_guard import PriceGuard
from catalog.pricing import PriceRules
from catalog.sources import (
    JET_FIELDS,
    SPECIFICS,
    STANDARD_CODES,
    AttributeChoice,
    Choice,
    FieldRule,
    ProfileRules,
    ValueRules,
)
from jetsync.enums import PriceRule, PriceSource
from jetsync.models import Merchant, Options
from jetsync.queries.settings import get_options


def value_rules(merchant: Merchant) -> ValueRules:
    """Profiles, field mappings and attribute mappings of the merchant; four queries."""
    profiles = {row.pk: profile_rules(row) for row in Profile.objects.filter(merchant=merchant)}
    fields = field_rules(FieldMapping.objects.filter(merchant=merchant))
    return ValueRules(profiles, fields, _attributes(merchant))


def field_rules(rows: Iterable[FieldMapping]) -> tuple[FieldRule, ...]:
    """In the order of Jet's fields; those that no release knows any more are left out."""
    known = {row.jet_field: row for row in rows}
    return tuple(
        FieldRule(name, Choice(row.fixed, row.source), row.overrides)
        for name in JET_FIELDS
        if (row := known.get(name)) is not None
    )


def profile_rules(profile: Profile) -> ProfileRules:
    """The stored profile as `catalog.sources.fill` reads it; entries that no release knows any more are left out."""
    return ProfileRules(
        pk=profile.pk,
        name=profile.name,
        sku_as_part_number=profile.sku_as_part_number,
        sku_as_code=profile.sku_as_code if profile.sku_as_code in STANDARD_CODES else "",
        code_type=profile.code_type if profile.code_type in STANDARD_CODES else "",
        code_source=profile.code_source,
        jet_node_id=profile.jet_node_id,
        attributes=tuple(
            AttributeChoice(
                int(item["id"]),
                Choice(str(item.get("value", "")), str(item.get("source", ""))),
                str(item.get("unit", "")),
            )
            for item in profile.attributes
        ),
        specifics={
            name: Choice(str(given.get("value", "")), str(given.get("source", "")))
            for name in SPECIFICS
            if (given := profile.specifics.get(name)) is not None
        },
    )


def price_rules(options: Options) -> PriceRules:
    """The price settings as `catalog.pricing` reads them."""
    return PriceRules(
        rule=PriceRule(options.price_rule),
        amount=options.price_rule_amount or Decimal(0),
        source=PriceSource(options.price_source),
        own_field=options.price_field,
        lowest=options.lowest_price,
    )


def price_guard(merchant: Merchant) -> PriceGuard:
    """What every change of a price is judged by; one query."""
    options = get_options(merchant)
    return PriceGuard(options.price_step_percent, price_rules(options))


def _attributes(merchant: Merchant) -> tuple[AttributeChoice, ...]:
    values: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    rows = ValueMapping.objects.filter(merchant=merchant)
    for mapping_id, store, jet, unit in rows.values_list(
        "mapping_id", "store_value", "jet_value", "jet_unit"
    ):
        values[mapping_id][store] = (jet, unit)
    return tuple(
        AttributeChoice(row.attribute_id, Choice(source=row.source), row.unit, values.get(row.pk, {}))
        for row in AttributeMapping.objects.filter(merchant=merchant).order_by("pk")
    )
