"""Reads of variation groups: what their rules need, and what the pages show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from catalog.bulk import batches
from catalog.enums import ProductKind
from catalog.facts import Taxonomy, VariantFacts
from catalog.models import JetAttribute, Variant, VariationGroup, VariationMember
from catalog.queries.listing import load_facts
from catalog.queries.rules import value_rules
from catalog.queries.taxonomy import current_version, load_taxonomy
from catalog.sources import ValueRules, fill, mapped_options
from catalog.variations import GroupFacts
from jetsync.exceptions import NotFound
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
        return mapped_options(self.rules, profile_id)


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


# SKUs looked at in one go when their children are asked for.
BATCH = 2000


def all_groups(merchant: Merchant) -> QuerySet[VariationGroup]:
    """All of the merchant, each with its parent, that one's product and listing."""
    rows = VariationGroup.objects.filter(merchant=merchant)
    return rows.select_related("parent__product", "parent__listing")


def get_group(merchant: Merchant, pk: int) -> VariationGroup:
    """Raises NotFound for another merchant's group as for one that is gone."""
    row = all_groups(merchant).select_related("merchant").filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such variation group.", hint="It may have been dissolved.")
    return row


def group_of(merchant: Merchant, variant_ids: Sequence[int]) -> VariationGroup | None:
    """The group that one of these SKUs leads or stands in, or None. One that is alive goes before one being dissolved."""
    members = VariationMember.objects.filter(merchant=merchant, variant__in=variant_ids)
    mine = Q(parent__in=variant_ids) | Q(pk__in=members.values("group"))
    return all_groups(merchant).select_related("merchant").filter(mine).order_by("-child_count", "pk").first()


def members_in_order(group: VariationGroup) -> list[Variant]:
    """The parent, then the children, each with product and listing; two queries at most."""
    rows = Variant.objects.filter(merchant=group.merchant_id, variation_member__group=group)
    found = rows.select_related("product", "listing").order_by("variation_member__position", "pk")
    parent = Variant.objects.select_related("product", "listing").filter(
        merchant=group.merchant_id, pk=group.parent_id
    )
    return [*parent, *found]


def attribute_names(merchant: Merchant, attribute_ids: Iterable[int]) -> dict[int, str]:
    """Attribute id -> its name in the taxonomy in use; one query."""
    version = current_version(merchant)
    rows = JetAttribute.objects.filter(version=version, attribute_id__in=set(attribute_ids))
    return dict(rows.values_list("attribute_id", "name"))


def with_children(merchant: Merchant, variant_ids: Iterable[int], *, follow: bool = True) -> list[int]:
    """These SKUs and, behind them, the children that are archived with their parents (features CFG-17).

    A parent leads a group or is the first SKU of a variable product. Children that Jet never took are left out.
    `follow`: the merchant's option. Two queries per 2,000.
    """
    ids = list(dict.fromkeys(variant_ids))
    if not follow:
        return ids
    found: list[int] = []
    for batch in batches(ids, BATCH):
        found += _members_of_parents(merchant, batch)
        found += _siblings_of_first(merchant, batch)
    return list(dict.fromkeys([*ids, *found]))


def _members_of_parents(merchant: Merchant, ids: Sequence[int]) -> list[int]:
    known = Variant.objects.filter(merchant=merchant, listing__content_sent_at__isnull=False)
    return list(known.filter(variation_member__group__parent__in=ids).values_list("pk", flat=True))


def _siblings_of_first(merchant: Merchant, ids: Sequence[int]) -> list[int]:
    chosen = Variant.objects.filter(merchant=merchant, pk__in=ids, product__kind=ProductKind.VARIABLE)
    rows = Variant.objects.filter(merchant=merchant, product__in=chosen.values("product"))
    families: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for pk, product_id, sent_at in rows.order_by("position", "pk").values_list(
        "pk", "product_id", "listing__content_sent_at"
    ):
        families[product_id].append((pk, sent_at is not None))
    wanted = set(ids)
    return [
        pk
        for members in families.values()
        if members[0][0] in wanted
        for pk, is_known in members[1:]
        if is_known
    ]
