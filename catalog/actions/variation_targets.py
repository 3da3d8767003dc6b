"""Recomputes variation groups: those of variable products form by themselves, gaps and targets follow the SKUs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q

from catalog.actions.errors import settle_step
from catalog.bulk import insert_rows, update_rows
from catalog.enums import GroupOrigin, ProductKind, Step
from catalog.facts import VariantFacts
from catalog.listing import content_hash
from catalog.models import Listing, Product, Variant, VariationGroup, VariationMember
from catalog.queries.relations import variation_body
from catalog.queries.variation import GroupSetting, group_facts, holders_of, load_group_setting
from catalog.variations import (
    LONGEST_TITLE,
    differing_attributes,
    group_gaps,
    matched_attributes,
    option_names,
    variant_attributes,
)
from jetsync.models import Merchant

# A parent and one child.
FEWEST = 2


@dataclass
class _Family:
    """A variable product: its SKUs in their order, those that Jet is offered."""

    product_id: int
    title: str
    variants: list[int] = field(default_factory=list)


@transaction.atomic
def refresh_groups(merchant: Merchant, variant_ids: Iterable[int]) -> int:
    """Brings every group that holds one of these SKUs up to date; returns how many are other than they were.

    A variable product's SKUs form a group by themselves, unless one of them stands in a group made by hand or the
    merchant dissolved it. A group with blocking gaps gets an empty target and is not sent. Constant queries.
    """
    ids = set(variant_ids)
    families = _families(merchant, ids)
    ids |= {pk for family in families for pk in family.variants}
    changed, parents = _form(merchant, families) if families else (0, set())
    return changed + _refresh(merchant, lock_groups(merchant, ids | parents))


@transaction.atomic
def recount_groups(merchant: Merchant, variant_ids: Iterable[int]) -> None:
    """Jet has taken these SKUs for the first time: the groups that wait for them wait for fewer. Constant queries."""
    ids = set(variant_ids)
    groups = lock_groups(merchant, ids) if ids else {}
    if groups:
        members = members_of(merchant, groups)
        _count(merchant, groups, members, _known_at_jet(merchant, _everyone(groups, members)))


def _families(merchant: Merchant, ids: set[int]) -> list[_Family]:
    products = Product.objects.filter(
        merchant=merchant, kind=ProductKind.VARIABLE, keeps_apart=False, variants__in=ids
    )
    found = {pk: _Family(pk, title) for pk, title in products.distinct().values_list("pk", "title")}
    if found:
        rows = Variant.objects.filter(merchant=merchant, product__in=list(found), sells_on_jet=True)
        for pk, product_id in rows.order_by("position", "pk").values_list("pk", "product_id"):
            found[product_id].variants.append(pk)
    return list(found.values())


def lock_groups(merchant: Merchant, ids: set[int]) -> dict[int, VariationGroup]:
    members = VariationMember.objects.filter(merchant=merchant, variant__in=ids)
    rows = VariationGroup.objects.filter(merchant=merchant).filter(
        Q(parent__in=ids) | Q(pk__in=members.values("group"))
    )
    return {row.pk: row for row in rows.order_by("pk").select_for_update(of=("self",), no_key=True)}


def _form(merchant: Merchant, families: Sequence[_Family]) -> tuple[int, set[int]]:
    """Groups of variable products: made where there is none, and given the SKUs that the product has now.

    Returns how many changed, and the parents of all that were there: one may have lost its members without being met
    by any SKU of the families.
    """
    everyone = {pk for family in families for pk in family.variants}
    groups = lock_groups(merchant, everyone)
    members = members_of(merchant, groups)
    holders = holders_of(groups.values(), members)
    wanted: dict[int, _Family] = {}
    for family in families:
        own = [groups[holders[pk]] for pk in family.variants if pk in holders]
        if any(group.origin != GroupOrigin.PRODUCT for group in own):
            continue
        parents = [group.parent_id for group in own if group.parent_id in family.variants]
        if len(family.variants) >= FEWEST:
            wanted[parents[0] if parents else family.variants[0]] = family
    changed = _write_families(merchant, wanted, groups, members)
    return changed, {group.parent_id for group in groups.values()}


def members_of(merchant: Merchant, groups: Iterable[int]) -> dict[int, list[int]]:
    """Group pk -> its children's variants in their order; one query."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = VariationMember.objects.filter(merchant=merchant, group__in=list(groups))
    for group_id, variant_id in rows.order_by("position", "pk").values_list("group_id", "variant_id"):
        found[group_id].append(variant_id)
    return found


def _write_families(
    merchant: Merchant,
    wanted: Mapping[int, _Family],
    groups: Mapping[int, VariationGroup],
    members: Mapping[int, list[int]],
) -> int:
    """Own groups that no product wants any more lose their members, which dissolves them."""
    known = {group.parent_id: group for group in groups.values()}
    fresh = [
        {"parent": parent, "group_title": family.title[:LONGEST_TITLE], "origin": str(GroupOrigin.PRODUCT)}
        for parent, family in wanted.items()
        if parent not in known
    ]
    insert_rows(VariationGroup, merchant, ("parent", "group_title", "origin"), fresh, skip_known=True)
    stored = VariationGroup.objects.filter(merchant=merchant, parent__in=list(wanted))
    by_parent = dict(stored.values_list("parent_id", "pk"))
    titles = [
        {
            "id": by_parent[parent],
            "group_title": family.title[:LONGEST_TITLE],
            "origin": str(GroupOrigin.PRODUCT),
        }
        for parent, family in wanted.items()
        if parent in known and parent in by_parent
    ]
    update_rows(VariationGroup, merchant, ("group_title", "origin"), titles)
    children = {
        by_parent[parent]: [pk for pk in family.variants if pk != parent]
        for parent, family in wanted.items()
        if parent in by_parent
    }
    idle = [
        pk
        for pk, group in groups.items()
        if group.origin == GroupOrigin.PRODUCT and pk not in children and members.get(pk)
    ]
    return write_members(merchant, {**children, **{pk: [] for pk in idle}}, members)


