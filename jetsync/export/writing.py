"""Writes the zip row by row and its files piece by piece. Memory holds one batch of a table, however large the store is."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import IO, Any, Self

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone

from jetsync.export.readme import Written, write_readme
from jetsync.export.tables import Column, Files, Table
from jetsync.models import Merchant
from jetsync.plain_text import harmless

Pulse = Callable[[], None]
# Rows per query. Rows with JSON or letters in them may have some 100 kB each.
BATCH, WIDE_BATCH = 2000, 200


def as_cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.is_structured:
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else str(value)


def read_rows(merchant: Merchant, table: Table, pulse: Pulse) -> Iterator[Sequence[Any]]:
    """By the primary key, a batch at a time: no transaction is held over it, and nothing is an instance."""
    rows = table.model._default_manager.filter(**{table.owner: merchant.pk}).order_by("pk")
    size = WIDE_BATCH if table.has_wide_rows else BATCH
    for row in _in_batches(rows, [column.lookup for column in table.columns], size, pulse):
        yield row[1:]


def read_files(merchant: Merchant, table: Table, files: Files, pulse: Pulse) -> Iterator[tuple[str, str]]:
    """(place in the zip, place in the storage) of each file, as `read_rows`."""
    rows = table.model._default_manager.filter(**{table.owner: merchant.pk}).order_by("pk")
    kept = rows.exclude(**{files.field: None}).exclude(**{files.field: ""})
    for pk, place, name in _in_batches(kept, [files.field, files.name], BATCH, pulse):
        yield files.path_in(table.folder, pk, name), place


def _in_batches(
    rows: QuerySet[Any], lookups: Sequence[str], size: int, pulse: Pulse
) -> Iterator[Sequence[Any]]:
    """The primary key and the values of each row."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).values_list("pk", *lookups)[:size]):
        pulse()
        yield from batch
        last = batch[-1][0]
        if len(batch) < size:
            return


class Archive:
    """The zip under construction in `file`, which stays open. `pulse` is called with every batch."""

    def __init__(self, file: IO[bytes], merchant: Merchant, pulse: Pulse) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._merchant, self._pulse = merchant, pulse
        self._written: dict[Table, Written] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    def add(self, table: Table) -> int:
        """Writes the table's file and the files of its rows; returns how many rows it has."""
        count = 0
        with (
            self._zip.open(table.path, "w", force_zip64=True) as raw,
            io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text,
        ):
            writer = csv.writer(text)
            writer.writerow([column.heading for column in table.columns])
            for row in read_rows(self._merchant, table, self._pulse):
                writer.writerow([as_cell(*pair) for pair in zip(table.columns, row, strict=True)])
                count += 1
        files = sum(self._add_files(table, files) for files in table.files)
        self._written[table] = Written(count, files)
        return count

    def _add_files(self, table: Table, files: Files) -> int:
        """As they are stored. One that was removed since its row was read, after its time, is left out."""
        count = 0
        for path, place in read_files(self._merchant, table, files, self._pulse):
            try:
                source = default_storage.open(place)
            except FileNotFoundError:
                continue
            with source, self._zip.open(path, "w", force_zip64=True) as target:
                for piece in source.chunks():
                    self._pulse()
                    target.write(piece)
            count += 1
        return count

    def explain(self) -> int:
        """Adds the README about what was added; returns the number of rows of all files."""
        readme = write_readme(self._merchant, self._written, at=timezone.now())
        self._zip.writestr("README.txt", readme)
        return sum(written.rows for written in self._written.values())
