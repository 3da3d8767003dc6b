"""Numbers as people and spreadsheets write them: what a text can mean, and whether it can mean two things. Pure.

Files, the editor in a table and forms all read numbers here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum

# A text longer than this is no number that a merchant means.
LONGEST = 40
_SPACES = " \u00a0\u202f'\u2019"
_SIGNED = re.compile(
    r"(?P<sign>[+-]?) ?(?P<dollar>US\$|USD|\$)? ?(?P<late>[+-]?)"
    rf"(?P<body>[\d.,][\d.,{_SPACES}]*?) ?(?P<behind>US\$|USD|\$)?",
    re.IGNORECASE | re.ASCII,
)
_SPACED = re.compile(
    rf"(?P<whole>\d{{1,3}}(?P<space>[{_SPACES}])\d{{3}}(?:(?P=space)\d{{3}})*)(?:[.,](?P<rest>\d*))?"
)
_CURRENCY = re.compile("[€£¥₹₽¢]|EUR|GBP|CAD|AUD|CHF", re.IGNORECASE)
_GROUP = 3


class Writing(StrEnum):
    """What “1,299” and “1.299” mean where a text comes from.

    ENGLISH: a file with commas between its cells, where no decimal comma can be usual. POINT: a workbook or a field of
    the panel; a point is decimal, a comma may be either. OPEN: a file with semicolons, tabs or bars, as spreadsheets of
    countries with a decimal comma write them; both may be either.
    """

    ENGLISH = "english"
    POINT = "point"
    OPEN = "open"


def readings(text: str, writing: Writing, *, money: bool = False) -> list[Decimal]:
    """What the text can mean: nothing, one number, or two. A dollar sign is taken only of `money`.

    Clear whatever the file: 1,299.00 and 1.299,00, 1 299,00, 12,5 and ,5, 1,299,000. A dollar sign before the number
    says that it is written the English way.
    """
    found = _SIGNED.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or (found["sign"] and found["late"]):
        return []
    if (found["dollar"] or found["behind"]) and (not money or (found["dollar"] and found["behind"])):
        return []
    sign = "-" if "-" in (found["sign"], found["late"]) else ""
    plain = _plain(found["body"], Writing.ENGLISH if found["dollar"] else writing)
    return [Decimal(sign + number) for number in plain]


def _plain(body: str, writing: Writing) -> list[str]:
    """The body of a number without signs, written with a decimal point."""
    if any(space in body for space in _SPACES):
        found = _SPACED.fullmatch(body)
        return [_joined(_digits(found["whole"]), found["rest"] or "")] if found else []
    marks = {mark for mark in body if mark in ".,"}
    if len(marks) == 2:  # noqa: PLR2004 -- the last one is decimal, the other parts thousands
        mark = max(marks, key=body.rindex)
        whole, _mark, rest = body.rpartition(mark)
        return [_joined(_digits(whole), rest)] if mark not in whole and _is_grouped(whole) else []
    mark = marks.pop() if marks else ""
    if not mark:
        return [body]
    if body.count(mark) > 1:
        return [_digits(body)] if _is_grouped(body) else []
    return _with_one_mark(body, mark, writing)


def _with_one_mark(body: str, mark: str, writing: Writing) -> list[str]:
    whole, _mark, rest = body.partition(mark)
    if not whole and not rest:
        return []
    decimal = _joined(whole, rest)
    if len(rest) != _GROUP or not _is_grouped(body) or whole.startswith("0"):
        return [decimal]
    if mark == ".":
        return [whole + rest, decimal] if writing == Writing.OPEN else [decimal]
    return [whole + rest] if writing == Writing.ENGLISH else [whole + rest, decimal]


def _is_grouped(whole: str) -> bool:
    """Whether the parts between marks are thousands: 1 to 3 digits, then threes."""
    first, *others = re.split("[.,]", whole)
    return 1 <= len(first) <= _GROUP and bool(others) and all(len(part) == _GROUP for part in others)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _joined(whole: str, rest: str) -> str:
    return f"{whole or '0'}.{rest or '0'}"


def foreign_currency(text: str) -> str:
    """The sign of a currency that is not the dollar, if the text has one."""
    found = _CURRENCY.search(text)
    return found.group() if found else ""