def write_members(
    merchant: Merchant, wanted: Mapping[int, Sequence[int]], members: Mapping[int, Sequence[int]]
) -> int:
    """Gives groups these children in this order; `members` are those they have. Returns how many groups changed."""
    changed = [pk for pk, children in wanted.items() if list(members.get(pk, ())) != list(children)]
    if not changed:
        return 0
    VariationMember.objects.filter(merchant=merchant, group__in=changed).delete()
    left = {pk for group in changed for pk in members.get(group, ()) if pk not in wanted[group]}
    if left:  # what Jet said of them as children of that group is over
        listings = Listing.objects.filter(merchant=merchant, variant__in=left)
        settle_step(merchant, list(listings.values_list("pk", flat=True)), Step.VARIATION)
    rows = [
        {"group": pk, "variant": variant, "position": position}
        for pk in changed
        for position, variant in enumerate(wanted[pk])
    ]
    insert_rows(VariationMember, merchant, ("group", "variant", "position"), rows, skip_known=True)
    return len(changed)


def _refresh(merchant: Merchant, groups: Mapping[int, VariationGroup]) -> int:
    """Gaps, refinements of products' own groups, targets, and the counts that the state is made of."""
    if not groups:
        return 0
    members = members_of(merchant, groups)
    setting = load_group_setting(merchant, groups.values(), members)
    gone = [pk for pk in groups if not members.get(pk)]
    known = _known_at_jet(merchant, _everyone(groups, members))
    # A group was never sent for a parent that Jet has not taken, so there is nothing to take back.
    lost = [pk for pk in gone if groups[pk].parent_id not in known]
    VariationGroup.objects.filter(merchant=merchant, pk__in=lost).delete()
    rows = []
    for pk, group in groups.items():
        if pk in lost:
            continue
        values = _gone(group) if pk in gone else _targets(group, members[pk], setting)
        if any(getattr(group, name) != value for name, value in values.items()):
            rows.append({"id": pk, **values})
    update_rows(VariationGroup, merchant, ("refinements", "gaps", "target"), rows, touch="updated_at")
    moved = [row["id"] for row in rows if groups[row["id"]].target != row["target"]]
    if moved:  # what Jet refused has changed since and may try again
        refused = VariationGroup.objects.filter(merchant=merchant, pk__in=moved, error_at__isnull=False)
        refused.update(error_message="", error_at=None)
    _count(merchant, {pk: groups[pk] for pk in groups if pk not in lost}, members, known)
    return len(rows) + len(lost)


def _everyone(groups: Mapping[int, VariationGroup], members: Mapping[int, Sequence[int]]) -> set[int]:
    """The SKUs of all groups, parents and children."""
    return {group.parent_id for group in groups.values()} | {pk for held in members.values() for pk in held}


def _known_at_jet(merchant: Merchant, variant_ids: Iterable[int]) -> set[int]:
    rows = Listing.objects.filter(
        merchant=merchant, variant__in=list(variant_ids), content_sent_at__isnull=False
    )
    return set(rows.values_list("variant_id", flat=True))


def _count(
    merchant: Merchant,
    groups: Mapping[int, VariationGroup],
    members: Mapping[int, Sequence[int]],
    known: set[int],
) -> None:
    """Stores how many children each locked group has and how many of its SKUs Jet has not got, where that is other.

    Counted after the lock: two jobs may mark the last two SKUs of a group at once, and the later one must see both.
    """
    rows = []
    for pk, group in groups.items():
        children = members.get(pk, ())
        unsent = sum(variant not in known for variant in (group.parent_id, *children))
        if (group.child_count, group.unsent_count) != (len(children), unsent):
            rows.append({"id": pk, "child_count": len(children), "unsent_count": unsent})
    update_rows(VariationGroup, merchant, ("child_count", "unsent_count"), rows)


def _gone(group: VariationGroup) -> dict[str, Any]:
    return {
        "refinements": group.refinements,
        "gaps": [],
        "target": content_hash(variation_body(group, [])),
    }


def _targets(group: VariationGroup, children: Sequence[int], setting: GroupSetting) -> dict[str, Any]:
    facts = group_facts(group, children, setting)
    loose: list[str] = []
    refinements = list(group.refinements)
    if group.origin == GroupOrigin.PRODUCT:
        refinements, loose = own_refinements(facts.skus, setting)
    whole = group_facts(group, children, setting, refinements=refinements, loose=loose)
    gaps = group_gaps(whole)
    group.refinements = refinements
    body = variation_body(group, [row.sku for row in whole.children])
    target = "" if any(gap.blocks for gap in gaps) else content_hash(body)
    return {"refinements": refinements, "gaps": [gap.as_json() for gap in gaps], "target": target}


def own_refinements(skus: Sequence[VariantFacts], setting: GroupSetting) -> tuple[list[int], list[str]]:
    """(attributes that a product's options stand for, options without one); without options those that differ."""
    offered = variant_attributes(setting.taxonomy, skus[0].jet_node_id)
    options = option_names(skus)
    if not options:
        return differing_attributes(skus, offered), []
    mapped = setting.mapped_options(skus[0].profile_id)
    return matched_attributes(options, mapped, offered)
