"""Bulk files: build from current data, upload, announce, poll, and bring each error to its SKU."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.actions import file_rows
from catalog.actions import files as file_actions
from catalog.actions.accepted import ask_status
from catalog.actions.deltas import push_deltas
from catalog.actions.sending import FILES_JOB
from catalog.codes import Code
from catalog.enums import FILE_OF_STEP, FileState, FileType, Step
from catalog.models import BulkFile, Listing
from catalog.queries.dry_run import digests_of
from catalog.sync.bodies import (
    content_messages,
    ends_sale_knowingly,
    price_json,
    price_messages,
    stock_json,
    stock_messages,
)
from catalog.sync.calls import wait_for_archive_files
from catalog.sync.publish import prepare_next
from catalog.sync.relations import return_entries, shipping_entries, variation_entries
from jetsync.actions.operation import finish_rows, is_cancelled, mark_running
from jetsync.enums import Queue, RowState
from jetsync.jet import archive_body, bulk, errors
from jetsync.jet.types.files import FileRecord, UploadToken
from jetsync.models import Job, Merchant, Operation, OperationRow
from jetsync.queries.settings import get_options
from jetsync.sync.client import current_account
from jetsync.sync.failures import Again, RetryLater
from jetsync.sync.operations import operation_handler
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

POLL_JOB = "catalog.poll_file"
POLL_FILES = file_actions.POLL_ALL
# Listings read and encoded at once while a file is built: a payload with its texts is large, a price is not.
CHUNKS = {FileType.MERCHANT_SKUS: 1000}
CHUNK = 5000
FIRST_POLL = timedelta(seconds=3)
# A file that Jet has not finished by then is reported; polling goes on slowly.
SLOW_POLL = timedelta(minutes=5)
FAST_POLLS = 40
OPEN_FILES = file_actions.AT_WORK

Entry = tuple[str, bytes | dict[str, Any], list[Any]]
"""(sku, body or its JSON, manifest entry `[listing id, sku, what to note when Jet took it]`)"""


def entries(
    merchant: Merchant, file_type: FileType, listing_ids: Sequence[int], operation: Operation | None = None
) -> Iterator[Entry]:
    """What a file of this type carries, read in chunks so that memory stays flat."""
    size, make = CHUNKS.get(file_type, CHUNK), _ENTRIES[file_type]
    if file_type == FileType.MERCHANT_SKUS and ends_sale_knowingly(operation):
        make = partial(_content_entries, may_end_sale=True)
    for start in range(0, len(listing_ids), size):
        yield from make(merchant, listing_ids[start : start + size])


def _content_entries(
    merchant: Merchant, ids: Sequence[int], *, may_end_sale: bool = False
) -> Iterator[Entry]:
    for row in content_messages(merchant, ids, may_end_sale=may_end_sale):
        yield row.sku, row.payload, [row.listing_id, row.sku, row.content_hash]


def _price_entries(merchant: Merchant, ids: Sequence[int]) -> Iterator[Entry]:
    for row in price_messages(merchant, ids):
        if row.price is not None:
            nodes = {
                str(pk): str(price) if price is not None else None for pk, price in row.node_rows.items()
            }
            yield (
                row.sku,
                price_json(row),
                [row.listing_id, row.sku, str(row.price), nodes],
            )


def _stock_entries(merchant: Merchant, ids: Sequence[int]) -> Iterator[Entry]:
    for row in stock_messages(merchant, ids):
        yield (
            row.sku,
            stock_json(row),
            [row.listing_id, row.sku, {str(pk): n for pk, n in row.rows.items()}],
        )


def _archive_entries(merchant: Merchant, ids: Sequence[int]) -> Iterator[Entry]:
    rows = Listing.objects.filter(merchant=merchant, pk__in=ids).order_by("pk")
    for pk, sku, archived in rows.values_list("pk", "variant__sku", "archived_target"):
        yield sku, dict(archive_body(is_archived=archived)), [pk, sku, archived]


_ENTRIES = {
    FileType.MERCHANT_SKUS: _content_entries,
    FileType.PRICE: _price_entries,
    FileType.INVENTORY: _stock_entries,
    FileType.ARCHIVE: _archive_entries,
    FileType.VARIATION: variation_entries,
    FileType.SHIPPING_EXCEPTION: shipping_entries,
    FileType.RETURNS_EXCEPTION: return_entries,
}


def build(
    path: Path,
    merchant: Merchant,
    file_type: FileType,
    ids: Sequence[int],
    operation: Operation | None = None,
) -> tuple[bulk.BulkFile, list[list[Any]]]:
    """Writes the file as a stream; returns it and its manifest."""
    manifest: list[list[Any]] = []

    def items() -> Iterator[tuple[str, bytes | dict[str, Any]]]:
        for sku, body, entry in entries(merchant, file_type, ids, operation):
            manifest.append(entry)
            yield sku, body

    return bulk.write_file(path, items()), manifest


def send_file(
    context: JobContext, file_type: FileType, listing_ids: Sequence[int], operation: Operation | None = None
) -> BulkFile | None:
    """Builds and sends one file and enqueues its polling. None when no listing had anything to say.

    The row is written with Jet's file id before the announcement: when the answer to that is lost, the poll finds out
    whether Jet has the file, and a file that Jet never heard of is built again from current data. The rows of
    `operation` are noted as sent together with the announcement, so a run that dies never sends them a second time.
    """
    merchant = context.merchant
    with tempfile.TemporaryDirectory(prefix="jetsync-file-") as folder:
        path = Path(folder) / "file.json.gz"
        built, manifest = build(path, merchant, file_type, listing_ids, operation)
        if not manifest:
            return None
        token = context.jet.files.upload_token()
        row = file_actions.note_built(
            merchant,
            current_account(merchant),
            file_type,
            manifest,
            operation=operation,
            byte_count=built.size_bytes,
            jet_file_id=token.jet_file_id,
            upload_url=token.url,
            content=path,
        )
        _upload(context, row, token, path)
    _announce(context, row, listing_ids)
    return row


def _upload(context: JobContext, row: BulkFile, token: UploadToken, path: Path) -> None:
    """A file whose bytes did not get there is closed at once; its products go into the next one."""
    try:
        context.jet.files.upload(token, path)
    except errors.JetUploadRefused as exc:
        file_actions.note_not_sent(row, "Jet's upload address was refused; a new one is taken.")
        raise RetryLater(
            "Jet refused the upload address. A new file is made.", code=Code.UPLOAD_REFUSED
        ) from exc
    except errors.JetError as exc:
        file_actions.note_not_sent(row, str(exc.jet_message or "The file could not be uploaded."))
        raise


def _announce(context: JobContext, row: BulkFile, listing_ids: Sequence[int]) -> None:
    record = None
    try:
        record = context.jet.files.announce(row.upload_url, row.file_type, row.name)
    except errors.JetError as exc:
        if not exc.may_have_arrived:
            file_actions.note_not_sent(row, str(exc.jet_message or "Jet did not take the file."))
            raise
    _note_under_way(row, record.status if record else "", listing_ids)


@transaction.atomic
def _note_under_way(row: BulkFile, jet_status: str, listing_ids: Sequence[int] = ()) -> None:
    """The announced file, its rows of the operation and its polling: all or nothing.

    Those of `listing_ids` that the file does not carry have nothing to be sent.

    Were the rows noted later, a worker killed in between would leave a file that is no orphan, beside rows that look
    unsent: the next run would send them again.
    """
    file_actions.note_announced(row, jet_status)
    if row.operation is not None:
        carried, step = [entry[0] for entry in row.manifest], file_actions.step_of(row)
        file_rows.mark_step(row.operation, carried, step, in_file=True)
        file_rows.mark_step(row.operation, sorted({*listing_ids} - {*carried}), step, in_file=False)
    _poll_soon(row)


def _poll_soon(row: BulkFile) -> None:
    enqueue(
        row.merchant,
        POLL_JOB,
        f"file:{row.pk}",
        about=row,
        operation=row.operation,
        not_before=timezone.now() + FIRST_POLL,
    )


def _poll_all_the_same(job: Job) -> None:
    """Who cancels an operation stops what was not sent yet; what Jet works through already is still asked for."""
    if job.operation is not None and job.operation.cancel_requested_at is not None:
        row = BulkFile.objects.filter(
            merchant=job.merchant_id, pk=job.object_id or 0, applied_at=None
        ).first()
        if row is not None:
            _poll_soon(row)


@handler(
    POLL_JOB,
    label="Read the result of a bulk file",
    right=Right.PRODUCTS_PUBLISH,
    queue=Queue.DEFAULT,
    max_attempts=200,
    on_cancel=_poll_all_the_same,
)
def poll_file(context: JobContext) -> None:
    """Asks for the file until Jet has finished, then writes sent values and errors, once."""
    row = BulkFile.objects.filter(merchant=context.merchant, pk=int(context.job.key.split(":")[1])).first()
    if row is None or row.applied_at is not None:
        return
    try:
        record = context.jet.files.get(row.jet_file_id)
    except errors.JetNotFound:
        _lost(context, row)
        return
    if not record.is_final:
        file_actions.note_polled(row, record.status)
        wait = (
            SLOW_POLL
            if row.polls > FAST_POLLS
            else min(timedelta(seconds=3 + row.polls * 2), timedelta(seconds=30))
        )
        raise Again(wait)
    _apply(context, row, record)


def _lost(context: JobContext, row: BulkFile) -> None:
    """Jet never heard of the announcement: what the file carried is still dirty and is sent anew."""
    file_actions.note_not_sent(
        row, "The announcement of this file never reached Jet; its products are sent again."
    )
    push_deltas(context.merchant)
    _go_on(context, row)


def _apply(context: JobContext, row: BulkFile, record: FileRecord) -> None:
    texts = context.jet.files.errors(record) if record.error_count or record.error_excerpt else []
    done, failed = file_actions.apply_result(row, record.status, record.error_count, texts)
    context.note(f"{row.get_file_type_display()}: {done} accepted, {failed} refused.")
    if done and row.file_type == FileType.MERCHANT_SKUS:
        ask_status(context.merchant, f"file:{row.pk}", file=row.pk)
    # What changed while the file was under way, and what an un-archived SKU missed meanwhile, is dirty now. Prices and
    # quantities of a fresh SKU too, but those are sent by the next steps of its operation.
    if not _has_more_steps(row):
        push_deltas(context.merchant)
    _go_on(context, row)


def _has_more_steps(row: BulkFile) -> bool:
    operation = row.operation
    if operation is None or not operation.is_open or operation.cancel_requested_at is not None:
        return False
    return bool(operation.data.get("position", 0) + 1 < len(operation.data["steps"]))


def _go_on(context: JobContext, row: BulkFile) -> None:
    if row.operation is not None:
        enqueue(context.merchant, FILES_JOB, f"operation:{row.operation_id}", operation=row.operation)


def _end_all_the_same(job: Job) -> None:
    """Cancelled between two of its runs: what has gone to Jet in files still needs its end, so it runs once more."""
    if job.operation is not None and file_rows.has_sent_rows(job.operation):
        enqueue(job.merchant, FILES_JOB, job.key, operation=job.operation)


@operation_handler(
    FILES_JOB,
    label="Send products as files",
    queue=Queue.BULK,
    lease=timedelta(minutes=10),
    on_cancel=_end_all_the_same,
)
def send_as_files(context: JobContext, operation: Operation) -> None:
    """One step at a time over all rows: products, then prices, then quantities; the next step waits for the files."""
    mark_running(operation)
    if is_cancelled(operation):
        _end_cancelled(context, operation)
        return
    prepare_next(context, operation)
    step = _current_step(operation)
    if _adopt_orphans(context, operation):
        return  # the poll enqueues this job again
    if step is None:
        file_rows.finish_operation(operation)
        push_deltas(context.merchant)
        return
    ids = _left(operation, step)
    if ids and operation.data.get("exact"):
        ids = _unmoved(operation, ids)
        if not ids:
            raise Again  # all of this file's worth were failed
    if step == Step.ARCHIVE:
        wait_for_archive_files(context, ids)
    if ids:
        if send_file(context, FILE_OF_STEP[step], ids, operation) is None:
            file_rows.mark_step(operation, ids, step, in_file=False)
        raise Again
    if _open_files(operation):
        context.note("Waiting for Jet to work through the files.")
        return  # the poll enqueues this job again
    file_rows.next_step(operation)
    raise Again


def _end_cancelled(context: JobContext, operation: Operation) -> None:
    """Files that Jet has are waited for: what it says about them is stored, and the rows end with it."""
    if _adopt_orphans(context, operation) or _open_files(operation):
        context.note("Cancelled; waiting for Jet to work through the files that it has.")
        return  # the poll enqueues this job again
    file_rows.finish_cancelled(operation)
    push_deltas(context.merchant)  # what Jet took before still gets its price and quantity


def _adopt_orphans(context: JobContext, operation: Operation) -> bool:
    """Files that a worker left half-way: whether Jet heard of them is found out by the poll, not guessed.

    A job runs alone, so a file that is still being built belongs to a run that died.
    """
    orphans = list(
        BulkFile.objects.filter(merchant=context.merchant, operation=operation, state=FileState.BUILDING)
    )
    for row in orphans:
        _note_under_way(row, "")
    return len(orphans) > 0


def _current_step(operation: Operation) -> Step | None:
    operation.refresh_from_db()
    steps = operation.data["steps"]
    position = operation.data.get("position", 0)
    return Step(steps[position]) if position < len(steps) else None


def _left(operation: Operation, step: Step) -> list[int]:
    """The next file's worth of rows that have not been through this step; refused rows are out."""
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state__in=(RowState.WAITING, RowState.SENT)
    ).exclude(data__has_key=str(step))
    size = get_options(operation.merchant).skus_per_file
    return [pk for pk in rows.order_by("pk").values_list("object_id", flat=True)[:size] if pk is not None]


