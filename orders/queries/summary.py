"""What the home page says about orders; three queries whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from jetsync.models import Merchant
from orders.days import begin_of, last_days
from orders.enums import FAILED_STATES, SHIPPABLE_STATES, UNSHIPPED_STATES, OrderState
from orders.models import Order
from orders.queries.answer_times import AnswerTimes, answer_times
from orders.queries.order import all_orders, ready_orders
from orders.queries.sales import SOLD, CancelledSales, cancelled_by_day

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
    since = begin_of(merchant, last_days(merchant, RECENT.days, now)[0])
    recent = Q(state__in=FAILED_STATES, placed_at__gte=since)
    counted = all_orders(merchant).filter(Q(state__in=SHIPPABLE_STATES) | recent)
    numbers = counted.aggregate(
        to_ship=Count("pk", filter=Q(state=OrderState.ACKNOWLEDGED)),
        in_progress=Count("pk", filter=Q(state=OrderState.IN_PROGRESS)),
        near=Count("pk", filter=Q(state__in=SHIPPABLE_STATES, deliver_by__lt=now + NEAR)),
        failed=Count("pk", filter=recent),
    )
    (times,) = answer_times(merchant, RECENT.days, now=now)
    return OrderSummary(ready=list(ready_orders(merchant)[:READY_SHOWN]), times=times, **numbers)


@dataclass(frozen=True)
class OrderDay:
    """`orders` are those of the day that were not rejected, missed, failed or wholly cancelled; `sales` in dollars what
    they are worth without their cancelled units.
    """

    day: date
    orders: int
    sales: Decimal


def orders_by_state(merchant: Merchant) -> dict[str, int]:
    """Of the last 30 days of the merchant's own calendar, and whatever is still open. One query."""
    since = begin_of(merchant, last_days(merchant, RECENT.days)[0])
    rows = all_orders(merchant).filter(Q(placed_at__gte=since) | Q(state__in=UNSHIPPED_STATES))
    return dict(rows.values_list("state").annotate(orders=Count("pk")).order_by())


def states_by_day(merchant: Merchant, days: int = RECENT.days) -> dict[date, dict[str, int]]:
    """Orders of every state by the day they were placed; days without any are left out. One query."""
    begin = begin_of(merchant, last_days(merchant, days)[0])
    rows = (
        all_orders(merchant)
        .filter(placed_at__gte=begin)
        .annotate(day=TruncDate("placed_at", tzinfo=merchant.zone))
        .values_list("day", "state")
        .annotate(orders=Count("pk"))
        .order_by()
    )
    found: dict[date, dict[str, int]] = {}
    for day, state, count in rows:
        found.setdefault(day, {})[state] = count
    return found


def orders_by_day(merchant: Merchant, days: int = RECENT.days) -> list[OrderDay]:
    """Each of the last `days` days of the merchant's own calendar, oldest first, also empty ones. Two queries."""
    zone = merchant.zone
    wanted = last_days(merchant, days)
    sold = all_orders(merchant).filter(SOLD, placed_at__gte=begin_of(merchant, wanted[0]))
    rows = (
        sold.annotate(day=TruncDate("placed_at", tzinfo=zone))
        .values_list("day")
        .annotate(orders=Count("pk"), sales=Sum("total"))
        .order_by()
    )
    cancelled, none = cancelled_by_day(sold, zone), CancelledSales()
    found = {
        day: OrderDay(
            day,
            count - len(cancelled.get(day, none).whole),
            (sales or Decimal(0)) - cancelled.get(day, none).amount,
        )
        for day, count, sales in rows
    }
    return [found.get(day, OrderDay(day, 0, Decimal(0))) for day in wanted]
