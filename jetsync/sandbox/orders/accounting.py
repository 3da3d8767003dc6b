"""Units of a line and the state that follows from them; plain arithmetic, no database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from jetsync.sandbox.marketplace.words import (
    EXCEPTION_OVER_CANCELLED,
    EXCEPTION_OVER_SHIPPED,
    OrderStatus,
)


class CountedLine(Protocol):
    quantity: int
    cancel_quantity: int | None
    shipped: int
    cancelled: int


def is_accounted(line: CountedLine) -> bool:
    """Are all units shipped or cancelled?

    A generated test line may have 0 ordered and 1 to cancel: then the cancel quantity is what must be reported.
    """
    return line.shipped + line.cancelled >= max(line.quantity, line.cancel_quantity or 0)


def open_units(line: CountedLine) -> int:
    return max(0, line.quantity - line.shipped - line.cancelled)


def over_reported(line: CountedLine) -> str | None:
    """The exception state of a line with more units reported than there were, or None.

    Cancelling the directed quantity is never too much, whatever was ordered.
    """
    if line.shipped > line.quantity:
        return EXCEPTION_OVER_SHIPPED
    if line.cancelled > max(line.quantity - line.shipped, line.cancel_quantity or 0):
        return EXCEPTION_OVER_CANCELLED
    return None


def status_after_shipment(lines: Iterable[CountedLine]) -> OrderStatus:
    return OrderStatus.COMPLETE if all(is_accounted(line) for line in lines) else OrderStatus.IN_PROGRESS
