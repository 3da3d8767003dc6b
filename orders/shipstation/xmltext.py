"""Text for XML that ShipStation takes: nothing that XML 1.0 forbids, cut by characters, in CDATA. Pure."""

from __future__ import annotations

from decimal import Decimal

from jetsync.plain_text import printable

# decimal 9,2 of the schema: nine digits in all, two of them behind the point.
LARGEST_AMOUNT = Decimal("9999999.99")


def clean(text: str) -> str:
    """Without the characters that no XML document may hold, not even escaped."""
    return printable(text)


def cdata(text: str) -> str:
    """`text` as CDATA. The end mark inside is split over two sections."""
    return f"<![CDATA[{clean(text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def element(name: str, text: object, limit: int | None = None) -> str:
    """An element with free text, cut to `limit` characters."""
    return f"<{name}>{cdata(clean(str(text))[:limit])}</{name}>"


def optional(name: str, text: object, limit: int | None = None) -> str:
    """The same, or nothing for an empty text."""
    return element(name, text, limit) if str(text).strip() else ""


def plain(name: str, value: object) -> str:
    """An element with a number, date or word of ours, which needs no escaping."""
    return f"<{name}>{value}</{name}>"
