"""Collects everything wrong with a body, in the manner of Jet's validator: the fault, then `Path: <json path>`.

Whole numbers are written as F# literals (`30L`), as in the one message of Jet's that is known. `null` is the same
as absent. Getters return the value when it is good and None otherwise, so that rules over several members can go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from jetsync.sandbox.marketplace.body import Refused

Record = dict[str, Any]
CENTS = -2


class Checker:
    def __init__(self) -> None:
        self.errors: list[str] = []

    def fail(self, text: str, path: str) -> None:
        self.errors.append(f"{text} Path: {path}")

    def finish(self) -> None:
        """Raise Refused when anything was wrong."""
        if self.errors:
            raise Refused(*self.errors)

    def record(self, value: Any, path: str) -> Record:
        """An object with its nulls taken out; anything else ends the check at once."""
        if not isinstance(value, dict):
            self.fail(f"Expected an object but found {_kind(value)}.", path)
            self.finish()
        return {name: entry for name, entry in value.items() if entry is not None}

    def present(self, record: Record, name: str, path: str, *, required: bool) -> bool:
        if name in record:
            return True
        if required:
            self.fail("A required member is missing.", join(path, name))
        return False

    def text(
        self,
        record: Record,
        name: str,
        path: str = "",
        *,
        required: bool = False,
        shortest: int = 0,
        longest: int | None = None,
    ) -> str | None:
        if not self.present(record, name, path, required=required):
            return None
        value, where = record[name], join(path, name)
        if not isinstance(value, str):
            self.fail(f"Expected a string but found {_kind(value)}.", where)
        elif len(value) < shortest:
            self.fail(f"String length {len(value)}L is less than the minimum {shortest}L.", where)
        elif longest is not None and len(value) > longest:
            self.fail(f"String length {len(value)}L is greater than the maximum {longest}L.", where)
        else:
            return value
        return None

    def word(
        self, record: Record, name: str, path: str, words: Sequence[str], *, required: bool = False
    ) -> str | None:
        value = self.text(record, name, path, required=required)
        if value is not None and value not in words:
            self.fail(f"Value '{value}' is not one of the allowed values.", join(path, name))
            return None
        return value

    def integer(
        self,
        record: Record,
        name: str,
        path: str = "",
        *,
        required: bool = False,
        least: int | None = None,
        most: int | None = None,
    ) -> int | None:
        if not self.present(record, name, path, required=required):
            return None
        value, where = record[name], join(path, name)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(f"Expected an integer but found {_kind(value)}.", where)
        elif least is not None and value < least:
            self.fail(f"Value {value}L is less than the minimum {least}L.", where)
        elif most is not None and value > most:
            self.fail(f"Value {value}L is greater than the maximum {most}L.", where)
        else:
            return value
        return None

    def number(
        self,
        record: Record,
        name: str,
        path: str = "",
        *,
        required: bool = False,
        above: float | None = None,
        least: float | None = None,
        whole_digits: int = 18,
        two_decimals: bool = False,
    ) -> float | None:
        """A JSON number with at most `whole_digits` before the point."""
        if not self.present(record, name, path, required=required):
            return None
        value, where = record[name], join(path, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 -- NaN
            self.fail(f"Expected a number but found {_kind(value)}.", where)
        elif above is not None and value <= above:
            self.fail(f"Value {value} must be greater than {above:g}.", where)
        elif least is not None and value < least:
            self.fail(f"Value {value} is less than the minimum {least:g}.", where)
        elif abs(value) >= 10**whole_digits:
            self.fail(f"Value {value} has more than {whole_digits}L digits before the decimal point.", where)
        elif two_decimals and _decimals(value) > -CENTS:
            self.fail(f"Value {value} has more than 2L decimals.", where)
        else:
            return value
        return None

    def flag(self, record: Record, name: str, path: str = "", *, required: bool = False) -> bool | None:
        if not self.present(record, name, path, required=required):
            return None
        value = record[name]
        if not isinstance(value, bool):
            self.fail(f"Expected a boolean but found {_kind(value)}.", join(path, name))
            return None
        return value

    def url(self, record: Record, name: str, path: str = "", *, required: bool = False) -> str | None:
        value = self.text(record, name, path, required=required)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            is_absolute = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_absolute = False
        if not is_absolute or any(character.isspace() for character in value):
            self.fail(f"Value '{value}' is not an absolute URL.", join(path, name))
            return None
        return value

    def array(
        self,
        record: Record,
        name: str,
        path: str = "",
        *,
        required: bool = False,
        shortest: int = 0,
        longest: int | None = None,
    ) -> list[Any]:
        """The entries; [] when absent or wrong."""
        if not self.present(record, name, path, required=required):
            return []
        value, where = record[name], join(path, name)
        if not isinstance(value, list):
            self.fail(f"Expected an array but found {_kind(value)}.", where)
        elif len(value) < shortest:
            self.fail(f"Array length {len(value)}L is less than the minimum {shortest}L.", where)
        elif longest is not None and len(value) > longest:
            self.fail(f"Array length {len(value)}L is greater than the maximum {longest}L.", where)
        else:
            return value
        return []

    def records(
        self, record: Record, name: str, path: str = "", **rules: Any
    ) -> Iterator[tuple[Record, str]]:
        """The objects of an array with their paths."""
        where = join(path, name)
        for index, entry in enumerate(self.array(record, name, path, **rules)):
            here = f"{where}[{index}]"
            if isinstance(entry, dict):
                yield {key: value for key, value in entry.items() if value is not None}, here
            else:
                self.fail(f"Expected an object but found {_kind(entry)}.", here)


def join(path: str, name: str) -> str:
    """The path of a member; no name means the entry of an array itself."""
    return f"{path}.{name}" if path and name else path or name


def _decimals(value: float) -> int:
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
