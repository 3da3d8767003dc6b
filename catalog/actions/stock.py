"""Pieces promised to orders: reserve, give back, ship. One reservation per key, whatever is repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from catalog.actions.quantity import refresh_quantities
from catalog.models import NodeStock, Reservation, Variant
from catalog.queries.stock import Shelves
from jetsync.actions.log import log_entry, record, record_all
from jetsync.exceptions import InvalidInput
from jetsync.models import FulfillmentNode, Merchant
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.managers import bulk_create

SHIPPED = "shipped"
NEVER_LEFT = "shipped as a test"


@dataclass(frozen=True)
class Wanted:
    """Pieces asked for under a key (an order line). `node` None is the default node.

    `together`: of keys with the same word, one after another, all get their pieces or none. `is_question`: whether the
    pieces are there is answered, and none are promised.
    """

    key: str
    variant: Variant
    quantity: int
    node: FulfillmentNode | None = None
    together: str = ""
    is_question: bool = False


def reserve(
    merchant: Merchant,
    variant: Variant,
    *,
    node: FulfillmentNode | None,
    quantity: int,
    key: str,
    actor: Actor = SYSTEM,
) -> bool:
    """`reserve_many` for one key. False when fewer pieces are available; then nothing is reserved."""
    return not reserve_many(merchant, [Wanted(key, variant, quantity, node)], actor=actor)


@transaction.atomic
def reserve_many(merchant: Merchant, wanted: Sequence[Wanted], *, actor: Actor = SYSTEM) -> set[str]:
    """Promises pieces to each key; returns the keys for which fewer are available. These get nothing, nor do the keys
    that are asked for together with them.

    The variants are locked in order of their pk: of two rivals for the last piece one is refused, and two orders of
    the same SKUs cannot wait for each other. A key that holds or has shipped its pieces keeps them; after a release
    they are promised anew. Lowers what Jet is offered. Raises InvalidInput for a quantity below 1.
    """
    for item in wanted:
        if item.quantity < 1:
            raise InvalidInput(
                f"SKU {item.variant.sku}: {item.quantity} pieces cannot be reserved, 1 or more is needed."
            )
    variants = _lock(merchant, [item.variant.pk for item in wanted])
    known = Reservation.objects.filter(merchant=merchant, key__in=[item.key for item in wanted])
    kept = {row.key for row in known if row.released_at is None or row.reason in {SHIPPED, NEVER_LEFT}}
    asked = [item for item in wanted if item.key not in kept]
    if not asked:
        return set()
    left = Shelves.of(merchant, list(variants.values()))
    given, lacking = _share(left, asked)
    if given:
        _promise(merchant, given, left.default, actor)
        refresh_quantities(merchant, {item.variant.pk for item in given})
    return lacking


def _share(left: Shelves, asked: Sequence[Wanted]) -> tuple[list[Wanted], set[str]]:
    """`(given, lacking)`: who gets pieces, the first one first, and the keys for which there are too few."""
    given: list[Wanted] = []
    lacking: set[str] = set()
    for _together, group in groupby(asked, key=lambda item: item.together or item.key):
        items = list(group)
        taken = [item for item in items if left.take(item.variant.pk, item.node, item.quantity)]
        short = {item.key for item in items} - {item.key for item in taken}
        if not short and not items[0].is_question:
            given += taken
            continue
        for item in taken:
            left.put_back(item.variant.pk, item.node, item.quantity)
        lacking |= short
    return given, lacking


def _promise(
    merchant: Merchant, given: Sequence[Wanted], default: FulfillmentNode | None, actor: Actor
) -> None:
    """A reservation and a line in the log for each: two statements."""
    rows = [
        Reservation(
            merchant=merchant,
            key=item.key,
            variant_id=item.variant.pk,
            node=item.node or default,
            quantity=item.quantity,
        )
        for item in given
    ]
    bulk_create(
        Reservation,
        rows,
        update_conflicts=True,
        unique_fields=["merchant", "key"],
        update_fields=["variant", "node", "quantity", "released_at", "reason"],
    )
    record_all(
        [
            log_entry(
                merchant,
                "catalog.stock.reserved",
                f"SKU {item.variant.sku}: {item.quantity} reserved for {item.key}",
                actor=actor,
                about=item.variant,
                new={"quantity": item.quantity, "key": item.key},
            )
            for item in given
        ]
    )


@dataclass(frozen=True)
class Ended:
    """Pieces whose promise ends: `quantity` of those under the key, all when None."""

    key: str
    quantity: int | None = None
    is_shipped: bool = False
    reason: str = ""


def release(
    merchant: Merchant, key: str, reason: str, *, actor: Actor = SYSTEM, quantity: int | None = None
) -> bool:
    """Gives reserved pieces back (`quantity` of them, all when None). False when nothing is reserved under the key."""
    return bool(end_many(merchant, [Ended(key, quantity, reason=reason)], actor=actor))


def consume(merchant: Merchant, key: str, *, actor: Actor = SYSTEM, quantity: int | None = None) -> bool:
    """The pieces were shipped: the store count is lowered with the reservation, so what Jet is offered stays.

    `quantity` ships a part and keeps the rest reserved. False when nothing is reserved under the key.
    """
    return bool(end_many(merchant, [Ended(key, quantity, is_shipped=True, reason=SHIPPED)], actor=actor))


@transaction.atomic
def end_many(merchant: Merchant, ended: Sequence[Ended], *, actor: Actor = SYSTEM) -> int:
    """Ships or gives back, in the given order; returns how many of them had pieces to end. Twice ends once.

    Locks the variants as `reserve_many` does, and recomputes what Jet is offered once for all.
    """
    keys = {item.key for item in ended}
    rows = Reservation.objects.filter(merchant=merchant, key__in=keys, released_at=None)
    variants = _lock(merchant, rows.values_list("variant_id", flat=True))
    # Read again under the locks: the rival that held them may have ended some in the meantime.
    current = {row.key: row for row in rows.filter(variant__in=list(variants))} if variants else {}
    touched = []
    for item in ended:
        row = current.get(item.key)
        if row is not None and _end(merchant, row, variants[row.variant_id], item, actor):
            touched.append(row.variant_id)
    if touched:
        refresh_quantities(merchant, touched)
    return len(touched)


@transaction.atomic
def resize_many(merchant: Merchant, pieces: Mapping[str, int], *, actor: Actor = SYSTEM) -> set[str]:
    """Makes the promise under each key this large; zero ends it. Keys that hold nothing are left alone.

    Returns the keys for which fewer pieces are available than they lack: these keep what they hold.
    """
    rows = Reservation.objects.filter(merchant=merchant, key__in=pieces, released_at=None)
    variants = _lock(merchant, rows.values_list("variant_id", flat=True))
    refused, touched = set(), set()
    left = Shelves.of(merchant, list(variants.values()))
    for row in rows.filter(variant__in=list(variants)).select_related("node").order_by("pk"):
        variant, more = variants[row.variant_id], pieces[row.key] - row.quantity
        if more < 0:
            _end(merchant, row, variant, Ended(row.key, -more, reason="changed at Jet"), actor)
        elif more and not left.take(variant.pk, row.node, more):
            refused.add(row.key)
            continue
        elif more:
            row.quantity += more
            row.save(update_fields=["quantity"])
            record(
                merchant,
                "catalog.stock.reserved",
                f"SKU {variant.sku}: {more} more reserved for {row.key}",
                actor=actor,
                about=variant,
                new={"quantity": row.quantity, "key": row.key},
            )
        touched.add(row.variant_id)
    if touched:
        refresh_quantities(merchant, touched)
    return refused


def _lock(merchant: Merchant, pks: Iterable[int]) -> dict[int, Variant]:
    rows = Variant.objects.filter(merchant=merchant, pk__in=set(pks)).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}


def _end(merchant: Merchant, row: Reservation, variant: Variant, item: Ended, actor: Actor) -> bool:
    pieces = row.quantity if item.quantity is None else min(item.quantity, row.quantity)
    if pieces < 1 or row.released_at is not None:
        return False
    if pieces == row.quantity:
        row.released_at, row.reason = timezone.now(), item.reason[:120]
        row.save(update_fields=["released_at", "reason"])
    else:
        row.quantity -= pieces
        row.save(update_fields=["quantity"])
    if item.is_shipped:
        _change_store_count(merchant, row, -pieces)
    verb = "shipped" if item.is_shipped else "given back"
    record(
        merchant,
        "catalog.stock.shipped" if item.is_shipped else "catalog.stock.released",
        f"SKU {variant.sku}: {pieces} {verb} for {item.key}"
        + ("" if item.is_shipped else f" ({item.reason})"),
        actor=actor,
        about=variant,
        new={"quantity": pieces, "key": item.key},
    )
    return True


@transaction.atomic
def put_back(merchant: Merchant, keys: Iterable[str], *, actor: Actor) -> int:
    """Raises the store count again by pieces that counted as shipped and never left; returns how many. Twice is once."""
    rows = Reservation.objects.filter(merchant=merchant, key__in=list(keys), reason=SHIPPED)
    variants = _lock(merchant, rows.values_list("variant_id", flat=True))
    pieces = 0
    for row in rows.filter(variant__in=list(variants)):
        row.reason = NEVER_LEFT
        row.save(update_fields=["reason"])
        _change_store_count(merchant, row, row.quantity)
        pieces += row.quantity
        record(
            merchant,
            "catalog.stock.put_back",
            f"SKU {variants[row.variant_id].sku}: {row.quantity} put back, {row.key} was a test and nothing left",
            actor=actor,
            about=variants[row.variant_id],
            new={"quantity": row.quantity, "key": row.key},
        )
    if pieces:
        refresh_quantities(merchant, variants)
    return pieces


def _change_store_count(merchant: Merchant, reservation: Reservation, pieces: int) -> None:
    """At the node where it is counted, else the product's own; never below 0."""
    changed = Greatest(F("quantity") + pieces, Value(0))
    rows = NodeStock.objects.filter(
        merchant=merchant, variant=reservation.variant_id, node=reservation.node_id, quantity__isnull=False
    )
    if reservation.node_id is not None and rows.update(quantity=changed):
        return
    Variant.objects.filter(merchant=merchant, pk=reservation.variant_id, quantity__isnull=False).update(
        quantity=changed
    )
