"""What is sent of a listing, read in batches: the body of each call and what to note once Jet has taken it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from catalog.listing import content_hash
from catalog.models import Listing, NodeStock
from catalog.queries.listing import listings_of
from jetsync.models import Merchant


@dataclass(frozen=True)
class ContentMessage:
    listing_id: int
    sku: str
    payload: dict[str, Any]
    content_hash: str


@dataclass
class PriceMessage:
    """`node_prices` by Jet node id; `node_rows` by NodeStock pk."""

    listing_id: int
    sku: str
    price: Decimal | None
    node_prices: dict[str, Decimal] = field(default_factory=dict)
    node_rows: dict[int, Decimal | None] = field(default_factory=dict)


@dataclass
class StockMessage:
    listing_id: int
    sku: str
    quantities: dict[str, int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)


def content_messages(merchant: Merchant, listing_ids: Sequence[int]) -> list[ContentMessage]:
    rows = list(
        Listing.objects.filter(merchant=merchant, pk__in=listing_ids)
        .order_by("pk")
        .values_list("pk", "variant_id", "variant__sku")
    )
    built = listings_of(merchant, [variant_id for _pk, variant_id, _sku in rows])
    return [
        ContentMessage(pk, sku, built[variant_id].payload, content_hash(built[variant_id].payload))
        for pk, variant_id, sku in rows
        if variant_id in built
    ]


def price_messages(merchant: Merchant, listing_ids: Sequence[int]) -> list[PriceMessage]:
    """One per listing that has a price, node prices included: Jet replaces the whole price record."""
    found = {
        variant_id: PriceMessage(pk, sku, price)
        for pk, variant_id, sku, price in Listing.objects.filter(
            merchant=merchant, pk__in=listing_ids, price_target__isnull=False
        )
        .order_by("pk")
        .values_list("pk", "variant_id", "variant__sku", "price_target")
    }
    rows = NodeStock.objects.filter(merchant=merchant, variant__in=list(found)).values_list(
        "pk", "variant_id", "node__node_id", "price_target"
    )
    for pk, variant_id, node_id, price in rows:
        message = found[variant_id]
        message.node_rows[pk] = price
        if price is not None:
            message.node_prices[node_id] = price
    return list(found.values())


def stock_messages(
    merchant: Merchant, listing_ids: Sequence[int], *, only_dirty: bool = False
) -> list[StockMessage]:
    """One per listing with the quantity of each node; `only_dirty` names just the nodes that differ (PATCH)."""
    skus = {
        variant_id: (pk, sku)
        for pk, variant_id, sku in Listing.objects.filter(merchant=merchant, pk__in=listing_ids).values_list(
            "pk", "variant_id", "variant__sku"
        )
    }
    rows = NodeStock.objects.filter(merchant=merchant, variant__in=list(skus))
    if only_dirty:
        rows = rows.filter(quantity_dirty=True)
    found: dict[int, StockMessage] = {}
    by_variant: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for pk, variant_id, node_id, quantity in rows.order_by("pk").values_list(
        "pk", "variant_id", "node__node_id", "quantity_target"
    ):
        by_variant[variant_id].append((pk, node_id, quantity))
    for variant_id, nodes in by_variant.items():
        listing_id, sku = skus[variant_id]
        found[variant_id] = StockMessage(
            listing_id,
            sku,
            {node: quantity for _pk, node, quantity in nodes},
            {pk: quantity for pk, _node, quantity in nodes},
        )
    return list(found.values())
