"""Recomputes what Jet should have. Every action that changes a product, its stock or its category ends here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.actions.deltas import push_deltas
from catalog.actions.errors import forget_refusals
from catalog.actions.images import note_images
from catalog.actions.low_stock import note_low_stock
from catalog.actions.stock_drift import note_stock_drift
from catalog.actions.variation_targets import refresh_groups
from catalog.bulk import batches, insert_rows, update_rows
from catalog.enums import Step
from catalog.facts import ImageFacts, Taxonomy, VariantFacts
from catalog.listing import build_listing, content_hash, stored_gaps
from catalog.models import Listing, NodeStock, Variant
from catalog.pricing import PriceRules, jet_price, node_price
from catalog.queries.listing import Families, families_of, listing_input, load_filled, taxonomy_for
from catalog.queries.rules import price_rules
from catalog.queries.stock import QuantityRule, Reserved, count_at, held_at, reserved_quantities
from catalog.sources import Filled
from jetsync.cycles import no_cycle_search
from jetsync.models import FulfillmentNode, Merchant, Options
from jetsync.queries.settings import current_nodes, get_options

# Rows held in memory at once; the facts of one variant take a few kilobytes.
BATCH = 1000

LISTING_COLUMNS = ("content_target", "price_target", "readiness", "gaps", "gap_keys")
STOCK_COLUMNS = ("quantity_target", "price_target")


@dataclass(frozen=True)
class _Setting:
    """What all variants of a refresh share."""

    merchant: Merchant
    options: Options
    nodes: Sequence[FulfillmentNode]
    rule: QuantityRule
    prices: PriceRules
    now: datetime

    @cached_property
    def node_buffers(self) -> dict[int, int | None]:
        return {node.pk: node.buffer_quantity for node in self.nodes}

    @property
    def default_node(self) -> FulfillmentNode | None:
        return next((node for node in self.nodes if node.is_default), None)


@dataclass(frozen=True)
class _Outside:
    """What the SKUs of a batch are judged by besides their own data."""

    taxonomy: Taxonomy
    images: Mapping[str, ImageFacts]
    families: Families


@dataclass
class _Stock:
    """One node's numbers: as stored, and as they should be."""

    pk: int | None
    node_id: int
    quantity: int | None
    price: Decimal | None
    old: tuple[int, Decimal | None] | None
    new: tuple[int, Decimal | None] = (0, None)
    buffer: int | None = None


@transaction.atomic
def refresh_targets(merchant: Merchant, variant_ids: Iterable[int], *, push: bool = True) -> int:
    """Brings price, quantity, content and readiness targets of these variants up to date; returns how many changed.

    Locks the variants in order of their pk, so two refreshes never write from numbers the other has changed. Costs a
    constant number of queries per 1,000 variants. Where something that Jet already knows now differs from what was
    sent, the delta jobs are enqueued (`push=False` leaves that to the caller). Safe to repeat.
    """
    nodes = list(current_nodes(merchant))
    options = get_options(merchant)
    setting = _Setting(
        merchant, options, nodes, QuantityRule.of(options), price_rules(options), timezone.now()
    )
    wanted = sorted(set(variant_ids))
    changed = sum(_refresh_batch(setting, batch) for batch in batches(wanted, BATCH))
    # Behind all SKUs: groups are locked last, as everywhere.
    changed += sum(refresh_groups(merchant, batch) for batch in batches(wanted, BATCH))
    if changed:
        note_low_stock(merchant, wanted, options)
    if changed and push:
        push_deltas(merchant, options)
    return changed


def refresh_rows(
    merchant: Merchant, rows: QuerySet[Variant], pulse: Callable[[], None] = lambda: None
) -> int:
    """`refresh_targets` of all these, one transaction per 1,000, `pulse` before each; what differs is sent behind the last.

    Returns how many changed. May be called again after a kill.
    """
    last, changed = 0, 0
    while ids := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        pulse()
        changed += refresh_targets(merchant, ids, push=False)
        last = ids[-1]
    push_deltas(merchant)
    return changed


@dataclass
class _Changes:
    """What a batch has to write: rows as `catalog.bulk` takes them, and the variants whose refusals are outdated."""

    new_listings: list[dict[str, Any]] = field(default_factory=list)
    old_listings: list[dict[str, Any]] = field(default_factory=list)
    new_stock: list[dict[str, Any]] = field(default_factory=list)
    old_stock: list[dict[str, Any]] = field(default_factory=list)
    rewritten: set[int] = field(default_factory=set)
    repriced: set[int] = field(default_factory=set)
    recounted: set[int] = field(default_factory=set)

    def take_stock(self, variant_id: int, rows: Sequence[_Stock]) -> None:
        for item in rows:
            if item.old is None:
                self.new_stock.append(_stock_row(item, variant_id))
            elif item.new != item.old:
                self.old_stock.append(_stock_row(item))
                if item.new[0] != item.old[0]:
                    self.recounted.add(variant_id)
                if item.new[1] != item.old[1]:
                    self.repriced.add(variant_id)

    def take_listing(self, variant_id: int, known: dict[str, Any] | None, values: dict[str, Any]) -> None:
        if known is None:
            self.new_listings.append({"variant": variant_id, **values})
        elif any(known[name] != values[name] for name in LISTING_COLUMNS):
            self.old_listings.append({"id": known["id"], **values})
            if known["content_target"] != values["content_target"]:
                self.rewritten.add(variant_id)
            if known["price_target"] != values["price_target"]:
                self.repriced.add(variant_id)

    def write(self, merchant: Merchant, options: Options) -> int:
        """Returns how many rows of listings and stock are other than they were."""
        insert_rows(Listing, merchant, ("variant", *LISTING_COLUMNS), self.new_listings, skip_known=True)
        update_rows(Listing, merchant, LISTING_COLUMNS, self.old_listings)
        columns = ("variant", "node", *STOCK_COLUMNS)
        insert_rows(NodeStock, merchant, columns, self.new_stock, skip_known=True)
        update_rows(NodeStock, merchant, STOCK_COLUMNS, self.old_stock)
        if self.recounted:
            note_stock_drift(merchant, self.recounted)
        goes = options.sends_content_edits
        forget_refusals(merchant, sorted(self.rewritten), Step.CONTENT, goes_by_itself=goes)
        forget_refusals(merchant, sorted(self.repriced), Step.PRICE)
        forget_refusals(merchant, sorted(self.recounted), Step.INVENTORY)
        touched = {row["variant"] for row in [*self.new_listings, *self.new_stock]}
        return len(touched) + len(self.old_listings) + len(self.old_stock)