def _unmoved(operation: Operation, ids: list[int]) -> list[int]:
    """Of an operation held to a dry run, the listings that still send what it has shown; the others fail."""
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, object_id__in=ids, data__has_key="expects"
    )
    now = digests_of(operation.merchant, ids, [Step(step) for step in operation.data["steps"]])
    moved = [
        (row.pk, row.object_id) for row in rows if row.data["expects"] != now.get(row.object_id or 0, {})
    ]
    if moved:
        finish_rows(
            operation,
            [pk for pk, _listing in moved],
            RowState.FAILED,
            code=Code.DATA_MOVED,
            message="Not sent: data has moved since the dry run.",
            hint="Look at the dry run again.",
        )
    gone = {listing for _pk, listing in moved}
    return [pk for pk in ids if pk not in gone]


def _open_files(operation: Operation) -> bool:
    return BulkFile.objects.filter(
        merchant=operation.merchant_id,
        operation=operation,
        state__in=OPEN_FILES,
    ).exists()


@handler(POLL_FILES, label="Look after open bulk files", right=Right.PRODUCTS_PUBLISH, queue=Queue.DEFAULT)
def poll_files(context: JobContext) -> None:
    """Finds files whose polling got lost (a cancelled job, a crash between two writes) and takes it up again."""
    rows = BulkFile.objects.filter(merchant=context.merchant, applied_at=None)
    if not context.job.data.get("all"):
        rows = rows.filter(created_at__lt=timezone.now() - timedelta(minutes=10))
    count = 0
    for row in rows.exclude(state=FileState.FAILED):
        enqueue(context.merchant, POLL_JOB, f"file:{row.pk}", about=row, operation=row.operation)
        count += 1
    context.note(f"{counted(count, 'open file')}.")


def _has_open_files(merchant: Merchant) -> bool:
    return (
        BulkFile.objects.filter(merchant=merchant, applied_at=None).exclude(state=FileState.FAILED).exists()
    )


add_schedule(
    ScheduleKind(
        "catalog.poll_files",
        "Rejected files",
        timedelta(minutes=10),
        POLL_FILES,
        "Reads results of bulk files that are still open at Jet.",
        _has_open_files,
        idle="No file is open at Jet.",
    )
)
