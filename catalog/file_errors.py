"""Which SKU each error of a bulk file is about. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class SortedErrors:
    """Jet's words by SKU of the file, by child of a group in it, and those that name neither.

    An error about a child stands under its parent too, there with the child's SKU before it.
    """

    by_sku: dict[str, list[str]] = field(default_factory=dict)
    by_child: dict[str, list[str]] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)


def sort_errors(
    skus: Iterable[str], texts: Sequence[str], families: Mapping[str, str] = MappingProxyType({})
) -> SortedErrors:
    """Jet puts the SKU first: `HF-KET-99: merchant sku unavailable`; otherwise the first one named counts.

    `families`: child -> parent, where the file carries groups. A SKU of the file itself goes before a child.
    """
    known = set(skus)
    by_sku: dict[str, list[str]] = defaultdict(list)
    by_child: dict[str, list[str]] = defaultdict(list)
    rest: list[str] = []
    for text in texts:
        name, _, words = text.partition(": ")
        if name in known and words:
            by_sku[name].append(words)
        elif name in families and words:
            by_child[name].append(words)
            by_sku[families[name]].append(text)
        elif (found := _first(text, known)) is not None:
            by_sku[found].append(text)
        elif (found := _first(text, families)) is not None:
            by_child[found].append(text)
            by_sku[families[found]].append(text)
        else:
            rest.append(text)
    return SortedErrors(dict(by_sku), dict(by_child), rest)


def _first(text: str, skus: Iterable[str]) -> str | None:
    words = (word.strip("'\"“”,;:()[].") for word in text.split())
    return next((word for word in words if word in skus), None)
