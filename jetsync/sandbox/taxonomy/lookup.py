"""The taxonomy in memory, for the checks every SKU needs; read again after an import."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field

from jetsync.sandbox.models.taxonomy import (
    Attribute,
    AttributeValue,
    Category,
    CategoryAttribute,
    TaxonomyVersion,
)

LEAF_LEVEL = 2


@dataclass(frozen=True)
class KnownAttribute:
    free_text: int
    values: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lookup:
    version: int = 0
    # Level of each active category.
    levels: dict[int, int] = field(default_factory=dict)
    attributes: dict[int, KnownAttribute] = field(default_factory=dict)
    by_category: dict[int, frozenset[int]] = field(default_factory=dict)

    def is_leaf(self, node_id: int) -> bool:
        """May a SKU stand there? Level 2, or the one deeper node of the 2015 data."""
        return self.levels.get(node_id, 0) >= LEAF_LEVEL


_lookup = Lookup()
_lock = threading.Lock()


def lookup() -> Lookup:
    global _lookup  # noqa: PLW0603 -- one cache per process, replaced whole under the lock
    version = TaxonomyVersion.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if _lookup.version != version:
        with _lock:
            if _lookup.version != version:
                _lookup = _read(version)
    return _lookup


def _read(version: int) -> Lookup:
    values: dict[int, set[str]] = defaultdict(set)
    units: dict[int, set[str]] = defaultdict(set)
    for key, value, unit in AttributeValue.objects.values_list("attribute_id", "value", "unit"):
        values[key].add(value)
        if unit:
            units[key].add(unit)
    links: dict[int, set[int]] = defaultdict(set)
    for node_id, key in CategoryAttribute.objects.values_list("node_id", "attribute_id"):
        links[node_id].add(key)
    return Lookup(
        version=version,
        levels=dict(Category.objects.filter(is_active=True).values_list("node_id", "level")),
        attributes={
            key: KnownAttribute(free_text, frozenset(values[key]), frozenset(units[key]))
            for key, free_text in Attribute.objects.values_list("attribute_id", "free_text")
        },
        by_category={node_id: frozenset(keys) for node_id, keys in links.items()},
    )
