"""The listings of SKUs that an import has just made: built from the values at hand, without reading them back.

Says the same as `refresh_targets` would (a test holds both against each other), at a third of its price: a new SKU has no
price, no stock, no reservation and no listing yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from catalog.actions.images import note_images
from catalog.bulk import insert_rows
from catalog.facts import VariantFacts
from catalog.listing import build_listing, content_hash
from catalog.models import CategoryMapping, Listing, NodeStock, Product, Variant
from catalog.pricing import jet_price
from catalog.queries.listing import listing_input, taxonomy_for
from catalog.queries.rules import price_rules, value_rules
from catalog.sources import fill
from jetsync.models import Merchant
from jetsync.queries.settings import default_node, get_options

_COLUMNS = ("variant", "content_target", "price_target", "readiness", "gaps", "gap_keys")
_FACTS: tuple[str, ...] = VariantFacts._fields  # noqa: SLF001 -- NamedTuple's documented API
# Names of facts whose column is called otherwise.
_PRODUCT_FACTS = {
    "kind": "kind",
    "product_title": "title",
    "description": "description",
    "brand": "brand",
    "manufacturer": "manufacturer",
    "bullets": "bullets",
    "own_node_id": "jet_node_id",
    "is_active": "is_active",
    "profile_id": "profile_id",
    "product_data": "data",
}


def _defaults() -> dict[str, Any]:
    """What a new SKU has where a file says nothing: the defaults of the models."""
    product, variant = Product(), Variant()
    facts = dict.fromkeys(_FACTS)
    for name in _FACTS:
        if name in _PRODUCT_FACTS:
            facts[name] = getattr(product, _PRODUCT_FACTS[name])
        elif hasattr(variant, name) and name not in {"pk", "product_id"}:
            facts[name] = getattr(variant, name)
    return facts | {"own_title": "", "store_category": None, "mapped_node_id": None}


def list_new(merchant: Merchant, rows: Sequence[Mapping[str, Any]]) -> None:
    """Makes listing and stock rows. Each row: "pk", "product_id", "sku" and the values of a parsed row.

    Inside the caller's transaction, right after product and variant were inserted.
    """
    if not rows:
        return
    mapped = _mapped_nodes(merchant, {row.get("store_category") or "" for row in rows})
    rules, prices, now = value_rules(merchant), price_rules(get_options(merchant)), timezone.now()
    defaults = _defaults()
    filled = [fill(_facts(defaults, row, mapped), rules) for row in rows]
    taxonomy = taxonomy_for(merchant, (row.facts for row in filled))
    images = note_images(merchant, (row.facts for row in filled))
    listings = []
    for row in filled:
        price = jet_price(row.facts, prices, now).price
        result = build_listing(listing_input(row, taxonomy, price=price, quantity=None, images=images))
        listings.append(
            {
                "variant": row.facts.pk,
                "content_target": content_hash(result.payload),
                "price_target": price,
                "readiness": str(result.readiness),
                "gaps": [gap.as_json() for gap in result.gaps],
                "gap_keys": sorted({gap.key for gap in result.gaps}),
            }
        )
    insert_rows(Listing, merchant, _COLUMNS, listings)
    node = default_node(merchant)
    if node is not None:
        stock = [{"variant": row.facts.pk, "node": node.pk} for row in filled]
        insert_rows(NodeStock, merchant, ("variant", "node"), stock)


def _facts(defaults: Mapping[str, Any], row: Mapping[str, Any], mapped: Mapping[str, int]) -> VariantFacts:
    values = {**defaults, **row}
    path = row.get("store_category") or None
    values["product_title"] = row.get("title", "")
    values["own_node_id"] = row.get("jet_node_id")
    values["store_category"] = path
    values["mapped_node_id"] = mapped.get(path) if path else None
    return VariantFacts(*[values[name] for name in _FACTS])


def _mapped_nodes(merchant: Merchant, paths: set[str]) -> dict[str, int]:
    wanted = paths - {""}
    if not wanted:
        return {}
    rows = CategoryMapping.objects.filter(merchant=merchant, store_category__path__in=wanted)
    return dict(rows.values_list("store_category__path", "jet_node_id"))
