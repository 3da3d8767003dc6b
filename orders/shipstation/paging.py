"""Pages of one export window. The next page begins where the one before ended, not at a row number.

Between two pages orders change, and a changed order leaves its place for the end of the window or behind it. Counted by
rows, every order after it would move up and one at the edge of the pages would be passed over for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from orders.models import Order

PAGE_SIZE = 100


@dataclass(frozen=True)
class Page:
    """`cursor` is to be kept for the next page of the same window."""

    number: int
    pages: int
    orders: Sequence[Order]
    cursor: dict[str, Any]


def window_name(start: datetime, end: datetime) -> str:
    return f"{start.isoformat()}/{end.isoformat()}"


def read_page(orders: QuerySet[Order], number: int, cursor: dict[str, Any], window: str) -> Page:
    """Page `number` (from 1) of `orders`, which are sorted by (updated_at, pk). Two queries and what `orders` prefetches.

    A page asked for out of turn, of which no beginning is kept, is found by counting.
    """
    known = cursor.get("after", {}) if cursor.get("window") == window else {}
    after = known.get(str(number)) if number > 1 else None
    begin = parse_datetime(after[0]) if after else None
    if after and begin:
        rest = orders.filter(Q(updated_at__gt=begin) | Q(updated_at=begin, pk__gt=after[1]))
        total, first, behind = rest.count(), 0, number - 1
    else:
        rest, behind = orders, 0
        total, first = rest.count(), (number - 1) * PAGE_SIZE
    rows = list(rest[first : first + PAGE_SIZE]) if first < total else []
    kept = {str(number): after} if after else {}
    if rows:
        kept[str(number + 1)] = [rows[-1].updated_at.isoformat(), rows[-1].pk]
    pages = max(1, behind + -(-total // PAGE_SIZE))
    return Page(number, pages, rows, {"window": window, "after": kept})
