"""Weight and measures, price rules, and the offer: price and quantity."""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter

from catalog import validators
from catalog.facts import ListingInput
from catalog.listing.result import HINT, NEVER_LIVE, ListingResult, number
from catalog.listing.texts import put_text

_MEASURES = (
    "shipping_weight_pounds",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "display_length_inches",
    "display_width_inches",
    "display_height_inches",
    "msrp",
    "map_price",
    "number_units_for_price_per_unit",
)
_measures = attrgetter(*_MEASURES)


def add_measures(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    values: tuple[Decimal | None, ...] = _measures(facts)
    for name, value in zip(_MEASURES, values, strict=True):
        if value is not None and result.take(validators.number_problem(name, value), name):
            result.put(name, number(value), "from variant")
    if facts.fulfillment_time is not None:
        result.put("fulfillment_time", facts.fulfillment_time, "from variant")
    if facts.shipping_weight_pounds is None:
        result.lack(
            "shipping_weight_pounds",
            "required",
            "Shipping weight is missing; Jet holds the product back as “Missing shipping weight”.",
            level=NEVER_LIVE,
            fix="Give the weight in pounds.",
        )


def add_prices(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    implementation = facts.map_implementation
    problem = validators.map_problem(implementation, facts.map_price)
    if result.take(
        problem, "map_price" if problem and problem.field == "map_price" else "map_implementation"
    ):
        origin = "default, no restriction" if implementation == "101" else "from variant"
        result.put("map_implementation", implementation, origin)
    unit = facts.type_of_unit_for_price_per_unit.strip()
    pair = ("number_units_for_price_per_unit", "type_of_unit_for_price_per_unit")
    problem = validators.unit_price_problem(facts.number_units_for_price_per_unit, unit, columns=pair)
    if problem is not None:
        result.payload.pop(pair[0], None)
        result.take(problem, problem.field)
    elif unit:
        put_text(result, pair[1], pair[1], unit, "from variant")


def add_offer(given: ListingInput, result: ListingResult) -> None:
    """Price and quantity travel in messages of their own, but belong to the checklist (SIM-03)."""
    if given.price is None:
        result.lack("price", "required", "Price is missing.", fix="Give a price of at least 0.01 USD.")
    if given.quantity is None:
        result.lack(
            "quantity", "required", "Quantity is not known.", fix="Give the quantity, 0 if there is none."
        )
    elif given.quantity == 0:
        result.lack(
            "quantity", "zero", "Quantity for Jet is 0; Jet begins its review when it is above 0.", level=HINT
        )
