"""The parts of a workbook, from an archive that nobody trusts: bounded before they are unpacked. Pure."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import IO, Any, Self
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

# What 500,000 rows of 40 columns unpack to, and their texts. The parts that only describe take a few kilobytes.
MOST_SHEET, MOST_TEXTS, MOST_PART = 2 * 2**30, 512 * 2**20, 8 * 2**20
# Deflate packs at most a thousandfold; the emptiest of real sheets a hundredfold.
MOST_RATIO, RATIO_MATTERS_FROM = 200, 10 * 2**20
LONGEST_FORMAT = 255
# A part takes some hundred bytes of it; where `zipfile` keeps its size.
MOST_DIRECTORY, _DIRECTORY_SIZE = 4 * 2**20, 5
# What expat itself keeps for ever or holds until a tag ends; real files stay far below.
MOST_NAMES, MOST_DEPTH, MOST_ELEMENTS, MOST_SILENT_BLOCKS = 5_000, 100, 100_000, 16
BLOCK = 64 * 1024
ARCHIVE_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError),
    *(NotImplementedError, RuntimeError, OverflowError),
)
_WORKBOOK = "xl/workbook.xml"


class DamagedWorkbook(Exception):
    """The message says what is wrong, for the merchant."""


class Archive:
    """The parts of a workbook, none opened before its size was looked at."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        try:
            _check_directory(file)
            self._zip = zipfile.ZipFile(file)
        except ARCHIVE_FAULTS:
            raise DamagedWorkbook("The archive is damaged.") from None
        self._names = frozenset(self._zip.namelist())
        if _WORKBOOK not in self._names:
            raise DamagedWorkbook("It is an archive, but not an Excel workbook.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._zip.close()

    def has(self, name: str) -> bool:
        return name in self._names

    def open(self, name: str, most: int = MOST_PART) -> IO[bytes]:
        """Raises DamagedWorkbook for a part that is missing, packed in an odd way, or larger than `most` bytes."""
        if name not in self._names:
            raise DamagedWorkbook("A part of it is missing.")
        info = self._zip.getinfo(name)
        if info.flag_bits & 1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise DamagedWorkbook("It is locked with a password or packed in an unusual way.")
        is_bomb = info.file_size > RATIO_MATTERS_FROM and info.file_size > MOST_RATIO * info.compress_size
        if info.file_size > most or is_bomb:
            raise DamagedWorkbook("It unpacks to far more than it seems.")
        try:
            return self._zip.open(info)
        except ARCHIVE_FAULTS:
            raise DamagedWorkbook("The archive is damaged.") from None


def _check_directory(file: IO[bytes]) -> None:
    """`ZipFile` makes an object of every entry, and a file of 200 MB may hold millions of them."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # noqa: SLF001 -- no other way to look before it reads
    if end is None:
        raise zipfile.BadZipFile
    if end[_DIRECTORY_SIZE] > MOST_DIRECTORY:
        raise DamagedWorkbook("It holds more parts than any workbook.")


class Sink:
    """Takes what expat finds. Names come without their prefix."""

    def __init__(self) -> None:
        self.depth = self.count = 0
        self.is_done = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.count += 1
        self.begin(name.rpartition(":")[2], attributes)

    def end(self, name: str) -> None:
        self.depth -= 1
        self.finish(name.rpartition(":")[2])

    def text(self, _data: str) -> None:
        self.count += 1

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def finish(self, name: str) -> None:
        """An element ends."""


def walk(source: IO[bytes], sink: Sink) -> Iterator[None]:
    """Feeds a part to the sink and pauses after each block. Raises DamagedWorkbook for what no program writes."""
    names: dict[str, str] = {}
    parser = expat.ParserCreate(intern=names)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype  # no entities of its own, so none that grow
    parser.StartElementHandler, parser.EndElementHandler = sink.start, sink.end
    parser.CharacterDataHandler = sink.text
    silent = before = 0
    try:
        while not sink.is_done and (block := source.read(BLOCK)):
            parser.Parse(block, False)
            silent, before = (silent + 1, before) if sink.count == before else (0, sink.count)
            if len(names) > MOST_NAMES or sink.depth > MOST_DEPTH or silent > MOST_SILENT_BLOCKS:
                raise DamagedWorkbook("It is built as no spreadsheet program builds one.")
            yield
        if not sink.is_done:
            parser.Parse(b"", True)
            yield
    except (expat.ExpatError, *ARCHIVE_FAULTS):
        raise DamagedWorkbook("A part of it is damaged.") from None


def _refuse_doctype(*_what: Any) -> None:
    raise DamagedWorkbook("It holds a document type, which no workbook has.")


class _Elements(Sink):
    """(name of the parent, name, attributes) of the wanted elements of a small part, in their order."""

    def __init__(self, wanted: Container[str]) -> None:
        super().__init__()
        self.wanted, self.found, self._above = wanted, list[tuple[str, str, dict[str, str]]](), [""]

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name in self.wanted:
            self.found.append((self._above[-1], name, attributes))
            if len(self.found) > MOST_ELEMENTS:
                raise DamagedWorkbook("It is built as no spreadsheet program builds one.")
        self._above.append(name)

    def finish(self, name: str) -> None:  # noqa: ARG002 -- the sink's signature
        self._above.pop()


def _elements(archive: Archive, part: str, *wanted: str) -> list[tuple[str, str, dict[str, str]]]:
    sink = _Elements(frozenset(wanted))
    with archive.open(part) as source:
        for _block in walk(source, sink):
            pass
    return sink.found


@dataclass(frozen=True)
class Parts:
    """Where the first sheet and what it needs lie; "" for a part that is not there."""

    sheet: str
    texts: str
    styles: str
    epoch: Any


def find_parts(archive: Archive) -> Parts:
    """Raises DamagedWorkbook when there is no sheet."""
    targets, kinds = {}, {}
    for _above, _name, link in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship"):
        path = posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))).lstrip("/")
        kind = link.get("Type", "").rpartition("/")[2]
        targets[link.get("Id", "")] = (kind, path)
        kinds[kind] = path
    epoch, sheet = CALENDAR_WINDOWS_1900, ""
    for _above, name, attributes in _elements(archive, _WORKBOOK, "workbookPr", "sheet"):
        if name == "workbookPr":
            epoch = CALENDAR_MAC_1904 if attributes.get("date1904") in {"1", "true"} else epoch
            continue
        number = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        kind, path = targets.get(number, ("", ""))
        if kind == "worksheet" and not sheet:
            sheet = path
    if not sheet:
        raise DamagedWorkbook("It holds no sheet.")
    texts = kinds.get("sharedStrings", "xl/sharedStrings.xml")
    styles = kinds.get("styles", "xl/styles.xml")
    return Parts(sheet, texts if archive.has(texts) else "", styles if archive.has(styles) else "", epoch)


def date_styles(archive: Archive, part: str) -> dict[int, bool]:
    """Style numbers that show a date -> whether it is a span of time."""
    own: dict[int, str] = {}
    found: dict[int, bool] = {}
    number = 0
    try:
        for above, name, attributes in _elements(archive, part, "numFmt", "xf") if part else ():
            if name == "numFmt" and above == "numFmts":
                own[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")[:LONGEST_FORMAT]
            elif name == "xf" and above == "cellXfs":
                key = int(attributes.get("numFmtId", 0))
                code = own.get(key) or BUILTIN_FORMATS.get(key, "General")
                if is_date_format(code):
                    found[number] = bool(is_timedelta_format(code))
                number += 1
    except ValueError:
        raise DamagedWorkbook("Its styles are damaged.") from None
    return found
