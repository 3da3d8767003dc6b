"""Reads of orders. Every page and handler gets its order here, so that "not yours" is decided once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from jetsync.queries.settings import account_in_use
from orders.enums import (
    FAILED_STATES,
    STORE_ORDER_REASONS,
    FailureReason,
    OrderState,
)
from orders.models import Order, OrderLine


def all_orders(merchant: Merchant) -> QuerySet[Order]:
    """Orders of the merchant's current mode: test orders never stand among live ones."""
    return Order.objects.filter(merchant=merchant, account=account_in_use(merchant))


def listed_orders(merchant: Merchant) -> QuerySet[Order]:
    """The same with their lines, for pages of many: without Jet's JSON, which no list shows. Two queries."""
    lines = Prefetch("lines", queryset=OrderLine.objects.defer("raw"))
    return all_orders(merchant).defer("raw").prefetch_related(lines)


def get_order(merchant: Merchant, pk: int) -> Order:
    """One order of this merchant, of either mode. Raises NotFound."""
    order = Order.objects.filter(merchant=merchant, pk=pk).select_related("node", "account").first()
    if order is None:
        raise NotFound(f"There is no order {pk}.", hint="It may belong to another merchant.")
    order.merchant = merchant  # it is his: not to be read again
    return order


def order_by_jet_id(merchant: Merchant, merchant_order_id: str) -> Order | None:
    """The order with Jet's id, or None when it was never imported."""
    return Order.objects.filter(merchant=merchant, merchant_order_id=merchant_order_id).first()


def completed_orders(merchant: Merchant) -> QuerySet[Order]:
    """Orders that can be refunded and returned, newest first."""
    return all_orders(merchant).filter(state=OrderState.COMPLETE).order_by("-placed_at", "-pk")


def lock_order(merchant: Merchant, pk: int) -> Order:
    """The order, locked until the transaction ends; every change of an order starts here. Raises NotFound."""
    order = (
        Order.objects.select_for_update(of=("self",))
        .select_related("account", "node", "merchant")
        .filter(merchant=merchant, pk=pk)
        .first()
    )
    if order is None:
        raise NotFound(f"There is no order {pk}.", hint="It may belong to another merchant.")
    return order


def ready_orders(merchant: Merchant) -> QuerySet[Order]:
    """What waits for an answer, the most urgent first."""
    return all_orders(merchant).filter(state=OrderState.READY).order_by("ack_due_at", "pk")


# Jet hands orders over within hours; the bound keeps the count on the index.
_PLACED_WITHIN = timedelta(days=7)


def new_orders_since(merchant: Merchant, since: datetime) -> QuerySet[Order]:
    """Orders that were imported since then, of those placed in the week before."""
    return all_orders(merchant).filter(placed_at__gte=since - _PLACED_WITHIN, created_at__gte=since)


# Jet may list these again as something that can be delivered: unreadable, of an unknown word, or given up for lost.
_READ_AGAIN = (OrderState.CREATED, OrderState.FAILED, OrderState.EXPIRED)


def orders_to_read(merchant: Merchant, listed: list[str], limit: int) -> tuple[list[str], bool]:
    """`(ids, is_more)`: which of Jet's listed orders are to be read now, and whether never seen ones are left over.

    Those never seen come first, so that orders which cannot be read, however many, keep no other from its 15 minutes.
    """
    rows = Order.objects.filter(merchant=merchant, merchant_order_id__in=listed)
    states = dict(rows.values_list("merchant_order_id", "state"))
    unseen = [order_id for order_id in listed if order_id not in states]
    again = [order_id for order_id in listed if states.get(order_id) in _READ_AGAIN]
    return [*unseen, *again][:limit], len(unseen) > limit


def answerable_orders(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Those of them that are ready with no answer on its way."""
    return orders.filter(state=OrderState.READY, planned_answer="")


def failed_count(merchant: Merchant) -> int:
    return all_orders(merchant).filter(state__in=FAILED_STATES).count()


# Open orders that need a person although they have not ended.
_STILL_OPEN = (
    FailureReason.ANSWER_REFUSED,
    FailureReason.SHIPMENT_REFUSED,
    FailureReason.UNKNOWN_STATUS,
    *STORE_ORDER_REASONS,
)


def failed_orders(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The work list: what came to nothing, and what a person has to mend."""
    return orders.filter(Q(state__in=FAILED_STATES) | _TO_MEND)


# Ready with a problem, or open all the same with one.
_TO_MEND = (Q(state=OrderState.READY) & ~Q(failure_reason="")) | Q(failure_reason__in=_STILL_OPEN)


def failed_today(merchant: Merchant) -> int:
    """The number in the menu: what a person has to mend, and what ended in the last 24 hours; it must not grow for ever."""
    since = timezone.now() - timedelta(hours=24)
    ended = Q(state__in=FAILED_STATES, updated_at__gte=since)
    return all_orders(merchant).filter(ended | (_TO_MEND & ~Q(state__in=FAILED_STATES))).count()


def search_orders(
    orders: QuerySet[Order], merchant: Merchant, words: str, *, with_buyers: bool
) -> QuerySet[Order]:
    """By the start of an order id, a part of a SKU, and for those who may a part of the buyer's name."""
    text = words.strip()
    if not text:
        return orders
    lines = OrderLine.objects.filter(merchant=merchant, sku__icontains=text).values("order_id")
    found = (
        Q(reference_order_id__startswith=text)
        | Q(merchant_order_id__startswith=text.lower())
        | Q(alt_order_id=text)
        | Q(pk__in=lines)
    )
    if with_buyers:
        found |= Q(buyer_name__icontains=text)
    return orders.filter(found)
