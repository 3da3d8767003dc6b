"""The two order messages, read and checked against an order's lines; no database here.

O5 `PUT /orders/{id}/acknowledge` and O6 `PUT /orders/{id}/shipped`. All functions raise `Refused` with every fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jetsync.sandbox.marketplace.body import Reader
from jetsync.sandbox.marketplace.words import (
    ACCEPTED,
    ACKNOWLEDGEMENTS,
    CARRIERS,
    FULFILLABLE,
    ITEM_ACKNOWLEDGEMENTS,
    ITEM_ACKNOWLEDGEMENTS_OLD,
    METHOD_CODES,
    METHOD_NAMES,
    REJECTED_ITEM_LEVEL,
)

CLOCK_SLACK = timedelta(days=1)
SHIPMENT_TEXTS = (
    "alt_shipment_id",
    "shipment_tracking_number",
    "response_shipment_date",
    "response_shipment_method",
    "expected_delivery_date",
    "ship_from_zip_code",
    "carrier_pick_up_date",
    "carrier",
)


@dataclass(frozen=True)
class ItemAnswer:
    order_item_id: str
    status: str
    alt_order_item_id: str | None


@dataclass(frozen=True)
class Acknowledgement:
    status: str
    alt_order_id: str | None
    items: tuple[ItemAnswer, ...]

    @property
    def is_accepted(self) -> bool:
        return self.status.casefold() == ACCEPTED


@dataclass(frozen=True)
class ShippedUnits:
    merchant_sku: str
    shipped: int
    cancelled: int
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ShipmentMessage:
    """One entry of `shipments`; `data` holds its fields as sent, without `shipment_items`."""

    alt_shipment_id: str | None
    items: tuple[ShippedUnits, ...]
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def shipped(self) -> int:
        return sum(item.shipped for item in self.items)

    @property
    def cancelled(self) -> int:
        return sum(item.cancelled for item in self.items)


@dataclass(frozen=True)
class ShippedMessage:
    alt_order_id: str | None
    shipments: tuple[ShipmentMessage, ...]
    # The merchant ships from another node because the one Jet chose is empty; Jet then zeroes that one.
    zeroes_stock: bool = False

    @property
    def shipped(self) -> int:
        return sum(shipment.shipped for shipment in self.shipments)

    @property
    def cancelled(self) -> int:
        return sum(shipment.cancelled for shipment in self.shipments)

    def units(self) -> dict[str, tuple[int, int]]:
        """Units shipped and cancelled per SKU over the whole message."""
        totals: dict[str, tuple[int, int]] = {}
        for shipment in self.shipments:
            for item in shipment.items:
                shipped, cancelled = totals.get(item.merchant_sku, (0, 0))
                totals[item.merchant_sku] = (shipped + item.shipped, cancelled + item.cancelled)
        return totals


def read_acknowledgement(body: Any, *, item_ids: set[str], strict: bool) -> Acknowledgement:
    """Check an acknowledge message against the order's item ids."""
    reader = Reader(strict=strict)
    data = reader.record(body, "body")
    status = reader.word(data, "acknowledgement_status", "", ACKNOWLEDGEMENTS, required=True, always=True)
    items = tuple(
        _read_item_answer(reader, row, path, item_ids) for row, path in reader.rows(data, "order_items")
    )
    reader.finish()
    message = Acknowledgement(status or "", reader.text(data, "alt_order_id", ""), items)
    _check_item_statuses(reader, message, item_ids)
    reader.finish()
    return message


def _read_item_answer(reader: Reader, row: Mapping[str, Any], path: str, item_ids: set[str]) -> ItemAnswer:
    key = "order_item_acknowledgement_status"
    item_id = reader.text(row, "order_item_id", path, required=True) or ""
    if item_id and item_id not in item_ids:
        reader.fail(f"Order item '{item_id}' is not part of the order.", f"{path}.order_item_id")
    words = ITEM_ACKNOWLEDGEMENTS if reader.strict else ITEM_ACKNOWLEDGEMENTS + ITEM_ACKNOWLEDGEMENTS_OLD
    status = reader.word(row, key, path, words, required=True, always=True) or ""
    return ItemAnswer(item_id, status, reader.text(row, "alt_order_item_id", path))


