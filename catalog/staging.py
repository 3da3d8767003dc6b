"""Rows on their way into a table: by COPY into a temporary one, from which the statement that wants them reads.

PostgreSQL reads a row so at a quarter of the price of JSON. COPY into the table itself is out of the question: it is
refused where row-level security stands, and knows no "on conflict". A temporary table belongs to its session alone and
is empty after every transaction.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, JSONField

Columns = Mapping[str, "Field[Any, Any]"]
Rows = Sequence[Mapping[str, Any]]
# Characters that psycopg2 takes from the text at once.
BLOCK = 1024 * 1024
# COPY's own spelling: a text that reads so has its backslash doubled.
NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written in bulk.")


encode = json.JSONEncoder(default=_plain, separators=(",", ":"), ensure_ascii=False).encode


def stage(cursor: CursorWrapper, name: str, definition: str, columns: Columns, rows: Rows) -> str:
    """Puts rows, dicts by the names of `columns`, into the temporary table `name`; returns it as SQL names it.

    `definition` are all columns that the table may ever need, as SQL. Inside a transaction: after it the table is empty.
    """
    table = f'pg_temp."{name}"'
    # Made once per session; a table made anew for every batch would leave its dead rows in PostgreSQL's own catalogue.
    made = f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({definition}) ON COMMIT DELETE ROWS"
    cursor.execute(f"{made}; DELETE FROM {table}")  # noqa: S608 -- names come from models
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", io.StringIO(as_text(columns, rows)), BLOCK)
    return table


def as_text(columns: Columns, rows: Rows) -> str:
    """The rows as COPY reads them, a line each. Made column by column: what no cell of a column needs is asked once."""
    cells = [_cells(field, [row.get(name) for row in rows]) for name, field in columns.items()]
    return "".join([f"{line}\n" for line in map("\t".join, zip(*cells, strict=True))])


def _cells(field: Field[Any, Any], values: Sequence[Any]) -> list[str]:
    convert = _converter(field)
    texts = [None if value is None else convert(value) for value in values]
    whole = "".join([text for text in texts if text])
    if any(mark in whole for mark in "\\\t\n\r"):
        texts = [text and text.translate(_ESCAPES) for text in texts]
    return [NULL if text is None else text for text in texts]


def _converter(field: Field[Any, Any]) -> Callable[[Any], str]:
    if isinstance(field, JSONField):
        return _once(encode)
    return _once(_array) if isinstance(field, ArrayField) else str


def _once(convert: Callable[[Any], str]) -> Callable[[Any], str]:
    """By identity of the value: rows that share a list share its text."""
    known: dict[int, str] = {}

    def converted(value: Any) -> str:
        text = known.get(id(value))
        if text is None:
            text = known[id(value)] = convert(value)
        return text

    return converted


def _array(items: Sequence[Any]) -> str:
    """A list as PostgreSQL writes an array; each item is quoted, so that no text can mean NULL or end the list."""
    quoted = [str(item).replace("\\", "\\\\").replace('"', '\\"') for item in items]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"
