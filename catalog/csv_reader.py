"""Reads a CSV file as a stream: which encoding, which delimiter, which columns, then row by row. Pure.

Memory holds one row and one block of bytes, whatever the size of the file.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import IO, NamedTuple

from catalog.csv_columns import COLUMNS, FIELD_PREFIX, NOTE_COLUMNS, is_field
from catalog.enums import CsvKind
from catalog.node_columns import NO_NODES, NodeColumns, is_node
from catalog.store_values import field_problem
from jetsync.exceptions import InvalidInput

BLOCK = 1024 * 1024
DELIMITERS = ",;\t|"
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# A description has 2,000 characters; a cell this long means an unclosed quote.
LONGEST_CELL = 20_000
LONGEST_HEADER = 64 * 1024
# Twice what the widest file of ours has, and room for a shop's own.
MOST_COLUMNS = 300
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


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
    """`line` is where the row begins in the file, as an editor counts."""

    line: int
    cells: list[str]


def inspect_csv(file: IO[bytes], kind: str) -> CsvFacts:
    """Encoding, delimiter and header of a file. Raises InvalidInput when it is empty, or not text."""
    encoding = find_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_Kept(file)), encoding=encoding, newline="")
    first = text.read(LONGEST_HEADER)
    if not first.strip():
        raise InvalidInput("The file is empty.", hint="Download the template and fill it.")
    known = [column.name for column in COLUMNS[CsvKind(kind)]]
    delimiter = find_delimiter(first, known)
    return facts_of(encoding, delimiter, _first_row(first, delimiter))


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


def find_encoding(file: IO[bytes]) -> str:
    """Reads the whole file once, in blocks: one odd byte at the end decides between UTF-8 and Windows-1252."""
    file.seek(0)
    start = file.read(4)
    for bom, name in _BOMS:
        if start.startswith(bom):
            if not name or (name == "utf-16" and not _decodes(file, name)):
                raise _undecodable(
                    "It begins like a Unicode file of 16 or 32 bits, but cannot be read as one."
                )
            return name if _decodes(file, name) else "cp1252"
    if b"\0" in start:
        raise _undecodable("It seems to be UTF-16 without its mark, or not a text file.")
    for name in ("utf-8", "cp1252"):
        if _decodes(file, name):
            return name
    raise _undecodable("It is neither UTF-8 nor Windows-1252 text.")


def _undecodable(reason: str) -> InvalidInput:
    return InvalidInput(
        f"The file cannot be read. {reason}",
        hint="In your spreadsheet choose “Save as… CSV UTF-8 (comma delimited)” and upload that file.",
    )


def _decodes(file: IO[bytes], encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := file.read(BLOCK):
            if "\0" in decoder.decode(block):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


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


class _Kept(io.RawIOBase):
    """A file that closing the text layer over it does not close."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # one kind of buffer
        block = self._file.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def read_rows(file: IO[bytes], facts: CsvFacts) -> Generator[CsvRow]:
    """Rows below the header; empty lines are passed over. Raises UnreadableRow where the text falls apart."""
    file.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_Kept(file), BLOCK), encoding=facts.encoding, newline="")
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=facts.delimiter, skipinitialspace=True)
    next(reader, None)
    width = len(facts.columns)
    line = reader.line_num
    try:
        for cells in reader:
            begins, line = line + 1, reader.line_num
            if not any(cells):
                continue
            if len(cells) > width and not any(cells[width:]):
                del cells[width:]
            yield CsvRow(begins, cells)
    except csv.Error as exc:
        raise UnreadableRow(line + 1, _why(exc)) from None


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


def _why(exc: csv.Error) -> str:
    if "field limit" in str(exc):
        return f"A cell has more than {LONGEST_CELL:,} characters. A quotation mark may never be closed."
    return "The cells of this row cannot be told apart. Check the quotation marks."
