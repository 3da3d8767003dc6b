"""CSV downloads: streamed, inside the merchant's scope, with formula cells made harmless."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse

from jetsync.models import Merchant
from jetsync.plain_text import printable
from jetsync.tenancy.context import merchant_scope

# A spreadsheet runs a cell that begins with one of these (OWASP: CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain_value(value: Any) -> str:
    """As text; a moment without seconds, as the store's clock says."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return "" if value is None else str(value)


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would run gets a leading apostrophe, and no control characters; numbers stay numbers."""
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text
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
