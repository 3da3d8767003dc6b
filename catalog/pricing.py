"""What Jet is paid for a SKU: special price, price rule, floor. Pure: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from catalog.facts import VariantFacts
from catalog.problems import Problem
from catalog.sources import read_source, source_label
from catalog.validators import number_problem, quantity_problem
from jetsync.enums import PriceRule, PriceSource

CENT = Decimal("0.01")
LOWEST_PRICE = CENT
REPRICED = "set to {:.2f} USD by the repricer"
_HUNDRED = Decimal(100)


def to_cents(amount: Decimal) -> Decimal:
    """Two places, halves up, as a shop's till does."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class PriceRules:
    """A merchant's price settings (features CFG-27, CFG-28, FLD-05 to FLD-07). `amount` in USD or percent, by the rule."""

    rule: PriceRule = PriceRule.NONE
    amount: Decimal = Decimal(0)
    source: PriceSource = PriceSource.SPECIAL
    own_field: str = ""
    lowest: Decimal | None = None

    def changed(self, price: Decimal) -> Decimal:
        """The price after the rule, before any floor."""
        match self.rule:
            case PriceRule.INCREASE_FIXED:
                return price + self.amount
            case PriceRule.DECREASE_FIXED:
                return price - self.amount
            case PriceRule.INCREASE_PERCENT:
                return price * (_HUNDRED + self.amount) / _HUNDRED
            case PriceRule.DECREASE_PERCENT:
                return price * (_HUNDRED - self.amount) / _HUNDRED
        return price

    @property
    def words(self) -> str:
        """ "increased by 5%"; empty when prices go out as they are."""
        amount = f"{self.amount.normalize():f}"
        return {
            PriceRule.INCREASE_FIXED: f"increased by {self.amount:.2f} USD",
            PriceRule.DECREASE_FIXED: f"decreased by {self.amount:.2f} USD",
            PriceRule.INCREASE_PERCENT: f"increased by {amount}%",
            PriceRule.DECREASE_PERCENT: f"decreased by {amount}%",
        }.get(self.rule, "")

    @property
    def whole_words(self) -> str:
        """With where it starts and where it stops: "special price increased by 5%, at least 4.00 USD"."""
        start = f"field {self.own_field}" if self.rule == PriceRule.OWN_FIELD else f"{self.source} price"
        words = f"{start} {self.words or 'as it is'}"
        return f"{words}, at least {self.lowest:.2f} USD" if self.lowest else words


@dataclass(frozen=True)
class JetPrice:
    """`price` None: there is none that Jet could take. `start` is the store's price that was used, `origin` says which,
    `steps` what was done to it.
    """

    price: Decimal | None
    start: Decimal | None
    origin: str = ""
    steps: tuple[str, ...] = ()


NO_RULES = PriceRules()


def jet_price(facts: VariantFacts, rules: PriceRules, now: datetime) -> JetPrice:
    """The price Jet should have for this SKU at this moment: the repriced one where there is one, else the ruled one."""
    ruled = ruled_price(facts, rules, now)
    if facts.repriced_price is None or ruled.price is None:
        return ruled
    steps = (REPRICED.format(facts.repriced_price),)
    return _floored(facts.repriced_price, replace(ruled, price=None, steps=steps), facts, rules)


def ruled_price(facts: VariantFacts, rules: PriceRules, now: datetime) -> JetPrice:
    """What the store's price and the price rules alone make of it."""
    own = _own_price(facts, rules)
    if own is not None:
        return _floored(own, JetPrice(None, own, f"from {source_label(rules.own_field)}"), facts, rules)
    start, origin = store_price(facts, rules, now)
    if start is None:
        return JetPrice(None, None)
    steps = (rules.words,) if rules.words else ()
    return _floored(rules.changed(start), JetPrice(None, start, origin, steps), facts, rules)


@dataclass(frozen=True)
class Solved:
    """The store's price that makes a price of Jet: of the field that counts now. `price` None: none does, see `reason`."""

    field: str
    price: Decimal | None
    reason: str = ""


def solve_price(theirs: Decimal, facts: VariantFacts, rules: PriceRules, now: datetime) -> Solved:
    """Goes from Jet's price back through the rule; what it finds makes exactly that price, to the cent."""
    start, origin = store_price(facts, rules, now)
    field = "special_price" if start is not None and origin == "special price" else "price"
    if facts.repriced_price is not None:
        return Solved(field, None, "The repricer sets the price of this SKU for Jet.")
    if _own_price(facts, rules) is not None:
        where = source_label(rules.own_field)
        return Solved(field, None, f"Jet's price comes from {where}, not from the store's price.")
    for price in _guesses(theirs, rules):
        if price >= LOWEST_PRICE and _makes(theirs, _with(facts, field, price), rules, now):
            return Solved(field, price)
    return Solved(field, None, _unsolved(theirs, facts, rules))


