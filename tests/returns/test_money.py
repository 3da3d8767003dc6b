"""The ledger: exact limits, and the promise that nothing ever pays back more than was charged."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.money import Amounts, Ledger, Movement, OverLimit, total_of

CHARGED = Amounts(Decimal("74.97"), Decimal("4.97"), Decimal("10.50"), Decimal("0.00"))
dollars = st.decimals(min_value=0, max_value=500, places=2)
amounts = st.builds(Amounts, dollars, dollars, dollars, dollars)
small = st.integers(min_value=-1, max_value=6)
movements = st.lists(st.tuples(st.builds(Movement, small, small, amounts), st.booleans()), max_size=12)


def ledger(*movements, shipped=3):
    return Ledger(shipped=shipped, charged=CHARGED, movements=tuple(movements))


def test_fresh_ledger_offers_everything_that_was_charged():
    assert (ledger().possible, ledger().returnable, ledger().refundable) == (CHARGED, 3, 3)


def test_ceiling_of_one_unit_is_its_share_of_the_line():
    assert ledger().ceiling(1) == Amounts(Decimal("24.99"), Decimal("1.66"), Decimal("3.50"), Decimal("0.00"))


def test_ceiling_of_the_last_unit_is_all_that_is_left():
    one = Movement(1, 1, Amounts(Decimal("24.99"), Decimal("1.66"), Decimal("3.50")))
    left = ledger(one, one)
    assert left.ceiling(1) == Amounts(Decimal("24.99"), Decimal("1.65"), Decimal("3.50"), Decimal("0.00"))
    assert left.ceiling(2) == left.possible


def test_ceiling_without_units_is_zero():
    assert ledger().ceiling(0) == Amounts()


def test_problems_name_the_field_and_the_limit():
    booked = ledger(Movement(2, 1, Amounts(Decimal("24.99"))))
    assert booked.problems(Movement(2, 3, Amounts(Decimal("60.00"), Decimal(-1)))) == {
        "quantity_returned": ["At most 1: 3 shipped, 2 already returned."],
        "quantity_refunded": ["At most 2: 3 shipped, 1 already refunded."],
        "principal": ["Principal may be at most $49.98 here."],
        "tax": ["Tax may not be negative."],
    }


def test_refunded_units_must_have_come_back():
    assert ledger().problems(Movement(1, 2, Amounts())) == {
        "quantity_refunded": ["Refunded units (2) may not exceed returned units (1)."]
    }


def test_lost_parcel_may_be_refunded_with_nothing_returned():
    lost = Movement(0, 3, CHARGED)
    assert ledger().problems(lost, goods_missing=True) == {}
    assert ledger().problems(lost) != {}


def test_book_refuses_what_problems_names():
    with pytest.raises(OverLimit) as caught:
        ledger().book(Movement(4, 0, Amounts()))
    assert caught.value.problems == {"quantity_returned": ["At most 3: 3 shipped, 0 already returned."]}


def test_possible_stays_at_zero_when_jet_paid_more_than_we_know_of():
    assert ledger(Movement(3, 3, CHARGED + CHARGED)).possible == Amounts()


@given(charged=amounts, shipped=st.integers(min_value=0, max_value=6), attempts=movements)
def test_no_sequence_of_returns_and_refunds_pays_more_than_charged(charged, shipped, attempts):
    book = Ledger(shipped=shipped, charged=charged)
    accepted = []
    for movement, goods_missing in attempts:
        try:
            book = book.book(movement, goods_missing=goods_missing)
        except OverLimit:
            continue
        accepted.append(movement)
    paid = total_of(movement.amounts for movement in accepted)
    assert not charged.is_less_than(paid)
    assert paid + book.possible == charged
    assert sum(movement.quantity_refunded for movement in accepted) <= shipped
    assert sum(movement.quantity_returned for movement in accepted) <= shipped


@given(charged=amounts, shipped=st.integers(min_value=1, max_value=6))
def test_unit_by_unit_pays_back_exactly_what_was_charged(charged, shipped):
    book = Ledger(shipped=shipped, charged=charged)
    for _unit in range(shipped):
        book = book.book(Movement(1, 1, book.ceiling(1)))
    assert (book.refunded, book.possible) == (charged, Amounts())
