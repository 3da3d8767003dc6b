"""The money guard of returns and refunds: what a shopper paid for a line, what went back, what may still go back.

Pure arithmetic over Decimal dollars. Returns and refunds both ask it before they send anything, so no sequence of
the two can pay a shopper more than he was charged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from orders.amounts import ZERO, cents
from orders.amounts import Amounts as LineAmounts

# The four parts of Jet's `refund_amount`, with the words a merchant reads.
PARTS = {
    "principal": "Principal",
    "tax": "Tax",
    "shipping_cost": "Shipping cost",
    "shipping_tax": "Shipping tax",
}


@dataclass(frozen=True)
class Amounts(LineAmounts):
    """Line totals in US dollars, as Jet counts them: not per unit."""

    @classmethod
    def of(cls, other: LineAmounts) -> Amounts:
        return cls(other.principal, other.tax, other.shipping_cost, other.shipping_tax)

    @property
    def is_zero(self) -> bool:
        return not any(self.parts().values())

    def __add__(self, other: LineAmounts) -> Amounts:
        return Amounts(**{name: value + getattr(other, name) for name, value in self.parts().items()})

    def floored_minus(self, other: Amounts) -> Amounts:
        """What is left after `other`, never below zero in any part."""
        return Amounts(
            **{name: max(ZERO, value - getattr(other, name)) for name, value in self.parts().items()}
        )

    def at_most(self, other: Amounts) -> Amounts:
        """The smaller of the two in each part."""
        return Amounts(**{name: min(value, getattr(other, name)) for name, value in self.parts().items()})

    def share(self, quantity: int, of: int) -> Amounts:
        """The part that belongs to `quantity` of `of` units, each part rounded to a cent."""
        if quantity <= 0:
            return Amounts()
        if quantity >= of:
            return self
        return Amounts(**{name: cents(value * quantity / of) for name, value in self.parts().items()})

    def is_less_than(self, other: Amounts) -> bool:
        """Whether any part falls short of `other`."""
        return any(value < getattr(other, name) for name, value in self.parts().items())


def total_of(amounts: Iterable[Amounts]) -> Amounts:
    return sum(amounts, start=Amounts())


@dataclass(frozen=True)
class Movement:
    """One settled return line or one refund line: units that came back, units paid back, dollars paid back.

    `page` and `object_id` lead to the return or refund that `source` names.
    """

    quantity_returned: int
    quantity_refunded: int
    amounts: Amounts
    source: str = ""
    page: str = ""
    object_id: int = 0


class OverLimit(ValueError):
    """A movement passes the ledger's limits; `problems` maps field names to sentences."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__("; ".join(text for texts in problems.values() for text in texts))
        self.problems = problems


@dataclass(frozen=True)
class Ledger:
    """The account of one order line.

    `charged` is what the shopper paid for the `shipped` units (cancelled units were never charged).
    `movements` are the decisions already taken, whatever their way to Jet: stored, on the way, or known there.
    """

    shipped: int
    charged: Amounts
    movements: tuple[Movement, ...] = ()

    @property
    def returned(self) -> int:
        return sum(movement.quantity_returned for movement in self.movements)

    @property
    def refunded_quantity(self) -> int:
        return sum(movement.quantity_refunded for movement in self.movements)

    @property
    def refunded(self) -> Amounts:
        return total_of(movement.amounts for movement in self.movements)

    @property
    def possible(self) -> Amounts:
        """What may still be paid back: charged minus refunded, never below zero."""
        return self.charged.floored_minus(self.refunded)

    @property
    def returnable(self) -> int:
        """Shipped units that nobody has reported back yet."""
        return max(0, self.shipped - self.returned)

    @property
    def refundable(self) -> int:
        """Shipped units that have not been paid back yet."""
        return max(0, self.shipped - self.refunded_quantity)

    def ceiling(self, quantity: int) -> Amounts:
        """The most that `quantity` more units may be paid back with."""
        if quantity <= 0:
            return Amounts()
        if quantity >= self.refundable:
            return self.possible
        return self.charged.share(quantity, self.shipped).at_most(self.possible)

    def problems(self, movement: Movement, *, goods_missing: bool = False) -> dict[str, list[str]]:
        """What forbids this movement, by field; {} when it may be booked.

        `goods_missing` lifts "refunded units must have come back": a lost parcel is refunded with nothing returned.
        """
        found: dict[str, list[str]] = {}
        if movement.quantity_returned < 0 or movement.quantity_returned > self.returnable:
            found["quantity_returned"] = [
                f"At most {self.returnable}: {self.shipped} shipped, {self.returned} already returned."
            ]
        quantity_problem = self._quantity_problem(movement, goods_missing=goods_missing)
        if quantity_problem:
            found["quantity_refunded"] = [quantity_problem]
        found.update(amount_problems(movement.amounts, self.ceiling(movement.quantity_refunded)))
        return found

    def _quantity_problem(self, movement: Movement, *, goods_missing: bool) -> str:
        if movement.quantity_refunded < 0 or movement.quantity_refunded > self.refundable:
            return f"At most {self.refundable}: {self.shipped} shipped, {self.refunded_quantity} already refunded."
        if not goods_missing and movement.quantity_refunded > movement.quantity_returned:
            refunded, returned = movement.quantity_refunded, movement.quantity_returned
            return f"Refunded units ({refunded}) may not exceed returned units ({returned})."
        return ""

    def book(self, movement: Movement, *, goods_missing: bool = False) -> Ledger:
        """The ledger with this movement added. Raises OverLimit instead of paying too much."""
        found = self.problems(movement, goods_missing=goods_missing)
        if found:
            raise OverLimit(found)
        return replace(self, movements=(*self.movements, movement))


def amount_problems(amounts: Amounts, ceiling: Amounts) -> dict[str, list[str]]:
    """Parts below zero or above `ceiling`, by field."""
    found = {}
    for name, value in amounts.parts().items():
        most = getattr(ceiling, name)
        if value < ZERO:
            found[name] = [f"{PARTS[name]} may not be negative."]
        elif value > most:
            found[name] = [f"{PARTS[name]} may be at most ${most:.2f} here."]
    return found
