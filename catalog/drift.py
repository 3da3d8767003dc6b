"""Does Jet show what it accepted? Compared as Jet keeps it: numbers as numbers, lists without their order. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

# Members of Jet's answer that repeat what other facets compare by themselves, or that Jet makes up.
_OTHERS = frozenset(
    {"price", "inventory_by_fulfillment_node", "is_archived", "status", "sub_status", "correlation_id"}
)
# Lists whose order means nothing to Jet, with the member that names an entry.
_NAMED = {
    "standard_product_codes": "standard_product_code",
    "attributes_node_specific": "attribute_id",
    "alternate_images": "image_slot_id",
}
LONGEST = 60


def drifted_members(sent: Mapping[str, Any] | None, live: Mapping[str, Any] | None) -> list[str]:
    """Members of the accepted message that Jet shows otherwise. What Jet does not echo says nothing."""
    if not sent or not live:
        return []
    shown = {name.lower(): value for name, value in live.items()}
    return [
        name[:LONGEST]
        for name, value in sent.items()
        if name not in _OTHERS
        and shown.get(name.lower()) is not None
        and not _equal(name, value, shown[name.lower()])
    ]


def _equal(name: str, ours: Any, theirs: Any) -> bool:
    key = _NAMED.get(name)
    if key is not None and isinstance(ours, list) and isinstance(theirs, list):
        return _by(key, ours) == _by(key, theirs)
    return bool(_plain(ours) == _plain(theirs))


def _by(key: str, rows: list[Any]) -> dict[str, Any]:
    return {str(row.get(key)): _plain(row) for row in rows if isinstance(row, Mapping)}


def _plain(value: Any) -> Any:
    """Numbers as decimals, texts without the blanks around them, null members left out."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)


def _number(value: float | Decimal) -> Any:
    try:
        return Decimal(str(value)).normalize()
    except InvalidOperation:
        return str(value)
