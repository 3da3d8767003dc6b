"""Pieces promised to orders: reserve, give back, ship. One reservation per key, whatever is repeated."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from catalog.actions.quantity import refresh_quantities
from catalog.models import NodeStock, Reservation, Variant
from catalog.queries.stock import available_quantity
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput
from jetsync.models import FulfillmentNode, Merchant
from jetsync.queries.settings import default_node
from jetsync.tenancy.actor import SYSTEM, Actor

SHIPPED = "shipped"


@transaction.atomic
def reserve(
    merchant: Merchant,
    variant: Variant,
    *,
    node: FulfillmentNode | None,
    quantity: int,
    key: str,
    actor: Actor = SYSTEM,
) -> bool:
    """Promises pieces to `key` (an order line). False when fewer are available; then nothing is reserved.

    The variant's row is locked, so of two rivals for the last piece one gets False. A second call with a key that
    holds or has shipped its pieces changes nothing and answers True; after a release it promises them anew. `node`
    None is the default node. Lowers what Jet is offered.
    """
    if quantity < 1:
        raise InvalidInput(f"SKU {variant.sku}: {quantity} pieces cannot be reserved, 1 or more is needed.")
    locked = _lock(merchant, variant.pk)
    known = Reservation.objects.filter(merchant=merchant, key=key).first()
    if known is not None and (known.released_at is None or known.reason == SHIPPED):
        return True
    where = node or default_node(merchant)
    if available_quantity(locked, where) < quantity:
        return False
    values = {"variant": locked, "node": where, "quantity": quantity, "released_at": None, "reason": ""}
    Reservation.objects.update_or_create(merchant=merchant, key=key, defaults=values)
    record(
        merchant,
        "catalog.stock.reserved",
        f"SKU {locked.sku}: {quantity} reserved for {key}",
        actor=actor,
        about=locked,
        new={"quantity": quantity, "key": key},
    )
    refresh_quantities(merchant, [locked.pk])
    return True


@transaction.atomic
def release(
    merchant: Merchant, key: str, reason: str, *, actor: Actor = SYSTEM, quantity: int | None = None
) -> bool:
    """Gives reserved pieces back (`quantity` of them, all when None). False when nothing is reserved under the key."""
    return _end(merchant, key, reason=reason, quantity=quantity, actor=actor, shipped=False)


@transaction.atomic
def consume(merchant: Merchant, key: str, *, actor: Actor = SYSTEM, quantity: int | None = None) -> bool:
    """The pieces were shipped: the store count is lowered with the reservation, so what Jet is offered stays.

    `quantity` ships a part and keeps the rest reserved. False when nothing is reserved under the key.
    """
    return _end(merchant, key, reason=SHIPPED, quantity=quantity, actor=actor, shipped=True)


def _lock(merchant: Merchant, pk: int) -> Variant:
    rows = Variant.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(merchant=merchant, pk=pk)


def _end(
    merchant: Merchant, key: str, *, reason: str, quantity: int | None, actor: Actor, shipped: bool
) -> bool:
    known = Reservation.objects.filter(merchant=merchant, key=key, released_at=None).first()
    if known is None:
        return False
    variant = _lock(merchant, known.variant_id)
    # The rival that held the lock may have ended it in the meantime.
    current = Reservation.objects.filter(pk=known.pk, merchant=merchant, released_at=None).first()
    if current is None:
        return False
    pieces = current.quantity if quantity is None else min(quantity, current.quantity)
    if pieces < 1:
        return False
    if pieces == current.quantity:
        current.released_at, current.reason = timezone.now(), reason[:120]
        current.save(update_fields=["released_at", "reason"])
    else:
        current.quantity -= pieces
        current.save(update_fields=["quantity"])
    if shipped:
        _lower_store_count(merchant, current, pieces)
    verb = "shipped" if shipped else "given back"
    record(
        merchant,
        "catalog.stock.shipped" if shipped else "catalog.stock.released",
        f"SKU {variant.sku}: {pieces} {verb} for {key}" + ("" if shipped else f" ({reason})"),
        actor=actor,
        about=variant,
        new={"quantity": pieces, "key": key},
    )
    refresh_quantities(merchant, [variant.pk])
    return True


def _lower_store_count(merchant: Merchant, reservation: Reservation, pieces: int) -> None:
    lowered = Greatest(F("quantity") - pieces, Value(0))
    rows = NodeStock.objects.filter(
        merchant=merchant, variant=reservation.variant_id, node=reservation.node_id, quantity__isnull=False
    )
    if reservation.node_id is not None and rows.update(quantity=lowered):
        return
    Variant.objects.filter(merchant=merchant, pk=reservation.variant_id, quantity__isnull=False).update(
        quantity=lowered
    )
