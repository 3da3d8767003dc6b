"""Importing a stored CSV file: batch by batch, each in one transaction with the note of how far it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog.actions.csv_write import Written, write_prices, write_products
from catalog.actions.targets import refresh_targets
from catalog.csv_reader import CsvFacts, UnreadableRow, read_rows
from catalog.csv_rows import ParsedRow, PriceParser, ProductParser
from catalog.enums import CsvKind
from catalog.models import CsvUpload
from catalog.pages import page_url
from catalog.problems import Problem
from jetsync.actions.log import notify, record
from jetsync.actions.operation import fail_operation, is_cancelled, mark_running
from jetsync.enums import NoticeLevel, OperationState, RowState
from jetsync.models import Operation, OperationRow
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.managers import bulk_create

# Rows per transaction: at 1,000 a batch takes well under a second, so a kill costs little and locks are short.
BATCH = 1000


@dataclass
class Batch:
    """`upto` is the number of rows of the file that are done once this batch is committed."""

    upto: int = 0
    rows: list[ParsedRow] = field(default_factory=list)


def run_import(upload: CsvUpload, heartbeat: Callable[[], None] = lambda: None) -> CsvUpload:
    """Imports what is not done yet and ends the operation. May be called again after a kill at any point.

    Good rows go on when others fail; every failed row keeps its line, cells and reasons. Returns the upload as it
    stands. `heartbeat` is called once per batch.
    """
    operation = upload.operation
    assert operation is not None  # noqa: S101 -- uploads are made with their operation
    if upload.finished_at is not None:
        return upload
    mark_running(operation)
    broken = _count_rows(upload, operation)
    if broken:
        return broken
    note = ""
    parser = ProductParser(upload.columns) if upload.kind == CsvKind.PRODUCTS else PriceParser(upload.columns)
    try:
        for batch in _batches(upload, parser):
            heartbeat()
            if is_cancelled(operation):
                return _finish(upload, operation, OperationState.CANCELLED, "Stopped on request.")
            _write_batch(upload, operation, batch)
    except UnreadableRow as exc:
        note = f"Line {exc.line} and all below it were not read: {exc.message}"
        _note_unreadable(upload, operation, exc)
    upload.refresh_from_db()
    state = OperationState.DONE
    if upload.failed_count:
        ok = upload.created_count + upload.updated_count + upload.unchanged_count
        state = OperationState.PARTLY if ok else OperationState.FAILED
    return _finish(upload, operation, state, note)


def facts_of(upload: CsvUpload) -> CsvFacts:
    return CsvFacts(upload.encoding, upload.delimiter, tuple(upload.columns))


def _count_rows(upload: CsvUpload, operation: Operation) -> CsvUpload | None:
    """Sets the total before anything is written; a file with too many rows ends here and is returned closed."""
    if upload.row_count is None:
        count = 0
        with upload.file.open("rb") as file:
            try:
                for _row in read_rows(file, facts_of(upload)):
                    count += 1
                    if count > settings.CSV_MAX_ROWS:
                        break
            except UnreadableRow:
                pass  # told when the import comes to that line
        upload.row_count = count
        CsvUpload.objects.filter(pk=upload.pk, merchant=upload.merchant_id).update(row_count=count)
        Operation.objects.filter(pk=operation.pk, merchant=upload.merchant_id).update(total=count)
    if upload.row_count > settings.CSV_MAX_ROWS:
        limit = settings.CSV_MAX_ROWS
        fail_operation(
            operation, f"The file has more than {limit:,} rows.", "Split it; nothing of it was imported."
        )
        return _close(upload)
    return None


def _batches(upload: CsvUpload, parser: ProductParser | PriceParser) -> Iterator[Batch]:
    """Parsed rows that are not imported yet. Rows before are read again, for the SKUs they name."""
    lines: dict[str, int] = {}
    batch = Batch()
    sku_at = parser.index["sku"]
    broken: UnreadableRow | None = None
    with upload.file.open("rb") as file:
        rows = enumerate(read_rows(file, facts_of(upload)), 1)
        while True:
            try:
                number, row = next(rows)
            except StopIteration:
                break
            except UnreadableRow as exc:
                broken = exc  # the rows above it are still written
                break
            sku = row.cells[sku_at].strip() if sku_at < len(row.cells) else ""
            first = lines.setdefault(sku, row.line) if sku else row.line
            if number <= upload.rows_done:
                continue
            parsed = parser.parse(row)
            if first != row.line:
                message = f"SKU {sku} stands in line {first} already."
                parsed.take(Problem("sku", "duplicate", sku, message, "Keep one of the two rows."))
            batch.rows.append(parsed)
            batch.upto = number
            if len(batch.rows) >= BATCH:
                yield batch
                batch = Batch()
    if batch.rows:
        yield batch
    if broken is not None:
        raise broken


@transaction.atomic
def _write_batch(upload: CsvUpload, operation: Operation, batch: Batch) -> None:
    """Rows, results and progress in one transaction; a batch another run has written already is left alone."""
    merchant = upload.merchant
    fresh = CsvUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk, merchant=merchant)
    if fresh.rows_done >= batch.upto:
        return
    readable = [row for row in batch.rows if row.is_read]
    write = write_products if upload.kind == CsvKind.PRODUCTS else write_prices
    written = write(merchant, readable, is_on_jet=upload.is_on_jet)
    failed = [row for row in batch.rows if row.problems]
    _fail_rows(operation, failed)
    refresh_targets(merchant, written.variant_ids)
    _bump(upload, operation, written, failed=len(failed), upto=batch.upto)


@transaction.atomic
def _note_unreadable(upload: CsvUpload, operation: Operation, exc: UnreadableRow) -> None:
    """Once, also when the run after it was killed."""
    known = OperationRow.objects.filter(merchant=upload.merchant_id, operation=operation, code="unreadable")
    if not known.exists():
        fresh = CsvUpload.objects.get(pk=upload.pk, merchant=upload.merchant_id)  # batches have moved it on
        problem = Problem("", "unreadable", "", exc.message, "Repair the line and upload the rest again.")
        _fail_rows(operation, [ParsedRow(exc.line, [], problems=[problem])])
        _bump(upload, operation, Written(), failed=1, upto=fresh.rows_done)


def _fail_rows(operation: Operation, rows: Sequence[ParsedRow]) -> None:
    made = [
        OperationRow(
            merchant_id=operation.merchant_id,
            operation=operation,
            object_type="catalog.variant",
            label=(row.sku or f"Line {row.line}")[:200],
            line=row.line,
            state=RowState.FAILED,
            code=row.problems[0].rule,
            message=" ".join(_sentence(problem) for problem in row.problems)[:1000],
            hint=" ".join(dict.fromkeys(problem.fix for problem in row.problems if problem.fix))[:500],
            data={
                "cells": row.cells,
                "problems": [
                    {"column": p.field, "value": p.value, "message": p.message, "fix": p.fix}
                    for p in row.problems
                ],
            },
        )
        for row in rows
    ]
    if made:
        bulk_create(OperationRow, made, batch_size=BATCH)


def _sentence(problem: Problem) -> str:
    return f"{problem.field}: {problem.message}" if problem.field else problem.message


def _bump(upload: CsvUpload, operation: Operation, written: Written, *, failed: int, upto: int) -> None:
    mine = CsvUpload.objects.filter(pk=upload.pk, merchant=upload.merchant_id)
    mine.update(
        rows_done=upto,
        created_count=F("created_count") + written.created,
        updated_count=F("updated_count") + written.updated,
        unchanged_count=F("unchanged_count") + written.unchanged,
        failed_count=F("failed_count") + failed,
    )
    # Only failed rows are stored one by one: 100,000 rows that worked need no row each to say so.
    Operation.objects.filter(pk=operation.pk, merchant=upload.merchant_id).update(
        done=F("done") + written.done, failed=F("failed") + failed
    )


def _finish(upload: CsvUpload, operation: Operation, state: OperationState, note: str) -> CsvUpload:
    fresh = CsvUpload.objects.get(pk=upload.pk, merchant=upload.merchant_id)
    words = summary(fresh)
    done = fresh.created_count + fresh.updated_count + fresh.unchanged_count
    with transaction.atomic():
        Operation.objects.filter(pk=operation.pk, merchant=upload.merchant_id).update(
            state=state,
            done=done,
            failed=fresh.failed_count,
            total=max(fresh.row_count or 0, done + fresh.failed_count),
            message=f"{words} {note}".strip()[:500],
            hint="Correct the failed rows and upload them again; the others are stored."
            if fresh.failed_count
            else "",
            finished_at=timezone.now(),
        )
        record(
            upload.merchant,
            "catalog.csv.imported",
            f"{upload.original_name}: {words}",
            actor=SYSTEM,
            about=fresh,
            operation=operation,
        )
        level = NoticeLevel.WARNING if fresh.failed_count else NoticeLevel.SUCCESS
        notify(
            upload.merchant,
            f"csv-{fresh.pk}",
            f"Import of {upload.original_name} ended",
            level=level,
            body=words,
            url=page_url(upload.merchant, "csv-detail", pk=fresh.pk),
        )
        return _close(fresh)


def restore_counters(operation: Operation) -> None:
    """Counts of the upload on its operation, after something counted the operation's rows (only failed ones exist)."""
    upload = CsvUpload.objects.filter(merchant=operation.merchant_id, operation=operation).first()
    if upload is not None:
        done = upload.created_count + upload.updated_count + upload.unchanged_count
        Operation.objects.filter(pk=operation.pk, merchant=operation.merchant_id).update(done=done)


def _close(upload: CsvUpload) -> CsvUpload:
    upload.finished_at = timezone.now()
    upload.save(update_fields=["finished_at"])
    return upload


def summary(upload: CsvUpload) -> str:
    """Like `3 added, 4 changed, 1 as before, 2 failed.`"""
    parts = [
        (upload.created_count, "added"),
        (upload.updated_count, "changed"),
        (upload.unchanged_count, "as before"),
        (upload.failed_count, "failed"),
    ]
    return (
        ", ".join(f"{count:,} {word}" for count, word in parts if count) + "."
        if any(count for count, _ in parts)
        else "No rows."
    )
