"""Workbooks out: one sheet, values only. CSV is in jetsync.panel.exports, reading is the catalogue's business."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from jetsync.panel.exports import plain_value
from jetsync.plain_text import printable

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOMENT, DAY, MONEY = "yyyy-mm-dd hh:mm", "yyyy-mm-dd", "#,##0.00"
# Amounts have two places; weights and measures keep what they have.
CENTS = -2
# Rows that decide how wide a column is, and its bounds in characters.
LOOKED_AT = 100
NARROWEST, WIDEST = 8, 48


def workbook_download(
    filename: str, title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> FileResponse:
    """Packed into a temporary file before the first byte leaves; the caller has bounded the rows."""
    file = TemporaryFile()  # noqa: SIM115 -- the response closes it behind the last byte
    write_workbook(file, title, header, rows)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=CONTENT_TYPE)


def write_workbook(file: IO[bytes], title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """One sheet with a bold, frozen header, filters and columns as wide as their values. Dates are dates, money has two
    places, texts are written as texts: nothing becomes a formula. Returns the rows.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "B2"
    source = iter(rows)
    first = list(islice(source, LOOKED_AT))
    for at, width in enumerate(_widths(header, first), start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    head = [WriteOnlyCell(sheet, value=printable(name)) for name in header]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    write = _Cells(sheet)
    count = 0
    for row in chain(first, source):
        sheet.append([write.cell(at, value) for at, value in enumerate(row)])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(header), 1))}{count + 1}"
    book.save(file)
    return count


def _widths(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """In characters, by the heading and the first rows; the button of the filter needs three."""
    longest = [len(name) + 3 for name in header]
    for row in rows:
        for at, value in enumerate(row[: len(header)]):
            longest[at] = max(longest[at], len(plain_value(value)) + 1)
    return [min(max(width, NARROWEST), WIDEST) for width in longest]


class _Cells:
    """Numbers are numbers and dates dates. Codes stay texts, so that no leading zero is lost; "=1+1" is a text."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        # One cell per column and format, used again in every row: a row is written before the next begins.
        self.formatted: dict[tuple[int, str], WriteOnlyCell] = {}

    def cell(self, at: int, value: Any) -> Any:
        if isinstance(value, datetime):
            return self._formatted(at, value, MOMENT)
        if isinstance(value, date):
            return self._formatted(at, value, DAY)
        if isinstance(value, Decimal) and value.as_tuple().exponent == CENTS:
            return self._formatted(at, value, MONEY)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return value
        return self._text("" if value is None else printable(str(value)).replace("\r\n", "\n"))

    def _formatted(self, at: int, value: Any, form: str) -> WriteOnlyCell:
        cell = self.formatted.get((at, form))
        if cell is None:
            cell = self.formatted[at, form] = WriteOnlyCell(self.sheet)
        cell.value = value
        cell.number_format = form
        return cell

    def _text(self, text: str) -> Any:
        if not text.startswith(("=", "+", "-", "@")):
            return text
        cell = WriteOnlyCell(self.sheet, value=text)
        cell.data_type = "s"
        cell.quotePrefix = True
        return cell
