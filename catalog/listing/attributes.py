"""Attributes, each against its rule and together against the category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog import validators
from catalog.attributes import attribute_problem, in_jets_spelling
from catalog.facts import AttributeRule, CategoryFacts, ListingInput, Taxonomy
from catalog.listing.result import HINT, NEVER_LIVE, ListingResult

# Attributes that one line of the checklist names; Jet takes no more of them.
NAMED = validators.MOST_ATTRIBUTES


def add_attributes(given: ListingInput, result: ListingResult) -> None:
    taxonomy = given.taxonomy
    sendable: list[dict[str, Any]] = []
    seen: set[int] = set()
    for item in _wanted(given):
        attribute_id, value, unit = _attribute_parts(item)
        rule = taxonomy.attributes.get(attribute_id)
        if taxonomy.version or attribute_id <= 0:
            problem = attribute_problem(rule, attribute_id, value, unit)
        else:
            problem = validators.attribute_text_problem(value)
        if not result.take(problem, "attributes"):
            continue
        if attribute_id in seen:
            result.lack(
                "attributes", "duplicate", f"Attribute {rule.name if rule else attribute_id} is given twice."
            )
            continue
        seen.add(attribute_id)
        result.origins[f"attribute:{attribute_id}"] = item.get("origin") or "from variant"
        sendable.append(in_jets_spelling(rule, attribute_id, value, unit).as_message())
    if len(sendable) > validators.MOST_ATTRIBUTES:
        result.lack(
            "attributes",
            "count",
            f"There are {len(sendable)} attributes, Jet takes at most {validators.MOST_ATTRIBUTES}.",
            fix="Remove those a buyer needs least.",
        )
    elif sendable:
        result.put("attributes_node_specific", sendable, "from variant")
    _category_attributes(given, seen, result)


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


def _category_attributes(given: ListingInput, seen: set[int], result: ListingResult) -> None:
    """Attributes against the category: which are foreign to it, and which of those it asks for are missing.

    Jet holds back a product that has none of them; the others only make it harder to find.
    """
    node_id = given.facts.jet_node_id
    category = given.taxonomy.categories.get(node_id) if node_id else None
    if category is None or not category.attribute_ids:
        return
    known = given.taxonomy.attributes
    foreign = [known[pk].name for pk in sorted(seen - set(category.attribute_ids)) if pk in known]
    if foreign:
        result.lack(
            "attributes", "foreign", f"{category.path} does not ask for {', '.join(foreign)}.", level=HINT
        )
    filled = {_attribute_parts(item)[0] for item in _wanted(given)}
    asked = asked_rules(given.taxonomy, category)
    missing = [rule.name for rule in asked if rule.attribute_id not in filled]
    if len(missing) == len(asked):
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
