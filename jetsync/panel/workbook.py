"""Workbooks out: one sheet, values only. CSV is in jetsync.panel.exports, reading is the catalogue's business."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from jetsync.plain_text import printable

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_download(
    filename: str, title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> FileResponse:
    """Packed into a temporary file before the first byte leaves; the caller has bounded the rows."""
    file = TemporaryFile()  # noqa: SIM115 -- the response closes it behind the last byte
    write_workbook(file, title, header, rows)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=CONTENT_TYPE)


def write_workbook(file: IO[bytes], title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """One sheet with a bold, frozen header. Texts are written as texts: nothing becomes a formula. Returns the rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "B2"
    head = [WriteOnlyCell(sheet, value=printable(name)) for name in header]
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
    """Numbers are numbers. Codes stay texts, so that no leading zero is lost; "=1+1" is a text, not a formula."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    text = "" if value is None else printable(str(value)).replace("\r\n", "\n")
    if not text.startswith(("=", "+", "-", "@")):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
