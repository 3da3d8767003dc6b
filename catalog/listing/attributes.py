"""Attributes, each against its rule and together against the category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog import validators
from catalog.attributes import attribute_problem, in_jets_spelling
from catalog.enums import ProductKind
from catalog.facts import AttributeRule, CategoryFacts, ListingInput, Taxonomy, VariantFacts
from catalog.listing.result import HINT, NEVER_LIVE, ListingResult
from catalog.problems import Problem

# Attributes that one line of the checklist names; Jet takes no more of them.
NAMED = validators.MOST_ATTRIBUTES


def add_attributes(given: ListingInput, result: ListingResult) -> None:
    sendable: list[dict[str, Any]] = []
    sent: set[int] = set()
    left_out: dict[int, Problem] = {}
    for item in _wanted(given):
        attribute_id, value, unit = _attribute_parts(item)
        rule = given.taxonomy.attributes.get(attribute_id)
        problem = _problem_of(item, given.taxonomy)
        if problem is not None and "origin" in item and not _tells_apart(rule, given.facts):
            told = f"{problem.message} It comes {item['origin']}, and is left out."
            left_out[attribute_id] = replace(problem, message=told)
            continue
        if not result.take(problem, "attributes"):
            continue
        if attribute_id in sent:
            result.lack(
                "attributes", "duplicate", f"Attribute {rule.name if rule else attribute_id} is given twice."
            )
            continue
        sent.add(attribute_id)
        result.origins[f"attribute:{attribute_id}"] = item.get("origin") or "from variant"
        sendable.append(in_jets_spelling(rule, attribute_id, value, unit).as_message())
    _put(sendable, result)
    _category_attributes(given, sent, left_out, result)


def _problem_of(item: Mapping[str, Any], taxonomy: Taxonomy) -> Problem | None:
    attribute_id, value, unit = _attribute_parts(item)
    if taxonomy.version or attribute_id <= 0:
        return attribute_problem(taxonomy.attributes.get(attribute_id), attribute_id, value, unit)
    return validators.attribute_text_problem(value)


def _tells_apart(rule: AttributeRule | None, facts: VariantFacts) -> bool:
    """Jet cannot show the SKUs of a variable product on one page without these, so none of them is left out."""
    return rule is not None and rule.is_variant and facts.kind == ProductKind.VARIABLE


def _put(sendable: list[dict[str, Any]], result: ListingResult) -> None:
    if len(sendable) > validators.MOST_ATTRIBUTES:
        result.lack(
            "attributes",
            "count",
            f"There are {len(sendable)} attributes, Jet takes at most {validators.MOST_ATTRIBUTES}.",
            fix="Remove those a buyer needs least.",
        )
    elif sendable:
        result.put("attributes_node_specific", sendable, "from variant")


def _wanted(given: ListingInput) -> list[Mapping[str, Any]]:
    """The SKU's own attributes, and those of profile and mappings that its category knows.

    A mapping serves products of many categories; what a category does not know is no fault of the product.
    """
    category = given.taxonomy.categories.get(given.facts.jet_node_id or 0)
    known = category.attribute_ids if category is not None else frozenset()
    return [item for item in given.facts.attributes if "origin" not in item or item.get("id") in known]


def _attribute_parts(item: Any) -> tuple[int, str, str]:
    try:
        attribute_id = int(item.get("id", 0))
    except (TypeError, ValueError):
        attribute_id = 0
    return attribute_id, str(item.get("value", "")), str(item.get("unit", "") or "")


def _category_attributes(
    given: ListingInput, sent: set[int], left_out: Mapping[int, Problem], result: ListingResult
) -> None:
    """Attributes against the category: which are foreign to it, and which of those it asks for are missing."""
    node_id = given.facts.jet_node_id
    category = given.taxonomy.categories.get(node_id) if node_id else None
    if category is None or not category.attribute_ids:
        return
    known = given.taxonomy.attributes
    foreign = [known[pk].name for pk in sorted(sent - set(category.attribute_ids)) if pk in known]
    if foreign:
        result.lack(
            "attributes", "foreign", f"{category.path} does not ask for {', '.join(foreign)}.", level=HINT
        )
    _unfilled(given, category, left_out, result)


def _unfilled(
    given: ListingInput, category: CategoryFacts, left_out: Mapping[int, Problem], result: ListingResult
) -> None:
    """Jet holds back a product that has none of them; without some it is only harder to find.

    What is left out is named with its value, so it is not told as missing a second time.
    """
    asked = asked_rules(given.taxonomy, category)
    filled = {_attribute_parts(item)[0] for item in _wanted(given)}
    missing = [rule.name for rule in asked if rule.attribute_id not in filled]
    has_none = all(rule.attribute_id not in filled - left_out.keys() for rule in asked)
    for problem in left_out.values():
        result.take(problem, "attributes", level=NEVER_LIVE if has_none else HINT)
    if missing and has_none:
        result.lack(
            "attributes",
            "none",
            f"None of the attributes that {category.path} asks for is filled: {_named(missing)}.",
            level=NEVER_LIVE,
            fix="Fill those a buyer would filter by; Jet holds a product back that has none.",
        )
    elif missing:
        result.lack(
            "attributes",
            "missing",
            f"Not filled, though {category.path} asks for it: {_named(missing)}.",
            level=HINT,
            fix="A buyer who filters by it does not find the product.",
        )


def asked_rules(taxonomy: Taxonomy, category: CategoryFacts) -> list[AttributeRule]:
    """What a category asks for: attributes that tell variants apart first, then by name."""
    rules = [taxonomy.attributes[pk] for pk in category.attribute_ids if pk in taxonomy.attributes]
    return sorted(rules, key=lambda rule: (not rule.is_variant, rule.name, rule.attribute_id))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
