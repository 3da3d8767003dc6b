"""What happens to an order: each function is one act, called inside the transaction of its caller.

Every act writes an `OrderEvent`, so the history and the counts show effects and not attempts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.marketplace.words import (
    EXCEPTION_JET_CANCELLED,
    EXCEPTION_OVER_SHIPPED,
    EXCEPTION_REJECTED,
    OrderStatus,
)
from jetsync.sandbox.models.order import EventKind, Order, OrderEvent, OrderItem, Shipment
from jetsync.sandbox.models.sku import Sku
from jetsync.sandbox.orders.accounting import open_units, over_reported, status_after_shipment
from jetsync.sandbox.orders.messages import Acknowledgement, ShipmentMessage, ShippedMessage

SHIPPABLE = (OrderStatus.ACKNOWLEDGED, OrderStatus.IN_PROGRESS)
MAX_TAG_LENGTH = 200


def release(order: Order, at: datetime) -> None:
    """`created` to `ready`: the fraud check is over."""
    order.status = OrderStatus.READY
    order.ready_at = at
    order.save(update_fields=["status", "ready_at"])
    OrderEvent.note(order, EventKind.READY, at)


def acknowledge(order: Order, message: Acknowledgement, at: datetime) -> None:
    """Accept or reject. Raises Refused unless the order is `ready`."""
    if order.status != OrderStatus.READY:
        raise Refused(
            f"The order is in the state '{order.status}', not 'ready'. Path: acknowledgement_status"
        )
    _store_answers(order, message)
    order.acknowledgement_status = message.status
    order.acknowledged_at = at
    if message.alt_order_id is not None:
        order.alt_order_id = message.alt_order_id
    if message.is_accepted:
        order.status = OrderStatus.ACKNOWLEDGED
        order.save()
        OrderEvent.note(order, EventKind.ACKNOWLEDGED, at, {"acknowledgement_status": message.status})
    else:
        _close_without_shipping(order, EXCEPTION_REJECTED, at)
        OrderEvent.note(order, EventKind.REJECTED, at, {"acknowledgement_status": message.status})


def expire(order: Order, at: datetime) -> None:
    """Nobody acknowledged in time: Jet takes the order back, every unit counts as cancelled."""
    _close_without_shipping(order, EXCEPTION_JET_CANCELLED, at)
    OrderEvent.note(order, EventKind.EXPIRED, at)


def ship(order: Order, message: ShippedMessage, at: datetime, *, strict: bool, duplicates: str) -> None:
    """Book shipped and cancelled units and store the shipments. Raises Refused.

    `duplicates` says what a known `alt_shipment_id` does: reject, ignore or accept.
    """
    fresh = _without_known(order, message, duplicates)
    if not fresh.shipments:
        return
    _check_shippable(order, fresh)
    items = {item.merchant_sku: item for item in order.items.all()}
    _book_units(order, items, fresh, strict=strict)
    if fresh.alt_order_id is not None:
        order.alt_order_id = fresh.alt_order_id
    order.status = status_after_shipment(items.values())
    if order.status == OrderStatus.COMPLETE:
        order.completed_at = at
        order.is_cancelled = not any(item.shipped for item in items.values())
    order.save()
    for shipment in fresh.shipments:
        _store_shipment(order, shipment, at)
    if fresh.zeroes_stock:
        _zero_stock(order, items)


def set_tag(order: Order, tag: str | None, at: datetime) -> None:
    """One tag per order; None clears it."""
    order.tag = tag
    order.save(update_fields=["tag"])
    OrderEvent.note(order, EventKind.TAGGED, at, {"tag": tag})


def direct_cancel(order: Order, quantities: dict[str, int], at: datetime) -> None:
    """Jet or the shopper wants units cancelled: `{order_item_id: units}`. Raises Refused."""
    if order.status not in (OrderStatus.READY, *SHIPPABLE):
        raise Refused(f"An order in the state '{order.status}' cannot be cancelled.")
    for item in order.items.all():
        units = quantities.get(item.order_item_id, 0)
        if units > open_units(item):
            raise Refused(f"{item.merchant_sku}: only {open_units(item)} units are open.")
        if units:
            item.cancel_quantity = units
            item.save(update_fields=["cancel_quantity"])
    order.directed_cancel = True
    order.save(update_fields=["directed_cancel"])
    OrderEvent.note(order, EventKind.CANCEL_DIRECTED, at, {"items": quantities})


def all_open_units(order: Order) -> dict[str, int]:
    """Open units by `order_item_id`."""
    return {item.order_item_id: units for item in order.items.all() if (units := open_units(item))}


def deadline(order: Order, minutes: float) -> datetime | None:
    """Until when a ready order must be acknowledged."""
    return None if order.ready_at is None else order.ready_at + timedelta(minutes=minutes)


def _store_answers(order: Order, message: Acknowledgement) -> None:
    answers = {answer.order_item_id: answer for answer in message.items}
    for item in order.items.all():
        answer = answers.get(item.order_item_id)
        if answer is None:
            continue
        item.acknowledgement_status = answer.status
        if answer.alt_order_item_id is not None:
            item.alt_order_item_id = answer.alt_order_item_id
        item.save(update_fields=["acknowledgement_status", "alt_order_item_id"])


def _close_without_shipping(order: Order, exception_state: str, at: datetime) -> None:
    for item in order.items.all():
        item.cancelled = max(item.quantity, item.cancel_quantity or 0)
        item.save(update_fields=["cancelled"])
    order.status = OrderStatus.COMPLETE
    order.exception_state = exception_state
    order.is_cancelled = True
    order.completed_at = at
    order.save()


def _without_known(order: Order, message: ShippedMessage, duplicates: str) -> ShippedMessage:
    """The message without the shipments stored before. Raises Refused when duplicates are to be rejected."""
    if duplicates == "accept":
        return message
    alt_ids = [shipment.alt_shipment_id for shipment in message.shipments if shipment.alt_shipment_id]
    stored = order.shipments.filter(alt_shipment_id__in=alt_ids).values_list("alt_shipment_id", flat=True)
    known = {alt_id for alt_id in stored if alt_id}
    if duplicates == "reject":
        repeated = known | {alt_id for alt_id in alt_ids if alt_ids.count(alt_id) > 1}
        if repeated:
            raise Refused(
                *(f"Shipment '{alt_id}' exists already. Path: shipments" for alt_id in sorted(repeated))
            )
    kept = tuple(shipment for shipment in message.shipments if shipment.alt_shipment_id not in known)
    return ShippedMessage(message.alt_order_id, kept, message.zeroes_stock)


def _check_shippable(order: Order, message: ShippedMessage) -> None:
    """A message that only cancels may come before the acknowledgement, as the activation flow sends it."""
    if order.status in SHIPPABLE or (order.status == OrderStatus.READY and not message.shipped):
        return
    raise Refused(f"An order in the state '{order.status}' cannot be shipped. Path: shipments")


def _book_units(order: Order, items: dict[str, OrderItem], message: ShippedMessage, *, strict: bool) -> None:
    faults = []
    for sku, (shipped, cancelled) in message.units().items():
        item = items[sku]
        item.shipped += shipped
        item.cancelled += cancelled
        fault = over_reported(item)
        if fault is not None:
            faults.append((sku, fault))
        item.save(update_fields=["shipped", "cancelled"])
    if not faults:
        return
    if strict:
        raise Refused(
            *(f"SKU '{sku}': {fault.removeprefix('exception - ')}. Path: shipments" for sku, fault in faults)
        )
    # Too many shipped is the graver of the two, and the order holds only one state.
    order.exception_state = max(
        (fault for _, fault in faults), key=lambda fault: fault == EXCEPTION_OVER_SHIPPED
    )


def _store_shipment(order: Order, message: ShipmentMessage, at: datetime) -> None:
    shipment = Shipment(
        order=order, alt_shipment_id=message.alt_shipment_id, received_at=at, data=message.data, items=[]
    )
    shipment.items = [
        {"shipment_item_id": f"{shipment.shipment_id[:28]}{number:04x}"} | item.data
        for number, item in enumerate(message.items, start=1)
    ]
    shipment.save()
    payload = {"shipments": [shipment_record(shipment)]}
    if message.shipped:
        OrderEvent.note(order, EventKind.SHIPPED, at, payload)
    if message.cancelled:
        OrderEvent.note(order, EventKind.CANCELLED, at, payload)


def shipment_record(shipment: Shipment) -> dict[str, Any]:
    """A shipment as the order shows it: what was sent, plus Jet's ids."""
    return {"shipment_id": shipment.shipment_id, **shipment.data, "shipment_items": shipment.items}


def _zero_stock(order: Order, items: Iterable[str]) -> None:
    for sku in Sku.objects.filter(merchant_id=order.merchant_id, merchant_sku__in=list(items)):
        entry = sku.inventory.get(order.fulfillment_node)
        if entry is not None:
            entry["quantity"] = 0
            sku.save(update_fields=["inventory"])
