"""What could be mapped to what: the likeliest of Jet's nodes, attributes and values, each with its score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalog.listing.category import LEAF_LEVEL
from catalog.models import JetCategory, StoreCategory
from catalog.queries.category import VanishedNode, unmapped_categories
from catalog.queries.taxonomy import current_version, leaves_in_use
from catalog.similarity import Lookup, Match
from catalog.taxonomy_files import PATH_SEPARATOR
from jetsync.models import Merchant

# Store categories looked at in one go: about a millisecond each. The rest follows when these are mapped.
MOST_CATEGORIES = 500
# Percent at which a suggestion is worth accepting unseen; in Jet's real tree a wrong one rarely reaches it.
USUAL_MARK = 70
# Matches below are noise.
LEAST_SCORE = 0.25


@dataclass(frozen=True)
class NodeMatch:
    """A node that could be meant. `percent` from 0 to 100."""

    node_id: int
    path: str
    percent: int


@dataclass(frozen=True)
class CategorySuggestion:
    """A store category without a mapping; `matches` best first, possibly none."""

    category: StoreCategory
    products: int
    matches: Sequence[NodeMatch]

    @property
    def best(self) -> NodeMatch | None:
        return self.matches[0] if self.matches else None


@lru_cache(maxsize=4)
def _leaf_lookup(version_id: int) -> Lookup[tuple[int, str]]:
    """Keys are (node id, path). A version never changes, so its lookup is kept: 3 MB for Jet's real tree."""
    rows = JetCategory.objects.filter(version=version_id, is_active=True, level__gte=LEAF_LEVEL).order_by(
        "path"
    )
    nodes = rows.values_list("node_id", "name", "path")
    return Lookup(((node_id, path), name, path) for node_id, name, path in nodes.iterator())


def _matches(lookup: Lookup[tuple[int, str]], path: str, limit: int) -> list[NodeMatch]:
    name = path.rpartition(PATH_SEPARATOR)[2]
    found: list[Match[tuple[int, str]]] = lookup.best(name, path, limit=limit, least=LEAST_SCORE)
    return [NodeMatch(*match.key, match.percent) for match in found]


def category_suggestions(
    merchant: Merchant, *, limit: int = 3, most: int = MOST_CATEGORIES
) -> list[CategorySuggestion]:
    """For the merchant's store categories without a mapping, by path, at most `most` of them. Three queries.

    Those with the surest match come first.
    """
    version = current_version(merchant)
    if version is None:
        return []
    lookup = _leaf_lookup(version.pk)
    rows: Iterable[Any] = unmapped_categories(merchant)[:most]
    found = [CategorySuggestion(row, row.product_count, _matches(lookup, row.path, limit)) for row in rows]
    return sorted(found, key=lambda row: -(row.best.percent if row.best else 0))


def accepted(suggestions: Iterable[CategorySuggestion], mark: int) -> dict[int, int]:
    """Store category pk -> node id, of the best matches at or above `mark` percent."""
    return {row.category.pk: row.best.node_id for row in suggestions if row.best and row.best.percent >= mark}


def replacements(merchant: Merchant, gone: Sequence[VanishedNode]) -> dict[int, list[NodeMatch]]:
    """Vanished node id -> what could take its place: a node of the same path first, then the most alike."""
    paths = [row.path for row in gone]
    same = dict(leaves_in_use(merchant).filter(path__in=paths).values_list("path", "node_id"))
    version = current_version(merchant)
    found = {}
    for row in gone:
        matches = _matches(_leaf_lookup(version.pk), row.path, 3) if version else []
        if row.path in same:
            matches = [NodeMatch(same[row.path], row.path, 100), *(m for m in matches if m.path != row.path)]
        found[row.node_id] = matches[:3]
    return found
