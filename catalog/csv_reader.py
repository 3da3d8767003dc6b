"""Reads a CSV file as a stream: which encoding, which delimiter, which columns, then row by row. Pure.

Memory holds one row and one block of bytes, whatever the size of the file.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

from catalog.csv_columns import COLUMNS, FIELD_PREFIX, NOTE_COLUMNS, is_field
from catalog.csv_encoding import is_no_text, likely_encoding, text_of, undecodable
from catalog.enums import CsvKind
from catalog.node_columns import NO_NODES, NodeColumns, is_node
from catalog.store_values import field_problem
from jetsync.exceptions import InvalidInput

DELIMITERS = ",;\t|"
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# A description has 2,000 characters; a cell this long means an unclosed quote.
LONGEST_CELL = 20_000
UNCLOSED = "A quotation mark opens in this row and is not closed."
TOO_LONG = f"A cell of this row has more than {LONGEST_CELL:,} characters."
LONGEST_HEADER = 64 * 1024
# Twice what the widest file of ours has, and room for a shop's own.
MOST_COLUMNS = 300


class UnreadableRow(Exception):
    """The text after this line cannot be split into cells any more."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True)
class CsvFacts:
    """How a file is written. `header`: its names as they stand there; `columns`: the same, lower case."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    header: tuple[str, ...] = ()


class CsvRow(NamedTuple):
    """`line` is where the row begins in the file, as an editor counts. `fault`: why its cells cannot be told apart."""

    line: int
    cells: list[str]
    fault: str = ""


def inspect_csv(file: IO[bytes], kind: str) -> CsvFacts:
    """Encoding, delimiter and header of a file. Raises InvalidInput when it is empty, or not text."""
    encoding = likely_encoding(file)
    first = text_of(file, encoding).read(LONGEST_HEADER)
    if not first.strip():
        raise InvalidInput("The file is empty.", hint="Download the template and fill it.")
    known = [column.name for column in COLUMNS[CsvKind(kind)]]
    delimiter = find_delimiter(first, known)
    header = _first_row(first, delimiter)
    if is_no_text("".join(header)):
        raise undecodable("Its first line, which names the columns, holds bytes that are no text.")
    return facts_of(encoding, delimiter, header)


def facts_of(encoding: str, delimiter: str, titles: Sequence[str]) -> CsvFacts:
    """Raises InvalidInput when the header has more columns than any file of ours could."""
    header = [title.strip() for title in titles]
    while header and not header[-1]:
        header.pop()  # a spreadsheet's empty columns on the right
    if len(header) > MOST_COLUMNS:
        raise InvalidInput(
            f"The header has {len(header):,} columns, at most {MOST_COLUMNS} are read.",
            hint="Delete those that say nothing about your products.",
        )
    return CsvFacts(encoding, delimiter, tuple(map(column_name, header)), tuple(header))


def _first_row(text: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True), [])


def column_name(title: str) -> str:
    """Lower case, but for the name of a store field or of a node behind its colon, which is the store's own."""
    word, colon, own = title.strip().partition(":")
    name = f"{word.lower()}{colon}{own.strip()}"
    return name if is_field(name) or is_node(name) else name.lower()


def find_delimiter(text: str, known: Sequence[str]) -> str:
    """The delimiter under which the first line holds the most known columns, then the most at all; comma in doubt."""

    def score(delimiter: str) -> tuple[int, int]:
        header = _first_row(text, delimiter)
        return sum(name.strip().lower() in known for name in header), len(header)

    return max(DELIMITERS, key=score)


def check_columns(columns: Sequence[str], kind: str, nodes: NodeColumns = NO_NODES) -> None:
    """Raises InvalidInput unless every column is known, given once, and the needed ones are there.

    `nodes`: the merchant's; columns that name one stand under their usual names.
    """
    faults = [fault for name in dict.fromkeys(columns) for fault in _name_faults(name, columns, kind, nodes)]
    if "sku" not in columns:
        faults.append("Column “sku” is missing; it names the product of each row.")
    elif kind == CsvKind.PRICE_INVENTORY and not _has_offer(columns):
        faults.append("Neither “price” nor “inventory” is there; at least one of them is needed.")
    elif kind == CsvKind.PRODUCTS and len(columns) == 1:
        faults.append("There is no column besides “sku”, so nothing would be stored.")
    if faults:
        check_kind(columns, kind, faults)
    if faults:
        raise InvalidInput(
            "The header of the file is not right. " + " ".join(faults),
            hint="Download the file with headers and compare the first line.",
            data={"faults": faults},
        )


def _has_offer(columns: Sequence[str]) -> bool:
    return any(name in {"price", "inventory"} or is_node(name) for name in columns)


def check_kind(columns: Sequence[str], kind: str, faults: Sequence[str] = ()) -> None:
    """Raises InvalidInput when every column is one of another kind of file."""
    if other := _other_kind(columns, kind):
        raise InvalidInput(
            f"This looks like a file of {other.label.lower()}, but it was given as {CsvKind(kind).label.lower()}.",
            hint=f"Choose “{other.label}” and upload it again.",
            data={"faults": list(faults)},
        )


def _name_faults(name: str, columns: Sequence[str], kind: str, nodes: NodeColumns) -> list[str]:
    known = [column.name for column in COLUMNS[CsvKind(kind)]]
    if name in NOTE_COLUMNS:
        return []
    if is_field(name) and kind == CsvKind.PRODUCTS:
        found = _field_faults(name)
    elif is_node(name) and kind == CsvKind.PRICE_INVENTORY:
        found = [fault] if (fault := nodes.fault(name)) else []
    else:
        found = [] if name in known else [_unknown(name, known)]
    if not found and columns.count(name) > 1:
        found = [f"Column “{name}” stands {columns.count(name)} times; keep one."]
    return found


