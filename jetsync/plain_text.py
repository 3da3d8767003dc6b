"""Text without the characters that no document can hold. Pure."""

from __future__ import annotations

import re

# Everything outside of XML 1.0's `Char` production: control characters but tab and line ends, and lone surrogates.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A spreadsheet runs a cell that begins with one of these (OWASP: CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def printable(text: str) -> str:
    """For XML, workbooks and CSV alike: a name with a bell in it must not break a merchant's files."""
    return _FORBIDDEN.sub("", text)


def harmless(text: str) -> str:
    """For a cell of a CSV file: what a spreadsheet would run gets a leading apostrophe."""
    clean = printable(text)
    return f"'{clean}" if clean.startswith(FORMULA_STARTS) else clean
