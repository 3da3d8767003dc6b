"""What a variations file is about to change, kept for the way back: the groups of one batch, as they were and became."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.actions.csv_plan import Plan
from catalog.actions.deltas import push_deltas
from catalog.actions.targets import refresh_targets
from catalog.actions.variation import GroupSpec, held_elsewhere, put_groups
from catalog.actions.variation_targets import lock_groups, members_of, write_members
from catalog.enums import GroupOrigin
from catalog.models import CsvBefore, CsvUpload, Variant
from jetsync.models import Merchant

# A group as JSON: children in their order, refinements, title, origin; None where there is none.
State = dict[str, Any] | None
GROUP = "group"


def group_states(merchant: Merchant, variant_ids: Iterable[int]) -> dict[int, State]:
    """Parent's variant pk -> every group that one of these SKUs leads or stands in; locked, three queries."""
    groups = lock_groups(merchant, set(variant_ids))
    members = members_of(merchant, groups)
    return {
        row.parent_id: {
            "children": members[pk],
            "refinements": list(row.refinements),
            "title": row.group_title,
            "origin": str(row.origin),
        }
        for pk, row in groups.items()
        if members.get(pk)
    }


def skus_of_plan(plan: Plan) -> set[int]:
    """Of the groups that the plan makes or changes."""
    rows = [*plan.new, *(change.row for change in plan.changed)]
    return {pk for row in rows for pk in row.values["spec"].skus}


def keep_groups(
    upload: CsvUpload, before: Mapping[int, State], after: Mapping[int, State], upto: int
) -> None:
    """Inside the transaction that wrote the groups. Those that are as they were are left out."""
    rows = {
        str(pk): {"old": {GROUP: before.get(pk)}, "new": {GROUP: after.get(pk)}}
        for pk in sorted(before.keys() | after.keys())
        if before.get(pk) != after.get(pk)
    }
    if rows:
        CsvBefore.objects.create(merchant_id=upload.merchant_id, upload=upload, upto=upto, rows=rows)


@dataclass
class GroupsBack:
    """`left`: parent's pk -> why its group stays as it is."""

    done: int = 0
    left: dict[int, str] = field(default_factory=dict)


def restore_groups(merchant: Merchant, entries: Mapping[int, Mapping[str, Any]]) -> GroupsBack:
    """Gives groups back what they were; one that was changed since stays. Inside the caller's transaction."""
    old: dict[int, State] = {pk: entry["old"][GROUP] for pk, entry in entries.items()}
    new: dict[int, State] = {pk: entry["new"][GROUP] for pk, entry in entries.items()}
    everyone = set(entries)
    for state in (*old.values(), *new.values()):
        everyone |= set(state["children"]) if state else set()
    now = group_states(merchant, everyone)
    back = GroupsBack(left=_standing(merchant, old, new, now))
    going = {pk: state for pk, state in old.items() if pk not in back.left}
    _empty(merchant, [pk for pk, state in going.items() if state is None])
    by_origin: dict[str, list[GroupSpec]] = defaultdict(list)
    for pk, state in going.items():
        if state is not None:
            spec = GroupSpec(pk, tuple(state["children"]), tuple(state["refinements"]), state["title"])
            by_origin[state["origin"]].append(spec)
    for origin, specs in by_origin.items():
        everyone |= put_groups(merchant, specs, GroupOrigin(origin))
    if going:
        refresh_targets(merchant, sorted(everyone), push=False)
        push_deltas(merchant)
    back.done = len(going)
    return back


def _standing(
    merchant: Merchant, old: Mapping[int, State], new: Mapping[int, State], now: Mapping[int, State]
) -> dict[int, str]:
    """Why groups stay: changed since, a SKU is gone, or another group holds one."""
    left = {pk: "The group was changed since. Left as it is." for pk in old if now.get(pk) != new[pk]}
    wanted = {pk: {pk, *state["children"]} for pk, state in old.items() if state and pk not in left}
    named = {pk for skus in wanted.values() for pk in skus}
    there = set(Variant.objects.filter(merchant=merchant, pk__in=named).values_list("pk", flat=True))
    held = held_elsewhere(merchant, named, leaving=[pk for pk in old if pk not in left])
    for pk, skus in wanted.items():
        if skus - there:
            left[pk] = "One of its SKUs was deleted since. Left as it is."
        elif taken := sorted(skus & held.keys()):
            left[pk] = f"A SKU of it is in the group of {held[taken[0]]} now. Left as it is."
    return left


def _empty(merchant: Merchant, parents: Iterable[int]) -> None:
    groups = lock_groups(merchant, set(parents))
    members = members_of(merchant, groups)
    wanted = set(parents)
    write_members(merchant, {pk: () for pk, row in groups.items() if row.parent_id in wanted}, members)
