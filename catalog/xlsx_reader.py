"""The first sheet of a workbook as a stream of rows. Pure.

`openpyxl` builds a tree of whatever a part holds and fills in every row that a number passes over: a few kilobytes
keep it busy for days. Here expat is fed block by block, memory holds one row, and the shared table of texts lies in a
temporary file. It is also the faster way.
"""

from __future__ import annotations

import math
import re
import tempfile
from array import array
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import IO, Any, Protocol

from openpyxl.utils.datetime import from_excel

from catalog.xlsx_parts import (
    BLOCK,
    MOST_SHEET,
    MOST_TEXTS,
    Archive,
    DamagedWorkbook,
    Sink,
    date_styles,
    find_parts,
    walk,
)

# While somebody waits for the header, no more of the sheet and of the text table is read for it: some seconds.
MOST_FOR_HEADER = 24 * 2**20
# Excel's own limits.
MOST_LINES, MOST_CELLS, LONGEST_TEXT = 1_048_576, 16_384, 32_767
MOST_COLUMNS = 400
# Whole numbers that a cell can hold have fewer.
MOST_DIGITS = 18
MOST_STRINGS = 10_000_000
_LETTERS = re.compile(r"\$?([A-Za-z]{1,3})\$?[0-9]*")


class TextNumber(int):
    """A cell's place in the table of texts, where that table was not read."""


class Texts(Protocol):
    def __getitem__(self, number: int) -> Any: ...


class _TextSink(Sink):
    """The texts of the shared table, collected until they are taken."""

    def __init__(self) -> None:
        super().__init__()
        self.ready: list[str] = []
        self._pieces: list[str] = []
        self._size = 0
        self._keeps = self._is_reading_aid = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 -- the sink's signature
        if name == "t":
            self._keeps = not self._is_reading_aid
        elif name == "rPh":  # how a Japanese text is spoken
            self._is_reading_aid = True
        elif name == "si":
            self._pieces, self._size = [], 0

    def finish(self, name: str) -> None:
        if name == "t":
            self._keeps = False
        elif name == "rPh":
            self._is_reading_aid = False
        elif name == "si":
            self.ready.append("".join(self._pieces).replace("x005F_", ""))

    def text(self, data: str) -> None:
        self.count += 1
        if self._keeps:
            self._size += len(data)
            if self._size > LONGEST_TEXT:
                raise DamagedWorkbook(f"A cell has more than {LONGEST_TEXT:,} characters.")
            self._pieces.append(data)


def _texts(archive: Archive, part: str, most: int = MOST_TEXTS) -> Iterator[str]:
    """Raises DamagedWorkbook behind the first `most` bytes."""
    sink = _TextSink()
    with archive.open(part, MOST_TEXTS) as source:
        for number, _block in enumerate(walk(source, sink), 1):
            yield from sink.ready
            sink.ready.clear()
            if number * BLOCK > most:
                raise DamagedWorkbook("The texts of its first row stand too far down in it.")


