"""What a taxonomy version has, lacks and names otherwise than an earlier one."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Subquery

from catalog.models import JetAttribute, JetCategory, TaxonomyVersion

NODE_CHANGES = {"gone": "Gone", "new": "New", "renamed": "Renamed", "moved": "Moved"}
ATTRIBUTE_CHANGES = {"gone": "Gone", "new": "New", "renamed": "Renamed", "retyped": "Filled otherwise"}


def node_changes(old: TaxonomyVersion, new: TaxonomyVersion, change: str) -> QuerySet[JetCategory]:
    """The nodes with this change (a key of NODE_CHANGES), annotated with `before`: name or path in the old version.

    Nodes that are gone are rows of the old version, all others of the new one. A node that Jet closed is gone too.
    """
    if change in {"gone", "new"}:
        here, there = (old, new) if change == "gone" else (new, old)
        twin = JetCategory.objects.filter(version=there, node_id=OuterRef("node_id"), is_active=True)
        rows = JetCategory.objects.filter(~Exists(twin), version=here, is_active=True)
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
        twin = JetAttribute.objects.filter(version=there, attribute_id=OuterRef("attribute_id"))
        rows = JetAttribute.objects.filter(~Exists(twin), version=here)
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

    Empty when there is no version to compare with. Eight queries.
    """
    if old is None:
        return {}
    return {
        "against": old.pk,
        "against_name": old.name,
        "nodes": {change: node_changes(old, new, change).count() for change in NODE_CHANGES},
        "attributes": {change: attribute_changes(old, new, change).count() for change in ATTRIBUTE_CHANGES},
    }
