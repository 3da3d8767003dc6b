"""Reads of shipments."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from orders.enums import ShipmentState
from orders.models import Order, Shipment


def get_shipment(merchant: Merchant, pk: int) -> Shipment:
    """One shipment with its order. Raises NotFound."""
    shipment = (
        Shipment.objects.filter(merchant=merchant, pk=pk).select_related("order", "order__account").first()
    )
    if shipment is None:
        raise NotFound(f"There is no shipment {pk}.")
    return shipment


def shipments_of(order: Order) -> QuerySet[Shipment]:
    return Shipment.objects.filter(merchant=order.merchant_id, order=order).prefetch_related("lines__line")


def waiting_shipments(merchant: Merchant) -> QuerySet[Shipment]:
    """Shipments that Jet has not answered yet, oldest first."""
    return Shipment.objects.filter(
        merchant=merchant, state__in=(ShipmentState.QUEUED, ShipmentState.CHECKING)
    ).order_by("pk")


def orders_of_shipments(merchant: Merchant, ids: Collection[int]) -> QuerySet[Shipment, tuple[int, int]]:
    """Pairs of shipment and order id."""
    return Shipment.objects.filter(merchant=merchant, pk__in=ids).values_list("pk", "order_id")
