"""Rules over a profile and a field mapping, for forms, the API and actions alike. Pure.

Problems name the place: `name`, `code_source`, `attributes.119`, `specifics.brand`, or the Jet field of a mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.attributes import attribute_problem
from catalog.enums import FreeText
from catalog.facts import AttributeRule, Taxonomy
from catalog.jet_fields import JET_FIELDS, SPECIFICS, STANDARD_CODES, value_problem
from catalog.listing import category_problem
from catalog.problems import Problem
from catalog.store_values import is_source
from catalog.validators import MOST_ATTRIBUTES, shown

LONGEST_NAME = 120
# The column of a mapping; longer fixed texts belong into a profile or the product.
LONGEST_FIXED = 500


def profile_problems(values: Mapping[str, Any], taxonomy: Taxonomy) -> list[Problem]:
    """`values` under the model's names; only those that are present are judged. `taxonomy` holds what they name."""
    return [problem for problem in _profile_problems(values, taxonomy) if problem]


def _profile_problems(values: Mapping[str, Any], taxonomy: Taxonomy) -> Iterator[Problem | None]:
    if "name" in values:
        yield _name_problem(values["name"])
    if {"sku_as_code", "code_type", "code_source"} & values.keys():
        yield from _code_problems(values)
    node_id = values.get("jet_node_id")
    if node_id is not None:
        known = taxonomy.categories.get(node_id)
        yield category_problem(known, node_id, known=bool(taxonomy.version), column="jet_node_id")
    yield from _attribute_problems(values.get("attributes", ()), taxonomy)
    for name, given in values.get("specifics", {}).items():
        yield _specific_problem(name, given)


def _name_problem(name: str) -> Problem | None:
    if not name:
        return Problem("name", "required", "", "A profile needs a name.", "For example the kind of goods.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        message = f"Name has {len(name)} characters, at most {LONGEST_NAME} are allowed."
        if not name.isprintable():
            message = "Name holds control characters."
        return Problem("name", "length", shown(name), message, "Give a shorter, plain name.")
    return None


def _code_problems(values: Mapping[str, Any]) -> Iterator[Problem | None]:
    for column in ("sku_as_code", "code_type"):
        word = values.get(column, "")
        if word and word not in STANDARD_CODES:
            message = f"Code type “{shown(word)}” is not known."
            yield Problem(column, "type", shown(word), message, f"Use one of {', '.join(STANDARD_CODES)}.")
    kind, source = values.get("code_type", ""), values.get("code_source", "")
    if bool(kind) != bool(source):
        column, missing = ("code_source", "field") if kind else ("code_type", "type")
        message = f"The {missing} of the standard code is missing."
        yield Problem(column, "pair", "", message, "Choose both its type and the field that holds it.")
    yield source_problem(source, "code_source")


def source_problem(key: str, column: str) -> Problem | None:
    if not key or is_source(key):
        return None
    message = f"“{shown(key)}” is no field of the store."
    return Problem(column, "source", shown(key), message, "Pick one from the list.")


def _attribute_problems(items: Sequence[Mapping[str, Any]], taxonomy: Taxonomy) -> Iterator[Problem | None]:
    if len(items) > MOST_ATTRIBUTES:
        message = f"{len(items)} attributes are set, Jet takes at most {MOST_ATTRIBUTES} of a product."
        yield Problem("attributes", "count", str(len(items)), message, "Leave those a buyer needs least.")
    seen: set[int] = set()
    for item in items:
        attribute_id = int(item["id"])
        column = f"attributes.{attribute_id}"
        if attribute_id in seen:
            message = f"Attribute {attribute_id} is given twice."
            yield Problem(column, "duplicate", str(attribute_id), message, "Keep one.")
        seen.add(attribute_id)
        yield source_problem(str(item.get("source", "")), column)
        yield _attribute_value_problem(item, taxonomy, column)


def _attribute_value_problem(item: Mapping[str, Any], taxonomy: Taxonomy, column: str) -> Problem | None:
    """A fixed value by Jet's list; of a value that a product gives later only the unit can be judged now."""
    if not taxonomy.version:
        return None
    attribute_id, unit = int(item["id"]), str(item.get("unit", ""))
    rule = taxonomy.attributes.get(attribute_id)
    columns = (column, column, f"{column}.unit")
    value = str(item.get("value", ""))
    if not value:
        value = _any_value(rule)
    return attribute_problem(rule, attribute_id, value, unit, columns=columns)


def _any_value(rule: AttributeRule | None) -> str:
    if rule is not None and rule.free_text == FreeText.LISTED:
        return next(iter(rule.values.values()), "1")
    return "1"


def _specific_problem(name: str, given: Mapping[str, Any]) -> Problem | None:
    column = f"specifics.{name}"
    if name not in SPECIFICS:
        message = f"“{shown(name)}” is no item specific."
        return Problem(column, "unknown", shown(name), message, f"Use one of {', '.join(SPECIFICS)}.")
    value = str(given.get("value", ""))
    problem = value_problem(JET_FIELDS[name], value) if value else None
    if problem is not None:
        return Problem(column, problem.rule, problem.value, problem.message, problem.fix)
    return source_problem(str(given.get("source", "")), column)


def mapping_problem(jet_field: str, source: str, fixed: str) -> Problem | None:
    """One line of the field mapping; both texts come trimmed."""
    spec = JET_FIELDS.get(jet_field)
    if spec is None:
        message = f"Jet has no field “{shown(jet_field)}” that can be mapped."
        return Problem(jet_field, "unknown", shown(jet_field), message, "See the list of fields.")
    if len(fixed) > LONGEST_FIXED:
        message = f"The fixed text has {len(fixed):,} characters, at most {LONGEST_FIXED} are kept here."
        return Problem(jet_field, "length", shown(fixed), message, "Put it into a store field instead.")
    problem = value_problem(spec, fixed) if fixed else None
    if problem is not None:
        return Problem(jet_field, problem.rule, problem.value, problem.message, problem.fix)
    return source_problem(source, jet_field)