@no_cycle_search()
def _refresh_batch(setting: _Setting, ids: Sequence[int]) -> int:
    merchant = setting.merchant
    locked = Variant.objects.filter(merchant=merchant, pk__in=ids).order_by("pk")
    found = list(locked.select_for_update(no_key=True).values_list("pk", flat=True))
    filled = load_filled(merchant, found)
    taxonomy = taxonomy_for(merchant, (row.facts for row in filled.values()))
    listings = _load_listings(merchant, found)
    stock = _load_stock(setting, found)
    reserved = reserved_quantities(merchant, found)
    images = note_images(merchant, (row.facts for row in filled.values()))
    outside = _Outside(taxonomy, images, families_of(merchant, (row.facts for row in filled.values())))
    changes = _Changes()
    for pk, row in filled.items():
        known = listings.get(pk)
        archived = bool(known and known["archived_target"])
        rows = _stock_targets(setting, row.facts, stock[pk], reserved, archived=archived)
        changes.take_stock(pk, rows)
        changes.take_listing(pk, known, _listing_targets(setting, row, rows, outside))
    return changes.write(merchant, setting.options)


def _load_listings(merchant: Merchant, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    rows = Listing.objects.filter(merchant=merchant, variant__in=ids)
    values = rows.values("id", "variant_id", "archived_target", *LISTING_COLUMNS)
    return {row["variant_id"]: dict(row) for row in values}


def _load_stock(setting: _Setting, ids: Sequence[int]) -> dict[int, list[_Stock]]:
    by_variant: dict[int, list[_Stock]] = defaultdict(list)
    rows = NodeStock.objects.filter(
        merchant=setting.merchant, variant__in=ids, node__in=[node.pk for node in setting.nodes]
    )
    fields = ("variant_id", "pk", "node_id", "quantity", "price", "buffer_quantity", *STOCK_COLUMNS)
    for variant_id, pk, node_id, quantity, price, buffer, *old in rows.values_list(*fields):
        by_variant[variant_id].append(_Stock(pk, node_id, quantity, price, (old[0], old[1]), buffer=buffer))
    return by_variant


def _stock_targets(
    setting: _Setting,
    facts: VariantFacts,
    rows: Sequence[_Stock],
    reserved: Reserved,
    *,
    archived: bool,
) -> list[_Stock]:
    """Each node's own numbers. The default node always has a row; another node only once a number was set there."""
    found = list(rows)
    default = setting.default_node
    offered = facts.is_active and facts.sells_on_jet and not archived
    if default is not None and all(row.node_id != default.pk for row in found):
        found.append(_Stock(None, default.pk, None, None, None))
    for row in found:
        is_default = default is not None and row.node_id == default.pk
        held = held_at(reserved, facts.pk, row.node_id, is_default=is_default)
        row.quantity = count_at(row.quantity, facts.quantity, is_default=is_default)
        buffers = (row.buffer, facts.buffer_quantity, setting.node_buffers.get(row.node_id))
        target = setting.rule.target(row.quantity, held, offered=offered, buffers=buffers)
        row.new = (target, node_price(row.price, facts, setting.prices))
    return found


def _stock_row(item: _Stock, variant_id: int | None = None) -> dict[str, Any]:
    target, price = item.new
    row: dict[str, Any] = {"quantity_target": target, "price_target": price}
    if variant_id is None:
        return {"id": item.pk, **row}
    return {"variant": variant_id, "node": item.node_id, **row}


def _listing_targets(
    setting: _Setting,
    filled: Filled,
    stock: Sequence[_Stock],
    outside: _Outside,
) -> dict[str, Any]:
    counted = [row for row in stock if row.quantity is not None]
    quantity = sum(row.new[0] for row in counted) if counted else filled.facts.quantity
    price = jet_price(filled.facts, setting.prices, setting.now).price
    result = build_listing(
        listing_input(
            filled,
            outside.taxonomy,
            price=price,
            quantity=quantity,
            images=outside.images,
            families=outside.families,
        )
    )
    gaps, keys = stored_gaps(tuple(result.gaps))
    return {
        "content_target": content_hash(result.payload),
        "price_target": price,
        "readiness": str(result.readiness),
        "gaps": gaps,
        "gap_keys": keys,
    }
