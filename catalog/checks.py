"""Rules over the fields of a product or a SKU, for forms, the API and actions alike. Pure.

Values carry the model's names; only fields that are present are judged, with the others of the row beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from catalog import validators
from catalog.attributes import attribute_problem
from catalog.facts import Taxonomy
from catalog.identifiers import codes_problem
from catalog.pricing import terms_problems
from catalog.problems import Problem
from catalog.store_values import data_problems
from catalog.validators import NUMBER_RULES

PRODUCT_TEXTS = ("title", "brand", "manufacturer", "description")
VARIANT_TEXTS = (
    "title",
    "mfr_part_number",
    "legal_disclaimer_description",
    "country_of_origin",
    "safety_warning",
    "type_of_unit_for_price_per_unit",
)


def product_problems(changes: Mapping[str, Any]) -> list[Problem]:
    """A product needs a title; brand, description and the rest may wait, the checklist asks for them."""
    found: list[Problem | None] = []
    for name in PRODUCT_TEXTS:
        text = changes.get(name)
        if text or (name == "title" and text is not None):
            found.append(validators.text_problem(name, text))
    found += data_problems(changes.get("data", {}))
    bullets = changes.get("bullets", ())
    if len(bullets) > validators.MOST_BULLETS:
        message = f"There are {len(bullets)} bullets, at most {validators.MOST_BULLETS} are allowed."
        found.append(Problem("bullets", "count", str(len(bullets)), message, "Leave some out."))
    found += [
        validators.text_problem("bullets", text, label=f"Bullet {n}") for n, text in enumerate(bullets, 1)
    ]
    return [problem for problem in found if problem]


def variant_problems(
    changes: Mapping[str, Any], stored: Mapping[str, Any], taxonomy: Taxonomy
) -> list[Problem]:
    """`stored` are the present values of the SKU (empty for a new one)."""
    whole = {**stored, **changes}
    return [problem for problem in _variant_problems(changes, whole, taxonomy) if problem]


def _variant_problems(
    changes: Mapping[str, Any], whole: Mapping[str, Any], taxonomy: Taxonomy
) -> Iterator[Problem | None]:
    yield from _single_problems(changes)
    if "codes" in changes:
        yield codes_problem([(code["type"], code["code"]) for code in changes["codes"]])
    if {"map_implementation", "map_price"} & changes.keys():
        yield validators.map_problem(whole.get("map_implementation", "101"), whole.get("map_price"))
    pair = ("number_units_for_price_per_unit", "type_of_unit_for_price_per_unit")
    if set(pair) & changes.keys():
        yield validators.unit_price_problem(whole.get(pair[0]), whole.get(pair[1], ""), columns=pair)
    if "data" in changes:
        yield from data_problems(changes["data"])
    yield from terms_problems(changes, whole)
    yield from _image_problems(changes, whole)
    yield from _attribute_problems(changes, taxonomy)


def _single_problems(changes: Mapping[str, Any]) -> Iterator[Problem | None]:
    """Fields that are judged alone. Empty means not given, except for the SKU."""
    rules: dict[str, Callable[[Any], Problem | None]] = {
        "quantity": validators.quantity_problem,
        "fulfillment_time": validators.days_problem,
        "multipack_quantity": validators.multipack_problem,
        "asin": lambda value: validators.asin_problem(value) if value else None,
        **{name: partial(validators.number_problem, name) for name in NUMBER_RULES},
        **{name: partial(validators.text_problem, name) for name in VARIANT_TEXTS},
    }
    if "sku" in changes:
        yield validators.sku_problem(changes["sku"])
    for name, rule in rules.items():
        value = changes.get(name)
        if value is not None and value != "":
            yield rule(value)


def _image_problems(changes: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Problem | None]:
    main = changes.get("main_image_url")
    if main:
        yield validators.image_problem(main)
    alternates = changes.get("alternate_image_urls", ())
    if len(alternates) > validators.MOST_ALTERNATE_IMAGES:
        most = validators.MOST_ALTERNATE_IMAGES
        message = f"There are {len(alternates)} alternate images, Jet takes {most}."
        yield Problem("alternate_image_urls", "count", str(len(alternates)), message, "Leave some out.")
    for number, url in enumerate(alternates, 1):
        column = f"alternate_image{number}"
        yield validators.image_problem(url, column=column, label=f"Alternate image {number}")
    if {"main_image_url", "alternate_image_urls"} & changes.keys():
        yield validators.same_image_problem(
            whole.get("main_image_url", ""), whole.get("alternate_image_urls", ())
        )


def _attribute_problems(changes: Mapping[str, Any], taxonomy: Taxonomy) -> Iterator[Problem | None]:
    attributes = changes.get("attributes", ())
    if len(attributes) > validators.MOST_ATTRIBUTES:
        most = validators.MOST_ATTRIBUTES
        message = f"There are {len(attributes)} attributes, Jet takes at most {most}."
        yield Problem("attributes", "count", str(len(attributes)), message, "Leave some out.")
    seen: set[int] = set()
    for item in attributes:
        attribute_id, value, unit = item["id"], item["value"], item.get("unit", "")
        names = (f"attribute_{attribute_id}",) * 2 + (f"unit_{attribute_id}",)
        if taxonomy.version or attribute_id <= 0:
            yield attribute_problem(
                taxonomy.attributes.get(attribute_id), attribute_id, value, unit, columns=names
            )
        else:
            yield validators.attribute_text_problem(value, column=names[1])
        if attribute_id in seen:
            message = f"Attribute {attribute_id} is given twice."
            yield Problem(names[0], "duplicate", str(attribute_id), message, "Keep one.")
        seen.add(attribute_id)
