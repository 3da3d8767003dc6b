"""The return completion (R3) and the merchant's refund (F1), read and checked; no database here.

Both raise `Refused` with every fault. Amounts are totals of the line, not unit values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from jetsync.sandbox.marketplace.body import Reader
from jetsync.sandbox.marketplace.money import ZERO, Amounts, cents
from jetsync.sandbox.marketplace.words import (
    CHARGE_FEEDBACK,
    CHARGE_FEEDBACK_OTHER,
    REFUND_FEEDBACK,
    REFUND_REASONS,
    REFUND_REASONS_OLD,
    RETURN_FEEDBACK,
)


@dataclass(frozen=True)
class ReturnedLine:
    """What the shopper asked for on one line of a return."""

    order_item_id: str
    alt_order_item_id: str | None
    quantity: int
    requested: Amounts


@dataclass(frozen=True)
class CompletedItem:
    order_item_id: str
    returned: int
    refunded: int
    amounts: Amounts
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Completion:
    agrees: bool
    feedback: str | None
    items: tuple[CompletedItem, ...]


@dataclass(frozen=True)
class RefundableLine:
    """What the shopper paid on one order line and what of it was given back."""

    order_item_id: str
    alt_order_item_id: str | None
    paid_units: int
    refunded_units: int
    paid: Amounts
    refunded: Amounts
    is_under_return: bool

    @property
    def units(self) -> int:
        return max(0, self.paid_units - self.refunded_units)

    def full_amount(self, units: int) -> Decimal:
        """The whole price of `units`, the yardstick for asking why less is given."""
        return cents(self.paid.total * units / self.paid_units) if self.paid_units else ZERO


@dataclass(frozen=True)
class RefundedItem:
    order_item_id: str
    returned: int
    refunded: int
    amounts: Amounts
    data: dict[str, Any] = field(default_factory=dict)


Line = TypeVar("Line", ReturnedLine, RefundableLine)

ITEM_KEYS = (
    "order_item_id",
    "alt_order_item_id",
    "total_quantity_returned",
    "order_return_refund_qty",
    "return_refund_feedback",
    "refund_reason",
    "refund_feedback",
    "notes",
)


def read_completion(body: Any, *, order_id: str, lines: list[ReturnedLine], strict: bool) -> Completion:
    reader = Reader(strict=strict)
    data = reader.record(body, "body")
    named_order = reader.text(data, "merchant_order_id", "", required=True)
    if named_order is not None and named_order != order_id:
        reader.fail("The return belongs to another order.", "merchant_order_id")
    agrees = reader.flag(data, "agree_to_return_charge", "", required=True)
    feedback = reader.word(data, "return_charge_feedback", "", CHARGE_FEEDBACK, required=agrees is False)
    items = tuple(_read_completed(reader, row, path, lines) for row, path in reader.rows(data, "items"))
    named = [item.order_item_id for item in items]
    if len(set(named)) != len(named):
        reader.fail("An order item is named twice.", "items")
    reader.finish()
    return Completion(bool(agrees), feedback, items)


def _read_completed(
    reader: Reader, row: Mapping[str, Any], path: str, lines: list[ReturnedLine]
) -> CompletedItem:
    line = _find(reader, row, path, lines)
    returned = reader.quantity(row, "total_quantity_returned", path, required=True)
    refunded = reader.quantity(row, "order_return_refund_qty", path, required=True)
    if refunded > returned:
        reader.fail(
            f"Value {refunded}L is greater than the quantity returned {returned}L.",
            f"{path}.order_return_refund_qty",
        )
    if line and reader.strict and returned > line.quantity:
        reader.fail(
            f"Value {returned}L is greater than the maximum {line.quantity}L.",
            f"{path}.total_quantity_returned",
        )
    amounts = _read_amounts(reader, row, path)
    feedback = reader.word(row, "return_refund_feedback", path, RETURN_FEEDBACK)
    notes = reader.text(row, "notes", path)
    if line is not None and amounts is not None:
        _check_requested(reader, line, amounts, feedback, path)
    if reader.strict and (feedback or "").casefold() == CHARGE_FEEDBACK_OTHER and not notes:
        reader.fail("Notes are expected with the feedback 'other'.", f"{path}.notes")
    amounts = amounts or Amounts()
    return CompletedItem(line.order_item_id if line else "", returned, refunded, amounts, _kept(row, amounts))


def _check_requested(
    reader: Reader, line: ReturnedLine, amounts: Amounts, feedback: str | None, path: str
) -> None:
    if amounts.total > line.requested.total:
        reader.fail(
            f"Amount {amounts.total} is greater than the requested {line.requested.total}.",
            f"{path}.refund_amount",
        )
    elif amounts.total < line.requested.total and not feedback:
        reader.fail("Feedback is expected when less is refunded.", f"{path}.return_refund_feedback")


def read_refund(body: Any, *, lines: list[RefundableLine], strict: bool) -> tuple[RefundedItem, ...]:
    reader = Reader(strict=strict)
    data = reader.record(body, "body")
    items = tuple(_read_refunded(reader, row, path, lines) for row, path in reader.rows(data, "items"))
    named = [item.order_item_id for item in items]
    if len(set(named)) != len(named):
        reader.fail("An order item is named twice.", "items")
    reader.finish()
    return items


def _read_refunded(
    reader: Reader, row: Mapping[str, Any], path: str, lines: list[RefundableLine]
) -> RefundedItem:
    line = _find(reader, row, path, lines)
    returned = reader.quantity(row, "total_quantity_returned", path, required=True)
    refunded = reader.quantity(row, "order_return_refund_qty", path, required=True)
    reasons = REFUND_REASONS if reader.strict else REFUND_REASONS + REFUND_REASONS_OLD
    reader.word(row, "refund_reason", path, reasons, required=True)
    feedback = reader.word(row, "refund_feedback", path, REFUND_FEEDBACK)
    reader.text(row, "notes", path)
    amounts = _read_amounts(reader, row, path)
    if line is not None and amounts is not None:
        _check_refundable(reader, line, (returned, refunded), amounts, path)
        if reader.strict and amounts.total < line.full_amount(refunded) and not feedback:
            reader.fail("Feedback is expected when less is refunded.", f"{path}.refund_feedback")
    amounts = amounts or Amounts()
    return RefundedItem(line.order_item_id if line else "", returned, refunded, amounts, _kept(row, amounts))


def _check_refundable(
    reader: Reader, line: RefundableLine, units: tuple[int, int], amounts: Amounts, path: str
) -> None:
    returned, refunded = units
    if line.is_under_return:
        reader.fail("A return exists for this item; complete the return instead.", f"{path}.order_item_id")
    if refunded > line.units:
        reader.fail(
            f"Value {refunded}L is greater than the refundable quantity {line.units}L.",
            f"{path}.order_return_refund_qty",
        )
    if reader.strict and returned > line.units:
        reader.fail(
            f"Value {returned}L is greater than the maximum {line.units}L.", f"{path}.total_quantity_returned"
        )
    left = line.paid.total - line.refunded.total
    if amounts.total > left:
        reader.fail(f"Amount {amounts.total} is greater than the refundable {left}.", f"{path}.refund_amount")


def _find(reader: Reader, row: Mapping[str, Any], path: str, lines: Sequence[Line]) -> Line | None:
    """The line named by `order_item_id`, or else by `alt_order_item_id`."""
    item_id = reader.text(row, "order_item_id", path)
    alt_id = reader.text(row, "alt_order_item_id", path)
    if item_id is None and alt_id is None:
        reader.fail("The member is missing.", f"{path}.order_item_id")
        return None
    for line in lines:
        if line.order_item_id == item_id or (item_id is None and line.alt_order_item_id == alt_id):
            return line
    reader.fail(f"Order item '{item_id or alt_id}' is unknown here.", f"{path}.order_item_id")
    return None


def _read_amounts(reader: Reader, row: Mapping[str, Any], path: str) -> Amounts | None:
    """The four amounts, or None when one of them is wrong: comparing them would only repeat the fault."""
    where = f"{path}.refund_amount"
    if row.get("refund_amount") is None:
        reader.fail("The member is missing.", where)
        return None
    faults_before = len(reader.errors)
    record = reader.record(row["refund_amount"], where)
    amounts = Amounts(
        principal=reader.money(record, "principal", where, required=True),
        tax=reader.money(record, "tax", where, required=reader.strict),
        shipping_cost=reader.money(record, "shipping_cost", where, required=reader.strict),
        shipping_tax=reader.money(record, "shipping_tax", where, required=reader.strict),
    )
    return amounts if len(reader.errors) == faults_before else None


def _kept(row: Mapping[str, Any], amounts: Amounts) -> dict[str, Any]:
    return {key: row[key] for key in ITEM_KEYS if row.get(key) is not None} | {
        "refund_amount": amounts.as_json()
    }
