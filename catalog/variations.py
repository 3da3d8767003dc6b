"""Rules of variation groups: which SKUs may stand together, by which attributes, and what is missing. Pure.

A group with a blocking gap is not sent; what Jet was told before stays until the gap is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.attributes import attribute_problem, in_jets_spelling
from catalog.csv_columns import MOST_CHILDREN, MOST_REFINEMENTS
from catalog.facts import AttributeRule, CategoryFacts, Taxonomy, VariantFacts
from catalog.listing import BLOCKS, HINT, NEVER_LIVE
from catalog.problems import Problem
from catalog.validators import shown
from jetsync.wording import counted

LONGEST_TITLE = 500
# A group of 51 SKUs that lacks everything would fill the page; the rest is counted.
MOST_GAPS = 60
# Names listed in one sentence.
NAMED = 5
# The field of what keeps a SKU out of its family, among its own gaps.
FAMILY = "variation"
# The field of a gap about one attribute of one SKU begins so; the id follows.
ATTRIBUTE = "attribute:"


@dataclass(frozen=True)
class GroupGap:
    """`variant` and `sku` name the SKU it is about, None and "" the group itself. `field` is one of the SKU's editor,
    `attribute:<id>`, or an input of the group's page: children, parent, refinements, group_title.
    """

    field: str
    rule: str
    message: str
    fix: str = ""
    value: str = ""
    level: str = BLOCKS
    variant: int | None = None
    sku: str = ""

    @property
    def blocks(self) -> bool:
        return self.level == BLOCKS

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "rule": self.rule,
            "message": self.message,
            "fix": self.fix,
            "value": self.value,
            "level": self.level,
            "variant": self.variant,
            "sku": self.sku,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> GroupGap:
        texts = {
            name: str(stored.get(name, ""))
            for name in ("field", "rule", "message", "fix", "value", "level", "sku")
        }
        return cls(**texts, variant=stored.get("variant"))


@dataclass(frozen=True)
class GroupFacts:
    """A group as it would be sent. `elsewhere`: variant pk -> SKU of the parent of another group that holds it.
    `loose_options`: options of the product that no attribute of the category stands for.
    """

    parent: VariantFacts
    children: Sequence[VariantFacts]
    refinements: Sequence[int]
    taxonomy: Taxonomy
    elsewhere: Mapping[int, str] = field(default_factory=dict)
    loose_options: Sequence[str] = ()

    @property
    def skus(self) -> list[VariantFacts]:
        return [self.parent, *self.children]

    @property
    def category(self) -> CategoryFacts | None:
        return self.taxonomy.categories.get(self.parent.jet_node_id or 0)

    def name_of(self, attribute_id: int) -> str:
        rule = self.taxonomy.attributes.get(attribute_id)
        return rule.name if rule else f"Attribute {attribute_id}"


def group_gaps(given: GroupFacts) -> list[GroupGap]:
    """All that keeps the group from being sent, then what is only worth knowing; cut at MOST_GAPS."""
    found = [gap for part in _PARTS for gap in part(given)]
    found.sort(key=lambda gap: (BLOCKS, NEVER_LIVE, HINT).index(gap.level))
    if len(found) > MOST_GAPS:
        rest = len(found) - MOST_GAPS
        words = f"And {counted(rest, 'more point')} like these."
        found = [*found[:MOST_GAPS], GroupGap("children", "more", words, level=found[MOST_GAPS].level)]
    return found


def _members(given: GroupFacts) -> Iterator[GroupGap]:
    count = len(given.children)
    if not count:
        yield GroupGap("children", "count", "The group has no child.", "Add at least one other SKU.")
    elif count > MOST_CHILDREN:
        yield GroupGap(
            "children",
            "count",
            f"The group has {count:,} children, Jet takes at most {MOST_CHILDREN}.",
            "Take some out, or make a second group with another parent.",
            str(count),
        )
    for row in given.children:
        if row.pk == given.parent.pk:
            yield GroupGap(
                "children",
                "own_child",
                f"{row.sku} is the parent and cannot be its own child.",
                "Take it out of the children.",
                row.sku,
            )
    for row in given.skus:
        other = given.elsewhere.get(row.pk)
        if other is None:
            continue
        words = "leads a group of its own" if other == row.sku else f"is in the group of {other} already"
        message = f"SKU {row.sku} {words}; a SKU belongs to one group only."
        yield GroupGap(
            "children", "elsewhere", message, "Take it out of one of the two.", row.sku, sku=row.sku
        )


def _categories(given: GroupFacts) -> Iterator[GroupGap]:
    wanted = given.parent.jet_node_id
    if wanted is None:
        yield _of(
            given.parent,
            "category",
            "required",
            f"The parent {given.parent.sku} has no Jet category.",
            "Choose one.",
        )
        return
    for row in given.children:
        if row.jet_node_id == wanted:
            continue
        own = _category_name(given.taxonomy, row.jet_node_id)
        yield _of(
            row,
            "category",
            "same_category",
            f"SKU {row.sku} is in {own}, the parent in {_category_name(given.taxonomy, wanted)}.",
            "Give all SKUs of a group the same Jet category.",
            value=own,
        )


def _category_name(taxonomy: Taxonomy, node_id: int | None) -> str:
    if node_id is None:
        return "no Jet category"
    category = taxonomy.categories.get(node_id)
    return category.path if category else f"category {node_id}"


def _brands(given: GroupFacts) -> Iterator[GroupGap]:
    wanted = given.parent.brand.strip()
    if not wanted:
        yield _of(
            given.parent, "brand", "required", f"The parent {given.parent.sku} has no brand.", "Fill it."
        )
        return
    for row in given.children:
        own = row.brand.strip()
        if own == wanted:
            continue
        has = f"the brand “{shown(own)}”" if own else "no brand"
        yield _of(
            row,
            "brand",
            "same_brand",
            f"SKU {row.sku} has {has}, the parent “{shown(wanted)}”.",
            "Give all SKUs of a group the same brand.",
            value=own,
        )


def _refinements(given: GroupFacts) -> Iterator[GroupGap]:
    """The category must have the attributes (features CAT-16)."""
    category = given.category
    offered = variant_attributes(given.taxonomy, given.parent.jet_node_id)
    names = _named([rule.name for rule in offered]) or "none"
    where = category.path if category else "The category"
    for option in given.loose_options:
        yield GroupGap("refinements", "option", _loose_words(where, option, names), _LOOSE_FIX, option)
    if not given.refinements and not given.loose_options:
        yield GroupGap(
            "refinements",
            "required",
            f"Nothing says in which attributes the SKUs differ. {where} offers: {names}.",
            "Choose at least one attribute."
            if offered
            else "Choose another Jet category, one with variation attributes.",
        )
    if len(given.refinements) > MOST_REFINEMENTS:
        yield GroupGap(
            "refinements",
            "count",
            f"The SKUs differ in {len(given.refinements)} attributes, Jet takes at most {MOST_REFINEMENTS}.",
            "Leave some out.",
        )
    if not given.taxonomy.version or category is None:
        return
    known = {rule.attribute_id for rule in offered}
    for attribute_id in given.refinements:
        if attribute_id not in known:
            yield GroupGap(
                "refinements",
                "category",
                f"{category.path} has no variation attribute “{given.name_of(attribute_id)}”. It has: {names}.",
                "Choose another attribute or another Jet category.",
                str(attribute_id),
            )


_LOOSE_FIX = "Map the option to one of them, or choose another Jet category."


def _loose_words(where: str, option: str, names: str) -> str:
    return f"{where} has no variation attribute for the option “{shown(option)}”. It has: {names}."


def family_problems(
    row: VariantFacts, taxonomy: Taxonomy, mapped: Mapping[str, Sequence[int]]
) -> list[Problem]:
    """What keeps a SKU of a variable product out of its family, so that it would be listed alone (features CAT-16):
    an option that no variation attribute of the category stands for, or such an attribute without a value.

    `mapped`: as `matched_attributes` takes it. Without a category there is nothing to say yet.
    """
    category = taxonomy.categories.get(row.jet_node_id or 0)
    if category is None or not taxonomy.version:
        return []
    offered = variant_attributes(taxonomy, row.jet_node_id)
    names = _named([rule.name for rule in offered]) or "none"
    matched, loose = matched_attributes(option_names([row]), mapped, offered)
    found = [
        Problem(FAMILY, "option", option, _loose_words(category.path, option, names), _LOOSE_FIX)
        for option in loose
    ]
    values = values_of(row)
    for rule in offered:
        if rule.attribute_id in matched and rule.attribute_id not in values:
            words = f"{rule.name} is missing, by which the SKUs of the product differ."
            fix = f"Fill {rule.name}, or map the option that holds it."
            found.append(Problem(FAMILY, "missing", "", words, fix))
    return found


def variant_attributes(taxonomy: Taxonomy, node_id: int | None) -> list[AttributeRule]:
    """Attributes of the category that tell variants apart, by name."""
    category = taxonomy.categories.get(node_id or 0)
    if category is None:
        return []
    rules = [taxonomy.attributes[pk] for pk in category.attribute_ids if pk in taxonomy.attributes]
    return sorted((rule for rule in rules if rule.is_variant), key=lambda rule: rule.name)


def values_of(facts: VariantFacts) -> dict[int, tuple[str, str]]:
    """Attribute id -> (value, unit) of a SKU; the first one of an id counts, as in the message."""
    found: dict[int, tuple[str, str]] = {}
    for item in facts.attributes:
        try:
            attribute_id = int(item.get("id", 0))
        except (TypeError, ValueError):
            continue
        value = str(item.get("value", "")).strip()
        if value:
            found.setdefault(attribute_id, (value, str(item.get("unit", "") or "").strip()))
    return found


def _values(given: GroupFacts) -> Iterator[GroupGap]:
    """Every refinement on every SKU, with a value that Jet takes, and no two SKUs alike."""
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    for row in given.skus:
        values = values_of(row)
        gaps = [gap for pk in given.refinements if (gap := value_gap(given, row, pk, values.get(pk)))]
        yield from gaps
        if gaps or not given.refinements:
            continue
        key = tuple(_normal(given, pk, *values[pk]) for pk in given.refinements)
        twin = seen.setdefault(key, row.sku)
        if twin != row.sku:
            same = ", ".join(f"{given.name_of(pk)} {values[pk][0]}" for pk in given.refinements)
            yield _of(
                row,
                f"{ATTRIBUTE}{given.refinements[0]}",
                "distinct",
                f"SKU {row.sku} has the same values as {twin}: {same}.",
                "Give each SKU its own value, or take one of the two out.",
            )
    if len(given.children) and len(given.refinements) > 1:
        yield from _idle(given)


def _normal(given: GroupFacts, attribute_id: int, value: str, unit: str) -> tuple[str, str]:
    spelt = in_jets_spelling(given.taxonomy.attributes.get(attribute_id), attribute_id, value, unit)
    return spelt.value.lower(), spelt.unit.lower()


def value_gap(
    given: GroupFacts, row: VariantFacts, attribute_id: int, found: tuple[str, str] | None
) -> GroupGap | None:
    name = given.name_of(attribute_id)
    where = f"{ATTRIBUTE}{attribute_id}"
    if found is None:
        fix = f"Fill {name}, or map the option that holds it."
        return _of(row, where, "missing", f"SKU {row.sku} has no {name}.", fix)
    rule = given.taxonomy.attributes.get(attribute_id)
    if rule is None:
        return None
    problem = attribute_problem(rule, attribute_id, *found)
    if problem is None:
        return None
    return _of(
        row, where, problem.rule, f"SKU {row.sku}: {problem.message}", problem.fix, value=problem.value
    )


def _idle(given: GroupFacts) -> Iterator[GroupGap]:
    """An attribute that is the same on every SKU tells nothing apart."""
    for attribute_id in given.refinements:
        found = {values_of(row).get(attribute_id) for row in given.skus}
        if len(found) == 1 and None not in found:
            yield GroupGap(
                "refinements",
                "idle",
                f"{given.name_of(attribute_id)} is the same on every SKU of the group.",
                "Leave it out.",
                level=HINT,
            )


def _identifiers(given: GroupFacts) -> Iterator[GroupGap]:
    """Brand plus ASIN or a product code on every SKU (features VAR-04)."""
    for row in given.skus:
        if row.codes or row.asin.strip():
            continue
        fix = "Add a UPC, EAN, ISBN, GTIN-14 or ASIN."
        if row.brand.strip() and row.mfr_part_number.strip():
            words = f"SKU {row.sku} has only brand and part number: Jet takes it but it will never go live."
            yield _of(row, "codes", "identifier", words, fix, level=NEVER_LIVE)
        else:
            yield _of(row, "codes", "required", f"SKU {row.sku} has no product code and no ASIN.", fix)


_PARTS = (_members, _categories, _brands, _refinements, _values, _identifiers)


def _of(
    row: VariantFacts, name: str, rule: str, message: str, fix: str, *, value: str = "", level: str = BLOCKS
) -> GroupGap:
    return GroupGap(name, rule, message, fix, value, level, row.pk, row.sku)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def option_names(rows: Iterable[VariantFacts]) -> list[str]:
    """Names of the options of these SKUs in the order they are met, each once whatever its case."""
    found: dict[str, str] = {}
    for row in rows:
        for option in row.options:
            name = str(option.get("name", "")).strip()
            if name and str(option.get("value", "")).strip():
                found.setdefault(name.lower(), name)
    return list(found.values())


def matched_attributes(
    options: Sequence[str], mapped: Mapping[str, Sequence[int]], offered: Sequence[AttributeRule]
) -> tuple[list[int], list[str]]:
    """(attributes that the options stand for, options without one). `mapped`: option in lower case -> attribute ids,
    those of the merchant's mappings; without a mapping an attribute of the option's own name is taken.
    """
    found: list[int] = []
    loose: list[str] = []
    by_id = {rule.attribute_id for rule in offered}
    by_name = {rule.name.lower(): rule.attribute_id for rule in offered}
    for option in options:
        chosen = next(
            (pk for pk in mapped.get(option.lower(), ()) if pk in by_id), by_name.get(option.lower())
        )
        if chosen is None:
            loose.append(option)
        elif chosen not in found:
            found.append(chosen)
    return found, loose


def differing_attributes(rows: Sequence[VariantFacts], offered: Sequence[AttributeRule]) -> list[int]:
    """Of the category's variation attributes, those that every SKU has and that are not the same on all."""
    found = []
    values = [values_of(row) for row in rows]
    for rule in offered:
        own = {value.get(rule.attribute_id) for value in values}
        if None not in own and len(own) > 1:
            found.append(rule.attribute_id)
    return found[:MOST_REFINEMENTS]
