"""Writes bulk files: one JSON object keyed by SKU, gzip, streamed (products.md section 10)."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

from jetsync.jet.codec import encode
from jetsync.jet.errors import JetNotSendable

# Pieces handed to gzip; one call per SKU would cost more than the compression.
BUFFER_BYTES = 256 * 1024


@dataclass(frozen=True)
class BulkFile:
    path: Path
    count: int
    size_bytes: int
    """Compressed."""


def write_file(path: Path | str, items: Iterable[tuple[str, bytes | Mapping[str, Any]]]) -> BulkFile:
    """Writes `{"<sku>": <body>, …}` compactly and compressed; a body is a mapping, or JSON already encoded.

    Decimal becomes the same JSON number, an aware datetime Jet's form. Memory stays flat but for the SKUs themselves,
    kept to refuse a SKU that comes twice (JetNotSendable). The file appears at `path` only when it is complete.
    """
    target = Path(path)
    unfinished = target.with_name(f"{target.name}.part")
    try:
        with (
            unfinished.open("wb") as raw,
            gzip.GzipFile("", "wb", fileobj=raw, compresslevel=6, mtime=0) as packed,
        ):
            count = _write(packed, items)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return BulkFile(target, count, target.stat().st_size)


def _write(packed: gzip.GzipFile, items: Iterable[tuple[str, bytes | Mapping[str, Any]]]) -> int:
    seen: set[str] = set()
    buffer = bytearray(b"{")
    for piece in _members(items, seen):
        buffer += piece
        if len(buffer) >= BUFFER_BYTES:
            packed.write(buffer)
            buffer.clear()
    packed.write(buffer + b"}")
    return len(seen)


def _members(items: Iterable[tuple[str, bytes | Mapping[str, Any]]], seen: set[str]) -> Iterator[bytes]:
    for sku, body in items:
        if sku in seen:
            raise JetNotSendable(f"The SKU {sku} stands twice in the file.")
        separator = b"," if seen else b""
        seen.add(sku)
        value = body if isinstance(body, bytes) else _encoded(sku, body)
        yield separator + encode_basestring_ascii(sku).encode("ascii") + b":" + value


def _encoded(sku: str, body: Mapping[str, Any]) -> bytes:
    try:
        return encode(body)
    except (ValueError, TypeError) as exc:
        problem = str(exc)
    raise JetNotSendable(f"The SKU {sku}: {problem}")
