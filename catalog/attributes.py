"""Are a SKU's Jet attributes legal against the taxonomy, and how does Jet spell them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.enums import FreeText
from catalog.facts import AttributeRule
from catalog.problems import Problem
from catalog.validators import attribute_text_problem, shown

# How many legal values a message quotes.
QUOTED_VALUES = 4


@dataclass(frozen=True)
class AttributeValue:
    """One attribute as it goes to Jet: value and unit in Jet's own spelling."""

    attribute_id: int
    value: str
    unit: str = ""

    def as_message(self) -> dict[str, Any]:
        message: dict[str, Any] = {"attribute_id": self.attribute_id, "attribute_value": self.value}
        if self.unit:
            message["attribute_value_unit"] = self.unit
        return message


def attribute_problem(
    rule: AttributeRule | None,
    attribute_id: int,
    value: str,
    unit: str,
    *,
    columns: tuple[str, str, str] = ("attributes", "attributes", "attributes"),
) -> Problem | None:
    """`rule` is None for an id that the taxonomy in use does not know. `columns`: id, value, unit."""
    id_column, value_column, unit_column = columns
    if attribute_id <= 0:
        return Problem(
            id_column,
            "range",
            str(attribute_id),
            f"Attribute id is {attribute_id}, it must be above 0.",
            "Check it.",
        )
    if rule is None:
        return Problem(
            id_column,
            "unknown",
            str(attribute_id),
            f"Attribute {attribute_id} is not in Jet's taxonomy.",
            "Pick one that the category lists.",
        )
    problem = attribute_text_problem(value, column=value_column, label=f"Value of {rule.name}")
    if problem:
        return problem
    if rule.free_text == FreeText.LISTED and rule.values and value.strip().lower() not in rule.values:
        return Problem(
            value_column,
            "listed",
            shown(value),
            f"{rule.name} “{shown(value)}” is not one of Jet's values.",
            f"Use one of {_quoted(rule.values)}.",
        )
    return _unit_problem(rule, unit, unit_column)


def _unit_problem(rule: AttributeRule, unit: str, column: str) -> Problem | None:
    if rule.free_text != FreeText.FREE_WITH_UNIT:
        return None
    if not unit:
        return Problem(
            column,
            "unit",
            "",
            f"{rule.name} needs a unit.",
            f"Use one of {_quoted(rule.units)}." if rule.units else "",
        )
    if rule.units and unit.strip().lower() not in rule.units:
        return Problem(
            column,
            "unit",
            shown(unit),
            f"Unit “{shown(unit)}” is not one that Jet takes for {rule.name}.",
            f"Use one of {_quoted(rule.units)}.",
        )
    return None


def _quoted(values: Mapping[str, str]) -> str:
    names = list(values.values())
    more = f" and {len(names) - QUOTED_VALUES} more" if len(names) > QUOTED_VALUES else ""
    return ", ".join(names[:QUOTED_VALUES]) + more


def in_jets_spelling(rule: AttributeRule | None, attribute_id: int, value: str, unit: str) -> AttributeValue:
    """Listed values and units are compared without case; Jet gets its own spelling back."""
    value, unit = value.strip(), unit.strip()
    if rule is None:
        return AttributeValue(attribute_id, value, unit)
    return AttributeValue(
        attribute_id,
        rule.values.get(value.lower(), value) if rule.free_text == FreeText.LISTED else value,
        rule.units.get(unit.lower(), unit) if rule.free_text == FreeText.FREE_WITH_UNIT else "",
    )
