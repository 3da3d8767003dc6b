"""Jet's order object as plain facts. Reads anything: what is missing or malformed becomes empty, never an error.

The typed client proves the shape on the way in; this reads the JSON that is stored beside the order, so that an
order stays readable when Jet sends words and values nobody has seen before. Source: orders.md section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from jetsync.jet.dates import parse_jet
from jetsync.jet.words.orders import ExceptionState, OrderStatus
from orders.amounts import ZERO, cents, order_charged
from orders.enums import OrderState

Json = Mapping[str, Any]


@dataclass(frozen=True)
class LineFacts:
    order_item_id: str
    alt_order_item_id: str
    sku: str
    title: str
    quantity: int
    cancel_requested: int
    base_price: Decimal
    item_tax: Decimal
    shipping_cost: Decimal
    shipping_tax: Decimal
    fees: Decimal
    ack_status: str
    raw: Json


@dataclass(frozen=True)
class UnitFacts:
    sku: str
    quantity: int
    cancel_quantity: int
    rma_number: str
    days_to_return: int | None
    return_location: Json | None


@dataclass(frozen=True)
class ShipmentFacts:
    alt_shipment_id: str
    jet_shipment_id: str
    carrier: str
    method: str
    tracking_number: str
    shipped_at: datetime | None
    expected_delivery_at: datetime | None
    pick_up_at: datetime | None
    ship_from_zip: str
    units: tuple[UnitFacts, ...]
    raw: Json


@dataclass(frozen=True)
class OrderFacts:
    """`fields` are the columns of Order that Jet decides; `status` is Jet's own word."""

    merchant_order_id: str
    status: str
    fields: dict[str, Any]
    lines: tuple[LineFacts, ...]
    shipments: tuple[ShipmentFacts, ...]
    raw: Json

    @property
    def is_rejected(self) -> bool:
        answer = str(self.fields["acknowledgement_status"])
        return (
            answer.startswith("rejected") or self.fields["exception_state"] == ExceptionState.ORDER_REJECTED
        )

    @property
    def was_accepted(self) -> bool:
        """Somebody answered yes: Jet shows a date, the word or a parcel."""
        if self.is_rejected:
            return False
        answered = self.fields["acknowledged_at"] is not None or self.fields["acknowledgement_status"] != ""
        return answered or bool(self.shipments)

    def state(self) -> OrderState | None:
        """Our state for what Jet shows; None for a status word that is new to us.

        A completed order that nobody ever accepted was withdrawn by Jet: the window was missed.
        """
        if self.is_rejected:
            return OrderState.REJECTED
        if self.status == OrderStatus.COMPLETE and not self.was_accepted:
            return OrderState.EXPIRED
        known = {
            OrderStatus.CREATED: OrderState.CREATED,
            OrderStatus.READY: OrderState.READY,
            OrderStatus.ACKNOWLEDGED: OrderState.ACKNOWLEDGED,
            OrderStatus.INPROGRESS: OrderState.IN_PROGRESS,
            OrderStatus.COMPLETE: OrderState.COMPLETE,
        }
        return known.get(OrderStatus(self.status)) if self.status in set(OrderStatus) else None


def text(data: Json, key: str, limit: int = 200) -> str:
    """A text or number as text, cut; "" for null, objects and lists."""
    value = data.get(key)
    if value is None or isinstance(value, bool | Mapping | list):
        return ""
    return str(value).strip()[:limit]


def record(data: Json, key: str) -> Json:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def records(data: Json, key: str) -> list[Json]:
    value = data.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def units(data: Json, key: str) -> int:
    """A count; 0 for anything that is none."""
    value = data.get(key)
    try:
        return max(0, int(value)) if value is not None else 0
    except (TypeError, ValueError, OverflowError):
        return 0


def amount(data: Json, key: str) -> Decimal:
    """USD with two places; 0 for null and what is no number."""
    value = data.get(key)
    if value is None or isinstance(value, bool):
        return ZERO
    try:
        number = Decimal(str(value))
        return cents(number) if number.is_finite() else ZERO
    except InvalidOperation:
        return ZERO


def moment(data: Json, key: str) -> datetime | None:
    try:
        return parse_jet(str(data[key])) if data.get(key) else None
    except ValueError:
        return None


