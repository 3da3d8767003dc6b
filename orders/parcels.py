"""Parcels of many orders as rows: pasted text, a CSV file or a workbook. Pure: bytes or text to rows, nothing looked up."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import IO

from catalog.csv_encoding import likely_encoding, readable, text_of
from catalog.csv_reader import TOO_LONG, CsvRow, UnreadableRow, split_text
from catalog.xlsx import EXACT_DIGITS, cell_text, is_workbook
from catalog.xlsx_parts import DamagedWorkbook
from catalog.xlsx_reader import read_sheet
from jetsync.exceptions import InvalidInput

# Judged in one request and shipped by one job: a second or two, and a page that a person can still look through.
MOST_ROWS = 1_000
MOST_BYTES = 2 * 2**20
FIELDS = ("order", "sku", "quantity", "carrier", "method", "tracking")
TEMPLATE = (*FIELDS[:-1], "tracking number")

# Headings without blanks and signs, in lower case; those of our own download are among them.
HEADINGS = {
    "line": ("line",),
    "order": (
        "order",
        "orderid",
        "ordernumber",
        "orderno",
        "jetorderid",
        "jetorder",
        "referenceorderid",
        "merchantorderid",
        "orderidatjet",
        "storeorderid",
        "altorderid",
    ),
    "sku": ("sku", "merchantsku", "itemsku", "productsku"),
    "quantity": ("quantity", "qty", "units", "pieces", "quantitytoship", "qtytoship"),
    "carrier": ("carrier", "shippingcarrier", "shippingcarrierused", "carriername"),
    "method": ("method", "shippingmethod", "service", "shippingservice"),
    "tracking": (
        "tracking",
        "trackingnumber",
        "trackingno",
        "trackingid",
        "trackingcode",
        "shipmenttrackingnumber",
    ),
}
_FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}
# Without headings the number of columns says what they are.
_BY_WIDTH = {
    2: ("order", "tracking"),
    3: ("order", "carrier", "tracking"),
    4: ("order", "sku", "quantity", "tracking"),
    5: ("order", "sku", "quantity", "carrier", "tracking"),
    6: FIELDS,
}
# 9.40011E+21: what a spreadsheet leaves of a long number.
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
# ="301" keeps the figures of a cell; where blanks stand between the columns, marks around a cell are still there.
_IN_QUOTES = re.compile(r'=?"([^"]*)"')

QUOTE = '"'


@dataclass(frozen=True)
class ParcelRow:
    """One row as it was given. Rows of one order and one tracking number are one parcel."""

    line: int
    order: str = ""
    sku: str = ""
    quantity: str = ""
    carrier: str = ""
    method: str = ""
    tracking: str = ""

    def given(self) -> dict[str, str]:
        """The cells under the headings of the template, for a file that can be sent again."""
        values = asdict(self)
        return {heading: values[field] for heading, field in zip(TEMPLATE, FIELDS, strict=True)}


@dataclass(frozen=True)
class ParcelTable:
    """`untracked`: rows that name an order but no tracking number yet, left out."""

    rows: tuple[ParcelRow, ...]
    untracked: int = 0


def read_text(text: str) -> ParcelTable:
    """Rows pasted out of a spreadsheet or typed. Raises InvalidInput."""
    if len(text) > MOST_BYTES:
        raise _too_large()
    return _table(_split(text))


def read_file(file: IO[bytes], size: int) -> ParcelTable:
    """CSV in any usual encoding, or the first sheet of a workbook. Raises InvalidInput naming the fault."""
    if size > MOST_BYTES:
        raise _too_large()
    if is_workbook(file):
        return _table(_of_workbook(file))
    return _table(_split(text_of(file, likely_encoding(file)).read()))


def as_text(rows: Iterable[ParcelRow]) -> str:
    """The rows as tab-separated text with headings, which `read_text` reads back."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(["line", *TEMPLATE])
    for row in rows:
        writer.writerow([row.line, *row.given().values()])
    return out.getvalue()


def is_torn(tracking: str) -> bool:
    """Whether it is the rest of a row whose cells cannot be told apart: it begins with a mark that nothing closes."""
    return tracking.startswith(QUOTE) and tracking.count(QUOTE) == 1


def is_shortened(text: str) -> bool:
    return _SHORTENED.fullmatch(text) is not None


def _too_large() -> InvalidInput:
    return InvalidInput(
        f"The list is larger than {MOST_BYTES // 2**20} MB.",
        hint=f"Send at most {MOST_ROWS:,} rows at once, without other sheets and pictures.",
    )


def _split(text: str) -> Iterator[CsvRow]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    filled = [line for line in text.split("\n") if line.strip()]
    first = filled[0] if filled else ""
    delimiter = max("\t;,|", key=first.count)
    if delimiter not in first:  # "301755224861 1Z…": blanks stand between two columns
        for number, line in enumerate(text.split("\n"), 1):
            yield CsvRow(number, line.split(None, 1))
        return
    try:
        for row in split_text(text, delimiter, _width(filled, delimiter)):
            if row.fault == TOO_LONG:
                raise UnreadableRow(row.line, row.fault)
            yield row
    except UnreadableRow as fault:
        raise InvalidInput(
            f"Line {fault.line} cannot be split into cells. {fault.message}",
            hint="Check its quotation marks.",
        ) from None


