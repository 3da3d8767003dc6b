"""Reads of orders. Every page and handler gets its order here, so that "not yours" is decided once."""

from __future__ import annotations

from django.db.models import QuerySet

from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from orders.enums import OrderState
from orders.models import Order


def all_orders(merchant: Merchant) -> QuerySet[Order]:
    """Orders of the merchant's current mode: test orders never stand among live ones."""
    return Order.objects.filter(merchant=merchant, account__mode=merchant.mode)


def get_order(merchant: Merchant, pk: int) -> Order:
    """One order of this merchant, of either mode. Raises NotFound."""
    order = Order.objects.filter(merchant=merchant, pk=pk).select_related("node", "account").first()
    if order is None:
        raise NotFound(f"There is no order {pk}.", hint="It may belong to another merchant.")
    return order


def order_by_jet_id(merchant: Merchant, merchant_order_id: str) -> Order | None:
    """The order with Jet's id, or None when it was never imported."""
    return Order.objects.filter(merchant=merchant, merchant_order_id=merchant_order_id).first()


def completed_orders(merchant: Merchant) -> QuerySet[Order]:
    """Orders that can be refunded and returned, newest first."""
    return all_orders(merchant).filter(state=OrderState.COMPLETE).order_by("-placed_at", "-pk")
