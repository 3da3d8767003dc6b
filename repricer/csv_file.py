"""Bounds from a CSV file: which columns, which rows are good, and what is wrong with the others. No database."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO

from catalog.csv_encoding import find_encoding
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
    encoding = find_encoding(file)
    file.seek(0)
    text = file.read(_START).decode(encoding, errors="ignore")
    if not text.strip():
        raise InvalidInput("The file is empty.", hint="Download the bounds as CSV and fill that file.")
    known = [SKU, *COLUMNS]
    delimiter = find_delimiter(text, known)
    header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True), [])
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
    cells = dict(zip(facts.columns, row.cells, strict=False))
    sku = cells.get(SKU, "").strip()
    sku = sku[1:] if sku.startswith(_MARKED) else sku
    if row.fault:
        found.bad.append(BadRow(row.line, "", "quote", row.fault, "Repair the line."))
        return
    if not sku:
        found.bad.append(BadRow(row.line, "", "required", "The SKU is missing."))
        return
    if sku in found.changes:
        found.bad.append(
            BadRow(
                row.line,
                sku,
                "twice",
                f"SKU {sku} stands in line {found.lines[sku]} already.",
                "Keep one row.",
            )
        )
        return
    changes: dict[str, Decimal | None] = {}
    for column, name in COLUMNS.items():
        if column not in cells:
            continue
        text = cells[column].strip()
        numbers = readings(text, writing, money=True) if text else []
        if text and len(numbers) != 1:
            words = (
                f"{LABELS[name]} “{text[:40]}” is no number."
                if not numbers
                else _two_ways(name, text, numbers)
            )
            found.bad.append(BadRow(row.line, sku, "number", words, "Write it like 12.50."))
            return
        changes[name] = numbers[0] if numbers else None
    found.changes[sku], found.lines[sku] = changes, row.line


def _two_ways(name: str, text: str, numbers: list[Decimal]) -> str:
    return f"{LABELS[name]} “{text}” can be read as {numbers[0]} or as {numbers[1]}."
