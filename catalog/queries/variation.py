"""Reads of variation groups: what their rules need, and what the pages show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.facts import Taxonomy, VariantFacts
from catalog.models import VariationGroup, VariationMember
from catalog.queries.listing import load_facts
from catalog.queries.rules import value_rules
from catalog.queries.taxonomy import load_taxonomy
from catalog.sources import OPTION, AttributeChoice, ValueRules, fill
from catalog.variations import GroupFacts
from jetsync.models import Merchant


@dataclass(frozen=True)
class GroupSetting:
    """What the rules of many groups read: SKUs with all that profile and mappings add, the taxonomy, who stands where.

    `inside`: variant pk -> (group it is a child of, SKU of the parent). `leads`: variant pk -> group it is the parent of.
    """

    facts: Mapping[int, VariantFacts]
    taxonomy: Taxonomy
    rules: ValueRules
    inside: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    leads: Mapping[int, int] = field(default_factory=dict)

    def mapped_options(self, profile_id: int | None) -> dict[str, list[int]]:
        """Option in lower case -> the attributes it is mapped to, those of the profile first."""
        profile = self.rules.profiles.get(profile_id or 0)
        choices: list[AttributeChoice] = [*(profile.attributes if profile else ()), *self.rules.attributes]
        found: dict[str, list[int]] = defaultdict(list)
        for choice in choices:
            if choice.choice.source.startswith(OPTION):
                name = choice.choice.source.removeprefix(OPTION).strip().lower()
                found[name].append(choice.attribute_id)
        return found


def load_group_setting(
    merchant: Merchant, groups: Iterable[VariationGroup], members: Mapping[int, Sequence[int]]
) -> GroupSetting:
    """For these groups with their children; constant queries."""
    rows = list(groups)
    ids = {row.parent_id for row in rows} | {pk for children in members.values() for pk in children}
    return group_setting(merchant, ids, {pk for row in rows for pk in row.refinements})


def group_setting(
    merchant: Merchant, variant_ids: Iterable[int], attribute_ids: Iterable[int] = ()
) -> GroupSetting:
    """For SKUs that stand in a group or may come into one; constant queries."""
    ids = list(variant_ids)
    rules = value_rules(merchant)
    facts = {row.pk: fill(row, rules).facts for row in load_facts(merchant, ids)}
    nodes = {row.jet_node_id for row in facts.values() if row.jet_node_id}
    taxonomy = load_taxonomy(merchant, nodes, attribute_ids)
    return GroupSetting(facts, taxonomy, rules, *_places(merchant, ids))


def _places(merchant: Merchant, ids: Sequence[int]) -> tuple[dict[int, tuple[int, str]], dict[int, int]]:
    """(variant -> group it is a child of with the SKU of its parent, variant -> group it leads)."""
    members = VariationMember.objects.filter(merchant=merchant, variant__in=ids)
    inside = {
        variant: (group, sku)
        for variant, group, sku in members.values_list("variant_id", "group_id", "group__parent__sku")
    }
    leading = VariationGroup.objects.filter(merchant=merchant, parent__in=ids, members__isnull=False)
    return inside, dict(leading.distinct().values_list("parent_id", "pk"))


def holders_of(groups: Iterable[VariationGroup], members: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Variant pk -> the group it leads or stands in; groups that are being dissolved hold nobody."""
    found: dict[int, int] = {}
    for group in groups:
        children = members.get(group.pk)
        if children:
            found[group.parent_id] = group.pk
            found.update(dict.fromkeys(children, group.pk))
    return found


def group_facts(
    group: VariationGroup,
    children: Sequence[int],
    setting: GroupSetting,
    *,
    refinements: Sequence[int] | None = None,
    loose: Sequence[str] = (),
) -> GroupFacts:
    """The group as its rules see it. Children that are gone are left out."""
    present = [setting.facts[pk] for pk in children if pk in setting.facts]
    elsewhere = {row.pk: row.sku for row in present if setting.leads.get(row.pk, group.pk) != group.pk}
    if group.parent_id in setting.inside:
        elsewhere[group.parent_id] = setting.inside[group.parent_id][1]
    return GroupFacts(
        parent=setting.facts[group.parent_id],
        children=present,
        refinements=group.refinements if refinements is None else refinements,
        taxonomy=setting.taxonomy,
        elsewhere=elsewhere,
        loose_options=loose,
    )
