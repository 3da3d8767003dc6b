"""What the settings do with an order that nobody answered, shortly before Jet's window closes."""

from __future__ import annotations

from django.db import transaction

from jetsync.actions.log import notify, record
from jetsync.enums import FallbackPolicy, NoticeLevel
from jetsync.jet.words.orders import AcknowledgementStatus
from jetsync.models import Job, Merchant
from jetsync.queries.settings import get_options
from jetsync.tenancy.actor import SYSTEM
from orders.actions.answer import (
    answer_by_stock,
    lines_of,
    rejection_columns,
    save_columns,
)
from orders.actions.planning import plan_answer
from orders.enums import AnsweredBy
from orders.models import Order
from orders.pages import order_url
from orders.queries.order import lock_order


@transaction.atomic
def apply_fallback(merchant: Merchant, pk: int, *, job: Job | None = None) -> str:
    """What the settings say for an order nobody answered. Returns a sentence; twice changes nothing."""
    order = lock_order(merchant, pk)
    if not order.is_answerable:
        return f"Order {order} has been answered."
    policy = get_options(merchant).fallback_policy
    if policy == FallbackPolicy.NOTHING:
        sentence = f"Order {order} is about to be lost: nobody answered it and the fallback does nothing."
        record(merchant, "orders.order.fallback_idle", sentence, actor=SYSTEM, about=order, job=job)
        return sentence
    answer = _reject(order) if policy == FallbackPolicy.REJECT else _by_stock(order)
    done = "accepted" if answer == AcknowledgementStatus.ACCEPTED else "rejected"
    sentence = f"Nobody answered order {order} in time, so it is {done} as your settings say."
    notify(
        merchant,
        "orders.fallback",
        f"Order {order} was {done} by the fallback",
        level=NoticeLevel.WARNING,
        body=sentence,
        url=order_url(order),
    )
    return sentence


def _reject(order: Order) -> str:
    other = AcknowledgementStatus.REJECTED_OTHER
    save_columns(order, rejection_columns(order, other))
    return plan_answer(order, lines_of(order), other, {}, actor=SYSTEM, by=AnsweredBy.FALLBACK)


def _by_stock(order: Order) -> str:
    return answer_by_stock(order, lines_of(order), by=AnsweredBy.FALLBACK)
