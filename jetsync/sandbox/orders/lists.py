"""The order lists (O1, O2, O8) and finding one order."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.marketplace.words import OrderStatus
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.order import Order
from jetsync.sandbox.switches import Switches

LIST_LIMIT = 1000
LISTED_DAYS = 90


def listed_orders(merchant: MerchantAccount, status: str, at: datetime) -> QuerySet[Order]:
    """Orders of a status no older than 90 days, oldest first. Raises Refused (404) for an unknown word."""
    if status.lower() not in OrderStatus.values:
        raise Refused(f"There is no order status '{status}'.", status=404)
    return _recent(merchant, at).filter(status=status.lower())


def directed_cancels(merchant: MerchantAccount, at: datetime) -> QuerySet[Order]:
    """Acknowledged orders that Jet or the shopper wants cancelled. Raises Refused (404) when switched off."""
    if not Switches.of(merchant)["directed_cancel_list"]:
        raise Refused("There is no order status 'directedCancel'.", status=404)
    return _recent(merchant, at).filter(status=OrderStatus.ACKNOWLEDGED, directed_cancel=True)


def narrow(orders: QuerySet[Order], *, is_cancelled: str | None, node_id: str | None) -> QuerySet[Order]:
    """Apply the two filters of 2019; an `isCancelled` that is neither true nor false is ignored."""
    if node_id:
        orders = orders.filter(fulfillment_node=node_id.lower())
    flag = {"true": True, "false": False}.get((is_cancelled or "").lower())
    return orders if flag is None else orders.filter(is_cancelled=flag)


def tagged(orders: QuerySet[Order], tag: str, include: str) -> QuerySet[Order]:
    """Only orders with the tag (`true`) or only orders without it (`false`). Raises Refused (404)."""
    match include.lower():
        case "true":
            return orders.filter(tag=tag)
        case "false":
            return orders.exclude(tag=tag)
    raise Refused(f"'{include}' is neither true nor false.", status=404)


def urls(orders: QuerySet[Order]) -> list[str]:
    ids = orders.values_list("merchant_order_id", flat=True)[:LIST_LIMIT]
    return [f"/orders/withoutShipmentDetail/{order_id}" for order_id in ids]


def get_order(merchant: MerchantAccount, order_id: str) -> Order:
    """The merchant's order. Raises Refused (404)."""
    orders = merchant.orders.all()
    order = orders.filter(merchant_order_id=order_id.lower()).first()
    if order is None and Switches.of(merchant)["reference_id_in_path"]:
        order = orders.filter(reference_order_id=order_id).first()
    if order is None:
        raise Refused(f"Order '{order_id}' was not found.", status=404)
    return order


def _recent(merchant: MerchantAccount, at: datetime) -> QuerySet[Order]:
    rows = merchant.orders.filter(placed_at__gt=at - timedelta(days=LISTED_DAYS))
    return rows.order_by("placed_at", "pk")
