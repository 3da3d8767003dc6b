"""Importing a stored file: batch by batch, each in one transaction with the note of how far it came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from catalog.actions.csv_batch import BATCH, Batch, Planner, read_batches
from catalog.actions.csv_before import keep_before
from catalog.actions.csv_groups import group_states, keep_groups, skus_of_plan
from catalog.actions.csv_plan import Change, moved_since
from catalog.actions.csv_write import Written
from catalog.actions.deltas import push_deltas
from catalog.actions.targets import refresh_targets
from catalog.codes import Code
from catalog.csv_reader import UnreadableRow
from catalog.csv_rows import ParsedRow
from catalog.enums import CsvKind, CsvState
from catalog.models import CsvUpload, Listing, Product, Variant
from catalog.pages import page_url
from catalog.price_guard import Slip
from catalog.problems import Problem
from catalog.sheet_files import Pulse, ReadingStopped, count_rows, make_pulse
from jetsync.actions.log import notify, record
from jetsync.actions.operation import fail_operation, is_cancelled, mark_running
from jetsync.cycles import no_cycle_search
from jetsync.enums import NoticeLevel, OperationState, RowState
from jetsync.exceptions import InvalidInput
from jetsync.models import Operation, OperationRow
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.managers import bulk_create

# SKUs that changed between check and import, named one by one.
MOST_NAMED = 50
STOPPED = "Stopped on request."
# After so many rows PostgreSQL is told how large the tables have become: until its own rounds, a minute apart, it
# believes that a new merchant has one row and reads all of them for every batch.
COUNT_AGAIN_AT = frozenset({BATCH, 10 * BATCH, 100 * BATCH})


def run_import(upload: CsvUpload, heartbeat: Callable[[], None] = lambda: None) -> CsvUpload:
    """Imports what is not done yet and ends the operation. May be called again after a kill at any point.

    Good rows go on when others fail; every failed row keeps its line, cells and reasons. Returns the upload as it
    stands. `heartbeat` is called once per batch.
    """
    operation = upload.operation
    assert operation is not None  # noqa: S101 -- the import of an upload is started with its operation
    if upload.finished_at is not None:
        return upload
    mark_running(operation)
    pulse = make_pulse(heartbeat, lambda: not is_cancelled(operation))
    try:
        return _count_rows(upload, operation, pulse) or _import(upload, operation, heartbeat, pulse)
    except ReadingStopped:
        return _finish(upload, operation, OperationState.CANCELLED, STOPPED)


def _import(upload: CsvUpload, operation: Operation, heartbeat: Pulse, pulse: Pulse) -> CsvUpload:
    note = ""
    try:
        planner = Planner(upload)
    except InvalidInput as exc:
        # It can go on once the node is back.
        return _finish(upload, operation, OperationState.CANCELLED, exc.message)
    try:
        for batch in read_batches(upload, upload.rows_done, BATCH, pulse):
            heartbeat()
            if is_cancelled(operation):
                return _finish(upload, operation, OperationState.CANCELLED, STOPPED)
            _write_batch(upload, operation, planner, batch)
            if batch.upto in COUNT_AGAIN_AT and upload.kind == CsvKind.PRODUCTS:
                _count_again(upload)
    except UnreadableRow as exc:
        note = f"Line {exc.line} and all below it were not read: {exc.message}"
        _note_unreadable(upload, operation, exc)
    upload.refresh_from_db()
    state = OperationState.DONE
    if upload.failed_count:
        ok = upload.created_count + upload.updated_count + upload.unchanged_count
        state = OperationState.PARTLY if ok else OperationState.FAILED
    return _finish(upload, operation, state, note)


def _count_again(upload: CsvUpload) -> None:
    if not CsvUpload.objects.filter(pk=upload.pk, merchant=upload.merchant_id, created_count__gt=0).exists():
        return
    with connection.cursor() as cursor:
        for model in (Product, Variant, Listing):
            cursor.execute(f'ANALYZE "{model._meta.db_table}" (merchant_id)')


def _count_rows(upload: CsvUpload, operation: Operation, pulse: Pulse) -> CsvUpload | None:
    """Sets the total before anything is written; a file with too many rows ends here and is returned closed."""
    if upload.row_count is None:
        upload.row_count = count_rows(upload, settings.CSV_MAX_ROWS, pulse)
        CsvUpload.objects.filter(pk=upload.pk, merchant=upload.merchant_id).update(row_count=upload.row_count)
    if not operation.total:
        total = upload.row_count
        Operation.objects.filter(pk=operation.pk, merchant=upload.merchant_id).update(total=total)
    if upload.row_count > settings.CSV_MAX_ROWS:
        limit = settings.CSV_MAX_ROWS
        fail_operation(
            operation, f"The file has more than {limit:,} rows.", "Split it; nothing of it was imported."
        )
        return _close(upload)
    return None


@no_cycle_search()
@transaction.atomic
def _write_batch(upload: CsvUpload, operation: Operation, planner: Planner, batch: Batch) -> None:
    """Rows, results and progress in one transaction; a batch another run has written already is left alone."""
    merchant = upload.merchant
    fresh = CsvUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk, merchant=merchant)
    if fresh.rows_done >= batch.upto:
        return
    plan = planner.plan(batch, lock=True)
    moved = moved_since(
        merchant, plan.changed, parse_datetime(fresh.preview.get("checked_at") or ""), fresh.pk
    )
    grouped = set() if planner.kind.passes_over else skus_of_plan(plan)
    groups = group_states(merchant, grouped)
    if planner.kind.passes_over:
        keep_before(fresh, plan, batch.upto)
    written = planner.kind.write(merchant, plan)
    failed = [*plan.wrong, *map(_held_row, plan.held)]
    _fail_rows(operation, failed)
    if written.variant_ids:
        refresh_targets(merchant, written.variant_ids, push=False)
    if grouped:
        # A group that lost its last member, and those that SKUs form by themselves instead, are met by these as well.
        touched = {pk for state in groups.values() if state for pk in state["children"]}
        after = group_states(merchant, grouped | touched | groups.keys())
        keep_groups(fresh, groups, after, batch.upto)
    _note_moved(fresh, moved)
    _bump(fresh, operation, written, failed=len(failed), upto=batch.upto)


def _held_row(held: tuple[Change, Slip]) -> ParsedRow:
    """A price or quantity that nobody has confirmed: a failed row, to be uploaded again."""
    change, slip = held
    problem = replace(slip.problem, fix="Correct it, or upload the row again and confirm it.")
    change.row.take(problem)
    return change.row


def _note_moved(upload: CsvUpload, moved: Sequence[str]) -> None:
    """Names what changed since the check, as far as the page can show it."""
    if moved:
        known = upload.preview.get("moved", [])
        upload.preview["moved"] = [*known, *moved][:MOST_NAMED]
        upload.preview["moved_count"] = upload.preview.get("moved_count", 0) + len(moved)
        upload.save(update_fields=["preview"])


@transaction.atomic
def _note_unreadable(upload: CsvUpload, operation: Operation, exc: UnreadableRow) -> None:
    """Once, also when the run after it was killed."""
    known = OperationRow.objects.filter(
        merchant=upload.merchant_id, operation=operation, code=Code.UNREADABLE
    )
    if not known.exists():
        fresh = CsvUpload.objects.get(pk=upload.pk, merchant=upload.merchant_id)  # batches have moved it on
        problem = Problem("", Code.UNREADABLE, "", exc.message, "Repair the line and upload the rest again.")
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
            message=failed_message(row.problems),
            hint=" ".join(dict.fromkeys(problem.fix for problem in row.problems if problem.fix))[:500],
            data={
                "cells": row.given or row.cells,
                "problems": [problem_json(problem) for problem in row.problems],
            },
        )
        for row in rows
    ]
    if made:
        bulk_create(OperationRow, made, batch_size=BATCH)


def problem_json(problem: Problem) -> dict[str, str]:
    """As the result page and the preview show it."""
    return {
        "column": problem.field,
        "value": problem.value,
        "message": problem.message,
        "fix": problem.fix,
        "rule": problem.rule,
    }


def failed_message(problems: Sequence[Problem]) -> str:
    """The reasons of a failed row as one text."""
    return " ".join(map(_sentence, problems))[:1000]


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
        if fresh.created_count or fresh.updated_count:
            push_deltas(upload.merchant)
        fresh.state = CsvState.CANCELLED if state == OperationState.CANCELLED else CsvState.DONE
        if fresh.state == CsvState.DONE and fresh.row_count is not None:
            # Counting lines is quicker than reading them and takes a row of empty quotes for one: nothing is left over.
            fresh.rows_done = fresh.row_count
            fresh.save(update_fields=["rows_done"])
        return _close(fresh)


def stop_import(operation: Operation) -> None:
    """After the job has given up: counts as the upload has them (only failed rows exist), and what it changed is sent."""
    upload = CsvUpload.objects.filter(merchant=operation.merchant_id, operation=operation).first()
    if upload is not None:
        done = upload.created_count + upload.updated_count + upload.unchanged_count
        Operation.objects.filter(pk=operation.pk, merchant=operation.merchant_id).update(done=done)
        if upload.created_count or upload.updated_count:
            push_deltas(upload.merchant)
        upload.state = CsvState.DONE
        _close(upload)


def cancel_import(operation: Operation) -> None:
    """While the job waits, for its turn or to go on after its worker died: as if the job itself had noticed."""
    upload = CsvUpload.objects.filter(
        merchant=operation.merchant_id, operation=operation, finished_at=None
    ).first()
    if upload is not None:
        _finish(upload, operation, OperationState.CANCELLED, STOPPED)


def _close(upload: CsvUpload) -> CsvUpload:
    upload.finished_at = timezone.now()
    if upload.state == CsvState.IMPORTING:
        upload.state = CsvState.DONE
    upload.save(update_fields=["finished_at", "state"])
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
