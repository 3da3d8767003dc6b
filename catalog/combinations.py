"""Options of a variable product: which combinations they make, what each costs and weighs, and what its SKU is. Pure.

An option: {"name": "Size", "values": [{"value": "L", "price": "2.00", "weight": "-0.25", "quantity": 4}]}. Amounts are
added to the product's base; empty text is nothing added. Quantities: the smallest one of a combination's values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product as every
from typing import Any

from catalog.problems import Problem
from catalog.validators import (
    CENT,
    is_usual,
    number_problem,
    number_text,
    quantity_problem,
    shown,
    sku_key,
    sku_problem,
)

# Jet takes five attributes that SKUs differ in, and a parent with fifty children.
MOST_OPTIONS, MOST_COMBINATIONS = 5, 51
MOST_VALUES = 50
LONGEST_NAME, LONGEST_VALUE = 100, 100
BASE = "BASE"
_TOKEN = re.compile(r"\{([^{}]*)\}")
_NO_SKU = re.compile(r"[^A-Za-z0-9]+")
_AMOUNT_DIGITS = Decimal(10) ** 7

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Amounts:
    """What the values of a combination add; `quantity` None where no value says one."""

    price: Decimal = Decimal(0)
    weight: Decimal = Decimal(0)
    quantity: int | None = None


@dataclass(frozen=True)
class Combination:
    """A child that is missing. `adopts`: pk of a SKU without options that becomes it. `problem` says why it cannot be."""

    pairs: Pairs
    sku: str
    price: Decimal | None
    weight: Decimal | None
    quantity: int | None
    problem: Problem | None = None
    adopts: int | None = None

    @property
    def text(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.pairs)

    @property
    def options(self) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in self.pairs]


def amount_of(text: Any) -> Decimal:
    """A stored amount; empty or broken text adds nothing, and neither does what nobody can calculate with."""
    value = _parsed(text)
    return value if is_usual(value) else Decimal(0)


def _parsed(text: Any) -> Decimal:
    try:
        value = Decimal(str(text).strip() or "0")
    except InvalidOperation:
        return Decimal(0)
    return value if value.is_finite() else Decimal(0)


def key_of(pairs: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Equal for the same values of the same options, whatever their order and case."""
    return frozenset((name.strip().lower(), value.strip().lower()) for name, value in pairs)


def pairs_of(options: Iterable[Mapping[str, Any]]) -> Pairs:
    """The options of a SKU."""
    found = [(str(item.get("name", "")).strip(), str(item.get("value", "")).strip()) for item in options]
    return tuple((name, value) for name, value in found if name and value)


def combinations(options: Sequence[Mapping[str, Any]]) -> list[Pairs]:
    """Every combination in the order of the values; [] without options."""
    lists = [
        [(str(option["name"]), str(item["value"])) for item in option.get("values", ())] for option in options
    ]
    filled = [values for values in lists if values]
    return [tuple(pairs) for pairs in every(*filled)] if filled else []


def count_of(options: Sequence[Mapping[str, Any]]) -> int:
    count = 1 if options else 0
    for option in options:
        count *= max(1, len(option.get("values", ())))
    return count


def amounts(options: Sequence[Mapping[str, Any]], pairs: Iterable[tuple[str, str]]) -> Amounts:
    """What these values add to price and weight, and the stock they allow."""
    key = key_of(pairs)
    found = [
        item
        for option in options
        for item in option.get("values", ())
        if (str(option["name"]).strip().lower(), str(item["value"]).strip().lower()) in key
    ]
    counted = [int(item["quantity"]) for item in found if item.get("quantity") is not None]
    return Amounts(
        sum((amount_of(item.get("price", "")) for item in found), Decimal(0)),
        sum((amount_of(item.get("weight", "")) for item in found), Decimal(0)),
        min(counted) if counted else None,
    )


def is_covered(options: Sequence[Mapping[str, Any]], pairs: Pairs) -> bool:
    """Whether a SKU with these options is made from the product's: it has a known value of each."""
    return key_of(pairs) in {key_of(combination) for combination in combinations(options)}


def child_price(base: Decimal | None, added: Amounts) -> Decimal | None:
    return None if base is None else (base + added.price).quantize(CENT)


def child_weight(base: Decimal | None, added: Amounts) -> Decimal | None:
    return None if base is None else (base + added.weight).quantize(CENT)


def default_pattern(options: Sequence[Mapping[str, Any]]) -> str:
    return "-".join([BASE, *(f"{{{option['name']}}}" for option in options)])


def pattern_problem(pattern: str, options: Sequence[Mapping[str, Any]]) -> Problem | None:
    """Every option must have its place, or two children would get one SKU."""
    names = {str(option["name"]).strip().lower(): str(option["name"]) for option in options}
    used = [token.strip().lower() for token in _TOKEN.findall(pattern)]
    strange = next((token for token in used if token not in names), None)
    if strange is not None:
        message = f"The pattern names “{shown(strange)}”, which is no option of this product."
        fix = f"Use {', '.join(f'{{{name}}}' for name in names.values())}."
        return Problem("pattern", "option", shown(pattern), message, fix)
    many = {name for name, option in zip(names, options, strict=False) if len(option.get("values", ())) > 1}
    left = next((names[name] for name in names if name in many and name not in used), None)
    if left is not None:
        message = f"The pattern has no place for {left}, so several children would get the same SKU."
        return Problem("pattern", "place", shown(pattern), message, f"Add {{{left}}}.")
    return None


