"""Bulk files on their way: Acknowledged -> Processing -> Processed successfully / with errors."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from jetsync.sandbox import processing
from jetsync.sandbox.clock import now
from jetsync.sandbox.files.addresses import errors_url
from jetsync.sandbox.files.handlers import handlers
from jetsync.sandbox.models.file import BulkFile, FileStatus
from jetsync.sandbox.switches import Switches

# A gzip bomb must not eat the machine; 100,000 SKUs of full content are below 300 MB.
LARGEST_CONTENT = 1024**3
# Entries per transaction: the write lock is held for one or two seconds, then other writers get their turn.
CHUNK = 5_000
# SQLite's waiting writers look every 100 ms.
BREATH_SECONDS = 0.12
# What a client's own call may process while it waits.
SMALL_BLOB = 100_000


class Unreadable(Exception):
    """The file as a whole cannot be used; the text is its one error."""


@processing.register
def run_due_files() -> None:
    """Start and finish every file whose time has come, oldest first."""
    while (file := _due_files().first()) is not None:
        if file.status == FileStatus.ACKNOWLEDGED:
            _start(file)
        else:
            _finish(file)


def _due_files() -> QuerySet[BulkFile]:
    due = BulkFile.objects.defer("blob", "errors").filter(due_at__lte=now()).order_by("due_at", "pk")
    if processing.in_small_bites():
        due = due.alias(size=Length("blob")).exclude(status=FileStatus.PROCESSING, size__gt=SMALL_BLOB)
    return due


def _start(file: BulkFile) -> None:
    run_seconds = Switches.of(file.merchant)["file_run_seconds"]
    file.status = FileStatus.PROCESSING
    file.processing_start = file.due_at
    file.due_at = (file.due_at or now()) + timedelta(seconds=run_seconds)
    file.save(update_fields=["status", "processing_start", "due_at"])


def _finish(file: BulkFile) -> None:
    """Apply the entries chunk by chunk, noting with each how far it got, then close the file."""
    try:
        entries = read_entries(file)
    except Unreadable as error:
        file.errors = [str(error)]
    else:
        for chunk in _chunks(entries, start=file.done):
            with transaction.atomic():
                file.errors += handlers[file.file_type](file.merchant, chunk)
                file.done += len(chunk)
                file.save(update_fields=["errors", "done"])
            if len(entries) > CHUNK:
                time.sleep(BREATH_SECONDS)
    file.status = FileStatus.WITH_ERRORS if file.errors else FileStatus.SUCCESSFUL
    file.error_url = errors_url(file) if file.errors else ""
    file.processing_end = file.due_at
    file.due_at = None
    file.save(update_fields=["errors", "status", "error_url", "processing_end", "due_at"])


def _chunks(entries: dict[str, Any], *, start: int) -> Iterator[dict[str, Any]]:
    rest = islice(entries.items(), start, None)
    while chunk := dict(islice(rest, CHUNK)):
        yield chunk


def read_entries(file: BulkFile) -> dict[str, Any]:
    """The object in the file's gzip. Raises Unreadable."""
    switches = Switches.of(file.merchant)
    members = 0

    def count_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal members
        # The outermost object comes last, so its count is what stays.
        members = len(pairs)
        return dict(pairs)

    try:
        value = json.loads(
            _content(file, plain=bool(switches["file_plain_json"])), object_pairs_hook=count_members
        )
    except (ValueError, RecursionError):
        raise Unreadable("The file is not valid JSON.") from None
    if not isinstance(value, dict):
        raise Unreadable("The file must hold one JSON object keyed by merchant SKU.")
    if switches["file_double_keys"] == "error" and members != len(value):
        raise Unreadable("A merchant SKU is named twice in the file.")
    return value


def _content(file: BulkFile, *, plain: bool) -> bytes:
    if file.blob is None:
        raise Unreadable("No content was uploaded for the file.")
    raw = bytes(file.blob)
    try:
        with gzip.open(BytesIO(raw)) as stream:
            content = stream.read(LARGEST_CONTENT + 1)
    except (OSError, EOFError, zlib.error):
        if plain:
            return raw
        raise Unreadable("The file is not in gzip format.") from None
    if len(content) > LARGEST_CONTENT:
        raise Unreadable("The file is too large.")
    return content
