"""The formula of repricing: what it makes of numbers, and what it never does, whatever they are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from repricer.enums import Why
from repricer.figures import Price
from repricer.formula import Decision, Floor, Offers, decide
from repricer.rules import NO_PROFILE, Bounds, RuleValues, bounds_of, rule_problems

D = Decimal
# A busy machine may let a draw wait for seconds.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
BOUNDS = Bounds(D("30.00"), D("45.00"), D("1.00"))
MINE, BEST = Price(D("38.50"), D("4.95")), Price(D("36.00"), D("5.95"))


def found(
    current: str = "38.50",
    *,
    mine: Price | None = MINE,
    best: Price | None = BEST,
    bounds: Bounds = BOUNDS,
    step: int = 100,
    floors: tuple[Floor, ...] = (),
) -> Decision:
    return decide(D(current), Offers(mine, best), bounds, step_percent=step, floors=floors)


@pytest.mark.feature("REP-03")
def test_price_is_the_best_landed_less_bid_and_our_shipping() -> None:
    result = found()
    assert (result.price, result.why) == (D("36.00"), Why.UNDERCUT)
    assert result.words == "Best offer 41.95 landed, less bid 1.00, less our shipping 4.95: 36.00."


@pytest.mark.feature("REP-03")
@pytest.mark.parametrize(
    ("best", "price", "why"),
    [
        (Price(D("43.45"), D(0)), None, Why.EQUAL),
        (Price(D("44.45"), D(0)), D("39.50"), Why.EQUAL),
        (Price(D("60.00"), D(0)), D("45.00"), Why.MAX),
        (Price(D("20.00"), D(0)), D("30.00"), Why.MIN),
    ],
)
def test_equal_when_ours_is_the_best_and_always_between_the_bounds(
    best: Price, price: Decimal | None, why: Why
) -> None:
    result = found(best=best)
    assert (result.price, result.why) == (price, why)


@pytest.mark.parametrize("name", ["min_price", "max_price", "bid"])
def test_empty_bound_changes_nothing(name: str) -> None:
    values = {"min_price": D("30.00"), "max_price": D("45.00"), "bid": D("1.00"), name: None}
    result = found(bounds=Bounds(**values))
    assert (result.price, result.why) == (None, Why.NO_BOUNDS)
    assert "empty" in result.words


@pytest.mark.parametrize(
    ("change", "why"),
    [({"mine": None}, Why.NO_OFFER), ({"best": None}, Why.NO_MARKET)],
)
def test_without_both_offers_nothing_is_changed(change: dict[str, None], why: Why) -> None:
    result = found(**change)  # type: ignore[arg-type]  # one of the two offers
    assert (result.price, result.why) == (None, why)


def test_cost_and_floors_raise_the_lower_bound() -> None:
    bounds = Bounds(D("30.00"), D("45.00"), D("1.00"), cost=D("37.10"))
    assert (found(bounds=bounds).price, found(bounds=bounds).why) == (D("37.10"), Why.FLOOR)
    result = found(floors=(Floor(D("37.40"), "MAP price"),))
    assert (result.price, "kept at MAP price 37.40" in result.words) == (D("37.40"), True)
    above = found(floors=(Floor(D("46.00"), "MAP price"),))
    assert (above.price, above.why) == (None, Why.NO_ROOM)


def test_step_goes_part_of_the_way_and_says_so() -> None:
    result = found(step=2)
    assert (result.price, result.why, result.is_cut) == (D("37.73"), Why.STEP, True)
    assert "as far as one step of 2% goes" in result.words


def test_price_outside_its_bounds_comes_back_in_one_step() -> None:
    assert found("20.00", step=1).price == D("30.00")


amounts = st.decimals("0.01", "5000", places=2)
prices = st.builds(Price, amounts, st.decimals("0", "50", places=2))
bounds_strategy = st.builds(Bounds, *[st.none() | amounts] * 4)
floor_lists = st.lists(st.builds(Floor, amounts, st.just("MAP price")), max_size=2).map(tuple)


@UNHURRIED
@given(
    current=amounts,
    mine=st.none() | prices,
    best=st.none() | prices,
    bounds=bounds_strategy,
    step=st.integers(1, 100),
    floors=floor_lists,
)
def test_whatever_the_numbers_it_keeps_to_bounds_floors_and_step(  # noqa: PLR0917 -- one per drawn number
    current: Decimal,
    mine: Price | None,
    best: Price | None,
    bounds: Bounds,
    step: int,
    floors: tuple[Floor, ...],
) -> None:
    result = decide(current, Offers(mine, best), bounds, step_percent=step, floors=floors)
    if bounds.gap:
        assert result.price is None
    if result.price is None:
        return
    assert bounds.min_price is not None
    assert bounds.max_price is not None
    low = max([bounds.min_price, *(floor.amount for floor in floors), bounds.cost or D(0)])
    assert low <= result.price <= bounds.max_price
    assert result.price != current
    assert result.price == result.price.quantize(D("0.01"))
    assert result.words
    if low <= current <= bounds.max_price:
        assert abs(result.price - current) * 100 <= current * step


@UNHURRIED
@given(current=amounts, mine=prices, best=prices, step=st.integers(1, 100))
def test_deciding_again_for_the_same_figures_ends_where_it_aims(
    current: Decimal, mine: Price, best: Price, step: int
) -> None:
    """Step by step the price comes to one place and stays there: figures alone say where."""
    bounds = Bounds(D("1.00"), D("4000.00"), D("0.50"))
    assume(D("1.00") <= current <= D("4000.00"))
    aim = decide(current, Offers(mine, best), bounds, step_percent=100)
    there = current if aim.price is None else aim.price
    again = decide(there, Offers(mine, best), bounds, step_percent=step)
    assert again.price is None or aim.is_cut


maybe = st.none() | st.decimals("0.01", "9999.99", places=2)


@UNHURRIED
@given(own=st.builds(RuleValues, maybe, maybe, maybe, maybe), store=maybe)
def test_missing_bound_is_a_gap_and_never_zero(own: RuleValues, store: Decimal | None) -> None:
    found = bounds_of(own, NO_PROFILE, store)
    assert (found.min_price, found.max_price, found.bid) == (own.min_price, own.max_price, own.bid)
    if None in (own.min_price, own.max_price, own.bid):
        assert "empty" in found.gap


@UNHURRIED
@given(own=st.builds(RuleValues, maybe, maybe, maybe, maybe))
def test_values_without_a_problem_fit_together(own: RuleValues) -> None:
    if not rule_problems(own) and own.min_price is not None and own.max_price is not None:
        assert own.min_price <= own.max_price
