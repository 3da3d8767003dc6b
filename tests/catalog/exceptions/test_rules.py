"""The rules of exceptions, without a database."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from catalog.exceptions import (
    ReturnValues,
    ShippingValues,
    duplicate_problem,
    return_problems,
    shipping_problems,
)

GOOD = ShippingValues(1, "exclusive", shipping_method="UPS Ground")


@pytest.mark.parametrize(
    "values",
    [
        GOOD,
        replace(GOOD, exception_type="restricted"),
        replace(GOOD, override_type="Override charge", shipping_charge_amount=Decimal("4.50")),
        replace(GOOD, override_type="Additional charge", shipping_charge_amount=Decimal("0.01")),
        replace(GOOD, shipping_charge_amount=Decimal(0)),
        ShippingValues(1, "exclusive", service_level="Scheduled (freight 11 to 20 day)"),
    ],
)
def test_what_jet_takes_has_no_problem(values: ShippingValues) -> None:
    assert shipping_problems(values) == []
    assert ShippingValues.from_row(values.as_row()) == values


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"service_level": "Standard"}, "shipping_method", "Jet takes one of them"),
        ({"shipping_method": ""}, "service_level", "Neither a service level nor a shipping method"),
        ({"shipping_method": "UPS Grnd"}, "shipping_method", "“UPS Grnd” is no shipping method of Jet."),
        ({"exception_type": "include"}, "exception_type", "is no type of exception"),
        (
            {"override_type": "Free", "shipping_charge_amount": Decimal(1)},
            "override_type",
            "is no override type",
        ),
        ({"override_type": "Override charge"}, "shipping_charge_amount", "needs one above 0"),
        (
            {"override_type": "Override charge", "shipping_charge_amount": Decimal(0)},
            "shipping_charge_amount",
            "needs one above 0",
        ),
        ({"shipping_charge_amount": Decimal(3)}, "override_type", "without an override type"),
        (
            {"override_type": "Override charge", "shipping_charge_amount": Decimal(-3)},
            "shipping_charge_amount",
            "Shipping charge is -3",
        ),
        (
            {"override_type": "Override charge", "shipping_charge_amount": Decimal("1.005")},
            "shipping_charge_amount",
            "at most two decimals",
        ),
        (
            {"override_type": "Override charge", "shipping_charge_amount": Decimal("NaN")},
            "shipping_charge_amount",
            "is not a number",
        ),
        (
            {"exception_type": "restricted", "override_type": "Override charge"},
            "override_type",
            "takes no charge",
        ),
        (
            {"exception_type": "restricted", "shipping_charge_amount": Decimal(2)},
            "shipping_charge_amount",
            "takes no charge",
        ),
    ],
)
def test_what_jet_refuses_is_named(changes: dict[str, Any], field: str, message: str) -> None:
    (problem,) = shipping_problems(replace(GOOD, **changes))
    assert problem.field == field
    assert message in problem.message


def test_a_way_of_shipping_stands_once_per_node() -> None:
    assert duplicate_problem(replace(GOOD, exception_type="restricted"), [GOOD]) is not None
    assert duplicate_problem(replace(GOOD, node=2), [GOOD]) is None


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        (ReturnValues((1,)), []),
        (ReturnValues((1, 2), 30, ("UPS Ground", "Freight")), []),
        (ReturnValues((1,), 1), []),
        (ReturnValues(()), ["locations"]),
        (ReturnValues((1,), 0), ["time_to_return"]),
        (ReturnValues((1,), 31), ["time_to_return"]),
        (ReturnValues((1,), None, ("Pigeon",)), ["return_shipping_methods"]),
    ],
)
def test_return_exceptions(values: ReturnValues, fields: list[str]) -> None:
    assert [problem.field for problem in return_problems(values)] == fields
    assert ReturnValues.from_json(values.as_json()) == values
