"""What the home page says about orders; three queries whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from jetsync.models import Merchant
from orders.enums import FAILED_STATES, SHIPPABLE_STATES, OrderState
from orders.models import Order
from orders.queries.answer_times import AnswerTimes, answer_times
from orders.queries.order import all_orders, ready_orders

# A delivery date this near stands out while the order is open.
NEAR = timedelta(days=2)
# Lines of the home card; the list has the rest.
READY_SHOWN = 5
RECENT = timedelta(days=30)


@dataclass(frozen=True)
class OrderSummary:
    """`near` are open orders that should arrive within two days or should have arrived."""

    ready: list[Order]
    to_ship: int
    in_progress: int
    near: int
    failed: int
    times: AnswerTimes


def order_summary(merchant: Merchant) -> OrderSummary:
    now = timezone.now()
    recent = Q(state__in=FAILED_STATES, placed_at__gte=now - RECENT)
    counted = all_orders(merchant).filter(Q(state__in=SHIPPABLE_STATES) | recent)
    numbers = counted.aggregate(
        to_ship=Count("pk", filter=Q(state=OrderState.ACKNOWLEDGED)),
        in_progress=Count("pk", filter=Q(state=OrderState.IN_PROGRESS)),
        near=Count("pk", filter=Q(state__in=SHIPPABLE_STATES, deliver_by__lt=now + NEAR)),
        failed=Count("pk", filter=recent),
    )
    (times,) = answer_times(merchant, RECENT.days, now=now)
    return OrderSummary(ready=list(ready_orders(merchant)[:READY_SHOWN]), times=times, **numbers)
