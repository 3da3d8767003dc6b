"""Looks for SKUs below the merchant's limit: after the limit was changed, and by a schedule beside the stock sync."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions.low_stock import NOTE_ALL, note_all
from jetsync.enums import Queue
from jetsync.models import Merchant
from jetsync.queries.settings import get_options
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext


@handler(NOTE_ALL, label="Look for low stock", right=None, queue=Queue.BULK, lease=timedelta(minutes=5))
def look(context: JobContext) -> None:
    fallen = note_all(context.merchant)
    context.note(f"{fallen:,} SKUs fell below the limit since the last look.")


def _is_wanted(merchant: Merchant) -> bool:
    return get_options(merchant).low_stock_alert


add_schedule(
    ScheduleKind(
        "catalog.low_stock",
        "Low stock",
        timedelta(hours=1),
        NOTE_ALL,
        "Tells you once when the stock of a SKU falls below your threshold.",
        _is_wanted,
        idle="Switched off in the settings.",
    )
)
