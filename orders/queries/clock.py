"""Reads against the acknowledge clock: who is near the end of Jet's 15 minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from jetsync.enums import FallbackPolicy
from jetsync.models import Merchant, Options
from orders.enums import FailureReason, OrderState
from orders.models import Order
from orders.queries.order import answerable_orders, ready_orders

# The fallback acts when this much of Jet's window is left: time for the job and two retries.
FALLBACK_LEAD = timedelta(minutes=2)
# Left of the window at the first alarm and at the second.
ALARM_LEADS = (timedelta(minutes=5), FALLBACK_LEAD)


def unanswered_orders(merchant: Merchant) -> QuerySet[Order]:
    """Ready with no answer on its way, the most urgent first."""
    return answerable_orders(ready_orders(merchant))


@dataclass(frozen=True)
class Waiting:
    """How many orders wait for an answer, and when the first of them is over; None when Jet named no time."""

    count: int
    nearest: datetime | None


def waiting_now(merchant: Merchant) -> Waiting:
    return Waiting(**unanswered_orders(merchant).aggregate(count=Count("pk"), nearest=Min("ack_due_at")))


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
