"""The fields of the store by key, and reading them from a SKU. Pure.

A key is `product.title` or `variant.sku` (what every store has), `field:material` (a field of this store) or
`option:Size` (a variation option).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.facts import VariantFacts
from catalog.problems import Problem
from catalog.validators import shown

FIELD, OPTION = "field:", "option:"
LONGEST_NAME = 100
LONGEST_VALUE = 4000
# A WooCommerce product carries some dozens of meta fields; a file with hundreds of columns is a mistake.
MOST_FIELDS = 200
# Control characters, and halves of characters that no encoding can write.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,20})?")
# A comma between groups of three only: "12,5" could mean 12.5 or 125.
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,20})?")


@dataclass(frozen=True)
class BuiltIn:
    """A store field that every product has."""

    label: str
    read: Callable[[VariantFacts], str]


def plain_text(value: Any) -> str:
    """A stored value as text: lists are joined, true and false become yes and no, anything nested is empty."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(text for text in map(plain_text, value) if text)
    return str(value).strip()


def plain_number(text: str) -> Decimal | None:
    """ "$1,299.50" -> 1299.50; None for anything that is not surely a number."""
    cleaned = text.strip().removeprefix("$").strip()
    if _GROUPED.fullmatch(cleaned):
        cleaned = cleaned.replace(",", "")
    return Decimal(cleaned) if _NUMBER.fullmatch(cleaned) else None


BUILT_IN: dict[str, BuiltIn] = {
    "product.title": BuiltIn("Product name", lambda facts: facts.product_title),
    "product.description": BuiltIn("Description", lambda facts: facts.description),
    "product.brand": BuiltIn("Brand", lambda facts: facts.brand),
    "product.manufacturer": BuiltIn("Manufacturer", lambda facts: facts.manufacturer),
    "product.store_category": BuiltIn("Store category", lambda facts: facts.store_category or ""),
    "variant.title": BuiltIn("Title of the SKU", lambda facts: facts.own_title),
    "variant.sku": BuiltIn("SKU", lambda facts: facts.sku),
    "variant.mfr_part_number": BuiltIn("Model (MPN)", lambda facts: facts.mfr_part_number),
    "variant.asin": BuiltIn("ASIN", lambda facts: facts.asin),
    "variant.price": BuiltIn("Regular price", lambda facts: plain_text(facts.price)),
    "variant.msrp": BuiltIn("MSRP", lambda facts: plain_text(facts.msrp)),
    "variant.weight": BuiltIn("Weight in pounds", lambda facts: plain_text(facts.shipping_weight_pounds)),
    "variant.length": BuiltIn("Length in inches", lambda facts: plain_text(facts.package_length_inches)),
    "variant.width": BuiltIn("Width in inches", lambda facts: plain_text(facts.package_width_inches)),
    "variant.height": BuiltIn("Height in inches", lambda facts: plain_text(facts.package_height_inches)),
    "variant.country_of_origin": BuiltIn("Country of origin", lambda facts: facts.country_of_origin),
    "variant.main_image_url": BuiltIn("Main image", lambda facts: facts.main_image_url),
}


def source_label(key: str) -> str:
    """As a person reads it: "Model (MPN)", "field material", "option Size"."""
    if key in BUILT_IN:
        return BUILT_IN[key].label
    kind, _, name = key.partition(":")
    return f"{kind} {name}" if name else key


def is_source(key: str) -> bool:
    """A key that can be read from a SKU: a built-in one, or a field or option of any name that fits the registry."""
    kind, colon, name = key.partition(":")
    if not colon:
        return key in BUILT_IN
    return f"{kind}:" in {FIELD, OPTION} and len(name.strip()) > 0 and len(name) <= LONGEST_NAME


