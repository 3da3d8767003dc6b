"""The watch over Jet's 15 minutes: makes up for fallbacks that did not act, and raises the alarms."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from jetsync.enums import Queue
from jetsync.models import Merchant
from jetsync.sync.registry import Watch, add_watch, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.actions.alarm import raise_alarms
from orders.actions.fallback import apply_fallback
from orders.models import Order
from orders.queries.clock import fallback_due, merchants_near_the_end
from orders.queries.job import Work, was_cancelled
from orders.sync.batch import each


# A dead worker keeps this job for its lease and 15 s more; the second alarm has 120.
@handler(
    "orders.clock",
    label="Watch orders about to be lost",
    right=Right.ORDERS_ACKNOWLEDGE,
    queue=Queue.URGENT,
    lease=timedelta(seconds=20),
)
def watch_clock(ctx: JobContext) -> None:
    """1. answer what a fallback should have answered; 2. raise the alarms that are due. Twice does each once."""
    answered: list[int] = []

    def make_up_for(pk: int) -> None:
        ctx.heartbeat()
        if _make_up_for(ctx.merchant, pk):
            answered.append(pk)

    each(list(fallback_due(ctx.merchant, timezone.now()).values_list("pk", flat=True)), make_up_for)
    alarms = raise_alarms(ctx.merchant)
    done = counted(len(answered), "order")
    ctx.note(f"{done} answered as the settings say, {counted(alarms, 'alarm')} raised.")


def _make_up_for(merchant: Merchant, pk: int) -> bool:
    """The order's own fallback job may be with a worker that died. One that a person cancelled stays cancelled."""
    if was_cancelled(merchant, Work("orders.fallback", Order, pk)):
        return False
    apply_fallback(merchant, pk)
    return True


add_watch(Watch("orders.clock", "orders.clock", merchants_near_the_end))
