"""The money of an order: what is per unit, what is per line, and what falls on some of the units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetsync.sandbox.marketplace.money import charge_line, order_totals, paid_for


@dataclass
class Line:
    quantity: int
    base_price: Decimal
    shipping_cost: Decimal
    item_tax: Decimal | None
    shipping_tax: Decimal | None
    base_fee: Decimal = Decimal(0)
    variable_fee: Decimal = Decimal(0)


def line(price: str, shipping: str, quantity: int, state: str) -> Line:
    charges = charge_line(Decimal(price), Decimal(shipping), quantity, state)
    return Line(quantity=quantity, **vars(charges))


def test_taxes_and_fees_fall_on_the_line_and_prices_on_the_unit() -> None:
    kettle = line("24.99", "3.50", 3, "NJ")

    assert kettle == Line(
        quantity=3,
        base_price=Decimal("24.99"),
        shipping_cost=Decimal("3.50"),
        item_tax=Decimal("4.97"),
        shipping_tax=None,
        base_fee=Decimal("7.50"),
        variable_fee=Decimal("3.75"),
    )


@pytest.mark.parametrize(
    ("state", "tax", "shipping_tax"), [("NH", None, None), ("NJ", "1.33", None), ("TX", "1.25", "0.31")]
)
def test_a_state_taxes_nothing_the_goods_or_the_delivery_too(
    state: str, tax: str | None, shipping_tax: str | None
) -> None:
    charges = charge_line(Decimal("20.00"), Decimal("5.00"), 1, state)

    assert charges.item_tax == (None if tax is None else Decimal(tax))
    assert charges.shipping_tax == (None if shipping_tax is None else Decimal(shipping_tax))


def test_totals_extend_the_lines_and_stay_empty_where_no_line_has_a_tax() -> None:
    totals = order_totals([line("24.99", "3.50", 3, "NJ"), line("10.00", "0.00", 2, "NH")])

    assert (totals.base_price, totals.shipping_cost) == (Decimal("94.97"), Decimal("10.50"))
    assert (totals.item_tax, totals.shipping_tax) == (Decimal("4.97"), None)


def test_a_part_of_the_units_bears_its_share_of_the_taxes() -> None:
    paid = paid_for(line("24.99", "3.50", 3, "NJ"), 1)

    assert paid.as_json() == {"principal": 24.99, "tax": 1.66, "shipping_cost": 3.5, "shipping_tax": 0.0}


@given(
    price=st.decimals("0.01", "5000", places=2),
    quantity=st.integers(1, 50),
    units=st.integers(0, 50),
    state=st.sampled_from(["NJ", "TX", "NH"]),
)
def test_all_units_together_cost_what_the_line_costs(
    price: Decimal, quantity: int, units: int, state: str
) -> None:
    kettle = line(str(price), "3.50", quantity, state)
    whole, part = paid_for(kettle, quantity), paid_for(kettle, min(units, quantity))

    assert whole.principal == price * quantity
    assert whole.tax == (kettle.item_tax or 0)
    assert whole.shipping_tax == (kettle.shipping_tax or 0)
    assert part.total <= whole.total
