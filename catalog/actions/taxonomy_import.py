"""A merchant's own import of Jet's taxonomy files: taken in at once, read and stored by a job as an operation."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from catalog.actions.refresh import ask_refresh
from catalog.actions.taxonomy import check_name, store_version
from catalog.bulk import batches, insert_rows
from catalog.models import TaxonomyVersion
from catalog.pages import page_url
from catalog.queries.category import vanished_in_use
from catalog.queries.taxonomy import current_version
from catalog.taxonomy_files import (
    KIND_LABELS,
    KINDS,
    Dropped,
    Source,
    TaxonomyFiles,
    check_size,
    kind_of,
    read_taxonomy,
)
from jetsync.actions.log import notify, record
from jetsync.actions.operation import (
    fail_operation,
    is_cancelled,
    mark_running,
    refresh_progress,
    start_operation,
)
from jetsync.enums import NoticeLevel, RowState
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.rights import Right

IMPORT_JOB = "catalog.import_taxonomy"
IMPORT_KIND = "catalog.taxonomy_import"
# Rows of the list of left-out rows per statement.
BATCH = 5000

operation_kind(IMPORT_KIND, right=Right.MAPPING_EDIT)


def start_import(
    merchant: Merchant,
    files: Sequence[UploadedFile[bytes]],
    *,
    name: str,
    make_current: bool,
    actor: Actor,
) -> Operation:
    """Stores the four files, told apart by their columns, and starts their import as an operation.

    Raises InvalidInput when a file is empty, too large, no CSV or none of the four, when one of the four is missing
    or given twice, and when the name is taken. Nothing is stored then.
    """
    clean = check_name(name, merchant)
    sources = _sort_out(files)
    stored = _keep_files(merchant, sources)
    try:
        with transaction.atomic():
            operation = start_operation(
                merchant,
                IMPORT_KIND,
                f"Import Jet taxonomy {clean}",
                actor=actor,
                data={"name": clean, "make_current": make_current, "files": stored},
            )
            # The header of each file is no row.
            operation.total = sum(max(0, _line_count(source) - 1) for source in sources.values())
            operation.save(update_fields=["total"])
            enqueue(merchant, IMPORT_JOB, f"operation:{operation.pk}", operation=operation)
    except BaseException:
        _drop_files(stored)
        raise
    return operation


def _sort_out(files: Sequence[UploadedFile[bytes]]) -> dict[str, Source]:
    if len(files) > len(KINDS):
        raise _wrong_files(f"{len(files)} files are given, there are four.")
    found: dict[str, Source] = {}
    for file in files:
        name = PurePath(file.name or "file.csv").name[:200]
        check_size(name, file.size or 0)
        source = Source(name, file.read())
        kind = kind_of(source)
        if kind in found:
            raise _wrong_files(f"“{found[kind].name}” and “{name}” are both the {KIND_LABELS[kind]}.")
        found[kind] = source
    missing = [KIND_LABELS[kind] for kind in KINDS if kind not in found]
    if missing:
        raise _wrong_files(f"The {' and the '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.")
    return found


def _wrong_files(message: str) -> InvalidInput:
    hint = "Choose all four together: category, attribute, attribute value and mapping file."
    return InvalidInput(message, hint=hint, fields={"files": [f"{message} {hint}"]})


def _line_count(source: Source) -> int:
    return source.data.count(b"\n") + (not source.data.endswith(b"\n"))


def _keep_files(merchant: Merchant, sources: dict[str, Source]) -> dict[str, list[str]]:
    """Kind -> [place in the storage, name as it was]."""
    folder = f"taxonomy/{merchant.pk}/{secrets.token_hex(16)}"
    return {
        kind: [default_storage.save(f"{folder}/{kind}.csv", ContentFile(source.data)), source.name]
        for kind, source in sources.items()
    }


def _drop_files(stored: dict[str, list[str]]) -> None:
    for place, _name in stored.values():
        default_storage.delete(place)


def discard_files(operation: Operation) -> None:
    """Deletes the stored files of an import that will not go on; they may be gone already."""
    _drop_files(operation.data.get("files", {}))


def run_import(operation: Operation, heartbeat: Callable[[], None] = lambda: None) -> Operation:
    """Reads and stores the files and ends the operation. Safe to run again after a kill at any point.

    `heartbeat` is called after each file. A cancelled import stops there, stores nothing and keeps no file. Raises
    FileNotFoundError when the stored files are gone.
    """
    try:
        return _run(operation, heartbeat)
    except _Cancelled:
        discard_files(operation)
        return Operation.objects.get(merchant=operation.merchant_id, pk=operation.pk)


class _Cancelled(Exception):
    """Somebody stopped the import while it was read."""


def _run(operation: Operation, heartbeat: Callable[[], None]) -> Operation:
    if not operation.is_open:
        discard_files(operation)
        return operation
    mark_running(operation)
    merchant, data = operation.merchant, operation.data
    if "version" not in data:
        sources = {}
        for kind, (place, name) in data["files"].items():
            with default_storage.open(place) as file:
                sources[kind] = Source(name, file.read())
        try:
            found = read_taxonomy(sources, _reporter(operation, sources, heartbeat))
            _store(operation, found)
        except InvalidInput as exc:
            _drop_files(data["files"])
            fail_operation(operation, exc.message, exc.hint)
            return Operation.objects.get(merchant=merchant, pk=operation.pk)
        heartbeat()
    _drop_files(data["files"])
    return _finish(operation)


def _reporter(
    operation: Operation, sources: dict[str, Source], heartbeat: Callable[[], None]
) -> Callable[[str], None]:
    """Moves the bar on file by file; rows left out are told apart when all is stored."""
    read = 0

    def report(kind: str) -> None:
        nonlocal read
        heartbeat()
        if is_cancelled(operation):
            raise _Cancelled
        read += max(0, _line_count(sources[kind]) - 1)
        Operation.objects.filter(merchant=operation.merchant_id, pk=operation.pk).update(
            done=read, message=f"Read “{sources[kind].name}”."
        )

    return report


@transaction.atomic
def _store(operation: Operation, found: TaxonomyFiles) -> None:
    """The version, the list of left-out rows, the log line, and the note that it is done, all or nothing."""
    merchant, data = operation.merchant, operation.data
    locked = Operation.objects.select_for_update(of=("self",)).get(merchant=merchant, pk=operation.pk)
    if locked.cancel_requested_at is not None:
        raise _Cancelled
    check_name(data["name"], merchant)  # another import may have been quicker
    _note_dropped(operation, found.dropped_rows)
    version = store_version(
        found,
        data["name"],
        owner=merchant,
        source=", ".join(name for _place, name in data["files"].values()),
        make_current=data["make_current"],
    )
    version.diff = {**version.diff, "operation": operation.pk}
    version.save(update_fields=["diff"])
    faults = sum(row.is_fault for row in found.dropped_rows)
    operation.data = {**data, "version": version.pk}
    operation.done, operation.failed = found.taken, faults
    operation.skipped = len(found.dropped_rows) - faults
    operation.total = operation.done + operation.failed + operation.skipped
    operation.save(update_fields=["data", "total", "done", "failed", "skipped"])
    record(
        merchant,
        "catalog.taxonomy.imported",
        f"Jet taxonomy “{version.name}” was imported: {version.categories:,} categories",
        actor=SYSTEM,
        operation=operation,
        new={"version": version.name, "in_use": version.is_current},
    )
    if version.is_current:
        ask_refresh(merchant)


def _note_dropped(operation: Operation, rows: Sequence[Dropped]) -> None:
    columns = ("operation", "object_type", "label", "line", "state", "code", "message", "data")
    for batch in batches(rows, BATCH):
        lines: list[dict[str, Any]] = [
            {
                "operation": operation.pk,
                "object_type": "catalog.taxonomyversion",
                "label": f"{row.file} line {row.line}"[:200],
                "line": row.line,
                "state": str(RowState.FAILED if row.is_fault else RowState.SKIPPED),
                "code": "damaged" if row.is_fault else "left_out",
                "message": f"One of the {row.reason}: {row.value[:100] or 'empty'}",
                "data": {"file": row.file, "reason": row.reason, "value": row.value[:200]},
            }
            for row in batch
        ]
        insert_rows(OperationRow, operation.merchant, columns, lines)


def _finish(operation: Operation) -> Operation:
    merchant = operation.merchant
    version = TaxonomyVersion.objects.filter(owner=merchant, pk=operation.data["version"]).first()
    if version is None:  # deleted while this job waited to run again
        return refresh_progress(operation, message="The version was deleted.", finish=True)
    left = operation.failed + operation.skipped
    message = (
        f"{version.categories:,} categories, {version.attributes:,} attributes, {version.attribute_values:,} values "
        f"and {version.links:,} links are stored; {left:,} rows were left out."
    )
    hint = f"“{version.name}” is in use now." if version.is_current else "Put it to use on the taxonomy page."
    fresh = refresh_progress(operation, message=message, hint=hint, finish=True)
    now = current_version(merchant)
    if now is not None and now.pk == version.pk:
        _tell_vanished(merchant, version)
    return fresh


def _tell_vanished(merchant: Merchant, version: TaxonomyVersion) -> None:
    gone = vanished_in_use(merchant)
    if gone:
        words = "category you use is" if len(gone) == 1 else "categories you use are"
        notify(
            merchant,
            "catalog.taxonomy.vanished",
            f"{len(gone)} Jet {words} not in “{version.name}”",
            level=NoticeLevel.WARNING,
            body="Their products cannot be sent until they have another one.",
            url=page_url(merchant, "category-remap"),
        )
