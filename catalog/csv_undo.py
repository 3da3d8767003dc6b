"""What an import keeps of the values it replaces: the old ones as JSON, of the new ones enough to know them again. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from catalog.node_columns import split_key
from catalog.product_fields import DECIMALS

# Longer values are known again by a digest.
LONGEST_MARK = 40
# What a listed SKU cannot be sold without.
EMPTIES = ("price", "quantity")
_NUMBERS = frozenset({"price", *DECIMALS})


def plain_value(value: Any) -> Any:
    """As JSON takes it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def plain_name(name: str) -> str:
    """`price` for a node's price too."""
    place = split_key(name)
    return place[0] if place else name


def can_empty(name: str) -> bool:
    """Whether a SKU, or its offer at a node, cannot be sold without. A node without a price has the SKU's."""
    return name in EMPTIES or plain_name(name) == "quantity"


def falls_back(name: str, default: int | None, quantity: int | None) -> bool:
    """Whether the SKU's own quantity stands in where this one, of the default node, is empty."""
    return split_key(name) == ("quantity", default) and quantity is not None


def typed_value(name: str, value: Any) -> Any:
    return Decimal(value) if plain_name(name) in _NUMBERS and value is not None else value


def mark_of_value(name: str, value: Any) -> str:
    """Equal for equal values; numbers by their value, 5 and 5.00 are one."""
    if plain_name(name) in _NUMBERS and value is not None:
        value = f"{Decimal(value).normalize():f}"
    text = json.dumps(plain_value(value), sort_keys=True, default=str)
    return text if len(text) <= LONGEST_MARK else f"#{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def word_for(name: str, nodes: Mapping[int, str]) -> str:
    """Like `msrp`, or `quantity at Reno`; `nodes`: names by pk."""
    place = split_key(name)
    if place is None:
        return name.replace("_", " ")
    return f"{place[0]} at {nodes.get(place[1], 'a node that was deleted')}"


def moved_words(word: str, value: Any) -> str:
    """Like `price is “40.00” now`."""
    text = plain_value(value)
    if text is None or text == "":
        return f"{word} is empty now"
    is_short = isinstance(text, str | int) and len(str(text)) <= LONGEST_MARK
    return f"{word} is “{text}” now" if is_short else f"{word} was changed"
