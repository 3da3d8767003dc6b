"""Workbooks in. Pure: bytes to rows, one sheet, values only. Writing stands in jetsync.panel.workbook.

Formulas are never evaluated: a cell that holds one is handed on as its text, which the checks of a row refuse.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Sequence
from typing import IO, Any

from catalog.csv_reader import CsvRow, UnreadableRow
from catalog.xlsx_parts import DamagedWorkbook
from catalog.xlsx_reader import read_header, read_sheet
from jetsync.exceptions import InvalidInput

XLSX = "xlsx"
MAGIC = b"PK\x03\x04"
# Excel shows no more digits of a number; what was typed behind them is gone.
EXACT_DIGITS = 15


def is_workbook(file: IO[bytes]) -> bool:
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    return start == MAGIC


def workbook_header(file: IO[bytes]) -> list[str]:
    """The first row of the first sheet that holds anything. Raises InvalidInput when there is none."""
    try:
        cells = [cell_text(value) for value in read_header(file)]
    except DamagedWorkbook as exc:
        raise InvalidInput(
            f"The workbook cannot be read. {exc}",
            hint="Save it again as “Excel workbook (.xlsx)” or as “CSV UTF-8” and upload that file.",
        ) from None
    finally:
        file.seek(0)
    if not cells:
        raise InvalidInput("The first sheet is empty.", hint="Download the template and fill it.")
    return cells


def read_workbook(file: IO[bytes], columns: Sequence[str]) -> Generator[CsvRow]:
    """Rows below the header of the first sheet; empty rows are passed over. Raises UnreadableRow."""
    width, line = len(columns), 0
    try:
        rows = read_sheet(file)
        for number, (line, values) in enumerate(rows):
            if number == 0 or not values:
                continue
            cells = [cell_text(value) for value in values]
            row = (cells + [""] * (width - len(cells)))[:width] if not any(cells[width:]) else cells
            if any(row):
                yield CsvRow(line, row)
    except DamagedWorkbook as exc:
        raise UnreadableRow(line + 1, f"The sheet is damaged here. {exc}") from None


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
