"""The SKU message: which members there are, and what each may hold in which age of the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from jetsync.sandbox.listings.checker import Checker, Record, join
from jetsync.sandbox.listings.rules import Rules
from jetsync.sandbox.listings.words import (
    CODE_LENGTHS,
    CPSIA_STATEMENTS,
    MAP_IMPLEMENTATIONS,
    MAP_MEMBERS_ONLY,
    NO_WARNING,
    TAX_CODES,
)
from jetsync.sandbox.marketplace.body import parse_time
from jetsync.sandbox.models.taxonomy import FREE_TEXT_WITH_UNIT, LISTED_VALUE

MEASURES = (
    "shipping_weight_pounds",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "display_length_inches",
    "display_width_inches",
    "display_height_inches",
)
MEMBERS = (
    "product_title", "jet_browse_node_id", "amazon_item_type_keyword", "category_path", "standard_product_codes",
    "ASIN", "multipack_quantity", "brand", "manufacturer", "mfr_part_number", "product_description", "bullets",
    "number_units_for_price_per_unit", "type_of_unit_for_price_per_unit", *MEASURES, "prop_65",
    "legal_disclaimer_description", "cpsia_cautionary_statements", "country_of_origin", "safety_warning",
    "start_selling_date", "fulfillment_time", "msrp", "map_price", "map_implementation", "product_tax_code",
    "no_return_fee_adjustment", "exclude_from_fee_adjustments", "ships_alone", "attributes_node_specific",
    "main_image_url", "swatch_image_url", "alternate_images",
)  # fmt: skip
# Jet's JSON reader took member names in any case: a client that sent `asin` got its SKU listed.
_BY_LOWER_CASE = {name.lower(): name for name in MEMBERS}

_DIGITS = re.compile(r"\d+")
_ISBN_10 = re.compile(r"\d{9}[\dXx]")
ASIN_LENGTH = 10
LARGEST_ID = 2**63 - 1
IMAGE_SLOTS = 8
REFUSED_IMAGE_HOST = "ecx.images-amazon.com"


def check_content(body: Any, rules: Rules) -> Record:
    """The members of a SKU message that are known, nulls left out. Raises Refused with every fault."""
    checker = Checker()
    sent = checker.record(body, "body")
    content = {
        _BY_LOWER_CASE[name.lower()]: value for name, value in sent.items() if name.lower() in _BY_LOWER_CASE
    }
    for check in (_check_texts, _check_identity, _check_codes, _check_numbers, _check_lists, _check_images):
        check(checker, content, rules)
    _check_attributes(checker, content, rules)
    checker.finish()
    return content


def _check_texts(checker: Checker, content: Record, rules: Rules) -> None:
    names = 100 if rules.is_2018 else 50
    checker.text(content, "product_title", required=True, shortest=5, longest=500)
    checker.text(content, "brand", required=not rules.is_2015, shortest=1, longest=names)
    checker.text(content, "manufacturer", shortest=1, longest=names)
    checker.text(content, "mfr_part_number", longest=50)
    checker.text(content, "product_description", shortest=1, longest=2000)
    checker.text(content, "amazon_item_type_keyword")
    checker.text(content, "category_path")
    checker.text(content, "type_of_unit_for_price_per_unit")
    checker.text(content, "legal_disclaimer_description", longest=500)
    checker.text(content, "country_of_origin", longest=50)
    checker.text(content, "safety_warning", longest=2000 if rules.is_2018 else 500)
    tax_code = checker.text(content, "product_tax_code")
    if tax_code is not None and rules.switches["strict_tax_code"] and tax_code not in TAX_CODES:
        checker.fail(f"Value '{tax_code}' is not one of the allowed values.", "product_tax_code")
    start = checker.text(content, "start_selling_date")
    if start is not None:
        try:
            parse_time(start)
        except ValueError:
            checker.fail(f"Value '{start}' is not a date.", "start_selling_date")
    for name in ("prop_65", "exclude_from_fee_adjustments", "ships_alone"):
        checker.flag(content, name)


def _check_identity(checker: Checker, content: Record, rules: Rules) -> None:
    asin = checker.text(content, "ASIN")
    if asin is not None and len(asin) != ASIN_LENGTH:
        checker.fail(f"String length {len(asin)}L must be 10L.", "ASIN")
    if content.get("standard_product_codes") or content.get("ASIN"):
        return
    if rules.knows_part_numbers and content.get("brand") and content.get("mfr_part_number"):
        return
    text = "At least one of standard_product_codes and ASIN is required."
    if rules.knows_part_numbers:
        text = "At least one of standard_product_codes, ASIN, and brand with mfr_part_number is required."
    checker.fail(text, "standard_product_codes")


def _check_codes(checker: Checker, content: Record, rules: Rules) -> None:
    for entry, path in checker.records(content, "standard_product_codes"):
        kind = checker.word(entry, "standard_product_code_type", path, tuple(CODE_LENGTHS), required=True)
        code = checker.text(entry, "standard_product_code", path, required=True)
        if kind is None or code is None:
            continue
        where = join(path, "standard_product_code")
        if not (_ISBN_10 if kind == "ISBN-10" else _DIGITS).fullmatch(code):
            checker.fail(f"Value '{code}' must consist of digits.", where)
        elif len(code) != CODE_LENGTHS[kind]:
            checker.fail(f"String length {len(code)}L must be {CODE_LENGTHS[kind]}L for {kind}.", where)
        elif rules.switches["check_digit"] == "refuse" and not has_good_check_digit(kind, code):
            checker.fail(f"Value '{code}' has a wrong check digit.", where)


def has_good_check_digit(kind: str, code: str) -> bool:
    """GS1's check digit for 12 to 14 digits, modulo 11 for ISBN-10."""
    if kind == "ISBN-10":
        digits = [10 if character in "Xx" else int(character) for character in code]
        return sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11 == 0
    digits = [int(character) for character in reversed(code)]
    return sum(digit * (3 if index % 2 else 1) for index, digit in enumerate(digits)) % 10 == 0


