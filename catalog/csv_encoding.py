"""Bytes of a CSV file as text: which encoding, and what becomes of bytes that none has. Pure.

Memory holds one block of bytes, whatever the size of the file.
"""

from __future__ import annotations

import codecs
import io
import re
from typing import IO, NamedTuple

from jetsync.exceptions import InvalidInput

BLOCK = 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Stands for a byte that cannot be read, so that the row with it can be named.
UNREAD = "\ufffd"
# Stands for a byte of zero, which no database takes: the control character that was made for it.
SUBSTITUTE = b"\x1a"
_NO_TEXT = re.compile(f"[\x00-\x08\x0e-\x1f{UNREAD}]")
# A file with more unreadable characters than this, and than one in fifty, is no text: a picture, a program.
MOST_UNREAD, UNREAD_SHARE = 20, 50


def likely_encoding(file: IO[bytes]) -> str:
    """UTF-8, UTF-16 or Windows-1252. Reads the whole file, in blocks: an odd byte may stand at its end.

    Single bytes that cannot be read are for the reader to name: one of them makes no other encoding of a file that is
    UTF-8 elsewhere. Raises InvalidInput for what is no text.
    """
    marked = _by_mark(file)
    if marked == "utf-16" or _decodes(file, marked or "utf-8"):
        return marked or "utf-8"
    found = _counted(file, "utf-8")
    encoding = marked or "utf-8"
    if not marked and found.unread > found.foreign:
        encoding = "cp1252"
        found = _counted(file, encoding)
    if found.no_text > MOST_UNREAD and found.no_text * UNREAD_SHARE > found.size:
        raise undecodable("It is neither UTF-8 nor Windows-1252 text.")
    return encoding


def _by_mark(file: IO[bytes]) -> str:
    """The encoding that the first bytes name; "" where they name none. Raises InvalidInput for one that is not read."""
    file.seek(0)
    start = file.read(4)
    for bom, name in _BOMS:
        if start.startswith(bom):
            if not name or (name == "utf-16" and not _decodes(file, name)):
                raise undecodable(
                    "It begins like a Unicode file of 16 or 32 bits, but cannot be read as one."
                )
            return name
    if b"\0" in start:
        raise undecodable("It seems to be UTF-16 without its mark, or not a text file.")
    return ""


def undecodable(reason: str) -> InvalidInput:
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


class _Counts(NamedTuple):
    """Characters beyond ASCII, those that cannot be read, these and control characters, and all."""

    foreign: int
    unread: int
    no_text: int
    size: int


def _counted(file: IO[bytes], encoding: str) -> _Counts:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    foreign = unread = no_text = size = 0
    while True:
        block = file.read(BLOCK)
        text = decoder.decode(block, final=not block)
        bad = text.count(UNREAD)
        foreign += len(text) - len(text.encode("ascii", "ignore")) - bad
        unread += bad
        no_text += sum(1 for _found in _NO_TEXT.finditer(text))
        size += len(text)
        if not block:
            return _Counts(foreign, unread, no_text, size)


def is_no_text(text: str) -> bool:
    return _NO_TEXT.search(text) is not None


def readable(text: str) -> str:
    """The text with `UNREAD` for every sign that is none."""
    return _NO_TEXT.sub(UNREAD, text)


class _Kept(io.RawIOBase):
    """A file that closing the text layer over it does not close. `clears`: zeros are replaced."""

    def __init__(self, file: IO[bytes], *, clears: bool) -> None:
        self._file, self._clears = file, clears

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # one kind of buffer
        block = self._file.read(len(buffer))
        buffer[: len(block)] = block.replace(b"\0", SUBSTITUTE) if self._clears else block
        return len(block)


def text_of(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """The file from its beginning, line ends as they are; what cannot be read stands in it as `UNREAD`."""
    file.seek(0)
    kept = _Kept(file, clears=encoding != "utf-16")
    return io.TextIOWrapper(io.BufferedReader(kept, BLOCK), encoding=encoding, errors="replace", newline="")
