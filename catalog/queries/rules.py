"""Reads what a merchant has set up about where values come from."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from catalog.models import AttributeMapping, FieldMapping, Profile, ValueMapping
from catalog.pricing import PriceRules
from catalog.sources import (
    JET_FIELDS,
    SPECIFICS,
    AttributeChoice,
    Choice,
    FieldRule,
    ProfileRules,
    ValueRules,
)
from jetsync.enums import PriceRule, PriceSource
from jetsync.models import Merchant, Options


def value_rules(merchant: Merchant) -> ValueRules:
    """Profiles, field mappings and attribute mappings of the merchant; four queries."""
    profiles = {row.pk: profile_rules(row) for row in Profile.objects.filter(merchant=merchant)}
    fields = tuple(
        FieldRule(row.jet_field, Choice(row.fixed, row.source), row.overrides)
        for row in FieldMapping.objects.filter(merchant=merchant).order_by("pk")
        if row.jet_field in JET_FIELDS
    )
    return ValueRules(profiles, fields, _attributes(merchant))


def profile_rules(profile: Profile) -> ProfileRules:
    """The stored profile as `catalog.sources.fill` reads it; entries that no release knows any more are left out."""
    return ProfileRules(
        pk=profile.pk,
        name=profile.name,
        sku_as_part_number=profile.sku_as_part_number,
        sku_as_code=profile.sku_as_code,
        code_type=profile.code_type,
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
            for name, given in profile.specifics.items()
            if name in SPECIFICS
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
