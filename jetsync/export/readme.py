"""README.txt of the zip: each file with its columns and units, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap

from django.db import models
from django.db.models import Model

from jetsync.export.tables import STORE, Column, Table, path_of, tables_left_out, words_of
from jetsync.models import Membership, Merchant, User
from jetsync.wording import counted

WIDTH = 100
# A longer list of values would hide the columns.
WORDS_SHOWN = 20
HOW_TO_READ = """\
One CSV file for each table: UTF-8, commas, the first line holds the headings. Moments are UTC in ISO 8601. Amounts are US
dollars. A structured value stands in its cell as JSON. An empty cell is no value. A text that a spreadsheet would run as a
formula begins with an apostrophe: take it away when a program reads the file. A column that ends in _id holds the id of a
row in the file named beside it.

The tables were read one after the other while the store went on working: what changed meanwhile may be in one file as it
was before and in another as it is now.

Shoppers' names and addresses are in this file in full. Keep it as carefully as the store itself."""


@dataclass(frozen=True)
class Written:
    """How much of a table is in the zip."""

    rows: int
    files: int = 0


def write_readme(merchant: Merchant, tables: Mapping[Table, Written], *, at: datetime) -> str:
    return "\n".join(_lines(merchant, tables, at)) + "\n"


def _lines(merchant: Merchant, tables: Mapping[Table, Written], at: datetime) -> Iterator[str]:
    yield f"All data of {merchant.name} ({merchant.slug}), exported {at:%Y-%m-%d %H:%M} UTC by jetsync."
    for text in HOW_TO_READ.split("\n\n"):
        yield ""
        yield from wrap(text, WIDTH)
    yield from _heading("Files")
    for table, written in tables.items():
        yield ""
        yield f"{table.path}: {table.title}, {counted(written.rows, 'row')}"
        for column in table.columns:
            yield from wrap(
                f"{column.heading}: {_kind(column)}", WIDTH, initial_indent="  ", subsequent_indent="    "
            )
        for files in table.files:
            about = f"{table.folder}/: {counted(written.files, 'file')}, each named by the id of its row. {files.what}"
            yield from wrap(about, WIDTH, initial_indent="  ", subsequent_indent="    ")
    yield from _heading("Left out")
    yield from _left_out(list(tables))


def _heading(text: str) -> Iterator[str]:
    yield from ("", "", text, "=" * len(text))


def _left_out(tables: list[Table]) -> Iterator[str]:
    yield from ("", "Tables:")
    for title, reason in tables_left_out():
        yield from wrap(f"{title}: {reason}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    yield from ("", "Columns:")
    for table in tables:
        for name, reason in table.left_out.items():
            if reason != STORE:
                yield from wrap(
                    f"{table.path}, {name}: {reason}", WIDTH, initial_indent="  ", subsequent_indent="    "
                )
    yield from ("", "Jet's category tree is the same for every store.")


def _kind(column: Column) -> str:
    field = column.field
    if field.related_model is not None:
        words = _reference(field.related_model)
    elif column.is_structured:
        words = "JSON"
    elif isinstance(field, models.BooleanField):
        words = "true or false"
    else:
        words = type(field).__name__.removesuffix("Field").removeprefix("Positive").lower()
        words = {"char": "text", "slug": "text", "email": "text", "datetime": "moment"}.get(words, words)
    if isinstance(field, models.IntegerField | models.AutoField):
        words = "number"
    named = list(words_of(column))
    if named and len(named) <= WORDS_SHOWN:
        words += ", one of " + ", ".join(f"{value} ({label})" for value, label in named)
    return f"{words}, {column.unit}" if column.unit else words


def _reference(model: type[Model]) -> str:
    if model is User:
        return f"id of a person, as in user_id of {path_of(Membership)}"
    return f"id of {path_of(model)}"
