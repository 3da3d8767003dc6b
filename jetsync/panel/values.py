"""Stored values in words, for time lines and the log: no reader should have to know Python or JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import dateformat
from django.utils.dateparse import parse_date, parse_datetime

from jetsync.panel.rendering import WHEN_FORMAT, local_zone

NOTHING_WORD = "–"  # noqa: RUF001 -- a dash, as typeset
DAY_FORMAT = "M j, Y"
# Names of our own rows: they tell a reader nothing that the sentence above does not.
INTERNAL = frozenset({"key", "mail"})
_MONEY_NAMES = re.compile(r"(^|_)(price|amount|refund|total|charge|cost|fee|fees|tax)$")
_AMOUNT = re.compile(r"-?\d+\.\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def in_words(value: Any, *, name: str = "") -> str:  # noqa: PLR0911 -- one line per kind of value
    """One value as people read it; `name` is its field, by which money is known. Nothing is a dash."""
    match value:
        case None | "":
            return NOTHING_WORD
        case bool():
            return "yes" if value else "no"
        case Mapping():
            parts = [f"{key}: {in_words(part, name=str(key))}" for key, part in value.items()]
            return ", ".join(parts) or NOTHING_WORD
        case list() | tuple() | set() | frozenset():
            return ", ".join(in_words(part, name=name) for part in value) or NOTHING_WORD
        case datetime():
            return dateformat.format(value.astimezone(local_zone()), WHEN_FORMAT)
        case date():
            return dateformat.format(value, DAY_FORMAT)
        case Decimal():
            return _dollars(value) if _MONEY_NAMES.search(name) else str(value)
        case float() if _MONEY_NAMES.search(name):
            return _dollars(Decimal(str(value)))
        case str():
            return _text(value, name)
        case _:
            return str(value)


def field_words(name: str) -> str:
    """A column's name as people read it: "is_paused" -> "paused", "alt_order_id" -> "alt order id"."""
    return name.removeprefix("is_").replace("_", " ")


def change_words(name: str, old: str, new: str) -> str:
    """ "price: $1.00 → $2.00"; a value that was not there before stands alone: "price: $2.00"."""
    return f"{name}: {new}" if old == NOTHING_WORD else f"{name}: {old} → {new}"


def _text(value: str, name: str) -> str:
    """JSON keeps moments, days and amounts as text."""
    if _MOMENT.match(value) and (moment := _moment(value)) is not None:
        return in_words(moment)
    if _DAY.fullmatch(value) and (day := _day(value)) is not None:
        return in_words(day)
    if _AMOUNT.fullmatch(value) and _MONEY_NAMES.search(name):
        return _dollars(Decimal(value))
    return value


def _moment(value: str) -> datetime | None:
    try:
        found = parse_datetime(value)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _day(value: str) -> date | None:
    try:
        return parse_date(value)
    except ValueError:
        return None


def _dollars(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"
