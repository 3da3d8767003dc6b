"""How the repricer finds a price (features REP-03). Pure: numbers in, a price with its reason out.

    wanted = best marketplace landed price - bid - our shipping, kept between Min Price and Max Price

When ours is the best offer already, the bid is left out: equal is enough. Cost, the floors of SKU and store, and its MAP
price raise the lower bound. In one step the price moves by at most a percentage; the bounds come before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from catalog.pricing import CENT, to_cents
from repricer.enums import Why
from repricer.figures import Price
from repricer.rules import Bounds

MIN_NAME = "Min Price"
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Floor:
    """A price that nothing goes below, and what it is, as "cost"."""

    amount: Decimal
    name: str


@dataclass(frozen=True)
class Offers:
    """What Jet shows of a SKU."""

    mine: Price | None
    best: Price | None

    @property
    def is_best(self) -> bool:
        return bool(self.mine and self.best and self.mine.landed <= self.best.landed)


@dataclass(frozen=True)
class Decision:
    """`price` None: it stays. `words` say why, with every number; `is_cut`: the step was not the whole way."""

    price: Decimal | None
    why: Why
    words: str
    is_cut: bool = False


def decide(
    current: Decimal, offers: Offers, bounds: Bounds, *, step_percent: int, floors: tuple[Floor, ...] = ()
) -> Decision:
    """`current`: what Jet should have now, USD. The result lies between the bounds, or the price stays."""
    if bounds.gap or bounds.min_price is None or bounds.max_price is None or bounds.bid is None:
        return Decision(None, Why.NO_BOUNDS, bounds.gap)
    if offers.mine is None:
        return Decision(None, Why.NO_OFFER, "Jet shows no offer of ours, so our shipping price is not known.")
    if offers.best is None:
        return Decision(None, Why.NO_MARKET, "Jet shows no other offer.")
    lowest = _lowest(bounds.min_price, bounds.cost, floors)
    if lowest.amount > bounds.max_price:
        words = f"The {lowest.name} {lowest.amount:,.2f} is above Max Price {bounds.max_price:,.2f}."
        return Decision(None, Why.NO_ROOM, words)
    bid = Decimal(0) if offers.is_best else bounds.bid
    wanted = to_cents(offers.best.landed - bid - offers.mine.shipping)
    words = _offer_words(offers.best, bid, offers.mine.shipping, wanted)
    target = _between(wanted, lowest, bounds.max_price, Why.EQUAL if offers.is_best else Why.UNDERCUT, words)
    return _reached(current, target, (lowest.amount, bounds.max_price), step_percent)


def _lowest(least: Decimal, cost: Decimal | None, floors: tuple[Floor, ...]) -> Floor:
    found = [Floor(least, MIN_NAME), *floors]
    if cost is not None:
        found.append(Floor(cost, "cost"))
    top = max(found, key=lambda floor: floor.amount)
    return Floor(top.amount.quantize(CENT, ROUND_UP), top.name)


def _offer_words(best: Price, bid: Decimal, shipping: Decimal, wanted: Decimal) -> str:
    parts = [f"Best offer {best.landed:,.2f} landed"]
    parts.append(f"less bid {bid:,.2f}" if bid else "ours already, so equal to it")
    if shipping:
        parts.append(f"less our shipping {shipping:,.2f}")
    return f"{', '.join(parts)}: {wanted:,.2f}"


@dataclass(frozen=True)
class _Target:
    price: Decimal
    why: Why
    words: str


def _between(wanted: Decimal, lowest: Floor, most: Decimal, why: Why, words: str) -> _Target:
    if wanted < lowest.amount:
        hit = Why.MIN if lowest.name == MIN_NAME else Why.FLOOR
        return _Target(lowest.amount, hit, f"{words}, kept at {lowest.name} {lowest.amount:,.2f}")
    if wanted > most:
        return _Target(most, Why.MAX, f"{words}, kept at Max Price {most:,.2f}")
    return _Target(wanted, why, words)


def _reached(current: Decimal, target: _Target, ends: tuple[Decimal, Decimal], percent: int) -> Decision:
    """As far as one step goes; a price outside its bounds comes back between them whatever the step."""
    low, high = ends
    price, why, words = target.price, target.why, target.words
    stepped = min(max(_step(current, price, percent), low), high)
    is_cut = stepped != price
    if is_cut:
        why, words = Why.STEP, f"{words}, as far as one step of {percent}% goes"
    if stepped == current:
        return Decision(None, why, f"{words}. It is there already.")
    return Decision(stepped, why, f"{words}.", is_cut)


def _step(current: Decimal, target: Decimal, percent: int) -> Decimal:
    """As near to the target as one step goes, to the cent that is not beyond it."""
    reach = (current * percent / _HUNDRED).quantize(CENT, ROUND_DOWN)
    return min(max(target, current - reach), current + reach)
