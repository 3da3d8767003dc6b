"""Rules of an answer and of a shipment, one place for page, API and jobs. Each raises InvalidInput with fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from jetsync.exceptions import InvalidInput
from jetsync.jet.words.orders import AcknowledgementStatus, ItemAcknowledgement
from orders.dates import is_after_promise
from orders.methods import family_of, is_method_of, method_label
from orders.models import Order
from orders.queries.line import LineCount
from orders.tracking import is_formula, tracking_doubt

ZIP_DIGITS = 5


def check_answer(answer: str, items: Mapping[int, str]) -> None:
    """`items`: item status by line id. The pairings Jet takes (protocol: orders, 3.5)."""
    if answer not in set(AcknowledgementStatus):
        raise InvalidInput(
            f"“{answer}” is not an answer Jet knows.", fields={"answer": ["Choose one of the reasons."]}
        )
    unknown = sorted(set(items.values()) - set(ItemAcknowledgement))
    if unknown:
        raise InvalidInput(
            f"“{unknown[0]}” is not an item status Jet knows.",
            fields={"items": ["Choose one of the statuses."]},
        )
    refused = any(status != ItemAcknowledgement.FULFILLABLE for status in items.values())
    if answer == AcknowledgementStatus.ACCEPTED and refused:
        raise InvalidInput(
            "An accepted order cannot hold an item that is not fulfillable.",
            hint="Reject with “item level error”, or accept and cancel units later.",
            fields={"items": ["All items must be fulfillable."]},
        )
    if answer == AcknowledgementStatus.REJECTED_ITEM_LEVEL_ERROR and not refused:
        raise InvalidInput(
            "An item level error needs at least one item that cannot be delivered.",
            fields={"items": ["Mark the items that cannot be delivered."]},
        )


@dataclass(frozen=True)
class LineInput:
    """Units of one line. `wants_location` sends a return address with the line."""

    line_id: int
    quantity: int = 0
    cancel_quantity: int = 0
    wants_location: bool = False
    rma_number: str = ""
    days_to_return: int | None = None
    return_location: Mapping[str, str] | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.quantity or self.cancel_quantity)


@dataclass(frozen=True)
class ShipmentInput:
    """One message to Jet as typed by a person or given by a program. Times are aware."""

    carrier: str = ""
    method: str = ""
    tracking_number: str = ""
    shipped_at: datetime | None = None
    expected_delivery_at: datetime | None = None
    pick_up_at: datetime | None = None
    ship_from_zip: str = ""
    lines: Sequence[LineInput] = field(default_factory=tuple)
    confirms_cancel: bool = False
    confirms_late: bool = False
    confirms_tracking: bool = False

    @property
    def ships(self) -> bool:
        return any(line.quantity for line in self.lines)


# (field, what the merchant calls it): asked for when units leave, not for a pure cancel.
REQUIRED_TO_SHIP = (
    ("carrier", "the carrier"),
    ("tracking_number", "the tracking number"),
    ("shipped_at", "the ship date"),
    ("expected_delivery_at", "the expected delivery date"),
    ("pick_up_at", "the carrier pick up date"),
)


def check_shipment(
    data: ShipmentInput, order: Order, counts: Sequence[LineCount], *, other_order: str = ""
) -> None:
    """All faults at once. Field names are those of ShipmentInput; a line's are `line-<id>-<name>`.

    `other_order`: another order on which the tracking number stands already.
    """
    faults: dict[str, list[str]] = {}
    by_id = {count.line.pk: count for count in counts}
    for line in data.lines:
        count = by_id.get(line.line_id)
        if count is None:
            faults.setdefault("lines", []).append(f"Line {line.line_id} is not part of order {order}.")
        else:
            faults |= _line_faults(line, count)
    if all(line.is_empty for line in data.lines):
        faults.setdefault("lines", []).append("Ship or cancel at least one unit.")
    if data.ships:
        faults |= _missing(data) | _method_faults(data) | _date_faults(data, order) | _formula_faults(data)
    if data.ship_from_zip and not (data.ship_from_zip.isdigit() and len(data.ship_from_zip) == ZIP_DIGITS):
        faults["ship_from_zip"] = [f"Five digits, for example 07030, not “{data.ship_from_zip}”."]
    if not faults and not data.confirms_cancel and _cancels_more_than_asked(data, by_id):
        faults["confirms_cancel"] = [
            "You cancel more units than the shopper asked for, which lowers your performance at Jet. Tick to confirm."
        ]
    if not faults and data.ships and not data.confirms_tracking:
        faults |= _doubts(data, other_order)
    if not faults and data.ships and not data.confirms_late and comes_late(data, order):
        faults["confirms_late"] = [
            f"Jet promised the shopper {promised_day(order)}. A later delivery lowers your performance. Tick to confirm."
        ]
    if faults:
        raise InvalidInput(
            f"The shipment of order {order} is not complete: {_first(faults)}",
            hint="Correct the marked fields.",
            fields=faults,
        )


def _first(faults: Mapping[str, list[str]]) -> str:
    return next(iter(faults.values()))[0]


def _missing(data: ShipmentInput) -> dict[str, list[str]]:
    return {
        name: [f"Give {words}: it is needed when units are shipped."]
        for name, words in REQUIRED_TO_SHIP
        if not getattr(data, name)
    }


def _formula_faults(data: ShipmentInput) -> dict[str, list[str]]:
    if not is_formula(data.tracking_number):
        return {}
    return {
        "tracking_number": [f"“{data.tracking_number.strip()[:60]}” is a formula, not a tracking number."]
    }


def _doubts(data: ShipmentInput, other_order: str) -> dict[str, list[str]]:
    doubt = tracking_doubt(data.tracking_number, data.carrier, other_order)
    return {"confirms_tracking": [f"{doubt} Correct it, or tick to confirm."]} if doubt else {}


def _line_faults(line: LineInput, count: LineCount) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    prefix, sku = f"line-{line.line_id}", count.line.sku
    if line.quantity > count.shippable:
        faults[f"{prefix}-quantity"] = [
            f"{sku}: {line.quantity} to ship, but only {count.shippable} of {count.line.quantity} are left."
        ]
    elif line.quantity + line.cancel_quantity > count.remaining:
        faults[f"{prefix}-cancel_quantity"] = [
            f"{sku}: {line.quantity} shipped and {line.cancel_quantity} cancelled is more than the {count.remaining} left."
        ]
    if line.wants_location:
        if line.return_location is None:
            faults[f"{prefix}-location"] = [f"{sku}: choose the address returns go to."]
        if not line.days_to_return:
            faults[f"{prefix}-days_to_return"] = [f"{sku}: give the days to return."]
    return faults


def _method_faults(data: ShipmentInput) -> dict[str, list[str]]:
    if is_method_of(data.method, data.carrier):
        return {}
    return {
        "method": [
            f"{method_label(data.method)} is a method of {family_of(data.method)}, not of {data.carrier}."
        ]
    }


def _date_faults(data: ShipmentInput, order: Order) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    ship, expected, pick_up = data.shipped_at, data.expected_delivery_at, data.pick_up_at
    if ship and order.placed_at and ship < order.placed_at:
        faults["shipped_at"] = ["The goods cannot leave before the order was placed."]
    if ship and expected and expected < ship:
        faults["expected_delivery_at"] = ["The delivery cannot be expected before the goods leave."]
    if pick_up and order.placed_at and pick_up < order.placed_at:
        faults["pick_up_at"] = ["The carrier cannot pick up before the order was placed."]
    return faults


def comes_late(data: ShipmentInput, order: Order) -> bool:
    """Whether the expected day is after the one Jet promised the shopper, both in the merchant's zone."""
    return is_after_promise(data.expected_delivery_at, order.deliver_by, ZoneInfo(order.merchant.time_zone))


def promised_day(order: Order) -> str:
    """ "Nov 25", in the merchant's zone; "" when Jet promised nothing."""
    if order.deliver_by is None:
        return ""
    return date_format(order.deliver_by.astimezone(ZoneInfo(order.merchant.time_zone)), "M j")


def _cancels_more_than_asked(data: ShipmentInput, by_id: Mapping[int, LineCount]) -> bool:
    return any(line.cancel_quantity > by_id[line.line_id].cancel_wanted for line in data.lines)
