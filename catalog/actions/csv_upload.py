"""Taking a file in: checked at once as far as the header goes, then by a job row by row, then imported."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import PurePath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from catalog.actions.field_register import check_field_names
from catalog.csv_columns import FIELD_PREFIX, IGNORED, is_field
from catalog.csv_mapping import applied
from catalog.csv_reader import CsvFacts, check_columns, check_kind, column_name, facts_of, inspect_csv
from catalog.enums import CsvKind, CsvState
from catalog.models import CsvBefore, CsvUpload
from catalog.queries.csv_header import node_columns, settled_columns
from catalog.xlsx import XLSX, is_workbook, workbook_header
from jetsync.actions.log import record
from jetsync.actions.operation import start_operation
from jetsync.enums import Priority
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

CHECK_JOB = "catalog.check_csv"
IMPORT_JOB = "catalog.import_csv"
IMPORT_KIND = "catalog.csv_import"
# Long enough to ask what a file held after a quarter of a year's closing.
KEEP_FILES = timedelta(days=90)

operation_kind(IMPORT_KIND, right=Right.PRODUCTS_EDIT)


def start_upload(
    merchant: Merchant,
    kind: CsvKind,
    file: UploadedFile[bytes],
    *,
    is_on_jet: bool = False,
    preview: bool = False,
    confirms_prices: bool = False,
    may_ask: bool = False,
    chosen: Mapping[str, str] | None = None,
    actor: Actor,
) -> CsvUpload:
    """Stores a CSV file or a workbook. Nothing of it is written to products yet.

    With `preview` it is only checked, and waits for `start_import`; else its import starts at once, as an operation.
    Columns that we do not know: `chosen` says what they are ("" leaves one out), else a file with the same header did; else
    with `may_ask` the file waits for `map_columns`.
    Raises InvalidInput when it is empty, too large, not readable, its header is wrong or names too many new own fields;
    `message` tells every fault.
    `is_on_jet` lets product rows pass with the minimum of columns ("**"). `confirms_prices` takes changes of prices that
    would be held back as slips.
    """
    name = PurePath(file.name or "file.csv").name[:200]
    _check_size(name, file.size or 0)
    facts = _inspect(file, kind)
    columns = _columns_of(merchant, kind, facts, chosen, may_ask=may_ask)
    state = CsvState.CHECKING if preview else CsvState.IMPORTING
    if columns is None:
        state, columns = CsvState.MAPPING, [IGNORED] * len(facts.columns)
    file.seek(0)
    with transaction.atomic():
        upload = CsvUpload(
            merchant=merchant,
            kind=kind,
            token=secrets.token_hex(16),
            original_name=name,
            encoding=facts.encoding,
            delimiter=facts.delimiter,
            header=list(facts.header),
            columns=columns,
            is_on_jet=is_on_jet,
            confirms_prices=confirms_prices and state == CsvState.IMPORTING,  # the preview asks
            byte_count=file.size or 0,
            state=state,
        )
        upload.file.save(name, file, save=False)
        upload.save()
        if state == CsvState.CHECKING:
            _enqueue(upload, CHECK_JOB)
        elif state == CsvState.IMPORTING:
            _start(upload, actor)
    return upload


def _columns_of(
    merchant: Merchant, kind: CsvKind, facts: CsvFacts, chosen: Mapping[str, str] | None, *, may_ask: bool
) -> list[str] | None:
    """None where the merchant has to be asked. Raises InvalidInput for columns that cannot work."""
    nodes = node_columns(merchant, kind)
    if chosen is not None:
        columns: list[str] | None = nodes.resolved(applied(facts.header, chosen))
    else:
        columns = settled_columns(merchant, kind, facts.header, facts.columns)
    if columns is None and may_ask:
        check_kind(facts.columns, kind)
        return None
    if columns is None:
        columns = nodes.resolved(facts.columns)
        check_columns(columns, kind, nodes)  # names what is not known
    _check_chosen(merchant, kind, columns)
    return columns


def _check_chosen(merchant: Merchant, kind: str, columns: Sequence[str]) -> None:
    check_columns([name for name in columns if name != IGNORED], kind, node_columns(merchant, kind))
    check_field_names(merchant, [name.removeprefix(FIELD_PREFIX) for name in columns if is_field(name)])


@transaction.atomic
def map_columns(upload: CsvUpload, columns: Sequence[str], *, actor: Actor) -> CsvUpload:
    """Says what the columns of a file are, ours for each of its own ("" leaves one out); the file is checked then.

    Raises InvalidInput for columns that cannot work, StateConflict once the import has begun or the file is cancelled.
    """
    if len(columns) != len(upload.header):
        raise InvalidInput(
            f"The file has {counted(len(upload.header), 'column')}, {len(columns)} were named.",
            hint="Read the page again and choose for every column.",
        )
    columns = node_columns(upload.merchant, upload.kind).resolved(columns)
    _check_chosen(upload.merchant, upload.kind, columns)
    mine = CsvUpload.objects.filter(
        pk=upload.pk, merchant=upload.merchant_id, state__in=(CsvState.MAPPING, CsvState.CHECKED)
    )
    if not mine.update(columns=list(columns), state=CsvState.CHECKING, preview={}):
        raise _not_waiting(upload, "read by other columns")
    upload.refresh_from_db()
    message = f"Columns of {upload.original_name} were chosen"
    record(
        upload.merchant,
        "catalog.csv.mapped",
        message,
        actor=actor,
        about=upload,
        new={"columns": list(columns)},
    )
    _enqueue(upload, CHECK_JOB)
    return upload


@transaction.atomic
def change_kind(upload: CsvUpload, kind: CsvKind, *, actor: Actor) -> CsvUpload:
    """Reads a file that is not imported yet as one of another kind: it is checked again, or asked about its columns first.

    Raises StateConflict once the import has begun, or the file is cancelled.
    """
    own = [column_name(title) for title in upload.header]
    columns = settled_columns(upload.merchant, kind, upload.header, own)
    try:
        if columns is not None:
            _check_chosen(upload.merchant, kind, columns)
    except InvalidInput:
        columns = None  # the page of its columns says what is missing
    state = CsvState.MAPPING if columns is None else CsvState.CHECKING
    mine = CsvUpload.objects.filter(
        pk=upload.pk, merchant=upload.merchant_id, state__in=(CsvState.MAPPING, CsvState.CHECKED)
    )
    old = upload.kind
    values = {"columns": columns or [IGNORED] * len(upload.header), "preview": {}, "state": state}
    if not mine.update(kind=kind, **values):
        raise _not_waiting(upload, "read as another kind")
    upload.refresh_from_db()
    message = f"{upload.original_name} is read as {kind.label.lower()}"
    record(
        upload.merchant,
        "catalog.csv.kind_changed",
        message,
        actor=actor,
        about=upload,
        old={"kind": old},
        new={"kind": str(kind)},
    )
    if state == CsvState.CHECKING:
        _enqueue(upload, CHECK_JOB)
    return upload


def _inspect(file: UploadedFile[bytes], kind: CsvKind) -> CsvFacts:
    stream = file.file
    assert stream is not None  # noqa: S101 -- an upload has content
    if (file.name or "").lower().endswith(f".{XLSX}") and not is_workbook(stream):
        raise InvalidInput(
            f"“{PurePath(file.name or '').name[:200]}” is called a workbook, but it is none.",
            hint="Save it as “Excel workbook (.xlsx)” in your spreadsheet, or as “CSV UTF-8”.",
        )
    return facts_of(XLSX, "", workbook_header(stream)) if is_workbook(stream) else inspect_csv(stream, kind)


def _check_size(name: str, size: int) -> None:
    if size == 0:
        raise InvalidInput(f"“{name}” is empty.", hint="Download the template and fill it.")
    if size > settings.CSV_MAX_BYTES:
        limit = settings.CSV_MAX_BYTES // 2**20
        raise InvalidInput(
            f"“{name}” has {size / 2**20:,.1f} MB, at most {limit} MB are taken.",
            hint="Split it into several files.",
        )


@transaction.atomic
def start_import(upload: CsvUpload, *, actor: Actor, confirms_prices: bool = False) -> CsvUpload:
    """Imports a file that was checked. Raises StateConflict for any other: a second press starts no second import.

    `confirms_prices`: the changes of prices that the check has held back are right.
    """
    mine = CsvUpload.objects.filter(pk=upload.pk, merchant=upload.merchant_id, state=CsvState.CHECKED)
    confirmed = {"confirms_prices": True} if confirms_prices else {}
    if not mine.update(state=CsvState.IMPORTING, **confirmed):
        raise _not_waiting(upload, "imported")
    upload.refresh_from_db()
    _start(upload, actor)
    return upload


@transaction.atomic
def cancel_upload(upload: CsvUpload, *, actor: Actor) -> CsvUpload:
    """Ends a file that was not imported. Raises StateConflict once its import has begun: that is stopped there."""
    mine = CsvUpload.objects.filter(
        pk=upload.pk,
        merchant=upload.merchant_id,
        state__in=(CsvState.MAPPING, CsvState.CHECKING, CsvState.CHECKED),
    )
    if not mine.update(state=CsvState.CANCELLED, finished_at=timezone.now()):
        raise _not_waiting(upload, "cancelled")
    upload.refresh_from_db()
    message = f"{upload.original_name} was cancelled before its import"
    record(upload.merchant, "catalog.csv.cancelled", message, actor=actor, about=upload)
    return upload


def _not_waiting(upload: CsvUpload, word: str) -> StateConflict:
    upload.refresh_from_db()
    state = upload.get_state_display().lower()
    return StateConflict(
        f"{upload.original_name} cannot be {word}: it is {state}.",
        hint="Read the page again to see where it stands.",
    )


def _start(upload: CsvUpload, actor: Actor) -> None:
    title = f"Import {CsvKind(upload.kind).label.lower()} from {upload.original_name}"
    data = {"csv_upload": upload.pk}
    upload.operation = start_operation(upload.merchant, IMPORT_KIND, title, actor=actor, data=data)
    upload.save(update_fields=["operation"])
    _enqueue(upload, IMPORT_JOB)


def _enqueue(upload: CsvUpload, kind: str) -> None:
    enqueue(
        upload.merchant,
        kind,
        f"upload-{upload.pk}",
        priority=Priority.NORMAL,
        operation=upload.operation,
        about=upload,
        data={"upload": upload.pk},
    )


def can_resume(upload: CsvUpload) -> bool:
    """Whether an import ended before its last row, and the file is still here."""
    ended = upload.operation is not None and not upload.operation.is_open and upload.finished_at is not None
    return ended and bool(upload.file) and upload.rows_done < (upload.row_count or 0) <= settings.CSV_MAX_ROWS


@transaction.atomic
def resume_import(upload: CsvUpload, *, actor: Actor) -> CsvUpload:
    """Goes on behind the last row that was stored, as a new operation that takes the failed rows over.

    Raises StateConflict when the import ran to its end, or runs.
    """
    locked = CsvUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk, merchant=upload.merchant_id)
    before = locked.operation
    if before is None or not can_resume(locked):
        raise _not_waiting(upload, "resumed")
    locked.state, locked.finished_at = CsvState.IMPORTING, None
    locked.save(update_fields=["state", "finished_at"])
    _start(locked, actor)
    operation = locked.operation
    assert operation is not None  # noqa: S101 -- it was just made
    rows = OperationRow.objects.filter(merchant=locked.merchant_id, operation=before)
    rows.update(operation=operation)
    done = locked.created_count + locked.updated_count + locked.unchanged_count
    mine = Operation.objects.filter(pk=operation.pk, merchant=locked.merchant_id)
    mine.update(done=done, failed=locked.failed_count)
    return locked


def forget_files(merchant: Merchant) -> int:
    """Deletes files, and what is kept for undoing, of uploads that ended over `KEEP_FILES` ago; returns how many files.

    Safe to repeat.
    """
    until = timezone.now() - KEEP_FILES
    CsvBefore.objects.filter(merchant=merchant, upload__finished_at__lt=until).delete()
    rows = CsvUpload.objects.filter(merchant=merchant, finished_at__lt=until).exclude(file="")
    count = 0
    for upload in rows.order_by("pk").iterator(chunk_size=200):
        upload.file.delete(save=False)
        CsvUpload.objects.filter(pk=upload.pk, merchant=merchant).update(file="")
        count += 1
    return count
