"""Workbooks in and out. Pure: bytes to rows and back, one sheet, values only.

Reading streams the first sheet; formulas are never evaluated: a cell that holds one is handed on as its text, which
the checks of a row refuse. Sizes are bounded before anything is unpacked.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from catalog.csv_reader import CsvRow, UnreadableRow
from jetsync.exceptions import InvalidInput

XLSX = "xlsx"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAGIC = b"PK\x03\x04"
# A sheet of 500,000 rows unpacks to some hundred megabytes; a bomb to far more.
MOST_UNPACKED = 2 * 2**30
MOST_RATIO = 200
MOST_COLUMNS = 400
# Excel shows no more digits of a number; what was typed behind them is gone.
EXACT_DIGITS = 15
_BROKEN = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, TypeError, EOFError)


def is_workbook(file: IO[bytes]) -> bool:
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    return start == MAGIC


def check_workbook(file: IO[bytes]) -> None:
    """Raises InvalidInput for an archive that is no workbook or would unpack beyond all measure."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
    except zipfile.BadZipFile:
        raise _unreadable("The archive is damaged.") from None
    finally:
        file.seek(0)
    if "xl/workbook.xml" not in names:
        raise _unreadable("It is an archive, but not an Excel workbook.")
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos) or 1
    if unpacked > MOST_UNPACKED or (unpacked > 50 * 2**20 and unpacked / packed > MOST_RATIO):
        raise _unreadable("It unpacks to far more than it seems.")


def _unreadable(reason: str) -> InvalidInput:
    return InvalidInput(
        f"The workbook cannot be read. {reason}",
        hint="Save it again as “Excel workbook (.xlsx)” or as “CSV UTF-8” and upload that file.",
    )


def workbook_header(file: IO[bytes]) -> list[str]:
    """The first row of the first sheet. Raises InvalidInput when there is none."""
    check_workbook(file)
    try:
        for _line, cells in _rows(file):
            return cells
    except _BROKEN:
        raise _unreadable("Its first sheet is damaged.") from None
    raise InvalidInput("The first sheet is empty.", hint="Download the template and fill it.")


def read_workbook(file: IO[bytes], columns: Sequence[str]) -> Generator[CsvRow]:
    """Rows below the header of the first sheet; empty rows are passed over. Raises UnreadableRow."""
    width, line = len(columns), 1
    try:
        rows = _rows(file)
        next(rows, None)
        for line, cells in rows:
            row = (cells + [""] * (width - len(cells)))[:width] if not any(cells[width:]) else cells
            if any(row):
                yield CsvRow(line, row)
    except _BROKEN:
        raise UnreadableRow(line + 1, "The sheet is damaged here.") from None


def _rows(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    file.seek(0)
    book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong extent
        for line, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            yield line, [cell_text(value) for value in row]
    finally:
        book.close()


def cell_text(value: Any) -> str:
    """A cell as a person would type it. Numbers lose no digit that Excel still had."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    """Beyond 15 digits Excel has put zeros: such a number is shown as the power that it is, and refused as one."""
    if value != int(value):
        return repr(round(value, 10))
    text = str(int(value))
    return text if len(text.lstrip("-")) <= EXACT_DIGITS else f"{value:.5E}"


def write_workbook(file: IO[bytes], title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """One sheet with a bold, frozen header. Texts are written as texts: nothing becomes a formula. Returns the rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "B2"
    head = [WriteOnlyCell(sheet, value=name) for name in header]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    count = 0
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
    book.save(file)
    return count


def _cell(sheet: Any, value: Any) -> Any:
    """Codes stay texts, so that no leading zero is lost; a text like "=1+1" is a text, not a formula."""
    text = "" if value is None else str(value).replace("\r\n", "\n")
    if not text.startswith(("=", "+", "-", "@")):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
