"""Columns of price files that speak of one fulfilment node: `inventory:Reno`, `price:Reno`. Pure.

A node is named as the merchant calls it, in any case, or by its id at Jet. `quantity:` is read as `inventory:`. An empty
cell leaves what is stored, the word `none` takes it away.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

# Word of the header -> our word for it.
_WORDS = {"inventory": "inventory", "quantity": "inventory", "price": "price"}
_FIELD_OF = {"inventory": "quantity", "price": "price"}
_LABEL_OF = {"inventory": "Inventory", "price": "Price"}
MARK = "@"
CLEARED = "none"
# Nodes that an error names.
MOST_NAMED = 20


class NodePlace(NamedTuple):
    """A fulfilment node as far as columns tell of it; `node_id` is Jet's."""

    pk: int
    node_id: str
    name: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class NodeColumn:
    """`name` is what the header says, `field` the column of NodeStock, `key` the name of its values, with the node's pk."""

    name: str
    field: str
    node: NodePlace

    @property
    def key(self) -> str:
        return node_key(self.field, self.node.pk)

    @property
    def label(self) -> str:
        return f"{_LABEL_OF[word_of(self.name)]} at {self.node.name}"


def node_key(name: str, pk: int) -> str:
    return f"{name}{MARK}{pk}"


def split_key(key: str) -> tuple[str, int] | None:
    """Field and pk of a node's value, None for a value of the SKU itself."""
    name, mark, pk = key.partition(MARK)
    return (name, int(pk)) if mark else None


def word_of(column: str) -> str:
    """`price` of `price:Reno`; the whole name of a column without colon."""
    return column.partition(":")[0]


def is_cleared(cell: str) -> bool:
    """Whether the cell takes away what the node has of its own: `none`, in any case."""
    return cell.strip().casefold() == CLEARED


def is_node(column: str) -> bool:
    word, colon, _node = column.partition(":")
    return bool(colon) and word.strip().lower() in _WORDS


@dataclass(frozen=True)
class NodeColumns:
    """Every column that a merchant's nodes give, in the order of the nodes. `twins`: names that several nodes have."""

    columns: Sequence[NodeColumn] = ()
    _aliases: Mapping[str, NodeColumn] = field(default_factory=dict)
    twins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, nodes: Iterable[NodePlace]) -> NodeColumns:
        places = list(nodes)
        count = Counter(place.name.strip().casefold() for place in places)
        ids = {place.node_id.strip().casefold() for place in places}
        columns: list[NodeColumn] = []
        aliases: dict[str, NodeColumn] = {}
        for place in places:
            name = place.name.strip()
            is_clear = bool(name) and count[name.casefold()] == 1 and name.casefold() not in ids
            for word, own in _FIELD_OF.items():
                column = NodeColumn(f"{word}:{name if is_clear else place.node_id}", own, place)
                columns.append(column)
                aliases[_tidy(f"{word}:{place.node_id}")] = column
                if is_clear:
                    aliases[_tidy(column.name)] = column
        return cls(columns, aliases, frozenset(name for name, times in count.items() if times > 1))

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def offered(self) -> list[str]:
        """Names for templates and exports: with one node alone, price and inventory say it all."""
        return self.names if len({column.node.pk for column in self.columns}) > 1 else []

    def __bool__(self) -> bool:
        return bool(self.columns)

    def __iter__(self) -> Iterator[NodeColumn]:
        return iter(self.columns)

    def find(self, column: str) -> NodeColumn | None:
        return self._aliases.get(_tidy(column)) if is_node(column) else None

    def among(self, columns: Iterable[str]) -> dict[str, NodeColumn]:
        """Those of a file's columns that speak of a node."""
        return {name: found for name in columns if (found := self.find(name)) is not None}

    def resolved(self, columns: Iterable[str]) -> list[str]:
        """The columns, those of nodes under their usual names; others stay what they are."""
        return [found.name if (found := self.find(name)) else name for name in columns]

    def is_lost(self, column: str) -> bool:
        """Whether a column of a file of prices speaks of a node that is not there."""
        return is_node(column) and self.find(column) is None

    def fault(self, column: str) -> str:
        """Why the column names no node; empty where it does."""
        if self.find(column) is not None:
            return ""
        given = column.partition(":")[2].strip()
        rule = "Behind the colon stands the name of a fulfilment node, or its id at Jet"
        if not self.columns:
            return f"Column “{column[:60]}” is for a fulfilment node, and none is set up. {rule}."
        known = f"Your nodes: {self._known()}."
        if given.casefold() in self.twins:
            return f"Column “{column[:60]}” may mean several nodes of that name. {rule}. {known}"
        near = difflib.get_close_matches(_tidy(column), list(self._aliases), n=1, cutoff=0.75)
        hint = f" Did you mean “{self._aliases[near[0]].name}”?" if near else ""
        return f"Column “{column[:60]}” names no node of yours. {rule}. {known}{hint}"

    def _known(self) -> str:
        nodes = dict.fromkeys(column.name.partition(":")[2] for column in self.columns)
        shown = ", ".join(list(nodes)[:MOST_NAMED])
        return f"{shown} and {len(nodes) - MOST_NAMED} more" if len(nodes) > MOST_NAMED else shown


NO_NODES = NodeColumns()


def _tidy(column: str) -> str:
    word, _colon, node = column.partition(":")
    word = word.strip().lower()
    return f"{_WORDS.get(word, word)}:{' '.join(node.split()).casefold()}"
