"""The fields of Jet's product message that profiles and mappings can fill, and what each of them takes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from catalog import validators
from catalog.identifiers import CODE_LENGTHS, CODE_TYPES, UPC_E, clean_code, code_problem
from catalog.numbers import Writing, readings
from catalog.problems import Problem
from catalog.store_values import plain_number
from catalog.validators import MOST_ALTERNATE_IMAGES, MOST_BULLETS, NUMBER_RULES, TEXT_RULES, shown

ASIN = "ASIN"
YES_WORDS = frozenset({"true", "yes", "1", "y"})
NO_WORDS = frozenset({"false", "no", "0", "n"})
# The parts of the mapping page, in their order.
GROUPS = {
    "texts": "Texts",
    "codes": "Codes",
    "images": "Images",
    "measures": "Weight and measures",
    "prices": "Prices",
    "more": "More",
}
_WHOLE = re.compile(r"[0-9]{1,4}(?:\.0{1,4})?")
# Names in catalog.validators, where they are not those of the fact.
_TEXT_RULES = {"product_title": "title"}


@dataclass(frozen=True)
class JetField:
    """`fact` is the name in VariantFacts; `kind`: text, decimal, whole, yes (TRUE or FALSE), code, asin, choice,
    image, or slot (one place in a list, counted from 1). `default` is the store field behind it when nothing is mapped.
    """

    name: str
    label: str
    fact: str
    group: str
    kind: str = "text"
    hint: str = ""
    default: str = ""
    slot: int = 0

    @property
    def gap_field(self) -> str:
        """The field's name on the checklist of a product."""
        return _TEXT_RULES.get(self.fact, self.fact)


def _texts() -> Iterable[JetField]:
    yield JetField(
        "product_title", "Title", "product_title", "texts", "text", "5 to 500 characters.", "product.title"
    )
    yield JetField(
        "brand",
        "Brand",
        "brand",
        "texts",
        "text",
        "1 to 100 characters; from 51 on Jet's older rules cut it. Jet takes nothing without a brand.",
        "product.brand",
    )
    yield JetField(
        "product_description",
        "Description",
        "description",
        "texts",
        "text",
        "1 to 2,000 characters.",
        "product.description",
    )
    yield JetField(
        "manufacturer",
        "Manufacturer",
        "manufacturer",
        "texts",
        "text",
        "1 to 100 characters.",
        "product.manufacturer",
    )
    for slot in range(1, MOST_BULLETS + 1):
        hint = "Up to 500 characters; a short reason to buy."
        yield JetField(f"bullet{slot}", f"Bullet {slot}", "bullets", "texts", "slot", hint, slot=slot)


def _codes() -> Iterable[JetField]:
    yield JetField(
        "mfr_part_number",
        "Manufacturer part number",
        "mfr_part_number",
        "codes",
        "text",
        "1 to 50 characters, one of a kind. With the brand alone a product never goes live.",
        "variant.mfr_part_number",
    )
    yield JetField(
        ASIN, ASIN, "asin", "codes", "asin", "10 capital letters and digits.", default="variant.asin"
    )
    for name in CODE_TYPES:
        digits = CODE_LENGTHS.get(name)
        hint = f"{digits} digits; the check digit is tested." if digits else "8 digits, written out as UPC."
        if name == "ISBN-10":
            hint = "10 digits, the last may be X; the check digit is tested."
        yield JetField(name, name, "codes", "codes", "code", hint)


def _images() -> Iterable[JetField]:
    yield JetField(
        "main_image_url",
        "Main image",
        "main_image_url",
        "images",
        "image",
        "Full address of a picture of at least 40,000 pixels (200 x 200).",
        "variant.main_image_url",
    )
    for slot in range(1, MOST_ALTERNATE_IMAGES + 1):
        name, label = f"alternate_image{slot}", f"Alternate image {slot}"
        hint = "Full address; one that is shown already is left out."
        yield JetField(name, label, "alternate_image_urls", "images", "slot", hint, slot=slot)


def _measures() -> Iterable[JetField]:
    weight, hint = "shipping_weight_pounds", "Pounds, at least 0.01. Without it a product never goes live."
    yield JetField(weight, "Shipping weight", weight, "measures", "decimal", hint, "variant.weight")
    for part in ("length", "width", "height"):
        name = f"package_{part}_inches"
        hint = "Inches of the parcel, at least 0.01."
        yield JetField(name, f"Package {part}", name, "measures", "decimal", hint, f"variant.{part}")
    for part in ("length", "width", "height"):
        name = f"display_{part}_inches"
        yield JetField(
            name, f"Display {part}", name, "measures", "decimal", "Inches of the unpacked product."
        )