def _check_item_statuses(reader: Reader, message: Acknowledgement, item_ids: set[str]) -> None:
    refused = [item for item in message.items if item.status.casefold() != FULFILLABLE]
    if message.is_accepted and refused:
        reader.fail("An accepted order cannot hold an item that is not fulfillable.", "order_items")
    if message.status.casefold() == REJECTED_ITEM_LEVEL and not refused:
        reader.fail("An item level rejection names no item that is not fulfillable.", "order_items")
    named = [item.order_item_id for item in message.items]
    if len(set(named)) != len(named):
        reader.fail("An order item is named twice.", "order_items")
    if reader.strict and set(named) != item_ids:
        reader.fail("Every order item must be acknowledged.", "order_items")


def read_shipped(body: Any, *, skus: set[str], placed_at: datetime, strict: bool) -> ShippedMessage:
    """Check a shipped message against the order's SKUs and the time it was placed."""
    reader = Reader(strict=strict)
    data = reader.record(body, "body")
    alt_order_id = reader.text(data, "alt_order_id", "")
    shipments = tuple(
        _read_shipment(reader, row, path, skus, placed_at) for row, path in reader.rows(data, "shipments")
    )
    message = ShippedMessage(alt_order_id, shipments, _read_redirect(reader, data))
    if not reader.errors and not (message.shipped or message.cancelled):
        reader.fail("The message ships and cancels nothing.", "shipments")
    reader.finish()
    return message


def _read_shipment(
    reader: Reader, row: Mapping[str, Any], path: str, skus: set[str], placed_at: datetime
) -> ShipmentMessage:
    items = tuple(
        _read_units(reader, entry, where, skus) for entry, where in reader.rows(row, "shipment_items", path)
    )
    ships = any(item.shipped for item in items)
    cancels = any(item.cancelled for item in items)
    alt_id = reader.text(row, "alt_shipment_id", path, required=cancels and not ships)
    reader.text(row, "shipment_tracking_number", path, required=ships)
    reader.word(row, "carrier", path, CARRIERS, required=ships)
    reader.word(row, "response_shipment_method", path, METHOD_NAMES + METHOD_CODES)
    reader.time(row, "expected_delivery_date", path)
    reader.time(row, "carrier_pick_up_date", path)
    shipped_at = reader.time(row, "response_shipment_date", path, required=ships)
    if shipped_at is not None and shipped_at < _earliest(placed_at, strict=reader.strict):
        reader.fail("The shipment date lies before the order.", f"{path}.response_shipment_date")
    zip_code = reader.text(row, "ship_from_zip_code", path)
    if reader.strict and zip_code and not (zip_code.isdigit() and len(zip_code) == 5):  # noqa: PLR2004
        reader.fail("A ZIP code of five digits is expected.", f"{path}.ship_from_zip_code")
    if reader.strict and row.get("shipment_id") is not None:
        reader.fail("The member is set by Jet and must not be sent.", f"{path}.shipment_id")
    kept = {key: row[key] for key in SHIPMENT_TEXTS if row.get(key) is not None}
    if alt_id is not None:
        kept["alt_shipment_id"] = alt_id
    return ShipmentMessage(alt_id, items, kept)


def _earliest(placed_at: datetime, *, strict: bool) -> datetime:
    """The earliest ship date: clients write whole seconds, and their clocks and zones are not always right."""
    return placed_at.replace(microsecond=0) if strict else placed_at - CLOCK_SLACK


def _read_units(reader: Reader, row: Mapping[str, Any], path: str, skus: set[str]) -> ShippedUnits:
    sku = reader.text(row, "merchant_sku", path, required=True) or ""
    if sku and sku not in skus:
        reader.fail(f"SKU '{sku}' is not part of the order.", f"{path}.merchant_sku")
    keys = ("response_shipment_sku_quantity", "response_shipment_cancel_qty")
    if all(row.get(key) is None for key in keys):
        reader.fail("One of the two quantities is expected.", f"{path}.{keys[0]}")
    shipped, cancelled = (reader.quantity(row, key, path) for key in keys)
    reader.quantity(row, "days_to_return", path)
    extras = ("alt_shipment_item_id", "RMA_number", "days_to_return", "return_location")
    kept = {"merchant_sku": sku, keys[0]: shipped, keys[1]: cancelled}
    return ShippedUnits(
        sku, shipped, cancelled, kept | {key: row[key] for key in extras if row.get(key) is not None}
    )


def _read_redirect(reader: Reader, data: Mapping[str, Any]) -> bool:
    value = data.get("redirect_notification")
    if value is None:
        return False
    record = reader.record(value, "redirect_notification")
    is_zero = reader.flag(record, "is_redirect_for_zero_inventory", "redirect_notification")
    reader.text(record, "redirect_node", "redirect_notification")
    return bool(is_zero)
