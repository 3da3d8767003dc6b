"""Downloads: CSV streamed inside the merchant's scope, with formula cells made harmless, and files as they are stored."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models.fields.files import FieldFile
from django.http import StreamingHttpResponse

from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from jetsync.plain_text import harmless
from jetsync.tenancy.context import merchant_scope


def plain_value(value: Any) -> str:
    """As text; a moment without seconds, as the store's clock says."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return "" if value is None else str(value)


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would run gets a leading apostrophe, and no control characters; numbers stay numbers."""
    if isinstance(value, str):
        return harmless(value)
    return plain_value(value) if value is None or isinstance(value, datetime) else value


class _Echo:
    def write(self, value: str) -> str:
        return value


def csv_download(
    merchant: Merchant, filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """`rows` is read while sending, so it may be a queryset's iterator of any length."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        with merchant_scope(merchant):  # the middleware's scope ends before the body is read
            yield "\ufeff" + writer.writerow(header)
            for row in rows:
                yield writer.writerow([safe_cell(value) for value in row])

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def stored_download(file: FieldFile, filename: str, content_type: str) -> StreamingHttpResponse:
    """A stored file as it is, piece by piece. Raises NotFound when the disk does not have it."""
    if not file or not file.storage.exists(str(file.name)):
        raise NotFound("This file is not kept any more.", hint="Ask for a new one.")

    def pieces() -> Iterator[bytes]:
        # Opened with the first byte: an answer that nobody reads would leave it open.
        with file.open("rb") as stream:
            yield from stream.chunks()

    return StreamingHttpResponse(
        pieces(),
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Content-Length": str(file.size),
            "X-Content-Type-Options": "nosniff",
        },
    )
