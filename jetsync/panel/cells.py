"""What stands in one cell of a list, as data; `jetsync.panel.rendering` makes the HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

Kind = Literal[
    "text", "money", "number", "when", "ago", "due", "status", "image", "code", "address", "yes", "html"
]


@dataclass(frozen=True)
class Cell:
    """`url` links the value, `sub` is a grey second line, `hint` a title. Make one with the functions below."""

    kind: Kind
    value: Any
    url: str = ""
    sub: str = ""
    hint: str = ""


def text(value: object, *, url: str = "", sub: str = "", hint: str = "") -> Cell:
    return Cell("text", value, url, sub, hint)


def code(value: object, *, url: str = "", sub: str = "") -> Cell:
    """An identifier (SKU, order id): monospaced, on one line where there is room for a table."""
    return Cell("code", value, url, sub)


def address(value: str) -> Cell:
    """Of the web: monospaced, breaks anywhere."""
    return Cell("address", value)


def money(amount: Decimal | None, *, sub: str = "", hint: str = "") -> Cell:
    return Cell("money", amount, "", sub, hint)


def number(value: int | None, *, url: str = "", sub: str = "") -> Cell:
    return Cell("number", value, url, sub)


def when(moment: datetime | None, *, sub: str = "") -> Cell:
    """A time in the merchant's zone."""
    return Cell("when", moment, "", sub)


def ago(moment: datetime | None, *, sub: str = "") -> Cell:
    """A time as distance from now ("3 minutes ago"), the exact one on hover."""
    return Cell("ago", moment, "", sub)


def due(moment: datetime | None, *, sub: str = "") -> Cell:
    """A countdown to `moment`."""
    return Cell("due", moment, "", sub)


def status(key: str, *, sub: str = "", hint: str = "") -> Cell:
    """The badge of a registered status, e.g. "orders.ready"; `hint` replaces its explanation."""
    return Cell("status", key, "", sub, hint)


def image(address: str, *, hint: str = "") -> Cell:
    return Cell("image", address, "", "", hint)


def yes(value: bool | None, *, hint: str = "") -> Cell:  # noqa: FBT001 -- the value itself
    return Cell("yes", value, "", "", hint)
