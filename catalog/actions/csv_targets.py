"""The listings of SKUs that an import has just made: built from the values at hand, without reading them back.

Says the same as `refresh_targets` would (a test holds both against each other), at a third of its price: a new SKU has no
price, no stock, no reservation and no listing yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils import timezone

from catalog.actions.images import note_images
from catalog.bulk import insert_rows
from catalog.facts import VariantFacts
from catalog.listing import build_listing, content_hash, stored_gaps
from catalog.models import CategoryMapping, Listing, NodeStock, Product, Variant
from catalog.pricing import jet_price
from catalog.queries.listing import listing_input, taxonomy_for
from catalog.queries.rules import price_rules, value_rules
from catalog.sources import fill
from jetsync.models import Merchant
from jetsync.queries.settings import default_node, get_options

_COLUMNS = ("variant", "content_target", "price_target", "readiness", "gaps", "gap_keys")
_FACTS: tuple[str, ...] = VariantFacts._fields  # noqa: SLF001 -- NamedTuple's documented API
_in_order = itemgetter(*_FACTS)
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


class NewSku(NamedTuple):
    """`values` are those of the parsed row."""

    pk: int
    product_id: int
    sku: str
    values: Mapping[str, Any]


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


def list_new(merchant: Merchant, rows: Sequence[NewSku]) -> None:
    """Makes listing and stock rows. Inside the caller's transaction, right after product and variant were inserted."""
    if not rows:
        return
    mapped = _mapped_nodes(merchant, {row.values.get("store_category") or "" for row in rows})
    rules, prices, now = value_rules(merchant), price_rules(get_options(merchant)), timezone.now()
    defaults = _defaults()
    filled = [fill(_facts(defaults, row, mapped), rules) for row in rows]
    taxonomy = taxonomy_for(merchant, (row.facts for row in filled))
    images = note_images(merchant, (row.facts for row in filled), are_new=True)
    listings = []
    for row in filled:
        price = jet_price(row.facts, prices, now).price
        result = build_listing(listing_input(row, taxonomy, price=price, quantity=None, images=images))
        gaps, keys = stored_gaps(tuple(result.gaps))
        listings.append(
            {
                "variant": row.facts.pk,
                "content_target": content_hash(result.payload),
                "price_target": price,
                "readiness": str(result.readiness),
                "gaps": gaps,
                "gap_keys": keys,
            }
        )
    insert_rows(Listing, merchant, _COLUMNS, listings)
    node = default_node(merchant)
    if node is not None:
        stock = [{"variant": row.facts.pk, "node": node.pk} for row in filled]
        insert_rows(NodeStock, merchant, ("variant", "node"), stock)


def _facts(defaults: Mapping[str, Any], row: NewSku, mapped: Mapping[str, int]) -> VariantFacts:
    values = {**defaults, **row.values}
    path = values["store_category"] or None
    values["pk"] = row.pk
    values["product_id"] = row.product_id
    values["sku"] = row.sku
    values["product_title"] = row.values.get("title", "")
    values["own_node_id"] = row.values.get("jet_node_id")
    values["store_category"] = path
    values["mapped_node_id"] = mapped.get(path) if path else None
    return VariantFacts._make(_in_order(values))  # noqa: SLF001 -- as above


def _mapped_nodes(merchant: Merchant, paths: set[str]) -> dict[str, int]:
    wanted = paths - {""}
    if not wanted:
        return {}
    rows = CategoryMapping.objects.filter(merchant=merchant, store_category__path__in=wanted)
    return dict(rows.values_list("store_category__path", "jet_node_id"))