def _guesses(theirs: Decimal, rules: PriceRules) -> list[Decimal]:
    """The exact way back, and the cents beside it: the way there rounds."""
    match rules.rule:
        case PriceRule.INCREASE_FIXED:
            exact = theirs - rules.amount
        case PriceRule.DECREASE_FIXED:
            exact = theirs + rules.amount
        case PriceRule.INCREASE_PERCENT:
            exact = theirs * _HUNDRED / (_HUNDRED + rules.amount)
        case PriceRule.DECREASE_PERCENT if rules.amount < _HUNDRED:
            exact = theirs * _HUNDRED / (_HUNDRED - rules.amount)
        case _:
            exact = theirs
    cents = to_cents(exact)
    return [cents, cents - CENT, cents + CENT]


def _with(facts: VariantFacts, field: str, price: Decimal) -> VariantFacts:
    if field == "special_price":
        return facts._replace(special_price=price)  # noqa: SLF001 -- NamedTuple's documented API
    return facts._replace(price=price)  # noqa: SLF001 -- as above


def _makes(theirs: Decimal, facts: VariantFacts, rules: PriceRules, now: datetime) -> bool:
    """Not where a floor makes it: any lower price would do as well then."""
    found = jet_price(facts, rules, now)
    return found.price == theirs and not any("floor" in step for step in found.steps)


def _unsolved(theirs: Decimal, facts: VariantFacts, rules: PriceRules) -> str:
    floor = to_cents(max(facts.price_floor or LOWEST_PRICE, rules.lowest or LOWEST_PRICE))
    if theirs < floor:
        return f"Jet's {theirs:.2f} USD is below the floor of {floor:.2f} USD."
    words = f", {rules.words}," if rules.words else ""
    return f"No price of the store{words} makes exactly {theirs:.2f} USD."


def store_price(facts: VariantFacts, rules: PriceRules, now: datetime) -> tuple[Decimal | None, str]:
    """The active special price where it is wanted, else the regular one, and which of the two it is."""
    special = facts.special_price
    if special is not None and rules.source == PriceSource.SPECIAL and is_special(facts, now):
        return special, "special price"
    if facts.price is None or not facts.price.is_finite():
        return None, ""
    return facts.price, "regular price"


def is_special(facts: VariantFacts, now: datetime) -> bool:
    begun = facts.special_from is None or facts.special_from <= now
    return facts.special_price is not None and begun and (facts.special_to is None or now < facts.special_to)


def node_price(price: Decimal | None, facts: VariantFacts, rules: PriceRules) -> Decimal | None:
    """The price of one node by the same rule; None where the node takes the product's."""
    if price is None or not price.is_finite():
        return None
    return _floored(rules.changed(price), JetPrice(None, price), facts, rules).price


def _own_price(facts: VariantFacts, rules: PriceRules) -> Decimal | None:
    """The number in the named field of a product; a product without one goes by its store price."""
    if rules.rule != PriceRule.OWN_FIELD or not rules.own_field:
        return None
    try:
        found = Decimal(read_source(facts, rules.own_field).replace(",", "").lstrip("$ "))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found > 0 else None


def _floored(price: Decimal, found: JetPrice, facts: VariantFacts, rules: PriceRules) -> JetPrice:
    """Never below the floor of the SKU, the merchant's, or 0.01. A price of 0 or less in the store is no price."""
    if found.start is None or to_cents(found.start) < LOWEST_PRICE:
        return found
    floor = to_cents(max(facts.price_floor or LOWEST_PRICE, rules.lowest or LOWEST_PRICE))
    cents = to_cents(price)
    if cents < floor:
        return replace(found, price=floor, steps=(*found.steps, f"raised to the floor of {floor:.2f} USD"))
    return replace(found, price=cents)


def terms_problems(changes: Mapping[str, Any], whole: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a SKU's special price, its dates, its floor and its buffer. `whole`: with what is stored."""
    found: list[Problem | None] = []
    for name, label in (("special_price", "Special price"), ("price_floor", "Lowest price for Jet")):
        if changes.get(name) is not None:
            found.append(_relabel(number_problem("price", changes[name], column=name), label))
    if changes.get("buffer_quantity") is not None:
        found.append(quantity_problem(changes["buffer_quantity"], column="buffer_quantity", label="Buffer"))
    if {"special_price", "special_from", "special_to"} & changes.keys():
        found.append(_dates_problem(whole))
    return [problem for problem in found if problem]


def _relabel(problem: Problem | None, label: str) -> Problem | None:
    return problem and replace(problem, message=problem.message.replace("Price", label, 1))


def _dates_problem(terms: Mapping[str, Any]) -> Problem | None:
    start, end = terms.get("special_from"), terms.get("special_to")
    if terms.get("special_price") is None and (start or end):
        return Problem(
            "special_price",
            "required",
            "",
            "The special price is missing while its dates are given.",
            "Give a price or empty the dates.",
        )
    if start and end and end <= start:
        return Problem(
            "special_to",
            "range",
            str(end),
            "The special price ends before it begins.",
            "Choose an end after the beginning.",
        )
    return None
