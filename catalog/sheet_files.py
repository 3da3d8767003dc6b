"""Opens a stored upload as rows, whatever it is written in: CSV text or a workbook."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import IO

from catalog.csv_reader import CsvFacts, CsvRow, UnreadableRow, count_lines, read_rows
from catalog.models import CsvUpload
from catalog.numbers import Writing
from catalog.xlsx import XLSX, read_workbook

Pulse = Callable[[], None]
BLOCK = 64 * 1024
# Well within the lease of a job, and not so often that the database notices.
PULSE_SECONDS = 5.0


class ReadingStopped(Exception):
    """Nobody wants the file any more."""


def make_pulse(heartbeat: Pulse, is_wanted: Callable[[], bool]) -> Pulse:
    """For long reading: keeps the lease every few seconds, and raises ReadingStopped once the file is not wanted."""
    last = time.monotonic()

    def pulse() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < PULSE_SECONDS:
            return
        heartbeat()
        last = now
        if not is_wanted():
            raise ReadingStopped

    return pulse


def _no_pulse() -> None:
    """For files that are read while somebody waits."""


class _Watched(io.RawIOBase):
    """A file that calls the pulse at every block: a file of empty rows gives its reader nothing for minutes."""

    def __init__(self, file: IO[bytes], pulse: Pulse) -> None:
        self._file, self._pulse = file, pulse

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # one kind of buffer
        self._pulse()
        block = self._file.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def has_file(upload: CsvUpload) -> bool:
    """Whether the file is still here: it is deleted some time after its import."""
    return bool(upload.file) and upload.file.storage.exists(upload.file.name or "")


def writing_of(upload: CsvUpload) -> Writing:
    """How numbers are written in the file, as far as its form tells."""
    if upload.encoding == XLSX:
        return Writing.POINT
    return Writing.ENGLISH if upload.delimiter == "," else Writing.OPEN


@contextmanager
def open_file(upload: CsvUpload, pulse: Pulse = _no_pulse) -> Iterator[IO[bytes]]:
    """Raises FileNotFoundError when the file is gone; what the pulse raises comes out of any read."""
    if not upload.file:
        raise FileNotFoundError(upload.original_name)
    with upload.file.open("rb") as file, io.BufferedReader(_Watched(file, pulse), BLOCK) as watched:
        yield watched


@contextmanager
def open_rows(upload: CsvUpload, pulse: Pulse = _no_pulse) -> Iterator[Iterator[CsvRow]]:
    """Rows below the header. Raises FileNotFoundError when the file is gone, UnreadableRow while it is read."""
    with open_file(upload, pulse) as file:
        if upload.encoding == XLSX:
            rows = read_workbook(file, tuple(upload.columns))
        else:
            facts = CsvFacts(upload.encoding, upload.delimiter, tuple(upload.columns))
            rows = read_rows(file, facts)
        with closing(rows):  # before the file beneath it
            yield rows


def count_rows(upload: CsvUpload, most: int, pulse: Pulse = _no_pulse) -> int:
    """How many rows there are, or `most` + 1 when there are more. Stops where the file cannot be read."""
    if upload.encoding != XLSX:
        with open_file(upload, pulse) as file:
            quick = count_lines(file, upload.encoding, upload.delimiter)
        if quick is not None:
            return min(quick, most + 1)
    count = 0
    with open_rows(upload, pulse) as rows:
        try:
            for _row in rows:
                count += 1
                if count > most:
                    break
        except UnreadableRow:
            pass  # told when the import comes to that line
    return count
