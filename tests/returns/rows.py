"""Orders and returns as plain rows, for pages that need no Jet."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from jetsync.models import JetAccount, Merchant
from orders.enums import OrderState, ShipmentState
from orders.models import Order, OrderLine, Shipment, ShipmentLine
from returns.enums import ReturnStatus
from returns.models import Return, ReturnLine

_numbers = count(301755220000)


def make_order(merchant: Merchant, account: JetAccount, *, quantity: int = 2, **extra: Any) -> Order:
    """A completed order of one line, all units shipped: $24.99 and $3.50 shipping a unit, $3.31 tax."""
    number = next(_numbers)
    values = {"state": OrderState.COMPLETE, "buyer_name": "Ida Marsh", "placed_at": timezone.now(), **extra}
    order = Order.objects.create(
        merchant=merchant,
        account=account,
        merchant_order_id=f"{number:032x}",
        reference_order_id=str(number),
        **values,
    )
    line = OrderLine.objects.create(
        merchant=merchant,
        order=order,
        order_item_id=f"item-{number}",
        sku=f"KETTLE-{number % 1000}",
        title="Stovetop kettle",
        quantity=quantity,
        base_price=Decimal("24.99"),
        item_tax=Decimal("3.31"),
        shipping_cost=Decimal("3.50"),
    )
    shipment = Shipment.objects.create(
        merchant=merchant, order=order, state=ShipmentState.SENT, alt_shipment_id=f"S-{number}"
    )
    ShipmentLine.objects.create(merchant=merchant, shipment=shipment, line=line, quantity=quantity)
    return order


def make_return(order: Order, *, quantity: int = 1, **extra: Any) -> Return:
    """A return of some units of the order's only line, asking for all that was paid for them."""
    line = order.lines.get()
    values = {"status": ReturnStatus.CREATED, "jet_status": "created", "return_date": timezone.now(), **extra}
    returned = Return.objects.create(
        merchant=order.merchant,
        account=order.account,
        order=order,
        merchant_return_authorization_id=f"ret{next(_numbers):029x}",
        reference_return_authorization_id=f"{order.reference_order_id}-{order.returns.count() + 1:02d}",
        merchant_order_id=order.merchant_order_id,
        reference_order_id=order.reference_order_id,
        merchant_return_charge=Decimal("6.85"),
        **values,
    )
    ReturnLine.objects.create(
        merchant=order.merchant,
        parent=returned,
        order_line=line,
        order_item_id=line.order_item_id,
        sku=line.sku,
        title=line.title,
        return_quantity=quantity,
        reason="Unwanted gift",
        requested_principal=line.base_price * quantity,
        requested_shipping_cost=line.shipping_cost * quantity,
    )
    return returned
