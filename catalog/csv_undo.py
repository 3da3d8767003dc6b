"""What an import keeps of the values it replaces: the old ones as JSON, of the new ones enough to know them again. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# Longer values are known again by a digest.
LONGEST_MARK = 40
# What a listed SKU cannot be sold without.
EMPTIES = ("price", "quantity")
DECIMALS = frozenset(
    {
        "price",
        "msrp",
        "map_price",
        "shipping_weight_pounds",
        "package_length_inches",
        "package_width_inches",
        "package_height_inches",
        "number_units_for_price_per_unit",
    }
)


def plain_value(value: Any) -> Any:
    """As JSON takes it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def typed_value(name: str, value: Any) -> Any:
    return Decimal(value) if name in DECIMALS and value is not None else value


def mark_of_value(name: str, value: Any) -> str:
    """Equal for equal values; numbers by their value, 5 and 5.00 are one."""
    if name in DECIMALS and value is not None:
        value = f"{Decimal(value).normalize():f}"
    text = json.dumps(plain_value(value), sort_keys=True, default=str)
    return text if len(text) <= LONGEST_MARK else f"#{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def moved_words(name: str, value: Any) -> str:
    """Like `price is “40.00” now`."""
    text = plain_value(value)
    word = name.replace("_", " ")
    if text is None or text == "":
        return f"{word} is empty now"
    is_short = isinstance(text, str | int) and len(str(text)) <= LONGEST_MARK
    return f"{word} is “{text}” now" if is_short else f"{word} was changed"
