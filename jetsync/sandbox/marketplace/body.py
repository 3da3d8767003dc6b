"""Reads JSON bodies of order, return and refund messages and collects every fault with its path.

Jet's validator was written in F#: its few known messages end with `Path: <json path>` and print whole numbers
as `30L`. The wording here follows that habit; the words themselves are this sandbox's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from jetsync.sandbox.marketplace.words import is_among

CENT = Decimal("0.01")
_TIME = re.compile(
    r"(?P<seconds>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,7}))?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
STRICT_FRACTION_DIGITS = 7


class Refused(Exception):
    """A message the marketplace does not take; `errors` go into the answer's `errors` array with `status`."""

    def __init__(self, *errors: str, status: int = 400) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)
        self.status = status


def parse_time(text: str, *, strict: bool = False) -> datetime:
    """Read an RFC 3339 time with 0 to 7 fractional digits, exactly 7 when strict; no zone means UTC.

    Raises ValueError. Python keeps six digits, the seventh is dropped.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    fraction = match["fraction"] or ""
    if strict and (len(fraction) != STRICT_FRACTION_DIGITS or not match["zone"]):
        raise ValueError(text)
    micros = fraction[:6].ljust(6, "0")
    zone = (match["zone"] or "Z").replace("Z", "+00:00")
    return datetime.fromisoformat(f"{match['seconds']}.{micros}{zone}").astimezone(UTC)


class Reader:
    """One pass over a body. Each getter records a fault and returns a harmless value; `finish` raises them all.

    An absent key and `null` mean the same; unknown extra keys are ignored.
    """

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.errors: list[str] = []

    def fail(self, text: str, path: str) -> None:
        self.errors.append(f"{text} Path: {path}")

    def finish(self) -> None:
        if self.errors:
            raise Refused(*self.errors)

    def record(self, value: Any, path: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.fail("An object is expected.", path)
        return {}

    def rows(
        self, parent: Mapping[str, Any], key: str, path: str = ""
    ) -> Iterator[tuple[Mapping[str, Any], str]]:
        """Yield every object of a required, non-empty array with its path."""
        where = f"{path}.{key}".lstrip(".")
        value = parent.get(key)
        if not isinstance(value, list):
            self.fail("An array is expected." if value is not None else "The member is missing.", where)
            return
        if not value:
            self.fail("The array is empty.", where)
        for index, entry in enumerate(value):
            here = f"{where}[{index}]"
            if isinstance(entry, Mapping):
                yield entry, here
            else:
                self.fail("An object is expected.", here)

    def text(self, parent: Mapping[str, Any], key: str, path: str, *, required: bool = False) -> str | None:
        """A string; a number is taken for one, as some clients send numeric alt ids. "" counts as absent."""
        value = parent.get(key)
        where = f"{path}.{key}".lstrip(".")
        if isinstance(value, bool) or not isinstance(value, str | int | None):
            self.fail("A string is expected.", where)
            return None
        if value is None or value == "":
            if required:
                self.fail("The member is missing.", where)
            return None
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:  # half a surrogate pair, which JSON can write and no database can store
            self.fail("The text holds characters that are not allowed.", where)
            return None
        return text

    def word(
        self,
        parent: Mapping[str, Any],
        key: str,
        path: str,
        words: tuple[str, ...],
        *,
        required: bool = False,
        always: bool = False,
    ) -> str | None:
        """A word of a closed list: checked in strict mode, or `always` where the meaning hangs on it."""
        value = self.text(parent, key, path, required=required)
        if value is not None and (always or self.strict) and not is_among(value, words):
            self.fail(f"'{value}' is not one of the allowed values.", f"{path}.{key}".lstrip("."))
        return value

    def quantity(self, parent: Mapping[str, Any], key: str, path: str, *, required: bool = False) -> int:
        """A whole number of units, 0 or more; 0 when absent and not required."""
        value = parent.get(key)
        where = f"{path}.{key}".lstrip(".")
        if value is None:
            if required:
                self.fail("The member is missing.", where)
            return 0
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail("An integer is expected.", where)
            return 0
        if value < 0:
            self.fail(f"Value {value}L is less than the minimum 0L.", where)
            return 0
        if value > 1_000_000:  # noqa: PLR2004 -- keeps sums inside the column
            self.fail(f"Value {value}L is greater than the maximum 1000000L.", where)
            return 0
        return value

    def flag(self, parent: Mapping[str, Any], key: str, path: str, *, required: bool = False) -> bool | None:
        value = parent.get(key)
        where = f"{path}.{key}".lstrip(".")
        if value is None:
            if required:
                self.fail("The member is missing.", where)
            return None
        if not isinstance(value, bool):
            self.fail("A boolean is expected.", where)
            return None
        return value

    def money(self, parent: Mapping[str, Any], key: str, path: str, *, required: bool = False) -> Decimal:
        """US dollars, 0 or more, rounded to cents."""
        value = parent.get(key)
        where = f"{path}.{key}".lstrip(".")
        if value is None:
            if required:
                self.fail("The member is missing.", where)
            return Decimal("0.00")
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            self.fail("A number is expected.", where)
            return Decimal("0.00")
        try:
            amount = Decimal(str(value)).quantize(CENT)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():  # Python's parser takes NaN and Infinity, which are no JSON
            self.fail("A number is expected.", where)
            return Decimal("0.00")
        if amount < 0:
            self.fail(f"Value {value} is less than the minimum 0.", where)
            return Decimal("0.00")
        return amount

    def time(
        self, parent: Mapping[str, Any], key: str, path: str, *, required: bool = False
    ) -> datetime | None:
        value = self.text(parent, key, path, required=required)
        if value is None:
            return None
        try:
            return parse_time(value, strict=self.strict)
        except ValueError:
            self.fail(f"'{value}' is not a date.", f"{path}.{key}".lstrip("."))
            return None