class _KeptTexts:
    """The table of texts by number, in a temporary file: eight bytes of memory each."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(8 * 2**20)  # noqa: SIM115 -- closed by close()
        self._ends = array("Q", [0])

    def fill(self, texts: Iterable[str]) -> None:
        end = 0
        for text in texts:
            end += self._file.write(text.encode("utf-8", "surrogatepass"))
            self._ends.append(end)
            if len(self._ends) > MOST_STRINGS:
                raise DamagedWorkbook("It holds more texts than its rows can have.")

    def close(self) -> None:
        self._file.close()

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise DamagedWorkbook("A cell names a text that is not there.")
        start = self._ends[number]
        self._file.seek(start)
        return self._file.read(self._ends[number + 1] - start).decode("utf-8", "surrogatepass")


class _Unread:
    """Stands for the table of texts while only their numbers are wanted."""

    def __getitem__(self, number: int) -> TextNumber:
        return TextNumber(number)


class _SheetSink(Sink):
    """Rows of values, collected until they are taken. Formulas are their text; nothing is computed."""

    def __init__(self, texts: Texts, dates: dict[int, bool], epoch: Any) -> None:
        super().__init__()
        self.ready: list[tuple[int, list[Any]]] = []
        self._texts, self._dates, self._epoch = texts, dates, epoch
        self._line = self._column = self._cells = self._size = 0
        self._is_inside = self._is_reading_aid = False
        self._row: list[Any] = []
        self._cell: dict[str, str] = {}
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._keeps: list[str] | None = None

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if not self._is_inside:
            self._is_inside = name == "sheetData"
        elif name == "c":
            self._begin_cell(attributes)
        elif name in {"v", "t"}:
            self._keeps = None if self._is_reading_aid else self._value
        elif name == "row":
            self._begin_row(attributes)
        elif name == "f":
            self._formula = self._keeps = ["="]
        elif name == "rPh":
            self._is_reading_aid = True

    def finish(self, name: str) -> None:
        if name == "c" and self._is_inside:
            self._end_cell()
        elif name in {"v", "t", "f"}:
            self._keeps = None
        elif name == "row" and self._is_inside:
            self.ready.append((self._line, self._row))
        elif name == "rPh":
            self._is_reading_aid = False
        elif name == "sheetData":
            self.is_done = True

    def text(self, data: str) -> None:
        self.count += 1
        if self._keeps is not None:
            self._size += len(data)
            if self._size > LONGEST_TEXT:
                raise DamagedWorkbook(f"A cell has more than {LONGEST_TEXT:,} characters.")
            self._keeps.append(data)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r")
        line = self._line + 1 if given is None else _whole(given)
        if line <= self._line or line > MOST_LINES:
            shown = (given or str(line))[:20]
            raise DamagedWorkbook(f"A row has the number {shown}, which Excel does not have there.")
        self._line, self._row, self._column, self._cells = line, [], 0, 0

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cell, self._value, self._formula, self._size = attributes, [], None, 0
        self._column = _column_of(attributes["r"]) if "r" in attributes else self._column + 1
        self._cells += 1
        if self._cells > MOST_CELLS:
            raise DamagedWorkbook(f"A row has more than {MOST_CELLS:,} cells.")

    def _end_cell(self) -> None:
        if self._column > MOST_COLUMNS:
            return
        value = "".join(self._formula) if self._formula is not None else self._typed("".join(self._value))
        if value is not None:
            row, missing = self._row, self._column - len(self._row)
            row.extend([None] * missing)
            row[self._column - 1] = value

    def _typed(self, text: str) -> Any:
        if not text:
            return None
        kind = self._cell.get("t", "n")
        if kind == "s":
            return self._texts[_whole(text)]
        if kind == "b":
            return text.strip() not in {"0", "false"}
        if kind == "n":
            return self._number(text)
        return text

    def _number(self, text: str) -> Any:
        try:
            value = int(text) if len(text) < MOST_DIGITS and not set(text) & set(".eE") else float(text)
        except ValueError:
            return text
        if not math.isfinite(value):
            return text  # the checks of the row name it
        style = self._cell.get("s", "0")
        if not self._dates or not style.isdecimal() or (is_span := self._dates.get(int(style))) is None:
            return value
        try:
            return from_excel(value, self._epoch, timedelta=is_span)
        except (OverflowError, ValueError):
            return "#VALUE!"


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise DamagedWorkbook(f"“{text[:20]}” stands where a number belongs.") from None


def _column_of(place: str) -> int:
    """ "AB12" -> 28."""
    found = _LETTERS.fullmatch(place)
    if found is None:
        raise DamagedWorkbook(f"A cell has the place “{place[:20]}”.")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return column


def read_sheet(file: IO[bytes]) -> Generator[tuple[int, list[Any]]]:
    """(line, values) of the rows that the first sheet holds, from the first that is not empty; None for no value.

    Raises DamagedWorkbook at the place where it cannot be read any further.
    """
    with Archive(file) as archive:
        parts = find_parts(archive)
        with closing(_KeptTexts()) as texts:
            texts.fill(_texts(archive, parts.texts) if parts.texts else ())
            sink = _SheetSink(texts, date_styles(archive, parts.styles), parts.epoch)
            yield from _rows(archive, parts.sheet, sink)


def read_header(file: IO[bytes]) -> list[Any]:
    """The values of the first row that is not empty; of the table of texts no more is read than it needs."""
    with Archive(file) as archive:
        parts = find_parts(archive)
        sink = _SheetSink(_Unread(), {}, parts.epoch)
        for _line, values in _rows(archive, parts.sheet, sink, MOST_FOR_HEADER):
            wanted = {int(value) for value in values if isinstance(value, TextNumber)}
            known = _picked(archive, parts.texts, wanted) if wanted else {}
            return [known[value] if isinstance(value, TextNumber) else value for value in values]
    return []


def _rows(
    archive: Archive, part: str, sink: _SheetSink, most: int = MOST_SHEET
) -> Iterator[tuple[int, list[Any]]]:
    """Raises DamagedWorkbook when the first `most` bytes are through."""
    has_begun = False
    with archive.open(part, MOST_SHEET) as source:
        for number, _block in enumerate(walk(source, sink), 1):
            for line, values in sink.ready:
                has_begun = has_begun or any(value is not None for value in values)
                if has_begun:
                    yield line, values
            sink.ready.clear()
            if number * BLOCK > most:
                raise DamagedWorkbook("No row with names of columns stands at its beginning.")


def _picked(archive: Archive, part: str, wanted: set[int]) -> dict[int, str]:
    """The texts of these numbers. Raises DamagedWorkbook when they do not stand at the beginning of the table."""
    found: dict[int, str] = {}
    for number, text in enumerate(_texts(archive, part, MOST_FOR_HEADER) if part else ()):
        if number in wanted:
            found[number] = text
            if len(found) == len(wanted):
                return found
    raise DamagedWorkbook("A cell of its first row names a text that is not there.")
