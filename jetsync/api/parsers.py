"""JSON that can be stored: what `json` reads beyond the standard is refused at the door, with its place."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

# No request of ours has a fifth of it; the parser itself gives up near a thousand.
MOST_DEPTH = 40
_SURROGATE = re.compile("[\ud800-\udfff]")
# Only a text with one of these escapes can hold a half character or a zero.
_SUSPECT = re.compile(r"\\u(?:d[89a-f]|0000)", re.IGNORECASE)


class StorableJSONParser(JSONParser):
    """Refuses numbers beyond all numbers, halves of characters, names with a zero character, and endless nesting."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 -- the signature of DRF
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            text = codecs.getreader(encoding)(stream).read()
            data = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        except ValueError as exc:
            raise ParseError(f"JSON parse error - {exc}") from None
        except RecursionError:
            raise ParseError(_too_deep("The text")) from None
        if _SUSPECT.search(text) or text.count("[") + text.count("{") > MOST_DEPTH:
            _check(data)
        return data


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is too large a number.")
    return number


def _too_deep(place: str) -> str:
    return f"{place} is nested more than {MOST_DEPTH} levels deep."


def _check(data: Any) -> None:
    """Raises ParseError. Keeps its own stack: the data may be deeper than Python's."""
    open_values = [("", 1, data)]
    while open_values:
        place, depth, value = open_values.pop()
        if isinstance(value, str) and _SURROGATE.search(value):
            raise ParseError(f"{place or 'The text'} holds half of a character (\\ud800 to \\udfff).")
        if isinstance(value, dict | list):
            if depth > MOST_DEPTH:
                raise ParseError(_too_deep(place[:100]))
            open_values += ((name, depth + 1, item) for name, item in _items(place, value))


def _items(place: str, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"{place}[{number}]", item) for number, item in enumerate(value))
        return
    for name, item in value.items():
        if _SURROGATE.search(name) or "\0" in name:
            raise ParseError(f"A name in {place or 'the text'} holds a character that cannot be stored.")
        yield f"{place}.{name}" if place else name, item
