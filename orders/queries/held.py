"""Pieces that orders hold, and which of them are held longer than they should be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Cast, Substr

from catalog.models import Reservation
from jetsync.models import Merchant
from orders.enums import OPEN_STATES, FailureReason
from orders.models import Order, OrderLine
from orders.models.order import RESERVATION_PREFIX

# Jet wants orders shipped within days; one that holds its pieces this long is most likely forgotten.
HELD_LONG = timedelta(days=14)


def held_pieces(merchant: Merchant) -> QuerySet[Reservation]:
    """Reservations neither shipped nor given back. Each has `order_id`, `order_state` and `order_mode`, None when no
    order line stands behind it.
    """
    # A key that names something else must not reach the cast.
    is_line = Q(key__regex=rf"^{RESERVATION_PREFIX}[0-9]{{1,18}}$")
    number = Cast(Substr("key", len(RESERVATION_PREFIX) + 1), BigIntegerField())
    lines = OrderLine.objects.filter(merchant=merchant, pk=OuterRef("line_id"))
    return (
        Reservation.objects.filter(merchant=merchant, released_at=None)
        .annotate(line_id=Case(When(is_line, then=number), default=None, output_field=BigIntegerField()))
        .annotate(
            order_id=_of(lines, "order_id"),
            order_state=_of(lines, "order__state"),
            order_mode=_of(lines, "order__account__mode"),
        )
    )


@dataclass(frozen=True)
class Holder:
    """An order that holds pieces of a SKU for which another order lacks them."""

    variant_id: int
    order_id: int
    order: str
    pieces: int


def holders_of(merchant: Merchant, lines: Iterable[OrderLine]) -> dict[int, list[Holder]]:
    """By variant: which orders hold the pieces that these lines lack, the largest share first. No query without need."""
    lacking = {line.variant_id for line in lines if line.problem == FailureReason.OUT_OF_STOCK}
    lacking.discard(None)
    found: dict[int, list[Holder]] = {}
    if not lacking:
        return found
    rows = held_pieces(merchant).filter(~Q(order_id=None), variant__in=lacking).order_by("-quantity", "pk")
    named = Order.objects.filter(merchant=merchant, pk=OuterRef("order_id"))
    words = rows.annotate(
        order_name=Subquery(named.values("reference_order_id")[:1]),
        jet_name=Subquery(named.values("merchant_order_id")[:1]),
    )
    for row in words.values_list("variant_id", "order_id", "order_name", "jet_name", "quantity"):
        variant, order, name, jet_name, pieces = row
        found.setdefault(variant, []).append(Holder(variant, order, name or jet_name, pieces))
    return found


def _of(lines: QuerySet[OrderLine], name: str) -> Subquery:
    return Subquery(lines.values(name)[:1])


def held_too_long(rows: QuerySet[Reservation], now: datetime) -> QuerySet[Reservation]:
    """Those of `held_pieces` whose order has ended, is of the other mode or is unknown, or that are older than
    HELD_LONG.
    """
    ended = Q(order_state=None) | ~Q(order_state__in=OPEN_STATES)
    return rows.filter(ended | ~Q(order_mode=F("merchant__mode")) | Q(created_at__lt=now - HELD_LONG))


def why_too_long(row: Any, mode: str, now: datetime) -> str:
    """Why a row of `held_pieces` is among those held too long, "" when it is not. `mode`: the merchant's."""
    if row.order_state is None:
        return "No order stands behind it any more."
    if row.order_state not in OPEN_STATES:
        return "Its order has ended."
    if row.order_mode != mode:
        return "Its order belongs to the other mode of your Jet account."
    days = (now - row.created_at).days
    return f"Held for {days} days." if now - row.created_at > HELD_LONG else ""
