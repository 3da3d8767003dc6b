"""An order as the API shows it (O3, O4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from jetsync.sandbox.http import net_time
from jetsync.sandbox.marketplace.money import number, order_totals
from jetsync.sandbox.models.order import Order, OrderItem
from jetsync.sandbox.orders.actions import shipment_record

# Ids of the two commission parts, the same for every order.
BASE_COMMISSION_ID = "0c5b6f7d1c8e4a0f9d2b7a4e61f35810"
VARIABLE_COMMISSION_ID = "7be1f0a94d2345c6a8e9035d1b7c6f42"


def order_record(order: Order, *, always_shipments: bool = False) -> dict[str, Any]:
    """The order object. Keys that have nothing to say yet are absent, as Jet left them out; money is in dollars."""
    items = list(order.items.all())
    shipments = list(order.shipments.all())
    record = _head(order, has_shipments=bool(shipments)) | {
        "order_detail": {
            "request_shipping_carrier": order.carrier,
            "request_shipping_method": order.method,
            "request_service_level": order.service_level,
            "request_ship_by": net_time(order.ship_by, zulu=True),
            "request_delivery_by": net_time(order.deliver_by, zulu=True),
        },
        "buyer": order.buyer,
        "shipping_to": order.shipping_to,
        "order_totals": _totals(items),
        "order_items": [_item(item) for item in items],
    }
    if shipments or always_shipments:
        record["shipments"] = [shipment_record(shipment) for shipment in shipments]
    return record


def _head(order: Order, *, has_shipments: bool) -> dict[str, Any]:
    head: dict[str, Any] = {
        "merchant_order_id": order.merchant_order_id,
        "reference_order_id": order.reference_order_id,
        "customer_reference_order_id": order.customer_reference_order_id,
        "fulfillment_node": order.fulfillment_node,
        "alt_order_id": order.alt_order_id,
        "hash_email": order.hash_email,
        "status": order.status,
    }
    if order.exception_state:
        head["exception_state"] = order.exception_state
    if order.acknowledgement_status:
        head["acknowledgement_status"] = order.acknowledgement_status
    head["order_placed_date"] = net_time(order.placed_at, zulu=True)
    head["order_transmission_date"] = net_time(order.transmitted_at, zulu=True)
    if order.ready_at is not None:
        head["order_ready_date"] = net_time(order.ready_at, zulu=True)
    if order.acknowledged_at is not None:
        head["order_acknowledge_date"] = net_time(order.acknowledged_at, zulu=True)
    head["has_shipments"] = has_shipments
    head["jet_request_directed_cancel"] = order.directed_cancel
    return head


def _item(item: OrderItem) -> dict[str, Any]:
    record: dict[str, Any] = {
        "order_item_id": item.order_item_id,
        "alt_order_item_id": item.alt_order_item_id,
        "merchant_sku": item.merchant_sku,
        "product_title": item.product_title,
        "request_order_quantity": item.quantity,
    }
    if item.cancel_quantity:
        record["request_order_cancel_qty"] = item.cancel_quantity
    record |= {
        "item_tax_code": item.item_tax_code,
        "url": item.url,
        "item_fees": float(item.base_fee + item.variable_fee),
        "fee_adjustments": _fees(item.base_fee, item.variable_fee),
        "regulatory_fees": None,
        "item_price": {
            "base_price": float(item.base_price),
            "item_tax": number(item.item_tax),
            "item_shipping_cost": float(item.shipping_cost),
            "item_shipping_tax": number(item.shipping_tax),
        },
    }
    if item.cancelled and item.shipped:
        record["price_adjustment"] = -float(item.base_price * item.cancelled)
    if item.acknowledgement_status:
        record["order_item_acknowledgement_status"] = item.acknowledgement_status
    return record


def _totals(items: list[OrderItem]) -> dict[str, Any]:
    totals = order_totals(items)
    return {
        "item_price": {
            "base_price": float(totals.base_price),
            "item_tax": number(totals.item_tax),
            "item_shipping_cost": float(totals.shipping_cost),
            "item_shipping_tax": number(totals.shipping_tax),
        },
        "item_fees": float(totals.base_fee + totals.variable_fee),
        "fee_adjustments": _fees(totals.base_fee, totals.variable_fee),
        "regulatory_fees": None,
    }


def _fees(base: Decimal, variable: Decimal) -> list[dict[str, Any]]:
    return [
        {
            "adjustment_name": "Base commission",
            "adjustment_type": "base",
            "commission_id": BASE_COMMISSION_ID,
            "value": float(base),
        },
        {
            "adjustment_name": "Variable commission",
            "adjustment_type": "variable",
            "commission_id": VARIABLE_COMMISSION_ID,
            "value": float(variable),
        },
    ]
