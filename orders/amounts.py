"""The one place that knows what Jet's price parts mean.

Jet's notes leave open whether prices are per unit or per line. Every client that ran in production multiplied
`base_price` and most multiplied `item_shipping_cost` by the quantity, and nobody the taxes: so the first two are
per unit and the taxes belong to the whole line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

ZERO = Decimal("0.00")
CENT = Decimal("0.01")


class PricedLine(Protocol):
    @property
    def quantity(self) -> int: ...
    @property
    def base_price(self) -> Decimal: ...
    @property
    def item_tax(self) -> Decimal: ...
    @property
    def shipping_cost(self) -> Decimal: ...
    @property
    def shipping_tax(self) -> Decimal: ...


@dataclass(frozen=True)
class Amounts:
    """USD, two places."""

    principal: Decimal = ZERO
    tax: Decimal = ZERO
    shipping_cost: Decimal = ZERO
    shipping_tax: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.principal + self.tax + self.shipping_cost + self.shipping_tax

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.principal + other.principal,
            self.tax + other.tax,
            self.shipping_cost + other.shipping_cost,
            self.shipping_tax + other.shipping_tax,
        )

    def __sub__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.principal - other.principal,
            self.tax - other.tax,
            self.shipping_cost - other.shipping_cost,
            self.shipping_tax - other.shipping_tax,
        )

    def parts(self) -> dict[str, Decimal]:
        """By the name that rows give each part."""
        return {
            "principal": self.principal,
            "tax": self.tax,
            "shipping_cost": self.shipping_cost,
            "shipping_tax": self.shipping_tax,
        }


def cents(value: Decimal) -> Decimal:
    """Rounded to two places, halves away from zero as Jet's samples do."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def line_charged(line: PricedLine) -> Amounts:
    """What the shopper was charged for all ordered units of the line."""
    return Amounts(
        principal=cents(line.base_price * line.quantity),
        tax=cents(line.item_tax),
        shipping_cost=cents(line.shipping_cost * line.quantity),
        shipping_tax=cents(line.shipping_tax),
    )


def units_charged(line: PricedLine, units: int) -> Amounts:
    """The share of `units` out of the line's ordered units; taxes by proportion, rounded to cents."""
    if line.quantity == 0:
        return Amounts()
    share = Decimal(units) / Decimal(line.quantity)
    return Amounts(
        principal=cents(line.base_price * units),
        tax=cents(line.item_tax * share),
        shipping_cost=cents(line.shipping_cost * units),
        shipping_tax=cents(line.shipping_tax * share),
    )


def cancelled_charged(line: PricedLine, units: int) -> Amounts:
    """What cancelled units would have cost. A line that is cancelled as a whole takes all it has with it."""
    return line_charged(line) if units >= line.quantity else units_charged(line, units)


def order_charged(lines: Iterable[PricedLine]) -> Amounts:
    total = Amounts()
    for line in lines:
        total += line_charged(line)
    return total