def sku_of(pattern: str, base: str, pairs: Pairs) -> str:
    """ "BASE-{Size}" with base HF-KET and Size "Extra large" gives HF-KET-EXTRA-LARGE."""
    values = {name.strip().lower(): sku_part(value) for name, value in pairs}
    text = _TOKEN.sub(lambda match: values.get(match.group(1).strip().lower(), ""), pattern)
    return text.replace(BASE, base).strip()


def sku_part(value: str) -> str:
    return _NO_SKU.sub("-", value).strip("-").upper()


def missing(
    options: Sequence[Mapping[str, Any]],
    present: Sequence[tuple[int, Pairs]],
    *,
    pattern: str,
    base: str,
    prices: tuple[Decimal | None, Decimal | None],
    used: Iterable[str] = (),
) -> list[Combination]:
    """Combinations without a SKU. `present`: (pk, options) of each SKU; the first one without options becomes the first
    missing combination and keeps its SKU. `prices`: base price and base weight. `used`: SKUs that exist already; letter
    case alone makes no other SKU.
    """
    known = {key_of(pairs) for _pk, pairs in present}
    bare = next((pk for pk, pairs in present if not pairs), None)
    taken = {sku_key(sku) for sku in used}
    found: list[Combination] = []
    for pairs in combinations(options):
        if key_of(pairs) in known:
            continue
        added = amounts(options, pairs)
        price, weight = child_price(prices[0], added), child_weight(prices[1], added)
        adopts, bare = bare, None
        sku = base if adopts is not None else sku_of(pattern, base, pairs)
        problem = _problem(sku, price, weight, taken if adopts is None else set())
        taken.add(sku_key(sku))
        found.append(Combination(pairs, sku, price, weight, added.quantity, problem, adopts))
    return found


def _problem(sku: str, price: Decimal | None, weight: Decimal | None, taken: set[str]) -> Problem | None:
    if sku_key(sku) in taken:
        return Problem("sku", "used", sku, f"SKU {shown(sku)} exists already.", "Change the pattern.")
    wrong = sku_problem(sku)
    if wrong is None and price is not None:
        wrong = number_problem("price", price)
    if wrong is None and weight is not None:
        wrong = number_problem("shipping_weight_pounds", weight)
    return wrong


def options_problems(options: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Rules over the options as they would be stored. `field` is "options" or `option_<n>_<m>_<cell>`, counted from 0."""
    found: list[Problem] = []
    names: set[str] = set()
    if len(options) > MOST_OPTIONS:
        message = f"There are {len(options)} options, Jet takes SKUs that differ in at most {MOST_OPTIONS}."
        found.append(Problem("options", "count", str(len(options)), message, "Leave some out."))
    for number, option in enumerate(options):
        name = str(option["name"]).strip()
        where = f"option_{number}_0_name"
        if len(name) > LONGEST_NAME:
            found.append(_too_long(where, "Option", name, LONGEST_NAME))
        if "{" in name or "}" in name:
            found.append(Problem(where, "characters", name, "Option holds a brace.", "Leave { and } out."))
        if name.lower() in names:
            found.append(Problem(where, "duplicate", name, f"Option {name} is given twice.", "Join them."))
        names.add(name.lower())
        found += _value_problems(number, option)
    count = count_of(options)
    if count > MOST_COMBINATIONS:
        message = f"The options make {count:,} combinations, one group at Jet takes {MOST_COMBINATIONS} SKUs."
        found.append(Problem("options", "combinations", str(count), message, "Leave out some values."))
    return found


def _value_problems(number: int, option: Mapping[str, Any]) -> list[Problem]:
    found: list[Problem] = []
    values: set[str] = set()
    if len(option.get("values", ())) > MOST_VALUES:
        message = f"{option['name']} has {len(option['values'])} values, at most {MOST_VALUES} are taken."
        found.append(Problem("options", "values", "", message, "Leave some out."))
    for place, item in enumerate(option.get("values", ())):
        where = f"option_{number}_{place}"
        value = str(item["value"]).strip()
        if len(value) > LONGEST_VALUE:
            found.append(_too_long(f"{where}_value", "Value", value, LONGEST_VALUE))
        if value.lower() in values:
            message = f"{option['name']} {shown(value)} is given twice."
            found.append(Problem(f"{where}_value", "duplicate", shown(value), message, "Keep one of them."))
        values.add(value.lower())
        for cell, label in (("price", "Price"), ("weight", "Weight")):
            if problem := _amount_problem(f"{where}_{cell}", label, item.get(cell, "")):
                found.append(problem)
        if item.get("quantity") is not None:
            wrong = quantity_problem(int(item["quantity"]), column=f"{where}_quantity")
            found += [wrong] if wrong else []
    return found


def _too_long(where: str, label: str, text: str, limit: int) -> Problem:
    message = f"{label} has {len(text)} characters, at most {limit} are allowed."
    return Problem(where, "length", shown(text), message, "Shorten it.")


def _amount_problem(where: str, label: str, text: Any) -> Problem | None:
    """Amounts may be negative: a small size costs less."""
    value = _parsed(text)
    shown_value = number_text(value)
    if not -_AMOUNT_DIGITS < value < _AMOUNT_DIGITS:
        message = f"{label} is {shown_value}, at most 7 digits stand before the point."
        return Problem(where, "range", shown_value, message, "Check the decimal point.")
    if not is_usual(value) or value != value.quantize(CENT):
        message = f"{label} is {shown_value}, at most two decimals are allowed."
        return Problem(where, "decimals", shown_value, message, "Round it to two decimals.")
    return None
