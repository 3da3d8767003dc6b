"""How alike two names are, by the trigrams they share: the measure of PostgreSQL's pg_trgm, held in memory. Pure.

Each name is compared as it is written and in common words, where "Tees" and "T-Shirts" are one (`catalog.synonyms`).

In memory because a page wants the best of 3,300 nodes for hundreds of names: the database compares all pairs, which took
twenty times as long on Jet's real taxonomy; here only entries that share a trigram are looked at.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from catalog.synonyms import in_common_words

K = TypeVar("K", bound=Hashable)

_WORD = re.compile(r"[^\W_]+")
# The last part of a path says what a thing is; the way there tells equal names apart.
NAME_WEIGHT = 0.6
# Entries scored in full; the best one shares many trigrams, so it is among those that share the most.
CANDIDATES = 40
# A synonym is a person's judgement (`catalog.synonyms`), so it never reaches what only equal names do.
SYNONYM_WEIGHT = 0.95


def trigrams(text: str) -> frozenset[str]:
    """Of each word, padded as pg_trgm pads it: two blanks before, one after."""
    found: set[str] = set()
    for word in _WORD.findall(text.lower()):
        padded = f"  {word} "
        found.update(padded[start : start + 3] for start in range(len(padded) - 2))
    return frozenset(found)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """0 to 1: shared trigrams by all trigrams of both."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


@dataclass(frozen=True)
class Match(Generic[K]):
    """`score` from 0 to 1; 1 only for equal names."""

    key: K
    score: float

    @property
    def percent(self) -> int:
        """Rounded down, so that only what is equal shows 100."""
        return int(self.score * 100)


@dataclass(frozen=True)
class _Name:
    """The trigrams of a name and of its path."""

    name: frozenset[str]
    path: frozenset[str]

    def likeness(self, other: _Name) -> float:
        return NAME_WEIGHT * likeness(self.name, other.name) + (1 - NAME_WEIGHT) * likeness(
            self.path, other.path
        )


@dataclass(frozen=True)
class _Entry(Generic[K]):
    """`common`: the same in the words that stand for their synonyms."""

    key: K
    own: _Name
    common: _Name

    @property
    def grams(self) -> frozenset[str]:
        return self.own.name | self.own.path | self.common.name | self.common.path


def _own(name: str, path: str) -> _Name:
    return _Name(trigrams(name), trigrams(path or name))


def _common(name: str, path: str) -> _Name:
    """Part by part, so that a size at the end of a path is seen as one."""
    parts = [in_common_words(part) for part in (path or name).split(">")]
    return _Name(trigrams(in_common_words(name)), trigrams(" ".join(parts)))


class Lookup(Generic[K]):
    """Entries of (key, name, path); without a path the name alone counts."""

    def __init__(self, entries: Iterable[tuple[K, str, str]]) -> None:
        self._entries: list[_Entry[K]] = []
        self._holders: dict[str, list[int]] = defaultdict(list)
        for place, (key, name, path) in enumerate(entries):
            entry = _Entry(key, _own(name, path), _common(name, path))
            self._entries.append(entry)
            for gram in entry.grams:
                self._holders[gram].append(place)

    def __len__(self) -> int:
        return len(self._entries)

    def best(self, name: str, path: str = "", *, limit: int = 3, least: float = 0.1) -> list[Match[K]]:
        """The entries most like this name at the end of this path, best first, none below `least`.

        Equal names score 1; what is equal by synonyms only scores `SYNONYM_WEIGHT`.
        """
        own, common = _own(name, path), _common(name, path)
        shared: Counter[int] = Counter()
        for gram in own.path | own.name | common.path | common.name:
            shared.update(self._holders.get(gram, ()))
        for gram in own.name | common.name:  # what the name says counts twice
            shared.update(self._holders.get(gram, ()))
        scored = []
        for place, _count in shared.most_common(CANDIDATES):
            entry = self._entries[place]
            score = max(own.likeness(entry.own), SYNONYM_WEIGHT * common.likeness(entry.common))
            if score >= least:
                scored.append((score, place))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        return [Match(self._entries[place].key, round(score, 4)) for score, place in scored[:limit]]
