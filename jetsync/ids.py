"""Ids that people, addresses and files name as text: ours and Jet's, each a positive number of 64 bits."""

from __future__ import annotations

from typing import Any

LARGEST_ID = 2**63 - 1
_MOST_DIGITS = len(str(LARGEST_ID))


def parse_id(value: Any) -> int:
    """The id that a text names, 0 for anything else: no id is 0, and nothing has it.

    Length is looked at first, as Python refuses to read thousands of digits, and PostgreSQL more than 64 bits.
    """
    text = str(value if value is not None else "")
    if not text.isascii() or not text.isdecimal() or len(text) > _MOST_DIGITS:
        return 0
    number = int(text)
    return number if number <= LARGEST_ID else 0
