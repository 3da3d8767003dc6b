"""Recomputes what Jet should have. Every action that changes a product, its stock or its category ends here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.bulk import batches, insert_rows, update_rows
from catalog.facts import VariantFacts
from catalog.listing import build_listing, content_hash
from catalog.models import Listing, NodeStock, Variant
from catalog.pricing import target_price
from catalog.queries.listing import listing_input, load_facts, taxonomy_for
from catalog.queries.stock import QuantityRule, reserved_quantities
from jetsync.enums import Priority
from jetsync.models import FulfillmentNode, Merchant, Options
from jetsync.queries.settings import current_nodes, get_options
from jetsync.sync.queue import enqueue

PUSH_PRICES = "catalog.push_prices"
PUSH_INVENTORY = "catalog.push_inventory"
# Rows held in memory at once; the facts of one variant take a few kilobytes.
BATCH = 1000

LISTING_COLUMNS = ("content_target", "price_target", "readiness", "gaps")
STOCK_COLUMNS = ("quantity_target", "price_target")


@dataclass(frozen=True)
class _Setting:
    """What all variants of a refresh share."""

    merchant: Merchant
    options: Options
    nodes: Sequence[FulfillmentNode]
    rule: QuantityRule

    @property
    def default_node(self) -> FulfillmentNode | None:
        return next((node for node in self.nodes if node.is_default), None)


@dataclass
class _Stock:
    """One node's numbers: as stored, and as they should be."""

    pk: int | None
    node_id: int
    quantity: int | None
    price: Decimal | None
    old: tuple[int, Decimal | None] | None
    new: tuple[int, Decimal | None] = (0, None)


@transaction.atomic
def refresh_targets(merchant: Merchant, variant_ids: Iterable[int], *, push: bool = True) -> int:
    """Brings price, quantity, content and readiness targets of these variants up to date; returns how many changed.

    Locks the variants in order of their pk, so two refreshes never write from numbers the other has changed. Costs a
    constant number of queries per 1,000 variants. Where something that Jet already knows now differs from what was
    sent, the delta jobs are enqueued (`push=False` leaves that to the caller). Safe to repeat.
    """
    nodes = list(current_nodes(merchant))
    options = get_options(merchant)
    setting = _Setting(merchant, options, nodes, QuantityRule.of(options))
    changed = 0
    for batch in batches(sorted(set(variant_ids)), BATCH):
        changed += _refresh_batch(setting, batch)
    if changed and push:
        push_deltas(merchant, options)
    return changed


def refresh_all(merchant: Merchant) -> int:
    """After a change that touches every product (buffer, zero rule, default node). One transaction per 1,000."""
    changed = 0
    last = 0
    while True:
        rows = Variant.objects.filter(merchant=merchant, pk__gt=last).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return changed
        changed += refresh_targets(merchant, ids)
        last = ids[-1]


def push_deltas(merchant: Merchant, options: Options | None = None) -> None:
    """Enqueues the delta jobs where something listed at Jet differs from what Jet was sent. Joins open jobs."""
    chosen = options or get_options(merchant)
    listed = Listing.objects.filter(merchant=merchant, content_sent_at__isnull=False, archived_target=False)
    stock = NodeStock.objects.filter(merchant=merchant, variant__listing__content_sent_at__isnull=False)
    node_prices = stock.filter(price_dirty=True)
    if chosen.send_price and (listed.filter(price_dirty=True).exists() or node_prices.exists()):
        enqueue(merchant, PUSH_PRICES, "delta", priority=Priority.NOW)
    if chosen.send_inventory and stock.filter(quantity_dirty=True).exists():
        enqueue(merchant, PUSH_INVENTORY, "delta", priority=Priority.NOW)