def _field_faults(name: str) -> list[str]:
    own = name.removeprefix(FIELD_PREFIX)
    if not own:
        return ["“field:” names no field; write e.g. “field:material”."]
    return [problem.message] if (problem := field_problem(own, "")) else []


def _other_kind(columns: Sequence[str], kind: str) -> CsvKind | None:
    """The kind of file whose columns these are, when it is not the one that was chosen."""
    given = {name for name in columns if name not in NOTE_COLUMNS}
    for other in CsvKind:
        known = {column.name for column in COLUMNS[other]}
        if other == CsvKind.PRICE_INVENTORY:
            known |= {name for name in given if is_node(name)}
        if other != kind and len(given) > 1 and given <= known and not {"sku"} >= given:
            return other
    return None


def _unknown(name: str, known: Sequence[str]) -> str:
    if not name:
        return "A column has no name; name it or delete it."
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    return f"Column “{name[:60]}” is not known" + (f"; did you mean “{near[0]}”?" if near else ".")


class _Lines:
    """Lines of a text. Those of the row at hand are kept, so that they can be read again."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text, self._again = iter(text), deque[str]()
        self.row: list[str] = []
        self.is_out = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._text, None)
        if line is None:
            self.is_out = True
            raise StopIteration
        self.row.append(line)
        return line

    def end_row(self, upto: int | None = None) -> int:
        """How many lines the row has; those behind the first `upto` ones are read again."""
        count = len(self.row) if upto is None else upto
        self._again.extendleft(reversed(self.row[count:]))
        self.is_out = self.is_out and not self._again
        self.row = []
        return count


def read_rows(file: IO[bytes], facts: CsvFacts) -> Generator[CsvRow]:
    """Rows below the header; empty lines are passed over. Raises UnreadableRow where the text falls apart."""
    csv.field_size_limit(LONGEST_CELL)
    lines = _Lines(text_of(file, facts.encoding))
    next(_split(lines, facts.delimiter), None)
    return _rows(lines, facts.delimiter, len(facts.columns), lines.end_row())


def split_text(text: str, delimiter: str, width: int) -> Generator[CsvRow]:
    """The same of a text without a header, whose rows have so many cells."""
    csv.field_size_limit(LONGEST_CELL)
    return _rows(_Lines(io.StringIO(text, newline="")), delimiter, width, 0)


def _rows(lines: _Lines, delimiter: str, width: int, line: int) -> Generator[CsvRow]:
    """Rows from here on; `line` of them stand above.

    A quotation mark that is never closed would take all rows below it into one cell: its row carries the fault, and
    reading goes on at the next line that is a whole row.
    """
    reader = _split(lines, delimiter)
    while True:
        begins = line + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            cells = []
            fault = TOO_LONG if len(lines.row) == 1 else UNCLOSED
        else:
            if cells is None:
                return
            fault = UNCLOSED if lines.is_out or not _is_whole(lines.row, cells, delimiter, width) else ""
        upto = _next_row(lines.row, delimiter, width) if fault else None
        if fault and upto is None and not cells and len(lines.row) > 1:
            raise UnreadableRow(begins, f"A cell has more than {LONGEST_CELL:,} characters. {UNCLOSED}")
        if fault and (upto is not None or lines.is_out or len(lines.row) == 1):
            cells = _cells_of_first(lines.row[0], delimiter)
        else:
            fault = ""
        line += lines.end_row(upto)
        if any(cells):
            yield CsvRow(begins, _trimmed(cells, width), fault)


def _split(lines: Iterable[str], delimiter: str, **more: Any) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, **more)


def _trimmed(cells: list[str], width: int) -> list[str]:
    """Without a spreadsheet's empty cells on the right."""
    if len(cells) > width and not any(cells[width:]):
        del cells[width:]
    return cells


def _is_whole(lines: Sequence[str], cells: list[str], delimiter: str, width: int) -> bool:
    """Whether a row is right as it is. One of several lines may be one whose quotation mark another row has closed."""
    if len(lines) == 1:
        return True
    try:
        next(_split(lines, delimiter, strict=True), None)
    except csv.Error:
        return False
    return len(_trimmed(cells, width)) == width


def _next_row(lines: Sequence[str], delimiter: str, width: int) -> int | None:
    """The number of the first line behind the first one that is a whole row by itself; None when there is none."""
    for number, line in enumerate(lines[1:], 1):
        if line.count('"') % 2 or line.count(delimiter) < width - 1:
            continue
        try:
            cells = _trimmed(next(_split([line], delimiter, strict=True), []), width)
        except csv.Error:
            continue
        if len(cells) == width > 1 and any(cells):
            return number
    return None


def _cells_of_first(line: str, delimiter: str) -> list[str]:
    """The cells of a line as they look, with the quotation marks in them."""
    return next(_split([line.rstrip("\r\n")[:LONGEST_CELL]], delimiter, quoting=csv.QUOTE_NONE), [])


def count_lines(file: IO[bytes], encoding: str, delimiter: str) -> int | None:
    """Rows below the header where every row is one line; None where that is not sure. A fifth of the time of parsing."""
    if not encoding.startswith(("utf-8", "cp1252")):
        return None
    empty = f" \r\n{delimiter}".encode()
    count = 0
    for line in file:
        if line.count(b'"') % 2 or b"\r" in line[:-2]:
            return None
        if line.strip(empty):
            count += 1
    return max(0, count - 1)
