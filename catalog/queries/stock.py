"""Reads of stock: what the store has, what orders hold, what may be offered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Sum

from catalog.models import NodeStock, Reservation, Variant
from catalog.validators import sku_key
from jetsync.exceptions import InvalidInput, NotFound
from jetsync.models import FulfillmentNode, Merchant, Options
from jetsync.queries.settings import current_nodes, default_node, get_options

# Names of SKUs that a refusal lists.
SHOWN_UNKNOWN = 50


def variant_by_sku(merchant: Merchant, sku: str) -> Variant | None:
    """As `variants_by_sku`, of one name; None where there is none."""
    return variants_by_sku(merchant, [sku]).get(sku)


def variants_by_sku(merchant: Merchant, skus: Iterable[str]) -> dict[str, Variant]:
    """Name as given -> its variant with its product; names without one are left out. One query.

    The SKU that is written so, else the one that differs in letter case alone (ADR 12); where two differ so, neither.
    """
    asked = dict.fromkeys(skus)
    rows = Variant.objects.select_related("product").filter(
        merchant=merchant, sku_key__in={sku_key(sku) for sku in asked}
    )
    exact: dict[str, Variant] = {}
    alike: dict[str, list[Variant]] = defaultdict(list)
    for row in rows:
        exact[row.sku] = row
        alike[sku_key(row.sku)].append(row)
    single = {key: found[0] for key, found in alike.items() if len(found) == 1}
    meant = ((sku, exact.get(sku) or single.get(sku_key(sku))) for sku in asked)
    return {sku: row for sku, row in meant if row is not None}


def get_variants(
    merchant: Merchant, skus: Iterable[str], *, field: str = "skus", hint: str = "Nothing was started."
) -> list[Variant]:
    """Each once, in the order of their names. Raises InvalidInput at `field`, naming all that are not known."""
    wanted = list(dict.fromkeys(skus))
    found = variants_by_sku(merchant, wanted)
    unknown = [sku for sku in wanted if sku not in found]
    if unknown:
        more = len(unknown) - 1
        words = f"and {more:,} more are" if more else "is"
        raise InvalidInput(
            f"SKU {unknown[0]} {words} not known here.",
            hint=hint,
            fields={field: [f"Unknown: {sku}" for sku in unknown[:SHOWN_UNKNOWN]]},
        )
    return list({row.pk: row for row in (found[sku] for sku in wanted)}.values())


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


class Shelves:
    """What can still be promised of some SKUs: store count minus open reservations, at a node or at the default one.

    The buffer is not subtracted: it is held back from Jet, not from an order that came all the same. Where the
    merchant offers pieces at a store count of zero (CFG-18), an order may take as many as were offered.
    """

    def __init__(
        self,
        counts: Mapping[int, int | None],
        at_nodes: Mapping[tuple[int, int], int | None],
        reserved: Reserved,
        default: FulfillmentNode | None,
        at_zero: int | None,
    ) -> None:
        """`counts`: the store's number by variant; `at_nodes`: by variant and node, where a node has one."""
        self.default = default
        self._counts, self._at_nodes, self._at_zero = counts, at_nodes, at_zero
        self._reserved = Counter(reserved)

    @classmethod
    def of(cls, merchant: Merchant, variants: Sequence[Variant]) -> Shelves:
        """Four queries. The counts of the variants are those of the instances: lock them to hold on to what is found."""
        ids = [variant.pk for variant in variants]
        rows = NodeStock.objects.filter(merchant=merchant, variant__in=ids)
        return cls(
            counts={variant.pk: variant.quantity for variant in variants},
            at_nodes={
                (pk, node): own for pk, node, own in rows.values_list("variant_id", "node_id", "quantity")
            },
            reserved=reserved_quantities(merchant, ids),
            default=default_node(merchant),
            at_zero=get_options(merchant).zero_quantity_default,
        )

    def left(self, variant_id: int, node: FulfillmentNode | None = None) -> int:
        """0 where nobody counted. Only the default node falls back to the variant's own count."""
        where, counted = node or self.default, self._counts.get(variant_id)
        if where is not None:
            own = self._at_nodes.get((variant_id, where.pk))
            counted = count_at(own, counted, is_default=where.is_default)
        if counted is None:
            return 0
        if counted <= 0 and self._at_zero is not None:
            return self._at_zero
        return max(0, counted - self._held(variant_id, where))

    def take(self, variant_id: int, node: FulfillmentNode | None, quantity: int) -> bool:
        """Sets pieces aside: the next who asks here finds fewer. False, and nothing taken, when there are not enough."""
        if self.left(variant_id, node) < quantity:
            return False
        where = node or self.default
        self._reserved[variant_id, where.pk if where else None] += quantity
        return True

    def put_back(self, variant_id: int, node: FulfillmentNode | None, quantity: int) -> None:
        """Undoes a `take`."""
        where = node or self.default
        self._reserved[variant_id, where.pk if where else None] -= quantity

    def _held(self, variant_id: int, where: FulfillmentNode | None) -> int:
        if where is None:
            return sum(pieces for (pk, _node), pieces in self._reserved.items() if pk == variant_id)
        return held_at(self._reserved, variant_id, where.pk, is_default=where.is_default)


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
