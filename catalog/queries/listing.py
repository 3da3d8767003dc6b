"""Reads what listings are built from, in batches with a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from django.db.models import Exists, OuterRef
from django.utils import timezone

from catalog.enums import GroupOrigin, ProductKind
from catalog.facts import FACT_FIELDS, ImageFacts, ListingInput, Taxonomy, VariantFacts
from catalog.listing import ListingResult, build_listing
from catalog.models import Variant, VariationGroup, VariationMember
from catalog.pricing import jet_price
from catalog.queries.images import images_of
from catalog.queries.rules import price_rules, value_rules
from catalog.queries.stock import offered_quantities
from catalog.queries.taxonomy import load_taxonomy
from catalog.sources import Filled, fill, mapped_options
from catalog.variations import family_problems
from jetsync.models import Merchant
from jetsync.queries.settings import get_options

# Variant pk -> option in lower case -> attributes it is mapped to, of SKUs that form a family by themselves.
Families = Mapping[int, Mapping[str, Sequence[int]]]


def load_filled(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, Filled]:
    """Variant pk -> its facts with all that profile and mappings add, in order of pk. Constant queries."""
    rules = value_rules(merchant)
    return {row.pk: fill(row, rules) for row in load_facts(merchant, variant_ids)}


def load_facts(merchant: Merchant, variant_ids: Sequence[int]) -> list[VariantFacts]:
    rows = Variant.objects.filter(merchant=merchant, pk__in=variant_ids).order_by("pk")
    return [VariantFacts(*row) for row in rows.values_list(*FACT_FIELDS)]


def taxonomy_for(merchant: Merchant, facts: Iterable[VariantFacts]) -> Taxonomy:
    """The nodes and attributes that these variants name."""
    nodes: set[int] = set()
    attributes: set[int] = set()
    for row in facts:
        if row.jet_node_id:
            nodes.add(row.jet_node_id)
        for item in row.attributes:
            value = item.get("id")
            if isinstance(value, int) and value > 0:
                attributes.add(value)
    return load_taxonomy(merchant, nodes, attributes)


def families_of(merchant: Merchant, facts: Iterable[VariantFacts]) -> Families:
    """SKUs that form a family by themselves, with the options that are mapped for them. No query without any.

    Those are the SKUs of variable products that are offered with at least one sibling, unless the merchant has chosen
    the attributes of their group by hand, or keeps the SKUs of the product apart.
    """
    rows = {row.pk: row for row in facts if row.kind == ProductKind.VARIABLE and row.sells_on_jet}
    if not rows:
        return {}
    siblings = Variant.objects.filter(merchant=merchant, product=OuterRef("product"), sells_on_jet=True)
    by_hand = VariationGroup.objects.filter(merchant=merchant).exclude(origin=GroupOrigin.PRODUCT)
    inside = VariationMember.objects.filter(merchant=merchant, group__in=by_hand.values("pk"))
    own = Variant.objects.filter(merchant=merchant, pk__in=list(rows), product__keeps_apart=False)
    own = own.filter(Exists(siblings.exclude(pk=OuterRef("pk"))))
    own = own.exclude(pk__in=by_hand.values("parent")).exclude(pk__in=inside.values("variant"))
    found = list(own.values_list("pk", flat=True))
    rules = value_rules(merchant) if found else None
    return {pk: mapped_options(rules, rows[pk].profile_id) for pk in found} if rules else {}


def listing_input(
    filled: Filled,
    taxonomy: Taxonomy,
    *,
    price: Decimal | None,
    quantity: int | None,
    images: Mapping[str, ImageFacts] = MappingProxyType({}),
    families: Families = MappingProxyType({}),
) -> ListingInput:
    """`price` as Jet should have it, after the price rules. `images` by address, as far as they are known.

    `families` as `families_of` gives them.
    """
    facts = filled.facts
    in_family = facts.pk in families
    return ListingInput(
        facts=facts,
        price=price,
        quantity=quantity,
        taxonomy=taxonomy,
        origins=filled.origins,
        mapped_problems=filled.problems,
        family_problems=family_problems(facts, taxonomy, families[facts.pk]) if in_family else (),
        images=images,
    )


def listings_of(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, ListingResult]:
    """Variant pk -> what Jet would get now. For previews and uploads; batches of at most a few thousand."""
    rows = load_filled(merchant, variant_ids)
    taxonomy = taxonomy_for(merchant, (row.facts for row in rows.values()))
    images = images_of(merchant, (row.facts for row in rows.values()))
    families = families_of(merchant, (row.facts for row in rows.values()))
    quantities = offered_quantities(merchant, variant_ids)
    rules, now = price_rules(get_options(merchant)), timezone.now()
    return {
        pk: build_listing(
            listing_input(
                row,
                taxonomy,
                price=jet_price(row.facts, rules, now).price,
                quantity=quantities.get(pk),
                images=images,
                families=families,
            )
        )
        for pk, row in rows.items()
    }
