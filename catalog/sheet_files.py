"""Opens a stored upload as rows, whatever it is written in: CSV text or a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from catalog.csv_reader import CsvFacts, CsvRow, UnreadableRow, count_lines, read_rows
from catalog.models import CsvUpload
from catalog.xlsx import XLSX, read_workbook


@contextmanager
def open_rows(upload: CsvUpload) -> Iterator[Iterator[CsvRow]]:
    """Rows below the header. Raises FileNotFoundError when the file is gone, UnreadableRow while it is read."""
    with upload.file.open("rb") as file:
        if upload.encoding == XLSX:
            rows = read_workbook(file, tuple(upload.columns))
        else:
            facts = CsvFacts(upload.encoding, upload.delimiter, tuple(upload.columns))
            rows = read_rows(file, facts)
        with closing(rows):  # before the file beneath it
            yield rows


def count_rows(upload: CsvUpload, most: int) -> int:
    """How many rows there are, or `most` + 1 when there are more. Stops where the file cannot be read."""
    if upload.encoding != XLSX:
        with upload.file.open("rb") as file:
            quick = count_lines(file, upload.encoding, upload.delimiter)
        if quick is not None:
            return min(quick, most + 1)
    count = 0
    with open_rows(upload) as rows:
        try:
            for _row in rows:
                count += 1
                if count > most:
                    break
        except UnreadableRow:
            pass  # told when the import comes to that line
    return count