def _prices() -> Iterable[JetField]:
    label = "Manufacturer suggested retail price"
    yield JetField("msrp", label, "msrp", "prices", "decimal", "USD.", "variant.msrp")
    yield JetField(
        "map_price", "MAP price", "map_price", "prices", "decimal", "USD; needed by MAP policy 102."
    )
    policies = "; ".join(f"{key} {word.lower()}" for key, word in validators.MAP_CHOICES.items())
    yield JetField(
        "map_implementation", "MAP policy", "map_implementation", "prices", "choice", f"{policies}."
    )
    units = "number_units_for_price_per_unit"
    yield JetField(units, "Number of units", units, "prices", "decimal", "For the price per unit, e.g. 6.")
    unit = "type_of_unit_for_price_per_unit"
    yield JetField(unit, "Type of unit", unit, "prices", "text", "For the price per unit, e.g. can.")


def _more() -> Iterable[JetField]:
    pack = "multipack_quantity"
    yield JetField(pack, "Multipack quantity", pack, "more", "whole", "Pieces one buyer gets, 1 to 128.")
    days = "fulfillment_time"
    yield JetField(days, "Fulfilment time", days, "more", "whole", "Business days until it leaves the house.")
    yield JetField(
        "country_of_origin",
        "Country of origin",
        "country_of_origin",
        "more",
        "text",
        "Country of the manufacturer, up to 50 characters.",
        "variant.country_of_origin",
    )
    yield JetField(
        "safety_warning", "Safety warning", "safety_warning", "more", "text", "Up to 2,000 characters."
    )
    legal = "legal_disclaimer_description"
    yield JetField(legal, "Legal disclaimer", legal, "more", "text", "Up to 500 characters.")
    yield JetField("prop_65", "Proposition 65", "prop_65", "more", "yes", "Yes or no (TRUE or FALSE).")


JET_FIELDS: dict[str, JetField] = {
    spec.name: spec for part in (_texts, _codes, _images, _measures, _prices, _more) for spec in part()
}
# The part of a profile called Item specifics (features PRO-07), in the order of its form.
SPECIFICS = (
    "brand",
    "manufacturer",
    "country_of_origin",
    "safety_warning",
    "fulfillment_time",
    "map_price",
    "map_implementation",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "shipping_weight_pounds",
    "msrp",
    "legal_disclaimer_description",
)
# What a profile may fill a code with: Jet's own types, UPC-E that becomes a UPC, and the ASIN.
STANDARD_CODES = (*CODE_TYPES, ASIN)
CODE_SIZES = {**CODE_LENGTHS, UPC_E: 8, ASIN: 10}


def parsed(spec: JetField, text: str) -> Any:
    """The value in the type of its fact, None where the text cannot be one. Decimals are rounded to two places."""
    if spec.kind == "yes":
        word = text.lower()
        return True if word in YES_WORDS else False if word in NO_WORDS else None
    if spec.kind == "whole":
        return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None
    if spec.kind == "decimal":
        number = _decimal(text)
        return None if number is None else number.quantize(validators.CENT, ROUND_HALF_UP)
    if spec.kind == "code":
        return clean_code(text)
    return text.upper() if spec.kind == "asin" else text


def _decimal(text: str) -> Decimal | None:
    """As a file's cell would be read: 12,5 too. What can mean two numbers is none."""
    number = plain_number(text)
    if number is None:
        found = readings(text, Writing.POINT, money=True)
        number = found[0] if len(found) == 1 and validators.is_usual(found[0]) else None
    return number


def value_problem(spec: JetField, text: str) -> Problem | None:
    """The rule of Jet's field that this text breaks. Texts come trimmed and are not empty."""
    value = parsed(spec, text)
    if value is None:
        wanted = {"yes": "yes or no", "whole": "a whole number from 0 to 9,999"}.get(spec.kind, "a number")
        message = f"{spec.label} is “{shown(text)}”, not {wanted}."
        return Problem(spec.gap_field, "kind", shown(text), message, "Correct the field or map another one.")
    return _KIND_RULES.get(spec.kind, _rule_problem)(spec, value)


def _image_problem(spec: JetField, value: str) -> Problem | None:
    return validators.image_problem(value, column=spec.fact, label=spec.label)


def _rule_problem(spec: JetField, value: Any) -> Problem | None:
    if spec.fact == "alternate_image_urls":
        return _image_problem(spec, value)
    if spec.name == "multipack_quantity":
        return validators.multipack_problem(value)
    rule = spec.gap_field
    if rule in TEXT_RULES:
        return validators.text_problem(rule, value, label=spec.label)
    if spec.fact in NUMBER_RULES:
        return validators.number_problem(spec.fact, value)
    return None


_KIND_RULES: dict[str, Callable[[JetField, Any], Problem | None]] = {
    "code": lambda spec, value: code_problem(spec.name, value),
    "asin": lambda _spec, value: validators.asin_problem(value),
    "choice": lambda _spec, value: validators.map_problem(value, Decimal(1)),
    "image": _image_problem,
}
