"""Bounds from a CSV file: which columns, which rows are good, and what is wrong with the others. No database."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO

from catalog.csv_encoding import is_no_text, likely_encoding, text_of, undecodable
from catalog.csv_reader import (
    CsvFacts,
    CsvRow,
    UnreadableRow,
    facts_of,
    find_delimiter,
    read_rows,
)
from catalog.numbers import Writing, readings
from jetsync.exceptions import InvalidInput
from jetsync.wording import counted
from repricer.rules import COLUMNS, LABELS

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
SKU = "sku"
# Enough of the file to see its first line.
_START = 64 * 1024
_MARKED = ("'=", "'+", "'-", "'@")


@dataclass(frozen=True)
class BadRow:
    """`line` as an editor counts."""

    line: int
    sku: str
    code: str
    message: str
    hint: str = ""


@dataclass
class BoundsFile:
    """SKU -> what its row changes; an empty cell empties the value, a column that is left out leaves it."""

    changes: dict[str, dict[str, Decimal | None]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)


def read_bounds(file: IO[bytes], size: int) -> BoundsFile:
    """Raises InvalidInput when the file as a whole is not right; single bad rows are named in the result."""
    if size > MOST_BYTES:
        raise InvalidInput(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.", hint="Divide it.")
    facts = _facts(file)
    found = BoundsFile()
    writing = Writing.ENGLISH if facts.delimiter == "," else Writing.OPEN
    try:
        for number, row in enumerate(read_rows(file, facts)):
            if number >= MOST_ROWS:
                raise InvalidInput(f"The file has more than {MOST_ROWS:,} rows.", hint="Divide it.")
            _take(found, row, facts, writing)
    except UnreadableRow as fault:
        found.bad.append(
            BadRow(fault.line, "", "unreadable", fault.message, "The rows after it were not read.")
        )
    return found


def _facts(file: IO[bytes]) -> CsvFacts:
    encoding = likely_encoding(file)
    text = text_of(file, encoding).read(_START)
    if not text.strip():
        raise InvalidInput("The file is empty.", hint="Download the bounds as CSV and fill that file.")
    known = [SKU, *COLUMNS]
    delimiter = find_delimiter(text, known)
    header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True), [])
    if is_no_text("".join(header)):
        raise undecodable("Its first line, which names the columns, holds bytes that are no text.")
    facts = facts_of(encoding, delimiter, header)
    _check_header(facts)
    return facts


def _check_header(facts: CsvFacts) -> None:
    faults = [f"Column “{name[:60]}” is not known." for name in facts.columns if name not in {SKU, *COLUMNS}]
    faults += [
        f"Column “{name}” stands twice." for name in set(facts.columns) if facts.columns.count(name) > 1
    ]
    if SKU not in facts.columns:
        faults.append("Column “sku” is missing; it names the product of each row.")
    elif len(facts.columns) == 1:
        faults.append("There is no column besides “sku”, so nothing would be stored.")
    if faults:
        raise InvalidInput(
            "The header of the file is not right. " + " ".join(faults),
            hint=f"Its columns are: {', '.join([SKU, *COLUMNS])}.",
        )


def _take(found: BoundsFile, row: CsvRow, facts: CsvFacts, writing: Writing) -> None:
    try:
        sku, changes = _read(row, facts, writing)
        if sku in found.changes:
            words = f"SKU {sku} stands in line {found.lines[sku]} already."
            raise _BadRowError(sku, "twice", words, "Keep one row.")
    except _BadRowError as fault:
        found.bad.append(BadRow(row.line, fault.sku, fault.code, fault.message, fault.hint))
    else:
        found.changes[sku], found.lines[sku] = changes, row.line


class _BadRowError(Exception):
    def __init__(self, sku: str, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.sku, self.code, self.message, self.hint = sku, code, message, hint


def _read(row: CsvRow, facts: CsvFacts, writing: Writing) -> tuple[str, dict[str, Decimal | None]]:
    """The SKU of a row and what changes of it."""
    if row.fault:
        raise _BadRowError("", "quote", row.fault, "Repair the line.")
    if len(row.cells) != len(facts.columns):
        given, wanted = counted(len(row.cells), "cell"), counted(len(facts.columns), "column")
        words = f"The row has {given}, the header has {wanted}."
        raise _BadRowError("", "cells", words, "Put numbers that hold the delimiter into quotation marks.")
    cells = dict(zip(facts.columns, row.cells, strict=True))
    sku = cells[SKU].strip()
    sku = sku[1:] if sku.startswith(_MARKED) else sku
    if not sku:
        raise _BadRowError("", "required", "The SKU is missing.")
    if is_no_text("".join(row.cells)):
        words = "The row holds a character that cannot be read."
        raise _BadRowError(sku, "characters", words, "Type it again and save the file as “CSV UTF-8”.")
    return sku, {
        name: _number(sku, name, cells[column].strip(), writing)
        for column, name in COLUMNS.items()
        if column in cells
    }


def _number(sku: str, name: str, text: str, writing: Writing) -> Decimal | None:
    if not text:
        return None
    numbers = readings(text, writing, money=True)
    if len(numbers) != 1:
        no_number = f"{LABELS[name]} “{text[:40]}” is no number."
        words = _two_ways(name, text, numbers) if numbers else no_number
        raise _BadRowError(sku, "number", words, "Write it like 12.50.")
    return numbers[0]


def _two_ways(name: str, text: str, numbers: list[Decimal]) -> str:
    return f"{LABELS[name]} “{text}” can be read as {numbers[0]} or as {numbers[1]}."
