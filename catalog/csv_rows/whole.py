"""Rules that look beyond one column of a product row: the taxonomy, what is stored, what belongs together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog import validators
from catalog.attributes import attribute_problem
from catalog.csv_rows.row import TEXT_COLUMNS, ParsedRow
from catalog.facts import Taxonomy
from catalog.listing import category_problem
from catalog.problems import Problem

ALWAYS_NEEDED = ("product_title", "brand", "main_image_url")
NEEDED_WHEN_NEW = (
    "shipping_weight_pounds",
    "product_description",
    "manufacturer",
    "mfr_part_number",
    "bullet1",
)


def check_attributes(parsed: ParsedRow, taxonomy: Taxonomy) -> None:
    """Attributes and category against the taxonomy; drops the note of which columns they came from."""
    seen: set[int] = set()
    for item in parsed.values.get("attributes", ()):
        n = item.pop("columns", "")
        columns = (f"attribute_id{n}", f"attribute_value{n}", f"attribute_value_unit{n}")
        attribute_id = item["id"]
        rule = taxonomy.attributes.get(attribute_id)
        if taxonomy.version or attribute_id <= 0:
            problem = attribute_problem(rule, attribute_id, item["value"], item["unit"], columns=columns)
        else:
            problem = validators.attribute_text_problem(item["value"], column=columns[1])
        if parsed.take(problem) and attribute_id in seen:
            message = f"Attribute {attribute_id} is given twice."
            parsed.take(Problem(columns[0], "duplicate", str(attribute_id), message, "Keep one."))
        seen.add(attribute_id)
    node_id = parsed.values.get("jet_node_id")
    if node_id is not None:
        known = taxonomy.categories.get(node_id)
        parsed.take(
            category_problem(known, node_id, known=bool(taxonomy.version), column="jet_browse_node_id")
        )


def check_whole(parsed: ParsedRow, stored: Mapping[str, Any] | None, *, new_to_jet: bool) -> None:
    """Rules over several columns, on the values as they would be stored (`stored`: those of a known SKU)."""
    values = {**(stored or {}), **parsed.values}
    for column in ALWAYS_NEEDED:
        _need(parsed, values, column, "")
    if new_to_jet:
        for column in NEEDED_WHEN_NEW:
            _need(parsed, values, column, " It is needed for a product that is new to Jet.")
        if (
            not values.get("jet_node_id")
            and not values.get("store_category")
            and not parsed.is_wrong("jet_browse")
        ):
            message = "jet_browse_node_id is empty. It is needed for a product that is new to Jet."
            parsed.take(
                Problem("jet_browse_node_id", "required", "", message, "Give it, or give store_category.")
            )
    if (
        not values.get("asin")
        and not values.get("codes")
        and not parsed.is_wrong("asin", "standard_product_code")
    ):
        message = "standard_product_code1 and asin are both empty; one of them is needed."
        fix = "Give a product code with its type, or an ASIN."
        parsed.take(Problem("standard_product_code1", "required", "", message, fix))
    if not parsed.is_wrong("map_"):
        parsed.take(validators.map_problem(values.get("map_implementation", "101"), values.get("map_price")))
    pair = ("number_units_for_price_per_unit", "type_of_unit_for_price_per_unit")
    if not parsed.is_wrong(*pair):
        parsed.take(validators.unit_price_problem(values.get(pair[0]), values.get(pair[1], ""), columns=pair))
    images = values.get("main_image_url", ""), values.get("alternate_image_urls", ())
    parsed.take(validators.same_image_problem(*images))


_FIELD_OF = {**TEXT_COLUMNS, "bullet1": "bullets"}


def _need(parsed: ParsedRow, values: Mapping[str, Any], column: str, why: str) -> None:
    if not values.get(_FIELD_OF.get(column, column)) and not parsed.is_wrong(column):
        parsed.take(Problem(column, "required", "", f"{column} is empty.{why}", f"Fill the column {column}."))
