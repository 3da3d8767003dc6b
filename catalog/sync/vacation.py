"""Planned vacations begin and end by the clock."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions.vacation import end_vacation, start_vacation
from catalog.queries.vacation import due_to_end, due_to_start, open_vacation
from jetsync.enums import Queue
from jetsync.models import Merchant
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.rights import Right

VACATION = "catalog.vacation"


@handler(VACATION, label="Begin and end vacations", right=Right.PRODUCTS_PUBLISH, queue=Queue.DEFAULT)
def follow_plan(context: JobContext) -> None:
    """Safe to repeat: a vacation is started and ended once."""
    said = []
    if starting := due_to_start(context.merchant):
        start_vacation(starting, actor=SYSTEM)
        said.append("A vacation began.")
    if ending := due_to_end(context.merchant):
        end_vacation(ending, actor=SYSTEM)
        said.append("A vacation ended.")
    context.note(" ".join(said) or "Nothing was due.")


def _is_open(merchant: Merchant) -> bool:
    return open_vacation(merchant) is not None


add_schedule(
    ScheduleKind(
        VACATION,
        "Vacation",
        timedelta(minutes=5),
        VACATION,
        "Archives your SKUs when a planned vacation begins, and opens them again when it ends.",
        _is_open,
        idle="No vacation is planned.",
        # The page promises that a vacation begins and ends within five minutes.
        slowest=timedelta(minutes=5),
    )
)
