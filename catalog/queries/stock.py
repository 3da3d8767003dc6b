"""Reads of stock: what the store has, what orders hold, what may be offered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum

from catalog.models import NodeStock, Reservation, Variant
from jetsync.exceptions import NotFound
from jetsync.models import FulfillmentNode, Merchant, Options
from jetsync.queries.settings import current_nodes, default_node, get_options


def variant_by_sku(merchant: Merchant, sku: str) -> Variant | None:
    """The variant Jet means by this merchant SKU, with its product, or None."""
    return Variant.objects.select_related("product").filter(merchant=merchant, sku=sku).first()


def variants_by_sku(merchant: Merchant, skus: Iterable[str]) -> dict[str, Variant]:
    """Found variants only, with their products."""
    rows = Variant.objects.select_related("product").filter(merchant=merchant, sku__in=set(skus))
    return {variant.sku: variant for variant in rows}


def get_variant(merchant: Merchant, pk: int) -> Variant:
    """Raises NotFound for a variant of another merchant as for one that does not exist."""
    variant = (
        Variant.objects.select_related("product", "product__store_category", "listing")
        .filter(merchant=merchant, pk=pk)
        .first()
    )
    if variant is None:
        raise NotFound("There is no such product.")
    return variant


def open_reservations(variant: Variant, node: FulfillmentNode | None) -> int:
    """Pieces promised and neither shipped nor given back. A reservation without node counts at the default node."""
    rows = Reservation.objects.filter(merchant=variant.merchant_id, variant=variant, released_at=None)
    if node is not None:
        at_node = Q(node=node)
        rows = rows.filter(at_node | Q(node=None) if node.is_default else at_node)
    return rows.aggregate(pieces=Sum("quantity"))["pieces"] or 0


def store_quantity(variant: Variant, node: FulfillmentNode | None) -> int | None:
    """What the store counts at this node; None when nobody said. Only the default node falls back to the variant."""
    if node is None:
        return variant.quantity
    row = NodeStock.objects.filter(merchant=variant.merchant_id, variant=variant, node=node).first()
    if row is not None and row.quantity is not None:
        return row.quantity
    return variant.quantity if node.is_default else None


def available_quantity(variant: Variant, node: FulfillmentNode | None = None) -> int:
    """Pieces that can still be promised at this node (the default one when None): store count minus reservations.

    The buffer is not subtracted: it is held back from Jet, not from an order that came all the same. Where the
    merchant offers pieces at a store count of zero (CFG-18), an order may take as many as were offered.
    """
    where = node or default_node(variant.merchant)
    counted = store_quantity(variant, where)
    if counted is None:
        return 0
    at_zero = get_options(variant.merchant).zero_quantity_default
    if counted <= 0 and at_zero is not None:
        return at_zero
    return max(0, counted - open_reservations(variant, where))


Reserved = dict[tuple[int, int | None], int]
"""(variant, node) -> pieces in open reservations; node None = the default node."""


@dataclass(frozen=True)
class QuantityRule:
    """How a store count becomes the quantity for Jet (CFG-18, buffer)."""

    buffer: int
    at_zero: int | None

    @classmethod
    def of(cls, options: Options) -> QuantityRule:
        return cls(buffer=options.buffer_quantity, at_zero=options.zero_quantity_default)

    def target(
        self, counted: int | None, reserved: int, *, offered: bool, buffers: Sequence[int | None] = ()
    ) -> int:
        """Never negative. 0 when not offered (archived, switched off, not counted).

        `buffers`: those of the SKU at the node, of the SKU, of the node; the first that is set wins over the merchant's.
        The zero rule acts on what the store counts, not on what orders hold: pieces that are sold are gone.
        """
        if not offered or counted is None:
            return 0
        if counted <= 0 and self.at_zero is not None:
            return self.at_zero
        own = next((buffer for buffer in buffers if buffer is not None), self.buffer)
        return max(0, counted - reserved - own)


def count_at(own: int | None, variant_quantity: int | None, *, is_default: bool) -> int | None:
    """What the store counts at a node: its own number, else at the default node the SKU's."""
    return variant_quantity if own is None and is_default else own


def held_at(reserved: Reserved, variant_id: int, node_id: int, *, is_default: bool) -> int:
    """Pieces promised at a node; reservations that name none count at the default node."""
    without_node = reserved.get((variant_id, None), 0) if is_default else 0
    return reserved.get((variant_id, node_id), 0) + without_node


def reserved_quantities(merchant: Merchant, variant_ids: Sequence[int]) -> Reserved:
    """Open reservations of these variants; one query."""
    rows = Reservation.objects.filter(merchant=merchant, variant__in=variant_ids, released_at=None)
    return {
        (variant_id, node_id): pieces
        for variant_id, node_id, pieces in rows.values_list("variant_id", "node_id").annotate(Sum("quantity"))
    }


def offered_quantities(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, int | None]:
    """Variant pk -> sum of the stored targets over the current nodes; None when no quantity is known at any node."""
    nodes = [node.pk for node in current_nodes(merchant)]
    counts: dict[int, int | None] = dict(
        Variant.objects.filter(merchant=merchant, pk__in=variant_ids).values_list("pk", "quantity")
    )
    offered: dict[int, int | None] = {pk: (0 if count is not None else None) for pk, count in counts.items()}
    rows = NodeStock.objects.filter(merchant=merchant, variant__in=variant_ids, node__in=nodes)
    for variant_id, target, own in rows.values_list("variant_id", "quantity_target", "quantity"):
        if own is not None or counts.get(variant_id) is not None:
            offered[variant_id] = (offered.get(variant_id) or 0) + target
    return offered