def _width(lines: Sequence[str], delimiter: str) -> int:
    """The number of cells that most lines have, by which those with a lost quotation mark are known."""
    widths = Counter(len(cells) for line in lines[:MOST_ROWS] if (cells := _cells_of(line, delimiter)))
    return widths.most_common(1)[0][0] if widths else 1


def _cells_of(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:  # longer than any cell may be
        return []


def _of_workbook(file: IO[bytes]) -> Iterator[CsvRow]:
    try:
        with closing(read_sheet(file)) as rows:
            for line, values in rows:
                yield CsvRow(line, [_cell(value) for value in values])
    except DamagedWorkbook as exc:
        raise InvalidInput(
            f"The workbook cannot be read. {exc}",
            hint="Save it again as “Excel workbook (.xlsx)” or as “CSV UTF-8” and send that file.",
        ) from None


def _cell(value: object) -> str:
    """Of a number longer than Excel keeps, the end is gone: it is written as a spreadsheet shows it."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 10**EXACT_DIGITS:
        return f"{value:.5E}"
    return cell_text(value)


def _clean(cell: str) -> str:
    """Without quotation marks and what makes a spreadsheet keep a number as text; signs that are no text can be seen."""
    text = readable(cell).strip()
    if quoted := _IN_QUOTES.fullmatch(text):
        return quoted[1].strip()
    return text.removeprefix("'")


def _table(lines: Iterable[CsvRow]) -> ParcelTable:
    rows: list[ParcelRow] = []
    untracked = 0
    for parcels in _parcels(lines):
        rows += parcels
        untracked += not parcels
        if len(rows) > MOST_ROWS:
            raise InvalidInput(f"There are more than {MOST_ROWS:,} rows.", hint="Send them in several parts.")
    if not rows:
        raise InvalidInput(
            "No row has a tracking number." if untracked else "There are no rows.",
            hint="Give one row per parcel: order id and tracking number at least.",
        )
    return ParcelTable(tuple(rows), untracked)


def _parcels(lines: Iterable[CsvRow]) -> Iterator[list[ParcelRow]]:
    """The parcels of each row below the headings. Rows that cannot be split say nothing of the columns and wait."""
    columns: tuple[str, ...] = ()
    early: list[CsvRow] = []
    for line in lines:
        row = CsvRow(line.line, [_clean(cell) for cell in line.cells], line.fault)
        if not any(row.cells):
            continue
        if columns:
            yield _parcels_of(row, columns)
        elif row.fault and not _is_heading(row.cells):
            early.append(row)
        else:
            columns = _columns(row.cells)
            below = [] if _is_heading(row.cells) else [row]
            yield from (_parcels_of(waiting, columns) for waiting in [*early, *below])
    if early and not columns:
        raise InvalidInput(
            f"Line {early[0].line} cannot be split into cells.", hint="Check its quotation marks."
        )


def _parcels_of(row: CsvRow, columns: Sequence[str]) -> list[ParcelRow]:
    """None without a tracking number. The downloaded list has all numbers of an order in one cell."""
    if row.fault:
        return [_unsplit(row, columns)]
    parcel = _row(row.line, columns, row.cells)
    if is_torn(parcel.tracking):
        return [parcel]
    numbers = [text.strip() for text in parcel.tracking.split(",") if text.strip()]
    return [replace(parcel, tracking=number) for number in numbers or [parcel.tracking] if number]


def _unsplit(row: CsvRow, columns: Sequence[str]) -> ParcelRow:
    """What stands before the lost quotation mark; the rest is its tracking number, which nothing is shipped with.

    So it is shown to be corrected, and stays refused until it is.
    """
    at = next((place for place, cell in enumerate(row.cells) if cell.startswith(QUOTE)), 0)
    rest = " ".join(row.cells[at:]).replace(QUOTE, "").strip()
    return replace(_row(row.line, columns[:at], row.cells[:at]), tracking=f"{QUOTE}{rest}")


def _is_heading(cells: Sequence[str]) -> bool:
    return any(_field(cell) in {"order", "tracking"} for cell in cells)


def _field(heading: str) -> str:
    return _FIELD_OF.get(re.sub(r"[^a-z]", "", heading.casefold()), "")


def _columns(cells: Sequence[str]) -> tuple[str, ...]:
    """The field of each column; "" for one that is passed over. Raises InvalidInput."""
    if not _is_heading(cells):
        if len(cells) in _BY_WIDTH:
            return _BY_WIDTH[len(cells)]
        raise InvalidInput(
            f"The first row has {len(cells)} column{'s' * (len(cells) != 1)} and no headings.",
            hint="Put headings above them (order, sku, quantity, carrier, method, tracking number), or give two "
            "columns: order id and tracking number.",
        )
    found: list[str] = []
    for cell in cells:
        field = _field(cell)
        found.append("" if field in found else field)  # of two columns for the order the first counts
    missing = [name for name in ("order", "tracking") if name not in found]
    if missing:
        words = {"order": "order id", "tracking": "tracking number"}[missing[0]]
        raise InvalidInput(f"There is no column with the {words}.", hint=f"Name a column “{words}”.")
    return tuple(found)


def _row(number: int, columns: Sequence[str], cells: Sequence[str]) -> ParcelRow:
    values = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    line = values.pop("line", "")
    row = ParcelRow(number, **values)
    return replace(row, line=int(line)) if line.isdecimal() and len(line) < EXACT_DIGITS else row
