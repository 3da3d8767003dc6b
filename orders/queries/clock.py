"""Reads against the acknowledge clock: who is near the end of Jet's 15 minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from jetsync.enums import FallbackPolicy
from jetsync.models import Merchant, Options
from orders.enums import FailureReason, OrderState
from orders.models import Order
from orders.queries.order import answerable_orders, new_orders_since, ready_orders

# The fallback acts when this much of Jet's window is left: time for the job and two retries.
FALLBACK_LEAD = timedelta(minutes=2)
# Left of the window at the first alarm and at the second.
ALARM_LEADS = (timedelta(minutes=5), FALLBACK_LEAD)


def unanswered_orders(merchant: Merchant) -> QuerySet[Order]:
    """Ready with no answer on its way, the most urgent first."""
    return answerable_orders(ready_orders(merchant))


@dataclass(frozen=True)
class Pulse:
    """How many orders wait for an answer, when the first of them is over (None when Jet named no time), and how many
    came since a moment. `is_off`: fetching is switched off, so nothing comes.
    """

    waiting: int
    nearest: datetime | None
    new: int
    is_off: bool = False


def pulse(merchant: Merchant, since: datetime) -> Pulse:
    """What stands above every part of the list of orders; one query. `since`: from when on an order is new."""
    waiting = unanswered_orders(merchant)
    row = Merchant.objects.filter(pk=merchant.pk).values_list(
        _count(waiting),
        Subquery(waiting.filter(ack_due_at__isnull=False).values("ack_due_at")[:1]),
        _count(new_orders_since(merchant, since)),
        Exists(Options.objects.filter(merchant=OuterRef("pk"), pull_orders=False)),
    )
    return Pulse(*row.get())


def _count(orders: QuerySet[Order]) -> Coalesce:
    """The number of orders as a value inside a query."""
    return Coalesce(Subquery(orders.order_by().values("merchant").annotate(n=Count("pk")).values("n")), 0)


def _fallback_due(now: datetime) -> Q:
    """What the fallback should have answered by now. A refusal of Jet's is left to a person, who may know better."""
    return Q(ack_due_at__gt=now, ack_due_at__lte=now + FALLBACK_LEAD) & ~Q(
        failure_reason=FailureReason.ANSWER_REFUSED
    )


def fallback_due(merchant: Merchant, now: datetime) -> QuerySet[Order]:
    """Orders whose fallback should have acted, whatever became of the job that was to do it."""
    return unanswered_orders(merchant).filter(_fallback_due(now))


def merchants_near_the_end(now: datetime) -> Iterable[int]:
    """Ids of the merchants with an alarm to raise or a fallback to make up for: one query over all of them."""
    alarm = Q(ack_due_at__lte=now + ALARM_LEADS[0], alarms=0) | Q(
        ack_due_at__lte=now + ALARM_LEADS[1], alarms=1
    )
    acts = Exists(
        Options.objects.filter(merchant=OuterRef("merchant")).exclude(fallback_policy=FallbackPolicy.NOTHING)
    )
    rows = Order.objects.filter(
        state=OrderState.READY,
        planned_answer="",
        ack_due_at__gt=now,
        ack_due_at__lte=now + ALARM_LEADS[0],
        account__mode=F("merchant__mode"),
    )
    return rows.filter(alarm | (_fallback_due(now) & acts)).values_list("merchant_id", flat=True).distinct()
