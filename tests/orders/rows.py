"""Order rows for tests of pages and pure rules: made through the import, without any Jet."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from jetsync.jet.dates import format_jet
from jetsync.models import JetAccount, Merchant
from orders.actions.importing import store_order
from orders.models import Order
from orders.reading import read_order
from orders.validators import LineInput, ShipmentInput

_numbers = count(301755224861)


def line(sku: str = "KETTLE-1", quantity: int = 1, cancel: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "order_item_id": f"{next(_numbers):032x}",
        "merchant_sku": sku,
        "product_title": f"Stovetop kettle {sku}",
        "request_order_quantity": quantity,
        "request_order_cancel_qty": cancel,
        "item_price": {
            "base_price": 24.99,
            "item_tax": 4.97,
            "item_shipping_cost": 3.5,
            "item_shipping_tax": None,
        },
        "item_fees": 3.75,
        **more,
    }


def jet_order(
    *lines: dict[str, Any], status: str = "ready", ready_at: datetime | None = None, **more: Any
) -> dict[str, Any]:
    """An order as Jet writes it."""
    number = next(_numbers)
    ready_at = ready_at or timezone.now()
    placed = ready_at - timedelta(minutes=30)
    data = {
        "merchant_order_id": f"{number:032x}",
        "reference_order_id": str(number),
        "customer_reference_order_id": f"77{number}",
        "fulfillment_node": "a" * 32,
        "hash_email": f"q{number}@customer.jet.com",
        "status": status,
        "order_placed_date": format_jet(placed),
        "order_transmission_date": format_jet(placed),
        "order_ready_date": format_jet(ready_at),
        "has_shipments": False,
        "jet_request_directed_cancel": False,
        "order_detail": {
            "request_shipping_carrier": "FedEx",
            "request_shipping_method": "FedEx Ground",
            "request_service_level": "Standard",
            "request_ship_by": format_jet(ready_at + timedelta(days=1)),
            "request_delivery_by": format_jet(ready_at + timedelta(days=6)),
        },
        "buyer": {"name": "Ida Marsh", "phone_number": "2015550143"},
        "shipping_to": {
            "recipient": {"name": "Ida Marsh", "phone_number": "2015550143"},
            "address": {
                "address1": "48 Quarry Lane",
                "address2": "Unit 3",
                "city": "Montclair",
                "state": "NJ",
                "zip_code": "07042",
            },
        },
        "order_totals": {"item_fees": 3.75},
        "order_items": list(lines) or [line()],
        **more,
    }
    if status in {"acknowledged", "inprogress", "complete"} and "acknowledgement_status" not in more:
        data |= {"acknowledgement_status": "accepted", "order_acknowledge_date": format_jet(ready_at)}
    return data


def store(merchant: Merchant, account: JetAccount, data: dict[str, Any]) -> Order:
    return store_order(merchant, account, read_order(deepcopy(data)), seen_at=timezone.now()).order


def make_order(merchant: Merchant, account: JetAccount, *lines: dict[str, Any], **values: Any) -> Order:
    """Stored through the import; `status` is Jet's word."""
    return store(merchant, account, jet_order(*lines, **values))


def parcel(
    order: Order, quantity: int, cancel: int = 0, *, sku: str = "KETTLE-1", **more: object
) -> ShipmentInput:
    line = order.lines.get(sku=sku)
    now = timezone.now()
    data = ShipmentInput(
        carrier="FedEx",
        method="FedExGround",
        tracking_number="612999aa10ba",
        shipped_at=now + timedelta(minutes=1),
        expected_delivery_at=now + timedelta(days=4),
        pick_up_at=now + timedelta(hours=3),
        ship_from_zip="07030",
        lines=(LineInput(line.pk, quantity, cancel),),
        confirms_tracking=True,  # the same number on every parcel of a test
    )
    return replace(data, **more)
