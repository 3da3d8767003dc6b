"""Alarms about orders that nobody answered, 5 and 2 minutes before Jet's window closes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import notify
from jetsync.actions.mail import post_mails
from jetsync.enums import FallbackPolicy, NoticeLevel
from jetsync.mail.kinds import Event
from jetsync.models import Merchant
from jetsync.queries.settings import get_options
from jetsync.wording import counted
from orders.models import Order
from orders.pages import order_list_url, order_url
from orders.queries.clock import ALARM_LEADS, unanswered_orders


@transaction.atomic
def raise_alarms(merchant: Merchant, now: datetime | None = None) -> int:
    """Tells of each order whose alarm is due: one notice and one mail for all of the same alarm. Returns how many.

    Each alarm of an order is raised once, however often and from how many workers this runs. An order that is first
    seen with 2 minutes left gets the second alarm only.
    """
    now = now or timezone.now()
    return sum(_raise(merchant, number, now) for number in range(len(ALARM_LEADS), 0, -1))


def _raise(merchant: Merchant, number: int, now: datetime) -> int:
    due = unanswered_orders(merchant).filter(
        alarms__lt=number, ack_due_at__gt=now, ack_due_at__lte=now + ALARM_LEADS[number - 1]
    )
    # Locked by a rival: being answered, or being told of by another worker. What is left is seen by the next look-out.
    orders = list(due.select_for_update(of=("self",), skip_locked=True))
    if not orders:
        return 0
    Order.objects.filter(merchant=merchant, pk__in=[order.pk for order in orders]).update(alarms=number)
    _tell(merchant, number, orders)
    return len(orders)


def _tell(merchant: Merchant, number: int, orders: list[Order]) -> None:
    first, count = orders[0], len(orders)
    first.merchant = merchant
    minutes = int(ALARM_LEADS[number - 1].total_seconds() // 60)
    is_last = number == len(ALARM_LEADS)
    wait = "waits" if count == 1 else "wait"
    notify(
        merchant,
        f"orders.alarm.{number}",
        f"{counted(count, 'order')} {wait} for an answer with less than {minutes} minutes left",
        level=NoticeLevel.DANGER if is_last else NoticeLevel.WARNING,
        body=f"The most urgent is order {first}. {_what_follows(merchant, is_last=is_last)}",
        url=order_url(first) if count == 1 else order_list_url(merchant, "view=ready"),
        count=count,
    )
    post_mails(merchant, "orders.alarm", [Event(order.pk) for order in orders], about="orders.order")


def _what_follows(merchant: Merchant, *, is_last: bool) -> str:
    options = get_options(merchant)
    if is_last or options.fallback_policy == FallbackPolicy.NOTHING:
        return "Accept or reject it now: Jet withdraws what is not answered."
    return f"When 2 minutes are left: {options.get_fallback_policy_display().lower()}."
