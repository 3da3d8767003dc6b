"""Reads of Jet's taxonomy in the version in use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, QuerySet

from catalog.enums import FreeText
from catalog.facts import AttributeRule, CategoryFacts, Taxonomy
from catalog.models import (
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    TaxonomyVersion,
)


def current_version() -> TaxonomyVersion | None:
    return TaxonomyVersion.objects.filter(is_current=True).first()


def load_taxonomy(node_ids: Iterable[int], attribute_ids: Iterable[int] = ()) -> Taxonomy:
    """What these nodes and attributes are: five queries, whatever their number.

    Attributes linked to the nodes are loaded with their values, so a picker can offer them.
    """
    version = current_version()
    if version is None:
        return Taxonomy()
    nodes = set(node_ids)
    linked: dict[int, set[int]] = defaultdict(set)
    rows = JetCategoryAttribute.objects.filter(version=version, node_id__in=nodes).values_list(
        "node_id", "attribute_id"
    )
    for node_id, attribute_id in rows:
        linked[node_id].add(attribute_id)
    rules = load_attributes(version, {*attribute_ids, *(pk for pks in linked.values() for pk in pks)})
    categories = {
        row.node_id: CategoryFacts(
            node_id=row.node_id,
            path=row.path,
            level=row.level,
            is_active=row.is_active,
            # The public files name retired attributes in their links; only known ones count.
            attribute_ids=frozenset(linked[row.node_id] & rules.keys()),
        )
        for row in JetCategory.objects.filter(version=version, node_id__in=nodes)
    }
    return Taxonomy(version=version.name, categories=categories, attributes=rules)


def load_attributes(version: TaxonomyVersion, attribute_ids: Iterable[int]) -> dict[int, AttributeRule]:
    wanted = set(attribute_ids)
    values: dict[int, dict[str, str]] = defaultdict(dict)
    units: dict[int, dict[str, str]] = defaultdict(dict)
    rows = JetAttributeValue.objects.filter(version=version, attribute_id__in=wanted).order_by("pk")
    for attribute_id, value, unit in rows.values_list("attribute_id", "value", "unit"):
        if value:
            values[attribute_id].setdefault(value.strip().lower(), value.strip())
        if unit:
            units[attribute_id].setdefault(unit.strip().lower(), unit.strip())
    return {
        row.attribute_id: AttributeRule(
            attribute_id=row.attribute_id,
            name=row.name,
            free_text=FreeText(row.free_text),
            is_variant=row.is_variant,
            values=values[row.attribute_id],
            units=units[row.attribute_id],
        )
        for row in JetAttribute.objects.filter(version=version, attribute_id__in=wanted)
    }


def get_category(node_id: int) -> JetCategory | None:
    """The node in the version in use, or None."""
    return JetCategory.objects.filter(version__is_current=True, node_id=node_id).first()


def children_of(parent_id: int) -> QuerySet[JetCategory]:
    """Active nodes under this one, by name; 0 gives the roots."""
    return JetCategory.objects.filter(version__is_current=True, parent_id=parent_id, is_active=True).order_by(
        "name"
    )


def search_categories(words: str, *, limit: int = 30) -> list[JetCategory]:
    """Nodes that take products whose path holds every word, shortest path first; digits are also tried as an id."""
    found = JetCategory.objects.filter(version__is_current=True, is_active=True, level__gte=2)
    text = words.strip()
    if text.isdigit():
        return list(found.filter(node_id=int(text)))[:limit] if len(text) < 19 else []  # noqa: PLR2004 -- bigint
    for word in text.split()[:6]:
        found = found.filter(path__icontains=word)
    return list(found.order_by("path")[:limit])


def vanished_nodes(node_ids: Iterable[int]) -> set[int]:
    """Those of the ids that the version in use does not offer any more; empty without a taxonomy."""
    version = current_version()
    if version is None:
        return set()
    wanted = set(node_ids)
    known = JetCategory.objects.filter(version=version, node_id__in=wanted, is_active=True)
    return wanted - set(known.values_list("node_id", flat=True))


def attribute_counts(version: TaxonomyVersion, node_ids: Iterable[int]) -> dict[int, int]:
    rows = JetCategoryAttribute.objects.filter(version=version, node_id__in=set(node_ids))
    return dict(rows.values_list("node_id").annotate(Count("pk")))
