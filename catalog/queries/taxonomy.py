"""Reads of Jet's taxonomy. Every read takes the merchant: his own version, where he has one in use, wins for him alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, Q, QuerySet

from catalog.enums import FreeText
from catalog.facts import AttributeRule, CategoryFacts, Taxonomy
from catalog.listing.category import LEAF_LEVEL
from catalog.models import (
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    TaxonomyVersion,
)
from jetsync.exceptions import NotFound
from jetsync.ids import parse_id
from jetsync.models import Merchant

# Words of a search that count; more only slow it down.
SEARCH_WORDS = 6


def versions_for(merchant: Merchant) -> QuerySet[TaxonomyVersion]:
    """The versions that this merchant may use, the newest first: the shared ones and his own."""
    rows = TaxonomyVersion.objects.filter(Q(owner=None) | Q(owner=merchant))
    return rows.order_by("-imported_at", "-pk")


def get_version(merchant: Merchant, pk: int) -> TaxonomyVersion:
    """Raises NotFound for another merchant's own version as for one that does not exist."""
    version = versions_for(merchant).filter(pk=pk).first()
    if version is None:
        raise NotFound("There is no such taxonomy version.")
    return version


def in_use(merchant: Merchant | None) -> QuerySet[TaxonomyVersion]:
    """At most one row: the merchant's own current version, else the shared one. None asks for the shared one."""
    rows = TaxonomyVersion.objects.filter(is_current=True)
    rows = rows.filter(Q(owner=None) | Q(owner=merchant)) if merchant else rows.filter(owner=None)
    return rows.order_by(F("owner").asc(nulls_last=True))[:1]


def current_version(merchant: Merchant | None) -> TaxonomyVersion | None:
    return in_use(merchant).first()


def nodes_in_use(merchant: Merchant) -> QuerySet[JetCategory]:
    """Every node of the version in use, closed ones too."""
    return JetCategory.objects.filter(version=in_use(merchant).values("pk"))


def leaves_in_use(merchant: Merchant) -> QuerySet[JetCategory]:
    """The nodes that take products."""
    return nodes_in_use(merchant).filter(is_active=True, level__gte=LEAF_LEVEL)


def load_taxonomy(merchant: Merchant, node_ids: Iterable[int], attribute_ids: Iterable[int] = ()) -> Taxonomy:
    """What these nodes and attributes are: five queries, whatever their number.

    Attributes linked to the nodes are loaded with their values, so a picker can offer them.
    """
    version = current_version(merchant)
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


def get_category(merchant: Merchant, node_id: int) -> JetCategory | None:
    """The node in the version in use, or None."""
    return nodes_in_use(merchant).filter(node_id=node_id).first()


def children_of(merchant: Merchant, parent_id: int) -> QuerySet[JetCategory]:
    """Active nodes under this one, by name; 0 gives the roots."""
    return nodes_in_use(merchant).filter(parent_id=parent_id, is_active=True).order_by("name")


def search_categories(merchant: Merchant, words: str, *, limit: int = 30) -> list[JetCategory]:
    """Nodes that take products whose path holds every word, by path; digits are tried as an id."""
    found = leaves_in_use(merchant)
    text = words.strip()
    if text.isascii() and text.isdigit():
        return list(found.filter(node_id=parse_id(text))[:limit])
    for word in text.split()[:SEARCH_WORDS]:
        found = found.filter(path__icontains=word)
    return list(found.order_by("path")[:limit])


def vanished_nodes(
    merchant: Merchant, node_ids: Iterable[int], version: TaxonomyVersion | None = None
) -> set[int]:
    """Those of the ids that the version (that in use unless named) does not offer any more; empty without a taxonomy."""
    version = version or current_version(merchant)
    if version is None:
        return set()
    wanted = set(node_ids)
    known = JetCategory.objects.filter(version=version, node_id__in=wanted, is_active=True)
    return wanted - set(known.values_list("node_id", flat=True))


def jet_paths(merchant: Merchant, node_ids: Iterable[int | None]) -> dict[int, str]:
    """Node id -> path in the taxonomy in use; one query."""
    rows = nodes_in_use(merchant).filter(node_id__in={pk for pk in node_ids if pk})
    return dict(rows.values_list("node_id", "path"))


def attributes_of(merchant: Merchant, node_ids: Iterable[int]) -> QuerySet[JetAttribute]:
    """What these nodes ask for, attributes that tell variants apart first."""
    version = in_use(merchant).values("pk")
    linked = JetCategoryAttribute.objects.filter(version=version, node_id__in=set(node_ids))
    rows = JetAttribute.objects.filter(version=version, attribute_id__in=linked.values("attribute_id"))
    return rows.order_by("-is_variant", "name")


def values_of(merchant: Merchant, attribute_ids: Sequence[int]) -> dict[int, tuple[list[str], list[str]]]:
    """Attribute id -> (legal values, legal units) in the order of Jet's file; one query."""
    found: dict[int, tuple[list[str], list[str]]] = {pk: ([], []) for pk in attribute_ids}
    rows = JetAttributeValue.objects.filter(
        version=in_use(merchant).values("pk"), attribute_id__in=set(attribute_ids)
    )
    for attribute_id, value, unit in rows.order_by("pk").values_list("attribute_id", "value", "unit"):
        values, units = found[attribute_id]
        if value and value not in values[-1:]:
            values.append(value)
        if unit and unit not in units:
            units.append(unit)
    return found
