"""What a merchant allows the repricer for a SKU. Pure: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from catalog.pricing import to_cents
from catalog.problems import Problem
from catalog.validators import number_problem

_HUNDRED = Decimal(100)
MOST_PERCENT = Decimal(1000)
# Field -> label (features REP-02); in the order of forms and files.
LABELS = {
    "min_price": "Min Price",
    "max_price": "Max Price",
    "bid": "Bidding Amount",
    "cost": "Cost",
}
# Column of a file -> field.
COLUMNS = {"min_price": "min_price", "max_price": "max_price", "bidding_amount": "bid", "cost": "cost"}


@dataclass(frozen=True)
class RuleValues:
    """A SKU's own values in USD; None is empty, which is never zero."""

    min_price: Decimal | None = None
    max_price: Decimal | None = None
    bid: Decimal | None = None
    cost: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        return all(value is None for value in self.as_dict().values())

    def as_dict(self) -> dict[str, Decimal | None]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def changed(self, changes: Mapping[str, Decimal | None]) -> RuleValues:
        return RuleValues(**{**self.as_dict(), **changes})

    def as_json(self) -> dict[str, str | None]:
        return {name: None if value is None else str(value) for name, value in self.as_dict().items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, str | None]) -> RuleValues:
        found = {name: stored.get(name) for name in LABELS}
        return cls(**{name: None if text is None else Decimal(text) for name, text in found.items()})


@dataclass(frozen=True)
class ProfileValues:
    """What the products of a profile share: bounds in percent of the store's price for Jet, the bid in USD."""

    min_percent: Decimal | None = None
    max_percent: Decimal | None = None
    bid: Decimal | None = None


NO_PROFILE = ProfileValues()


@dataclass(frozen=True)
class Bounds:
    """In force for a SKU: its own values, else those of its profile. `gap` says why it is not repriced, "" when it is."""

    min_price: Decimal | None
    max_price: Decimal | None
    bid: Decimal | None
    cost: Decimal | None = None

    @property
    def gap(self) -> str:
        missing = [LABELS[name] for name in ("min_price", "max_price", "bid") if getattr(self, name) is None]
        if missing:
            return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} empty."
        if self.min_price is not None and self.max_price is not None and self.min_price > self.max_price:
            return f"Min Price {self.min_price:,.2f} is above Max Price {self.max_price:,.2f}."
        if self.cost is not None and self.max_price is not None and self.cost > self.max_price:
            return f"Cost {self.cost:,.2f} is above Max Price {self.max_price:,.2f}."
        return ""


def bounds_of(own: RuleValues, profile: ProfileValues, store: Decimal | None) -> Bounds:
    """`store`: what Jet would be paid without the repricer, which the percentages of a profile are of."""

    def of_store(percent: Decimal | None) -> Decimal | None:
        return None if percent is None or store is None else to_cents(store * percent / _HUNDRED)

    return Bounds(
        own.min_price if own.min_price is not None else of_store(profile.min_percent),
        own.max_price if own.max_price is not None else of_store(profile.max_percent),
        own.bid if own.bid is not None else profile.bid,
        own.cost,
    )


def rule_problems(values: RuleValues) -> list[Problem]:
    """What is wrong with a SKU's own values (features REP-02)."""
    found = []
    for name, label in LABELS.items():
        value = getattr(values, name)
        problem = number_problem("price", value, column=name) if value is not None else None
        if problem is not None:
            words = problem.message.replace("Price", label, 1)
            found.append(Problem(name, problem.rule, problem.value, words, problem.fix))
    if not found and values.min_price is not None and values.max_price is not None:
        found += _crossed("min_price", values.min_price, values.max_price, "")
    return found


def profile_problems(values: ProfileValues) -> list[Problem]:
    found = []
    for name, label in (("min_percent", "Min Price"), ("max_percent", "Max Price")):
        value: Decimal | None = getattr(values, name)
        if value is not None and not (value.is_finite() and 1 <= value <= MOST_PERCENT):
            message = f"{label} is {value}%, between 1 and {MOST_PERCENT} percent is needed."
            found.append(Problem(name, "range", str(value), message, "100 is the store's price itself."))
    if values.bid is not None and (problem := number_problem("price", values.bid, column="bid")):
        words = problem.message.replace("Price", LABELS["bid"], 1)
        found.append(Problem("bid", problem.rule, problem.value, words, problem.fix))
    if not found and values.min_percent is not None and values.max_percent is not None:
        found += _crossed("min_percent", values.min_percent, values.max_percent, "%")
    return found


def _crossed(field: str, least: Decimal, most: Decimal, unit: str) -> list[Problem]:
    if least <= most:
        return []
    message = f"Min Price {least:,.2f}{unit} is above Max Price {most:,.2f}{unit}."
    return [Problem(field, "order", str(least), message, "Lower the one or raise the other.")]


def rule_words(values: Mapping[str, Any]) -> str:
    """ "Min Price 30.00, Max Price empty": for logs and operations."""
    return ", ".join(
        f"{LABELS[name]} {'empty' if value is None else f'{value:,.2f}'}" for name, value in values.items()
    )
