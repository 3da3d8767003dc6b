"""Rules of shipping and return exceptions, for forms, the API and copies alike. Pure; nobody else words them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.enums import OverrideType, ShippingExceptionType
from catalog.problems import Problem
from catalog.validators import number_problem, shown
from jetsync.jet.words import ServiceLevel, ShippingMethod

SERVICE_LEVELS = tuple(str(word) for word in ServiceLevel)
SHIPPING_METHODS = tuple(str(word) for word in ShippingMethod)
RETURN_DAYS = (1, 30)
# Columns of one shipping exception, in the order that copies and undo keep them in.
SHIPPING_FIELDS = (
    "node",
    "service_level",
    "shipping_method",
    "override_type",
    "shipping_charge_amount",
    "exception_type",
)


@dataclass(frozen=True)
class ShippingValues:
    """One entry: `node` is the pk of a fulfilment node, the charge is in USD."""

    node: int
    exception_type: str
    service_level: str = ""
    shipping_method: str = ""
    override_type: str = ""
    shipping_charge_amount: Decimal | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        """Two entries of one SKU with the same key are the same exception."""
        return self.node, self.service_level, self.shipping_method

    @property
    def what(self) -> str:
        return self.service_level or self.shipping_method

    def as_row(self) -> list[Any]:
        amount = self.shipping_charge_amount
        return [
            self.node,
            self.service_level,
            self.shipping_method,
            self.override_type,
            None if amount is None else str(amount),
            self.exception_type,
        ]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> ShippingValues:
        values = dict(zip(SHIPPING_FIELDS, row, strict=True))
        amount = values["shipping_charge_amount"]
        return cls(**{**values, "shipping_charge_amount": None if amount is None else Decimal(amount)})


@dataclass(frozen=True)
class ReturnValues:
    """`locations` are pks of return locations; `time_to_return` in days, None = the account's."""

    locations: tuple[int, ...]
    time_to_return: int | None = None
    return_shipping_methods: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "locations": sorted(self.locations),
            "time_to_return": self.time_to_return,
            "return_shipping_methods": list(self.return_shipping_methods),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ReturnValues:
        return cls(
            tuple(stored["locations"]), stored["time_to_return"], tuple(stored["return_shipping_methods"])
        )


def shipping_problems(values: ShippingValues) -> list[Problem]:
    """One of level and method; a charge and its kind together, above zero, and never with "restricted"."""
    found = [_way_problem(values), _type_problem(values), *_words_problems(values), *_charge_problems(values)]
    return [problem for problem in found if problem]


def _way_problem(values: ShippingValues) -> Problem | None:
    if values.service_level and values.shipping_method:
        message = "Service level and shipping method are both given; Jet takes one of them."
        return Problem("shipping_method", "one", values.shipping_method, message, "Empty one of the two.")
    if not values.what:
        message = "Neither a service level nor a shipping method is given."
        return Problem("service_level", "required", "", message, "Choose one of the two.")
    return None


def _type_problem(values: ShippingValues) -> Problem | None:
    if values.exception_type in ShippingExceptionType.values:
        return None
    message = f"“{shown(values.exception_type)}” is no type of exception."
    return Problem(
        "exception_type", "choice", shown(values.exception_type), message, "exclusive or restricted."
    )


def _words_problems(values: ShippingValues) -> list[Problem | None]:
    lists: tuple[tuple[str, str, Sequence[str], str], ...] = (
        ("service_level", "service level", SERVICE_LEVELS, values.service_level),
        ("shipping_method", "shipping method", SHIPPING_METHODS, values.shipping_method),
        ("override_type", "override type", OverrideType.values, values.override_type),
    )
    return [_word_problem(*item) for item in lists]


def _word_problem(field: str, name: str, words: Sequence[str], value: str) -> Problem | None:
    if not value or value in words:
        return None
    message = f"“{shown(value)}” is no {name} of Jet."
    return Problem(field, "choice", shown(value), message, f"One of: {', '.join(words)}.")


def _charge_problems(values: ShippingValues) -> list[Problem | None]:
    amount, kind = values.shipping_charge_amount, values.override_type
    if values.exception_type == ShippingExceptionType.RESTRICTED and (kind or amount):
        field = "override_type" if kind else "shipping_charge_amount"
        message = "A restricted level or method takes no charge, because nothing is shipped by it."
        return [Problem(field, "restricted", kind or str(amount), message, "Empty override type and charge.")]
    if kind and not amount:
        message = f"The shipping charge is missing; “{shown(kind)}” needs one above 0."
        return [Problem("shipping_charge_amount", "required", "", message, "Type the charge in USD.")]
    if amount and not kind:
        message = "A shipping charge is given without an override type."
        return [
            Problem(
                "override_type", "required", "", message, "Choose whether it replaces or adds to the charge."
            )
        ]
    if not amount:
        return []
    problem = number_problem("map_price", amount, column="shipping_charge_amount")
    if problem is None:
        return []
    message = problem.message.replace("MAP price", "Shipping charge", 1)
    return [Problem(problem.field, problem.rule, problem.value, message, problem.fix)]


def duplicate_problem(values: ShippingValues, others: Sequence[ShippingValues]) -> Problem | None:
    if all(values.key != other.key for other in others):
        return None
    field = "service_level" if values.service_level else "shipping_method"
    message = f"This node has an exception for {values.what} already."
    return Problem(field, "duplicate", values.what, message, "Edit that one.")


def return_problems(values: ReturnValues) -> list[Problem]:
    """At least one location; 1 to 30 days; methods from Jet's list, each once."""
    found: list[Problem] = []
    if not values.locations:
        message = "No return location is chosen; Jet needs one at least."
        found.append(Problem("locations", "required", "", message, "Tick where shoppers send it back to."))
    days, (least, most) = values.time_to_return, RETURN_DAYS
    if days is not None and not least <= days <= most:
        message = f"Time to return is {days} days, {least} to {most} is allowed."
        found.append(
            Problem("time_to_return", "range", str(days), message, "Leave it empty for Jet's own time.")
        )
    for method in values.return_shipping_methods:
        problem = _word_problem("return_shipping_methods", "shipping method", SHIPPING_METHODS, method)
        if problem:
            found.append(problem)
    return found
