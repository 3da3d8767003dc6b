"""Pieces that orders hold, and which of them are held longer than they should be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Cast, Substr

from catalog.models import Reservation
from jetsync.models import Merchant
from orders.enums import OPEN_STATES
from orders.models import OrderLine
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
