"""Every amount the marketplace computes, in one place.

How Jet split amounts between unit and line is not documented and clients disagree. The reading used here:
`base_price` and `item_shipping_cost` are per unit, `item_tax`, `item_shipping_tax` and `item_fees` are per line, and
`order_totals` are sums over lines of the extended amounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
# Commission of an ordinary category: 15 % of the goods, shown as a base part and a variable part.
BASE_COMMISSION = Decimal("0.10")
VARIABLE_COMMISSION = Decimal("0.05")

# General state sales tax, rounded figures for made-up orders; absent = the state has none.
SALES_TAX = {
    "AZ": Decimal("0.056"),
    "CA": Decimal("0.0725"),
    "CO": Decimal("0.029"),
    "FL": Decimal("0.06"),
    "GA": Decimal("0.04"),
    "IL": Decimal("0.0625"),
    "MA": Decimal("0.0625"),
    "MI": Decimal("0.06"),
    "MN": Decimal("0.06875"),
    "NC": Decimal("0.0475"),
    "NJ": Decimal("0.06625"),
    "NY": Decimal("0.04"),
    "OH": Decimal("0.0575"),
    "PA": Decimal("0.06"),
    "TN": Decimal("0.07"),
    "TX": Decimal("0.0625"),
    "VA": Decimal("0.053"),
    "WA": Decimal("0.065"),
    "WI": Decimal("0.05"),
}
# States whose tax also falls on the delivery charge; the others show `item_shipping_tax: null`.
SHIPPING_TAXED = frozenset({"GA", "IL", "MI", "MN", "NY", "OH", "PA", "TX", "WA"})


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Amounts:
    """A refundable sum in Jet's four parts, US dollars, totals of a line."""

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

    def as_json(self) -> dict[str, float]:
        return {
            "principal": float(self.principal),
            "tax": float(self.tax),
            "shipping_cost": float(self.shipping_cost),
            "shipping_tax": float(self.shipping_tax),
        }

    @classmethod
    def from_json(cls, data: dict[str, float]) -> Amounts:
        return cls(**{key: cents(Decimal(str(value))) for key, value in data.items()})


@dataclass(frozen=True)
class LineCharges:
    """What a new line costs: per unit the first two, per line the rest; None = not charged at all."""

    base_price: Decimal
    shipping_cost: Decimal
    item_tax: Decimal | None
    shipping_tax: Decimal | None
    base_fee: Decimal
    variable_fee: Decimal


class PricedLine(Protocol):
    """The columns of an order line the functions below read."""

    quantity: int
    base_price: Decimal
    shipping_cost: Decimal
    item_tax: Decimal | None
    shipping_tax: Decimal | None
    base_fee: Decimal
    variable_fee: Decimal


def charge_line(unit_price: Decimal, unit_shipping: Decimal, quantity: int, state: str) -> LineCharges:
    """Price a new line for a shopper in `state`."""
    goods = unit_price * quantity
    rate = SALES_TAX.get(state)
    tax = None if rate is None else cents(goods * rate)
    shipping_tax = cents(unit_shipping * quantity * rate) if rate and state in SHIPPING_TAXED else None
    return LineCharges(
        base_price=unit_price,
        shipping_cost=unit_shipping,
        item_tax=tax,
        shipping_tax=shipping_tax,
        base_fee=cents(goods * BASE_COMMISSION),
        variable_fee=cents(goods * VARIABLE_COMMISSION),
    )


def share(line_amount: Decimal | None, units: int, of_units: int) -> Decimal:
    """The part of a per-line amount that falls on some of its units."""
    if not line_amount or not of_units:
        return ZERO
    return cents(line_amount * min(units, of_units) / of_units)


def paid_for(line: PricedLine, units: int) -> Amounts:
    """What the shopper paid for `units` of the line: the most a return or refund of them may give back."""
    return Amounts(
        principal=cents(line.base_price * units),
        tax=share(line.item_tax, units, line.quantity),
        shipping_cost=cents(line.shipping_cost * units),
        shipping_tax=share(line.shipping_tax, units, line.quantity),
    )


def number(value: Decimal | None) -> float | None:
    """Money as Jet shows it: a JSON number, or null."""
    return None if value is None else float(value)


@dataclass(frozen=True)
class Totals:
    base_price: Decimal
    item_tax: Decimal | None
    shipping_cost: Decimal
    shipping_tax: Decimal | None
    base_fee: Decimal
    variable_fee: Decimal


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, ZERO) if known else None


def order_totals(lines: Iterable[PricedLine]) -> Totals:
    """Extended sums over the lines; taxes stay None when no line has any."""
    rows = list(lines)
    return Totals(
        base_price=cents(sum((row.base_price * row.quantity for row in rows), ZERO)),
        item_tax=_sum(row.item_tax for row in rows),
        shipping_cost=cents(sum((row.shipping_cost * row.quantity for row in rows), ZERO)),
        shipping_tax=_sum(row.shipping_tax for row in rows),
        base_fee=sum((row.base_fee for row in rows), ZERO),
        variable_fee=sum((row.variable_fee for row in rows), ZERO),
    )
