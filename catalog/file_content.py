"""Reads back what a bulk file carried: one JSON object keyed by SKU, gzip. Pure."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import IO, Any

# A file of 20,000 SKUs with their texts stays below; anything larger is not read into memory.
LARGEST = 256 * 1024 * 1024
PIECE = 64 * 1024


class ContentUnreadable(ValueError):
    """The stored bytes are no bulk file, or too large to be shown."""


def read_pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The JSON text, unpacked piece by piece, for a download."""
    with gzip.GzipFile(fileobj=stream) as packed:
        while piece := packed.read(PIECE):
            yield piece


def read_entries(stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """(SKU, body) in the file's order, decoded one by one. Raises ContentUnreadable."""
    text = _text(stream)
    decoder = json.JSONDecoder()
    at = text.find("{") + 1
    try:
        while at and at < len(text) and text[at] != "}":
            sku, at = decoder.raw_decode(text, at)
            body, at = decoder.raw_decode(text, text.index(":", at) + 1)
            yield str(sku), body
            at += text[at] == ","
    except (ValueError, IndexError) as exc:
        raise ContentUnreadable("The stored content is damaged.") from exc


def _text(stream: IO[bytes]) -> str:
    try:
        with gzip.GzipFile(fileobj=stream) as packed:
            raw = packed.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise ContentUnreadable("The content is too large to be shown; download it.")
        return raw.decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as exc:
        raise ContentUnreadable("The stored content is damaged.") from exc