def _refresh_batch(setting: _Setting, ids: Sequence[int]) -> int:
    merchant = setting.merchant
    locked = (
        Variant.objects.filter(merchant=merchant, pk__in=ids).order_by("pk").select_for_update(no_key=True)
    )
    found = list(locked.values_list("pk", flat=True))
    facts = load_facts(merchant, found)
    taxonomy = taxonomy_for(facts)
    listings = {
        row["variant_id"]: row
        for row in Listing.objects.filter(merchant=merchant, variant__in=found).values(
            "id", "variant_id", "archived_target", *LISTING_COLUMNS
        )
    }
    stock = _load_stock(setting, found)
    reserved = reserved_quantities(merchant, found)
    new_listings, old_listings, new_stock, old_stock = [], [], [], []
    for row in facts:
        known = listings.get(row.pk)
        rows = _stock_targets(
            setting, row, stock[row.pk], reserved, archived=bool(known and known["archived_target"])
        )
        new_stock += [_stock_row(item, row.pk) for item in rows if item.pk is None]
        old_stock += [_stock_row(item) for item in rows if item.pk is not None and item.new != item.old]
        values = _listing_targets(row, rows, taxonomy)
        if known is None:
            new_listings.append({"variant": row.pk, **values})
        elif any(known[name] != values[name] for name in LISTING_COLUMNS):
            old_listings.append({"id": known["id"], **values})
    insert_rows(Listing, merchant, ("variant", *LISTING_COLUMNS), new_listings, skip_known=True)
    update_rows(Listing, merchant, LISTING_COLUMNS, old_listings)
    insert_rows(
        NodeStock,
        merchant,
        ("variant", "node", *STOCK_COLUMNS),
        new_stock,
        skip_known=True,
    )
    update_rows(NodeStock, merchant, STOCK_COLUMNS, old_stock)
    touched = {row["variant"] for row in [*new_listings, *new_stock]}
    return len(touched) + len(old_listings) + len(old_stock)


def _load_stock(setting: _Setting, ids: Sequence[int]) -> dict[int, list[_Stock]]:
    by_variant: dict[int, list[_Stock]] = defaultdict(list)
    rows = NodeStock.objects.filter(
        merchant=setting.merchant, variant__in=ids, node__in=[node.pk for node in setting.nodes]
    )
    fields = ("pk", "variant_id", "node_id", "quantity", "price", "quantity_target", "price_target")
    for pk, variant_id, node_id, quantity, price, target, price_target in rows.values_list(*fields):
        by_variant[variant_id].append(_Stock(pk, node_id, quantity, price, (target, price_target)))
    return by_variant


def _stock_targets(
    setting: _Setting,
    facts: VariantFacts,
    rows: Sequence[_Stock],
    reserved: dict[tuple[int, int | None], int],
    *,
    archived: bool,
) -> list[_Stock]:
    """Each node's own numbers. The default node always has a row; another node only once a number was set there."""
    found = list(rows)
    default = setting.default_node
    if default is not None and all(row.node_id != default.pk for row in found):
        found.append(_Stock(None, default.pk, None, None, None))
    for row in found:
        is_default = default is not None and row.node_id == default.pk
        held = reserved.get((facts.pk, row.node_id), 0)
        if is_default:
            held += reserved.get((facts.pk, None), 0)
        counted = row.quantity if row.quantity is not None else facts.quantity if is_default else None
        offered = facts.is_active and not archived
        row.quantity = counted
        row.new = (setting.rule.target(counted, held, offered=offered), target_price(row.price))
    return found


def _stock_row(item: _Stock, variant_id: int | None = None) -> dict[str, Any]:
    target, price = item.new
    row: dict[str, Any] = {"quantity_target": target, "price_target": price}
    if variant_id is None:
        return {"id": item.pk, **row}
    return {"variant": variant_id, "node": item.node_id, **row}


def _listing_targets(facts: VariantFacts, stock: Sequence[_Stock], taxonomy: Any) -> dict[str, Any]:
    counted = [row for row in stock if row.quantity is not None]
    quantity = sum(row.new[0] for row in counted) if counted else facts.quantity
    price = target_price(facts.price)
    result = build_listing(listing_input(facts, taxonomy, price=price, quantity=quantity))
    return {
        "content_target": content_hash(result.payload),
        "price_target": price,
        "readiness": str(result.readiness),
        "gaps": [gap.as_json() for gap in result.gaps],
    }