def _check_numbers(checker: Checker, content: Record, rules: Rules) -> None:
    two = bool(rules.switches["strict_decimals"])
    checker.integer(
        content, "multipack_quantity", required=True, least=1, most=128 if rules.is_2018 else None
    )
    checker.integer(content, "fulfillment_time", least=0)
    checker.number(content, "number_units_for_price_per_unit", above=0)
    for name in MEASURES:
        checker.number(content, name, least=0, two_decimals=two)
    checker.number(content, "msrp", least=0, whole_digits=18, two_decimals=two)
    map_price = checker.number(content, "map_price", least=0, whole_digits=7, two_decimals=two)
    policy = checker.word(content, "map_implementation", "", MAP_IMPLEMENTATIONS)
    if policy == MAP_MEMBERS_ONLY and not map_price:
        checker.fail("A value greater than 0 is required when map_implementation is 102.", "map_price")
    _check_fee(checker, content, rules, two_decimals=two)
    node_id = checker.integer(content, "jet_browse_node_id", least=1, most=LARGEST_ID)
    if node_id is not None and rules.switches["strict_browse_node"] and not rules.taxonomy.is_leaf(node_id):
        checker.fail(f"Value {node_id}L is not a known browse node.", "jet_browse_node_id")


def _check_fee(checker: Checker, content: Record, rules: Rules, *, two_decimals: bool) -> None:
    """One digit and two decimals; a client sent it as text for years and was served."""
    name = "no_return_fee_adjustment"
    fee = content.get(name)
    if isinstance(fee, str) and not rules.switches["strict_fee_type"]:
        try:
            content[name] = float(fee)
        except ValueError:
            checker.fail(f"Value '{fee}' is not a number.", name)
            return
    checker.number(content, name, least=0, whole_digits=1, two_decimals=two_decimals)


def _check_lists(checker: Checker, content: Record, _rules: Rules) -> None:
    bullets = checker.array(content, "bullets", longest=5)
    for index, bullet in enumerate(bullets):
        checker.text({"": bullet}, "", f"bullets[{index}]", longest=500)
    statements = checker.array(content, "cpsia_cautionary_statements", longest=7)
    for index, statement in enumerate(statements):
        if statement not in CPSIA_STATEMENTS:
            checker.fail(
                f"Value '{statement}' is not one of the allowed values.",
                f"cpsia_cautionary_statements[{index}]",
            )
    if NO_WARNING in statements and len(statements) > 1:
        checker.fail(f"'{NO_WARNING}' excludes every other statement.", "cpsia_cautionary_statements")


def _check_images(checker: Checker, content: Record, rules: Rules) -> None:
    check_images(checker, content, is_main_required=rules.is_2018)


def check_images(checker: Checker, content: Record, *, is_main_required: bool = False) -> None:
    """The image members, which had a call of their own until March 2017."""
    urls = [
        (checker.url(content, "main_image_url", required=is_main_required), "main_image_url"),
        (checker.url(content, "swatch_image_url"), "swatch_image_url"),
    ]
    slots: set[int] = set()
    for entry, path in checker.records(content, "alternate_images", longest=IMAGE_SLOTS):
        slot = checker.integer(entry, "image_slot_id", path, required=True, least=1, most=IMAGE_SLOTS)
        if slot in slots:
            checker.fail(f"Value {slot}L is used twice.", join(path, "image_slot_id"))
        elif slot is not None:
            slots.add(slot)
        urls.append((checker.url(entry, "image_url", path, required=True), join(path, "image_url")))
    for url, path in urls:
        if url is not None and urlsplit(url).hostname == REFUSED_IMAGE_HOST:
            checker.fail(f"Images on {REFUSED_IMAGE_HOST} are not accepted.", path)


def _check_attributes(checker: Checker, content: Record, rules: Rules) -> None:
    entries = checker.records(content, "attributes_node_specific", longest=10 if rules.is_2018 else None)
    for entry, path in entries:
        attribute_id = checker.integer(entry, "attribute_id", path, required=True, least=0, most=LARGEST_ID)
        value = checker.text(entry, "attribute_value", path, required=True, shortest=1)
        unit = checker.text(entry, "attribute_value_unit", path)
        if rules.switches["strict_attributes"] and attribute_id is not None and value is not None:
            _check_attribute(checker, rules, path, attribute_id=attribute_id, value=value, unit=unit)


def _check_attribute(
    checker: Checker, rules: Rules, path: str, *, attribute_id: int, value: str, unit: str | None
) -> None:
    known = rules.taxonomy.attributes.get(attribute_id)
    if known is None:
        checker.fail(f"Value {attribute_id}L is not a known attribute.", join(path, "attribute_id"))
    elif known.free_text == LISTED_VALUE and known.values and value not in known.values:
        checker.fail(f"Value '{value}' is not one of the attribute's values.", join(path, "attribute_value"))
    elif known.free_text == FREE_TEXT_WITH_UNIT:
        where = join(path, "attribute_value_unit")
        fold: Callable[[str], str] = str if rules.switches["strict_units_case"] else str.casefold
        if unit is None:
            checker.fail("A unit is required for this attribute.", where)
        elif known.units and fold(unit) not in {fold(name) for name in known.units}:
            checker.fail(f"Value '{unit}' is not one of the attribute's units.", where)
