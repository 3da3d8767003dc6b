"""Rows of the variations file against what is stored: what they would do, and doing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from catalog.actions.csv_plan import Change, Plan, Same
from catalog.actions.csv_write import Written
from catalog.actions.variation import GroupSpec, held_elsewhere, put_groups
from catalog.actions.variation_targets import members_of
from catalog.bulk import batches
from catalog.csv_rows import ParsedRow
from catalog.enums import GroupOrigin
from catalog.facts import VariantFacts
from catalog.models import Variant, VariationGroup
from catalog.problems import Problem
from catalog.queries.sheet import Known
from catalog.queries.spelling import other_spellings
from catalog.queries.variation import group_setting
from catalog.sheet_columns import UNIT
from catalog.variations import ATTRIBUTE, GroupFacts, GroupGap, group_gaps
from jetsync.models import Merchant

# Rows judged at once: each may name 51 SKUs, whose facts take a few kilobytes.
ROWS_AT_ONCE = 40


class _Sku(NamedTuple):
    pk: int
    is_sent: bool


def plan_groups(
    merchant: Merchant,
    rows: Sequence[ParsedRow],
    _known: Mapping[str, VariantFacts],
    *,
    is_on_jet: bool,  # noqa: ARG001 -- one signature for all kinds; only SKUs that Jet took from us can be grouped
) -> Plan:
    """Judges each row: its SKUs are known to Jet, free, of one brand and category, and carry the attributes."""
    skus = _skus(merchant, rows)
    others = other_spellings(merchant, {sku for row in rows for sku in _mentioned(row)} - skus.keys())
    parents: dict[int, VariantFacts] = {}
    for row in rows:
        if row.is_read:
            _check_skus(row, skus, others)
    for part in batches((row for row in rows if not row.problems), ROWS_AT_ONCE):
        parents |= _check_groups(merchant, part, skus)
    _check_places(merchant, [row for row in rows if not row.problems])
    return _sorted(merchant, rows, parents)


def _skus(merchant: Merchant, rows: Sequence[ParsedRow]) -> dict[str, _Sku]:
    names = {sku for row in rows for sku in _mentioned(row)}
    found = Variant.objects.filter(merchant=merchant, sku__in=names)
    values = found.values_list("sku", "pk", "listing__content_sent_at")
    return {sku: _Sku(pk, sent_at is not None) for sku, pk, sent_at in values}


def _check_skus(row: ParsedRow, skus: Mapping[str, _Sku], others: Mapping[str, Sequence[str]]) -> None:
    """`others`: SKUs that are stored with other capitals only."""
    for column, sku in [("sku", row.sku), *row.values.get("children", ())]:
        found = skus.get(sku)
        if found is None:
            row.take(_unknown(column, sku, others.get(sku, ())))
        elif not found.is_sent:
            message = f"SKU {sku} is not uploaded to Jet yet; a group takes only SKUs that Jet has accepted."
            row.take(Problem(column, "not_uploaded", sku, message, "Upload it, then this file again."))


def _mentioned(row: ParsedRow) -> list[str]:
    """As `_named`, also of a row that could not be read."""
    return [row.sku, *(sku for _column, sku in row.values.get("children", ()))]


def _unknown(column: str, sku: str, others: Sequence[str]) -> Problem:
    if others:
        message = f"SKU {sku} is not among your products, but {' and '.join(others)} {'are' if len(others) > 1 else 'is'}."
        return Problem(column, "spelling", sku, message, "Write the SKU with the same capitals.")
    message = f"SKU {sku} is not among your products."
    return Problem(column, "unknown", sku, message, "Upload the product file first, or correct the SKU.")


def _check_groups(
    merchant: Merchant, rows: Sequence[ParsedRow], skus: Mapping[str, _Sku]
) -> dict[int, VariantFacts]:
    """Notes what Jet would refuse; returns the parents by pk. Constant queries."""
    ids = {skus[sku].pk for row in rows for sku in _named(row)}
    attributes = {pk for row in rows for _column, pk in row.values["refinements"]}
    setting = group_setting(merchant, ids, attributes)
    for row in rows:
        spec = _spec(row, skus)
        row.values["spec"] = spec
        facts = GroupFacts(
            parent=setting.facts[spec.parent],
            children=[setting.facts[pk] for pk in spec.children],
            refinements=spec.refinements,
            taxonomy=setting.taxonomy,
        )
        for gap in group_gaps(facts):
            if gap.blocks:
                row.take(_problem(row, gap))
    return {row.values["spec"].parent: setting.facts[row.values["spec"].parent] for row in rows}


def _named(row: ParsedRow) -> list[str]:
    return [row.sku, *(sku for _column, sku in row.values["children"])]


def _spec(row: ParsedRow, skus: Mapping[str, _Sku]) -> GroupSpec:
    return GroupSpec(
        parent=skus[row.sku].pk,
        children=tuple(skus[sku].pk for _column, sku in row.values["children"]),
        refinements=tuple(pk for _column, pk in row.values["refinements"]),
        title=row.values.get("group_title"),
    )


def _problem(row: ParsedRow, gap: GroupGap) -> Problem:
    """The gap at the column that names what is wrong: the SKU, or the attribute that it lacks."""
    column = next((column for column, sku in row.values["children"] if sku == gap.sku), "sku")
    value = gap.value or gap.sku
    attribute = gap.field.removeprefix(ATTRIBUTE) if gap.field.startswith(ATTRIBUTE) else gap.value
    if gap.field == "refinements" or gap.field.startswith(ATTRIBUTE):
        named = (name for name, pk in row.values["refinements"] if str(pk) == attribute)
        column = next(named, "variation_refinement1")
        value = gap.value or attribute
    return Problem(column, gap.rule, value, gap.message, gap.fix)


def _check_places(merchant: Merchant, rows: Sequence[ParsedRow]) -> None:
    """A SKU belongs to one group only. Groups whose parents stand in this batch are written anew and hold nobody, unless
    their row turns out wrong: then they stay as they are, and the others are looked at once more.
    """
    waiting = list(rows)
    while waiting:
        leaving = [row.values["spec"].parent for row in waiting]
        everyone = {pk for row in waiting for pk in row.values["spec"].skus}
        taken = held_elsewhere(merchant, everyone, leaving=leaving)
        wrong = [row for row in waiting if not _take_places(row, taken)]
        if not wrong:
            return
        waiting = [row for row in waiting if not row.problems]


def _take_places(row: ParsedRow, taken: dict[int, str]) -> bool:
    spec: GroupSpec = row.values["spec"]
    columns = ["sku", *(column for column, _sku in row.values["children"])]
    for column, name, pk in zip(columns, _named(row), spec.skus, strict=True):
        if pk in taken:
            message = f"SKU {name} is in the group of {taken[pk]} already; a SKU belongs to one group only."
            row.take(Problem(column, "elsewhere", name, message, "Take it out of one of the two."))
    if row.problems:
        return False
    taken.update(dict.fromkeys(spec.skus, row.sku))
    return True


def _sorted(merchant: Merchant, rows: Sequence[ParsedRow], parents: Mapping[int, VariantFacts]) -> Plan:
    """New groups, changed ones and those that are stored so already."""
    plan = Plan(wrong=[row for row in rows if row.problems])
    good = [row for row in rows if not row.problems]
    ids = [row.values["spec"].parent for row in good]
    stored = {row.parent_id: row for row in VariationGroup.objects.filter(merchant=merchant, parent__in=ids)}
    members = members_of(merchant, [row.pk for row in stored.values()])
    changed: dict[str, tuple[ParsedRow, VariationGroup, Sequence[int]]] = {}
    for row in good:
        spec: GroupSpec = row.values["spec"]
        group = stored.get(spec.parent)
        if group is None or not members.get(group.pk):
            plan.new.append(row)
            continue
        names = _differing(group, members[group.pk], spec)
        if names:
            plan.changed.append(Change(row, parents[spec.parent], row.values, frozenset(names)))
            changed[row.sku] = (row, group, members[group.pk])
        else:
            plan.same.append(Same(spec.parent, row.sku, row.line))
    plan.known = _as_stored(merchant, changed)
    return plan


def _as_stored(
    merchant: Merchant, changed: Mapping[str, tuple[ParsedRow, VariationGroup, Sequence[int]]]
) -> dict[str, Known]:
    """The groups as their rows would read today, for the preview. One query."""
    ids = {pk for _row, _group, children in changed.values() for pk in children}
    names = dict(Variant.objects.filter(merchant=merchant, pk__in=ids).values_list("pk", "sku"))
    found: dict[str, Known] = {}
    for sku, (row, group, children) in changed.items():
        cells = {"sku": sku, "relationship": str(group.relationship), "group_title": group.group_title}
        cells |= {f"variation_refinement{n}": str(pk) for n, pk in enumerate(group.refinements, 1)}
        cells |= {f"child_sku{n}": names.get(pk, "") for n, pk in enumerate(children, 1)}
        text = UNIT.join(cells.get(name, "") for name in row.values["columns"])
        found[sku] = Known(group.parent_id, 0, text)
    return found


def _differing(group: VariationGroup, children: Sequence[int], spec: GroupSpec) -> list[str]:
    pairs: dict[str, tuple[Any, Any]] = {
        "children": (tuple(children), spec.children),
        "refinements": (tuple(group.refinements), spec.refinements),
        "group_title": (group.group_title, group.group_title if spec.title is None else spec.title),
        "origin": (group.origin, GroupOrigin.CSV),
    }
    return [name for name, (old, new) in pairs.items() if old != new]


def write_groups(merchant: Merchant, plan: Plan) -> Written:
    """Inside the caller's transaction; the targets of the concerned SKUs follow there."""
    rows = [*plan.new, *(change.row for change in plan.changed)]
    written = Written(len(plan.new), len(plan.changed), plan.unchanged)
    if rows:
        written.variant_ids += sorted(
            put_groups(merchant, [row.values["spec"] for row in rows], GroupOrigin.CSV)
        )
    return written
