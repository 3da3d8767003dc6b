"""The narrow recomputation: only what Jet should be offered of some SKUs, for acts that move nothing but pieces.

An order that reserves, ships or gives back pieces changes neither content nor prices, so it need not load what those
are built from. Where the change does reach the checklist (the offer came to zero, or rose from it), or where targets
were never computed, the ordinary refresh follows in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog.actions.deltas import KEY, PUSH_INVENTORY
from catalog.actions.errors import forget_refusals
from catalog.actions.low_stock import note_low_stock
from catalog.actions.stock_drift import note_stock_drift
from catalog.actions.targets import refresh_targets
from catalog.bulk import update_rows
from catalog.enums import Step
from catalog.models import NodeStock, Variant
from catalog.queries.stock import QuantityRule, Reserved, count_at, held_at, reserved_quantities
from jetsync.enums import Priority
from jetsync.models import FulfillmentNode, Merchant, Options
from jetsync.queries.settings import current_nodes, get_options
from jetsync.sync.requests import request_job


@dataclass(frozen=True)
class _Sku:
    """`archived` is None while the SKU has no listing yet."""

    pk: int
    quantity: int | None
    buffer: int | None
    is_active: bool
    archived: bool | None
    was_listed: bool


@dataclass(frozen=True)
class _Offer:
    """One node's target, as stored and as it should be. `is_counted`: somebody said how many there are."""

    pk: int
    old: int
    new: int
    is_counted: bool


@transaction.atomic
def refresh_quantities(merchant: Merchant, variant_ids: Iterable[int]) -> int:
    """Brings the quantity targets of these variants up to date; returns how many rows changed.

    Gives the numbers `refresh_targets` would give, locks as it does (variants in order of their pk), and asks for the
    delta job where Jet already knows a SKU whose number changed. Costs a constant number of queries. Safe to repeat.
    """
    options, nodes = get_options(merchant), list(current_nodes(merchant))
    skus = _lock(merchant, variant_ids)
    reserved = reserved_quantities(merchant, list(skus))
    offers = _offers(merchant, skus, nodes, QuantityRule.of(options), reserved)
    default = next((node.pk for node in nodes if node.is_default), None)
    wide = [pk for pk, sku in skus.items() if _needs_all(sku, offers[pk], default)]
    moved = [
        (pk, offer)
        for pk in skus.keys() - set(wide)
        for offer in offers[pk].values()
        if offer.new != offer.old
    ]
    changed = [{"id": offer.pk, "quantity_target": offer.new} for _pk, offer in moved]
    update_rows(NodeStock, merchant, ("quantity_target",), changed)
    if changed:
        note_stock_drift(merchant, {pk for pk, _offer in moved})
        forget_refusals(merchant, list(skus), Step.INVENTORY)
    count = len(changed) + (refresh_targets(merchant, wide) if wide else 0)
    # A sale is no edit: it is sent although edits wait for Sync, the last piece (refreshed in full) like the others.
    sends_edits = options.sync_on_edit and options.edit_sends_inventory
    if changed or (count and not sends_edits):
        _push(merchant, options, [sku.pk for sku in skus.values() if sku.was_listed])
    note_low_stock(merchant, skus, options)
    return count


def _lock(merchant: Merchant, variant_ids: Iterable[int]) -> dict[int, _Sku]:
    """Reads only once the locks are held: a rival may just have written what is read here."""
    locked = Variant.objects.filter(merchant=merchant, pk__in=set(variant_ids)).order_by("pk")
    ids = list(locked.select_for_update(no_key=True).values_list("pk", flat=True))
    rows = Variant.objects.filter(merchant=merchant, pk__in=ids).values_list(
        "pk",
        "quantity",
        "buffer_quantity",
        "product__is_active",
        "sells_on_jet",
        "listing__archived_target",
        "listing__content_sent_at",
    )
    return {
        pk: _Sku(pk, quantity, buffer, is_active and sells, archived, sent_at is not None)
        for pk, quantity, buffer, is_active, sells, archived, sent_at in rows
    }


def _offers(
    merchant: Merchant,
    skus: Mapping[int, _Sku],
    nodes: Sequence[FulfillmentNode],
    rule: QuantityRule,
    reserved: Reserved,
) -> dict[int, dict[int, _Offer]]:
    """Variant -> node -> offer. The default node falls back to the variant's count and to reservations of no node."""
    at_nodes = {node.pk: node for node in nodes}
    found: dict[int, dict[int, _Offer]] = defaultdict(dict)
    rows = NodeStock.objects.filter(merchant=merchant, variant__in=list(skus), node__in=list(at_nodes))
    fields = ("pk", "variant_id", "node_id", "quantity", "buffer_quantity", "quantity_target")
    for pk, variant_id, node_id, own, buffer, old in rows.values_list(*fields):
        sku, is_default = skus[variant_id], at_nodes[node_id].is_default
        counted = count_at(own, sku.quantity, is_default=is_default)
        held = held_at(reserved, variant_id, node_id, is_default=is_default)
        buffers = (buffer, sku.buffer, at_nodes[node_id].buffer_quantity)
        new = rule.target(counted, held, offered=sku.is_active and not sku.archived, buffers=buffers)
        found[variant_id][node_id] = _Offer(pk, old, new, counted is not None)
    return found


def _needs_all(sku: _Sku, offers: Mapping[int, _Offer], default: int | None) -> bool:
    """Whether more than the quantities depends on the change: rows are missing, or the checklist's word on zero."""
    counted = [offer for offer in offers.values() if offer.is_counted]
    if sku.archived is None or not counted or (default is not None and default not in offers):
        return True
    return (sum(offer.old for offer in counted) == 0) != (sum(offer.new for offer in counted) == 0)


def _push(merchant: Merchant, options: Options, listed: Sequence[int]) -> None:
    if not options.send_inventory or not listed:
        return
    dirty = NodeStock.objects.filter(merchant=merchant, variant__in=listed, quantity_dirty=True)
    if dirty.exists():
        request_job(merchant, PUSH_INVENTORY, KEY, priority=Priority.NOW)
