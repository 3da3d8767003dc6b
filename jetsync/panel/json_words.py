"""JSON as a person reads it: one member a line, also where the text was cut in the middle."""

from __future__ import annotations

import json
import re
from typing import Any

_INDENT = "  "
# A text, which a cut may have left open; or one sign; or blanks; or a number or a word.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{},:]|\s+|[^\s\[\]{},:"]+')


def pretty(value: Any) -> str:
    """Indented JSON. A text that is JSON is read first; one that only begins like JSON is broken into lines by its signs;
    any other text stays as it is."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return _torn(value) if value.lstrip().startswith(("{", "[")) else value
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _torn(text: str) -> str:
    """Nothing of the text but blanks between its parts is left out or added."""
    lines: list[str] = []
    depth, opened = 0, ""
    for found in _TOKEN.finditer(text):
        part = found[0]
        if part.isspace():
            continue
        if part in "]}":
            depth = max(0, depth - 1)
            lines.append(part if opened else f"\n{_INDENT * depth}{part}")
        else:
            if opened:
                lines.append(f"\n{_INDENT * depth}")
            lines.append(_ended(part, depth))
        if part in "[{":
            depth += 1
        opened = part if part in "[{" else ""
    return "".join(lines)


def _ended(part: str, depth: int) -> str:
    if part == ",":
        return f",\n{_INDENT * depth}"
    return ": " if part == ":" else part
