"""Reading the files that lists give."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook


def csv_rows(client: Client, url: str) -> list[dict[str, str]]:
    """The rows of a CSV answer by heading."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    assert answer["Content-Type"].startswith("text/csv"), answer.content[:300]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a stream
    return list(csv.DictReader(io.StringIO(text)))


def workbook_rows(client: Client, url: str) -> list[dict[str, Any]]:
    """The same of a workbook."""
    head, *rows = workbook_sheet(client, url).iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def workbook_sheet(client: Client, url: str) -> Any:
    """The sheet itself, with formats and widths."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]  # type: ignore[attr-defined]  # a stream


def queries_of_csv(client: Client, url: str) -> int:
    """Of the answer and of reading it to the end."""
    with CaptureQueriesContext(connection) as queries:
        csv_rows(client, url)
    return len(queries)