def read_source(facts: VariantFacts, key: str) -> str:
    """The text behind a key, empty when the SKU has none. A SKU's own field wins over its product's."""
    built_in = BUILT_IN.get(key)
    if built_in is not None:
        return built_in.read(facts).strip()
    if key.startswith(FIELD):
        name = key.removeprefix(FIELD)
        return plain_text(facts.data.get(name)) or plain_text(facts.product_data.get(name))
    if key.startswith(OPTION):
        return _option(facts, key.removeprefix(OPTION))
    return ""


def _option(facts: VariantFacts, name: str) -> str:
    wanted = name.strip().lower()
    for option in facts.options:
        if str(option.get("name", "")).strip().lower() == wanted:
            return plain_text(option.get("value"))
    return ""


def keys_of(facts: VariantFacts) -> list[str]:
    """Every key that this SKU has: the built-in ones, its fields by name, its options in their order."""
    names = sorted({*facts.product_data, *facts.data}, key=lambda name: (str(name).lower(), str(name)))
    options = [str(option.get("name", "")).strip() for option in facts.options]
    found = [*BUILT_IN, *(f"{FIELD}{name}" for name in names)]
    return [*found, *(f"{OPTION}{name}" for name in dict.fromkeys(options) if name)]


def samples_of(data: Mapping[str, Any], options: Iterable[Mapping[str, Any]] = ()) -> dict[str, str]:
    """Key -> an example of its value, for the registry of store fields; empty values give an empty example."""
    found = {f"{FIELD}{name}": plain_text(value) for name, value in data.items()}
    for option in options:
        found[f"{OPTION}{str(option.get('name', '')).strip()}"] = plain_text(option.get("value"))
    return {key: text for key, text in found.items() if is_source(key)}


def field_problem(name: str, value: Any, *, column: str = "data") -> Problem | None:
    """One of the store's own fields: a short name, and a text, number, yes/no or a list of these."""
    if not isinstance(value, str) and (problem := _kind_problem(name, value, column)):
        return problem
    text = plain_text(value)
    if _CONTROL.search(name) or _CONTROL.search(text):
        message = f"Field {_visible(name)} holds control characters."
        return Problem(column, "characters", _visible(text), message, "Type the text again.")
    if not name.strip() or name != name.strip():
        message = "A field needs a name without spaces at its ends."
        return Problem(column, "name", shown(name), message, "Type a name, e.g. material.")
    if len(name) > LONGEST_NAME or len(text) > LONGEST_VALUE:
        what, size, most = ("Name", len(name), LONGEST_NAME)
        if size <= most:
            what, size, most = f"Field {name}", len(text), LONGEST_VALUE
        message = f"{what} has {size:,} characters, at most {most:,} are allowed."
        return Problem(column, "length", shown(text or name), message, "Shorten it.")
    return None


def _kind_problem(name: str, value: Any, column: str) -> Problem | None:
    """Looks at the first level alone, so that no depth matters."""
    items = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(item, dict | list | tuple) for item in items):
        message = f"Field {_visible(name)} holds nested values."
        return Problem(column, "kind", "", message, "Give one text or a list.")
    if any(isinstance(item, float) and not math.isfinite(item) for item in items):
        message = f"Field {_visible(name)} holds a number beyond all numbers."
        return Problem(column, "number", "", message, "Give it in digits.")
    return None


def _visible(text: str) -> str:
    """As a message may quote it: what cannot be written is shown as a mark."""
    return shown(_CONTROL.sub("\ufffd", text))


def count_problem(count: int, *, column: str = "data") -> Problem | None:
    if count <= MOST_FIELDS:
        return None
    message = f"There are {count} own fields, at most {MOST_FIELDS} are kept."
    return Problem(column, "count", str(count), message, "Leave out those that no mapping reads.")


def data_problems(data: Mapping[str, Any], *, column: str = "data") -> list[Problem]:
    """What is wrong with the own fields of a product or SKU as a whole, for forms, files and the API."""
    if problem := count_problem(len(data), column=column):
        return [problem]
    found = (field_problem(str(name), value, column=column) for name, value in data.items())
    return [problem for problem in found if problem]
