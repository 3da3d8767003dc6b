"""What a taxonomy version has, lacks and names otherwise than an earlier one."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery

from catalog.models import JetAttribute, JetCategory, TaxonomyVersion

NODE_CHANGES = {"gone": "Gone", "new": "New", "renamed": "Renamed", "moved": "Moved"}
ATTRIBUTE_CHANGES = {"gone": "Gone", "new": "New", "renamed": "Renamed", "retyped": "Filled otherwise"}


def node_changes(old: TaxonomyVersion, new: TaxonomyVersion, change: str) -> QuerySet[JetCategory]:
    """The nodes with this change (a key of NODE_CHANGES), annotated with `before`: name or path in the old version.

    Nodes that are gone are rows of the old version, all others of the new one. A node that Jet closed is gone too.
    """
    if change in {"gone", "new"}:
        here, there = (old, new) if change == "gone" else (new, old)
        twins = JetCategory.objects.filter(version=there, is_active=True).values("node_id")
        rows = JetCategory.objects.filter(version=here, is_active=True).exclude(node_id__in=twins)
        return rows.annotate(before=F("path") if change == "gone" else _nothing(JetCategory))
    twin = JetCategory.objects.filter(version=old, node_id=OuterRef("node_id"))
    rows = JetCategory.objects.filter(version=new, is_active=True)
    if change == "renamed":
        rows = rows.annotate(before=Subquery(twin.values("name")))
        return rows.filter(before__isnull=False).exclude(name=F("before"))
    rows = rows.annotate(old_parent=Subquery(twin.values("parent_id")), before=Subquery(twin.values("path")))
    return rows.filter(old_parent__isnull=False).exclude(parent_id=F("old_parent"))


def attribute_changes(old: TaxonomyVersion, new: TaxonomyVersion, change: str) -> QuerySet[JetAttribute]:
    """The same for attributes; `before` is the old name, or the old way of filling as its number."""
    if change in {"gone", "new"}:
        here, there = (old, new) if change == "gone" else (new, old)
        twins = JetAttribute.objects.filter(version=there).values("attribute_id")
        rows = JetAttribute.objects.filter(version=here).exclude(attribute_id__in=twins)
        return rows.annotate(before=F("name") if change == "gone" else _nothing(JetAttribute))
    twin = JetAttribute.objects.filter(version=old, attribute_id=OuterRef("attribute_id"))
    column = "name" if change == "renamed" else "free_text"
    rows = JetAttribute.objects.filter(version=new).annotate(before=Subquery(twin.values(column)))
    return rows.filter(before__isnull=False).exclude(**{column: F("before")})


def _nothing(model: type[Model]) -> Subquery:
    """An empty `before`, of the type that the other changes give."""
    return Subquery(model._default_manager.filter(Q(pk__in=[])).values("name")[:1])


def count_changes(old: TaxonomyVersion | None, new: TaxonomyVersion) -> dict[str, Any]:
    """As kept in `TaxonomyVersion.diff`: {"against", "against_name", "nodes": {change: n}, "attributes": {...}}.

    Empty when there is no version to compare with. Four queries; counted here, because PostgreSQL has no statistics
    of rows that were stored a moment ago and would compare each with each.
    """
    if old is None:
        return {}
    return {
        "against": old.pk,
        "against_name": old.name,
        "nodes": _count_nodes(_nodes(old), _nodes(new)),
        "attributes": _count_attributes(_attributes(old), _attributes(new)),
    }


Known = dict[int, tuple[Any, ...]]


def _nodes(version: TaxonomyVersion) -> Known:
    """Node id -> (is active, name, parent)."""
    rows = JetCategory.objects.filter(version=version).values_list(
        "node_id", "is_active", "name", "parent_id"
    )
    return {row[0]: row[1:] for row in rows}


def _attributes(version: TaxonomyVersion) -> Known:
    """Attribute id -> (name, way of filling)."""
    rows = JetAttribute.objects.filter(version=version).values_list("attribute_id", "name", "free_text")
    return {row[0]: row[1:] for row in rows}


def _count_nodes(old: Known, new: Known) -> dict[str, int]:
    open_old = {pk for pk, row in old.items() if row[0]}
    open_new = {pk for pk, row in new.items() if row[0]}
    both = [(old[pk], new[pk]) for pk in open_new & old.keys()]
    return {
        "gone": len(open_old - open_new),
        "new": len(open_new - open_old),
        "renamed": sum(before[1] != after[1] for before, after in both),
        "moved": sum(before[2] != after[2] for before, after in both),
    }


def _count_attributes(old: Known, new: Known) -> dict[str, int]:
    both = [(old[pk], new[pk]) for pk in new.keys() & old.keys()]
    return {
        "gone": len(old.keys() - new.keys()),
        "new": len(new.keys() - old.keys()),
        "renamed": sum(before[0] != after[0] for before, after in both),
        "retyped": sum(before[1] != after[1] for before, after in both),
    }