def read_order(raw: Json) -> OrderFacts:
    """Everything jetsync models of an order, from the answer of `GET /orders/withoutShipmentDetail/{id}`."""
    lines = tuple(read_line(item, place) for place, item in enumerate(records(raw, "order_items"), start=1))
    detail, totals = record(raw, "order_detail"), record(raw, "order_totals")
    fields: dict[str, Any] = {
        "reference_order_id": text(raw, "reference_order_id", 64),
        "customer_reference_order_id": text(raw, "customer_reference_order_id", 64),
        "alt_order_id": text(raw, "alt_order_id", 100),
        "jet_status": text(raw, "status", 60),
        "exception_state": text(raw, "exception_state", 120),
        "acknowledgement_status": text(raw, "acknowledgement_status", 80),
        "node_ref": text(raw, "fulfillment_node", 64),
        "placed_at": moment(raw, "order_placed_date"),
        "transmission_at": moment(raw, "order_transmission_date"),
        "ready_at": moment(raw, "order_ready_date"),
        "acknowledged_at": moment(raw, "order_acknowledge_date"),
        "ship_by": moment(detail, "request_ship_by"),
        "deliver_by": moment(detail, "request_delivery_by"),
        "hash_email": text(raw, "hash_email"),
        "request_carrier": text(detail, "request_shipping_carrier", 80),
        "request_method": text(detail, "request_shipping_method", 80),
        "request_service_level": text(detail, "request_service_level", 80),
        "is_directed_cancel": _is_directed_cancel(raw),
        "total": order_charged(lines).total if lines else None,
        "fees": amount(totals, "item_fees") if _has(totals, "item_fees") else None,
        **_people(raw),
    }
    return OrderFacts(
        merchant_order_id=text(raw, "merchant_order_id", 64),
        status=str(fields["jet_status"]).casefold(),
        fields=fields,
        lines=lines,
        shipments=tuple(_read_shipment(item) for item in records(raw, "shipments")),
        raw=raw,
    )


def _is_directed_cancel(raw: Json) -> bool:
    # Two spellings are on record (orders.md section 13).
    return raw.get("jet_request_directed_cancel") is True or raw.get("jet_requested_directed_cancel") is True


def _people(raw: Json) -> dict[str, str]:
    buyer, target = record(raw, "buyer"), record(raw, "shipping_to")
    recipient, address = record(target, "recipient"), record(target, "address")
    return {
        "buyer_name": text(buyer, "name"),
        "buyer_phone": text(buyer, "phone_number", 40),
        "ship_to_name": text(recipient, "name"),
        "ship_to_phone": text(recipient, "phone_number", 40),
        "ship_to_address1": text(address, "address1"),
        "ship_to_address2": text(address, "address2"),
        "ship_to_city": text(address, "city", 120),
        "ship_to_state": text(address, "state", 40),
        "ship_to_zip": text(address, "zip_code", 20),
    }


def read_line(item: Json, place: int = 1) -> LineFacts:
    """One entry of `order_items`. Jet's id is required; its place in the list stands in should it ever be missing."""
    price = record(item, "item_price")
    return LineFacts(
        order_item_id=text(item, "order_item_id", 64) or f"line-{place}",
        alt_order_item_id=text(item, "alt_order_item_id", 100),
        sku=text(item, "merchant_sku", 100),
        title=text(item, "product_title", 500),
        quantity=units(item, "request_order_quantity"),
        cancel_requested=units(item, "request_order_cancel_qty")
        or units(item, "request_order_cancel_quantity"),
        base_price=amount(price, "base_price"),
        item_tax=amount(price, "item_tax"),
        shipping_cost=amount(price, "item_shipping_cost"),
        shipping_tax=amount(price, "item_shipping_tax"),
        fees=amount(item, "item_fees"),
        ack_status=text(item, "order_item_acknowledgement_status", 80),
        raw=item,
    )


# Units and prices: what was agreed with the shopper.
AGREED = frozenset({"quantity", "base_price", "item_tax", "shipping_cost", "shipping_tax"})


def told(line: LineFacts) -> dict[str, Any]:
    """The columns of an item that Jet names in this answer, with their values; what it leaves out is not there."""
    item, price = line.raw, record(line.raw, "item_price")
    named = {
        "quantity": _has(item, "request_order_quantity"),
        "cancel_requested": _has(item, "request_order_cancel_qty", "request_order_cancel_quantity"),
        "base_price": _has(price, "base_price"),
        "item_tax": _has(price, "item_tax"),
        "shipping_cost": _has(price, "item_shipping_cost"),
        "shipping_tax": _has(price, "item_shipping_tax"),
        "fees": _has(item, "item_fees"),
        "ack_status": line.ack_status != "",
    }
    return {name: getattr(line, name) for name, is_named in named.items() if is_named}


def _has(data: Json, *keys: str) -> bool:
    return any(data.get(key) is not None for key in keys)


def _read_shipment(data: Json) -> ShipmentFacts:
    return ShipmentFacts(
        alt_shipment_id=text(data, "alt_shipment_id", 100),
        jet_shipment_id=text(data, "shipment_id", 64),
        carrier=text(data, "carrier", 80),
        method=text(data, "response_shipment_method", 80) or text(data, "response_shipping_method", 80),
        tracking_number=text(data, "shipment_tracking_number", 100),
        shipped_at=moment(data, "response_shipment_date"),
        expected_delivery_at=moment(data, "expected_delivery_date"),
        pick_up_at=moment(data, "carrier_pick_up_date"),
        ship_from_zip=text(data, "ship_from_zip_code", 20),
        units=tuple(_read_units(item) for item in records(data, "shipment_items")),
        raw=data,
    )


def _read_units(item: Json) -> UnitFacts:
    return UnitFacts(
        sku=text(item, "merchant_sku", 100),
        quantity=units(item, "response_shipment_sku_quantity"),
        cancel_quantity=units(item, "response_shipment_cancel_qty"),
        rma_number=text(item, "RMA_number", 60),
        days_to_return=units(item, "days_to_return") if item.get("days_to_return") is not None else None,
        return_location=record(item, "return_location") or None,
    )
