"""What a file of daily reports holds: one row per day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from operator import attrgetter

from jetsync.models import Merchant
from jetsync.panel.list_sheets import Sheet, SheetColumn, moment
from jetsync.tenancy.actor import Actor
from refunds.models import DailyReport


def daily_rows(merchant: Merchant, ids: Sequence[int]) -> Iterator[DailyReport]:
    """One query."""
    found = DailyReport.objects.filter(merchant=merchant).in_bulk(list(ids))
    return (found[pk] for pk in ids if pk in found)


def daily_columns(_actor: Actor, zone: tzinfo) -> list[SheetColumn]:
    return [
        SheetColumn("Day", lambda row: f"{row.day:%Y-%m-%d}"),
        SheetColumn("Orders", attrgetter("orders")),
        SheetColumn("Sales (USD)", attrgetter("sales")),
        SheetColumn("Returns opened", attrgetter("returns")),
        SheetColumn("Returns completed", attrgetter("completed_returns")),
        SheetColumn("Given back by returns (USD)", attrgetter("returned")),
        SheetColumn("Refunds", attrgetter("refunds")),
        SheetColumn("Refunded (USD)", attrgetter("refunded")),
        SheetColumn("Net (USD)", attrgetter("net")),
        *moment("Counted", attrgetter("counted_at"), zone),
    ]


DAILY_SHEET = Sheet("daily-reports", daily_columns, daily_rows)
