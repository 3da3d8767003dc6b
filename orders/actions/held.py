"""Giving pieces back that an order holds longer than it should."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from catalog.actions.stock import Ended, end_many
from jetsync.actions.log import record
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.wording import counted
from orders.models import Order
from orders.queries.held import held_pieces


@transaction.atomic
def release_held(merchant: Merchant, pks: Collection[int], *, actor: Actor) -> int:
    """Gives these reservations back to the store; returns how many were still held. Twice gives back once.

    Jet is offered the pieces again by the job that this asks for. Each order's time line says who did it.
    """
    rows: list[Any] = list(held_pieces(merchant).filter(pk__in=pks).select_related("variant").order_by("pk"))
    ended = end_many(
        merchant, [Ended(row.key, reason=f"released by {actor.label}") for row in rows], actor=actor
    )
    orders = Order.objects.filter(merchant=merchant).in_bulk({row.order_id for row in rows if row.order_id})
    for row in rows:
        if row.order_id in orders:
            record(
                merchant,
                "orders.order.pieces_released",
                f"{counted(row.quantity, 'piece')} of {row.variant.sku} held for order {orders[row.order_id]} given back.",
                actor=actor,
                about=orders[row.order_id],
                old={"reserved": row.quantity},
                new={"reserved": 0},
            )
    return ended
