"""Reads what listings are built from, in batches with a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from catalog.facts import FACT_FIELDS, ListingInput, Taxonomy, VariantFacts
from catalog.listing import ListingResult, build_listing
from catalog.models import Variant
from catalog.pricing import target_price
from catalog.queries.stock import offered_quantities
from catalog.queries.taxonomy import load_taxonomy
from jetsync.models import Merchant


def load_facts(merchant: Merchant, variant_ids: Sequence[int]) -> list[VariantFacts]:
    rows = Variant.objects.filter(merchant=merchant, pk__in=variant_ids).order_by("pk")
    make = VariantFacts._make  # noqa: SLF001 -- NamedTuple's documented API
    return [make(row) for row in rows.values_list(*FACT_FIELDS)]


def taxonomy_for(facts: Iterable[VariantFacts]) -> Taxonomy:
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
    return load_taxonomy(nodes, attributes)


def listing_input(
    facts: VariantFacts, taxonomy: Taxonomy, *, price: Decimal | None = None, quantity: int | None
) -> ListingInput:
    """`price` is the target; the price of the variant after the price rules when not given."""
    return ListingInput(
        facts=facts,
        price=price if price is not None else target_price(facts.price),
        quantity=quantity,
        taxonomy=taxonomy,
    )


def listings_of(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, ListingResult]:
    """Variant pk -> what Jet would get now. For previews and uploads; batches of at most a few thousand."""
    facts = load_facts(merchant, variant_ids)
    taxonomy = taxonomy_for(facts)
    quantities = offered_quantities(merchant, variant_ids)
    return {
        row.pk: build_listing(listing_input(row, taxonomy, quantity=quantities.get(row.pk))) for row in facts
    }
