"""What a merchant does to variation groups: make, change, dissolve, form anew, send again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from catalog.actions.deltas import push_deltas
from catalog.actions.refresh import ask_refresh_of
from catalog.actions.variation_targets import lock_groups, members_of, refresh_groups, write_members
from catalog.bulk import insert_rows, update_rows
from catalog.codes import Code
from catalog.csv_columns import MOST_CHILDREN, MOST_REFINEMENTS
from catalog.enums import GroupOrigin, ProductKind
from catalog.models import Product, Variant, VariationGroup, VariationMember
from catalog.variations import LONGEST_TITLE
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor


@dataclass(frozen=True)
class GroupSpec:
    """A group as someone wants it, by variant pks; `title` None keeps the one it has."""

    parent: int
    children: tuple[int, ...]
    refinements: tuple[int, ...]
    title: str | None = None

    @property
    def skus(self) -> tuple[int, ...]:
        return (self.parent, *self.children)


def put_groups(merchant: Merchant, specs: Sequence[GroupSpec], origin: GroupOrigin) -> set[int]:
    """Writes groups as wanted, made where there is none; constant statements.

    SKUs are taken out of the groups that products formed by themselves; `held_elsewhere` says which are not free. Inside
    the caller's transaction, who calls `refresh_groups` with what is returned: SKUs by which all touched groups are met.
    """
    everyone = {pk for spec in specs for pk in spec.skus}
    groups = lock_groups(merchant, everyone)
    members = members_of(merchant, groups)
    known = {group.parent_id: group for group in groups.values()}
    fresh = [_row(spec, origin, None) | {"parent": spec.parent} for spec in specs if spec.parent not in known]
    columns = ("group_title", "refinements", "origin")
    insert_rows(VariationGroup, merchant, ("parent", *columns), fresh, skip_known=True)
    stored = VariationGroup.objects.filter(merchant=merchant, parent__in=[spec.parent for spec in specs])
    by_parent = dict(stored.values_list("parent_id", "pk"))
    old = [
        {"id": by_parent[spec.parent], **_row(spec, origin, known[spec.parent])}
        for spec in specs
        if spec.parent in known
    ]
    update_rows(VariationGroup, merchant, columns, old, touch="updated_at")
    wanted: dict[int, Sequence[int]] = {by_parent[spec.parent]: spec.children for spec in specs}
    broken = [pk for pk in groups if pk not in wanted and members.get(pk)]
    write_members(merchant, {**wanted, **dict.fromkeys(broken, ())}, members)
    released = {pk for held in members.values() for pk in held} - everyone
    return {spec.parent for spec in specs} | {groups[pk].parent_id for pk in broken} | released


def _row(spec: GroupSpec, origin: GroupOrigin, known: VariationGroup | None) -> dict[str, Any]:
    title = spec.title if spec.title is not None else known.group_title if known else ""
    return {"group_title": title, "refinements": list(spec.refinements), "origin": str(origin)}


def held_elsewhere(
    merchant: Merchant, variant_ids: Iterable[int], *, leaving: Iterable[int] = ()
) -> dict[int, str]:
    """Variant pk -> SKU of the parent of the group made by hand that holds it. `leaving`: parents of groups not counted."""
    ids, gone = set(variant_ids), set(leaving)
    groups = VariationGroup.objects.filter(merchant=merchant).exclude(origin=GroupOrigin.PRODUCT)
    members = VariationMember.objects.filter(
        merchant=merchant, group__in=groups.values("pk"), variant__in=ids
    )
    rows = members.values_list("variant_id", "group__parent_id", "group__parent__sku")
    found = {variant: sku for variant, parent, sku in rows if parent not in gone}
    leading = groups.filter(parent__in=ids, members__isnull=False).distinct()
    found |= {
        parent: sku for parent, sku in leading.values_list("parent_id", "parent__sku") if parent not in gone
    }
    return found


@transaction.atomic
def make_group(
    merchant: Merchant,
    variant_ids: Sequence[int],
    *,
    parent: int | None = None,
    title: str = "",
    refinements: Sequence[int] = (),
    actor: Actor,
) -> VariationGroup:
    """A group of these SKUs in this order; the first is the parent unless another one is named.

    Raises InvalidInput for SKUs that cannot stand in one group at all; what Jet would refuse is shown as gaps.
    """
    ids = list(dict.fromkeys(variant_ids))
    leader = parent if parent is not None else ids[0] if ids else 0
    spec = GroupSpec(leader, tuple(pk for pk in ids if pk != leader), tuple(refinements), title.strip())
    _check(merchant, spec, leaving=[leader] if not _is_held(merchant, leader) else [])
    row = _put(merchant, spec, None)
    record(
        merchant,
        "catalog.group.made",
        f"Variation group of {row.parent.sku} was made with {len(spec.children)} "
        f"{'child' if len(spec.children) == 1 else 'children'}",
        actor=actor,
        about=row,
        new=_plain(merchant, spec),
    )
    return row


def _is_held(merchant: Merchant, variant_id: int) -> bool:
    rows = VariationGroup.objects.filter(merchant=merchant, parent=variant_id, members__isnull=False)
    return rows.exclude(origin=GroupOrigin.PRODUCT).exists()


@transaction.atomic
def change_group(group: VariationGroup, spec: GroupSpec, *, actor: Actor) -> VariationGroup:
    """The group as wanted from now on; with another parent the old group ends at Jet and a new one begins.

    It is the merchant's own afterwards: a product's SKUs are no longer added by themselves. Raises InvalidInput.
    """
    merchant = group.merchant
    _check(merchant, spec, leaving=[group.parent_id])
    old = GroupSpec(
        group.parent_id,
        tuple(members_of(merchant, [group.pk]).get(group.pk, ())),
        tuple(group.refinements),
        group.group_title,
    )
    row = _put(merchant, spec, group)
    if old != spec:
        record(
            merchant,
            "catalog.group.changed",
            f"Variation group of {row.parent.sku} was changed",
            actor=actor,
            about=row,
            old=_plain(merchant, old),
            new=_plain(merchant, spec),
        )
    return row


def _put(merchant: Merchant, spec: GroupSpec, group: VariationGroup | None) -> VariationGroup:
    touched = set(spec.skus)
    if group is not None:
        members = members_of(merchant, lock_groups(merchant, {group.parent_id}))
        touched |= {group.parent_id, *members.get(group.pk, ())}
        if group.parent_id != spec.parent:
            write_members(merchant, {group.pk: ()}, members)
    touched |= put_groups(merchant, [spec], GroupOrigin.PANEL)
    refresh_groups(merchant, touched)
    ask_refresh_of(merchant, touched)
    push_deltas(merchant)
    return VariationGroup.objects.select_related("parent", "merchant").get(
        merchant=merchant, parent=spec.parent
    )


def _check(merchant: Merchant, spec: GroupSpec, *, leaving: Sequence[int]) -> None:
    """Raises InvalidInput for what no later change of a SKU can mend."""
    faults: dict[str, list[str]] = {}
    if not spec.children:
        faults["children"] = ["A group needs the parent and at least one other SKU."]
    elif len(spec.children) > MOST_CHILDREN:
        faults["children"] = [
            f"There are {len(spec.children):,} children, Jet takes at most {MOST_CHILDREN}."
        ]
    if spec.parent in spec.children:
        faults["parent"] = ["The parent cannot be its own child."]
    if len(spec.refinements) > MOST_REFINEMENTS:
        faults["refinements"] = [f"Jet takes at most {MOST_REFINEMENTS} attributes."]
    if spec.title and len(spec.title) > LONGEST_TITLE:
        faults["group_title"] = [
            f"The title has {len(spec.title)} characters, at most {LONGEST_TITLE} are allowed."
        ]
    names = _names(merchant, spec.skus)
    if len(names) != len(set(spec.skus)):
        faults.setdefault("children", []).append("One of the SKUs is not among your products any more.")
    for pk, sku in held_elsewhere(merchant, spec.skus, leaving=leaving).items():
        faults.setdefault("children", []).append(f"SKU {names.get(pk, pk)} is in the group of {sku} already.")
    if faults:
        first = next(iter(faults.values()))[0]
        raise InvalidInput(first, hint="Nothing was changed.", fields=faults, code=Code.GROUP_INVALID)


def _names(merchant: Merchant, variant_ids: Iterable[int]) -> dict[int, str]:
    return dict(Variant.objects.filter(merchant=merchant, pk__in=set(variant_ids)).values_list("pk", "sku"))


def _plain(merchant: Merchant, spec: GroupSpec) -> dict[str, Any]:
    names: Mapping[int, str] = _names(merchant, spec.skus)
    return {
        "parent": names.get(spec.parent, ""),
        "children": [names[pk] for pk in spec.children if pk in names],
        "refinements": list(spec.refinements),
        "group_title": spec.title or "",
    }


@transaction.atomic
def dissolve_group(group: VariationGroup, *, actor: Actor) -> bool:
    """Takes all children out; Jet is told with an empty list, and the row goes with its answer.

    A variable product whose group this was stays apart until `form_group`. Returns whether Jet is told: it is not where
    it never took the parent.
    """
    merchant = group.merchant
    members = members_of(merchant, lock_groups(merchant, {group.parent_id}))
    ids = [group.parent_id, *members.get(group.pk, ())]
    record(
        merchant,
        "catalog.group.dissolved",
        f"Variation group of {group.parent.sku} was dissolved",
        actor=actor,
        about=group,
        old=_plain(merchant, GroupSpec(ids[0], tuple(ids[1:]), tuple(group.refinements), group.group_title)),
    )
    products = Product.objects.filter(merchant=merchant, kind=ProductKind.VARIABLE, variants__in=ids)
    Product.objects.filter(merchant=merchant, pk__in=products.values("pk")).update(keeps_apart=True)
    write_members(merchant, {group.pk: ()}, members)
    refresh_groups(merchant, ids)
    ask_refresh_of(merchant, ids)
    push_deltas(merchant)
    return VariationGroup.objects.filter(merchant=merchant, pk=group.pk).exists()


@transaction.atomic
def form_group(product: Product, *, actor: Actor) -> VariationGroup | None:
    """The product's SKUs form their group by themselves again, in place of what was arranged by hand.

    Raises StateConflict when one of them stands in a group of another product's SKU. None with fewer than two SKUs.
    """
    merchant = product.merchant
    ids = list(Variant.objects.filter(merchant=merchant, product=product).values_list("pk", flat=True))
    own = VariationGroup.objects.filter(merchant=merchant, parent__in=ids)
    for pk, sku in held_elsewhere(merchant, ids, leaving=own.values_list("parent_id", flat=True)).items():
        raise StateConflict(
            f"SKU {_names(merchant, [pk])[pk]} is in the group of {sku}.",
            hint="Take it out there first, or dissolve that group.",
        )
    Product.objects.filter(merchant=merchant, pk=product.pk).update(keeps_apart=False)
    own.update(origin=GroupOrigin.PRODUCT)
    record(
        merchant,
        "catalog.group.formed",
        f"The SKUs of “{product.title}” form their variation group by themselves",
        actor=actor,
        about=product,
    )
    refresh_groups(merchant, ids)
    ask_refresh_of(merchant, ids)
    push_deltas(merchant)
    return VariationGroup.objects.filter(merchant=merchant, parent__in=ids, members__isnull=False).first()


@transaction.atomic
def resend_group(group: VariationGroup, *, actor: Actor) -> None:
    """Sends the group once more, also after a refusal. Raises StateConflict while something is missing."""
    if not group.target:
        raise StateConflict(
            f"The group of {group.parent.sku} cannot be sent yet.", hint="Close the points it names first."
        )
    rows = VariationGroup.objects.filter(merchant=group.merchant_id, pk=group.pk)
    rows.update(sent="", error_message="", error_at=None)
    record(
        group.merchant,
        "catalog.group.resent",
        f"Variation group of {group.parent.sku} is sent again",
        actor=actor,
        about=group,
    )
    push_deltas(group.merchant)
