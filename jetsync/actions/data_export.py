"""The export of all data of a store: asked for, made by a job as an operation, downloaded, removed after a week."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import SEEK_END
from tempfile import TemporaryFile
from typing import IO, Any

import structlog
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.actions.mail import post_mail
from jetsync.actions.operation import (
    RowSpec,
    finish_rows,
    is_cancelled,
    mark_running,
    refresh_progress,
    start_operation,
)
from jetsync.enums import NoticeLevel, RowState
from jetsync.exceptions import NotAllowed, StateConflict
from jetsync.export.tables import exported_tables
from jetsync.export.writing import Archive
from jetsync.models import DataExport, Merchant, Operation, OperationRow
from jetsync.models.data_export import export_path
from jetsync.sync.failures import RetryLater
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import no_undo_of, operation_kind
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.rights import Right, lack_of
from jetsync.wording import counted

log = structlog.get_logger(__name__)

EXPORT = "jetsync.data_export"
# Long enough for whoever asked on a Friday; the file holds every shopper's address.
KEPT_FOR = timedelta(days=7)
_BEING_MADE = "An export of this store is being made already."

no_undo_of(EXPORT, "Nothing of the store was changed.")

operation_kind(EXPORT, right=Right.DATA_EXPORT)


def check_may_export(actor: Actor) -> None:
    """The file names every shopper, in texts of the log as well, where nothing could be blotted out for sure."""
    if not actor.may(Right.BUYERS_VIEW):
        raise NotAllowed(
            f"The export holds shoppers' names and addresses. {lack_of(Right.BUYERS_VIEW)}",
            hint="Ask an owner to make or download it.",
        )


@transaction.atomic
def start_export(merchant: Merchant, *, actor: Actor) -> DataExport:
    """Begins the export as an operation with a row for each table.

    Raises NotAllowed for an actor who may not see shoppers, StateConflict while another one is being made.
    """
    check_may_export(actor)
    if DataExport.objects.filter(merchant=merchant, finished_at=None).exists():
        raise StateConflict(_BEING_MADE, hint="Wait for it; its progress stands under Operations.")
    operation = start_operation(
        merchant,
        EXPORT,
        "Export of all data",
        actor=actor,
        rows=(RowSpec("", None, table.path) for table in exported_tables()),
    )
    try:
        with transaction.atomic():
            export = DataExport.objects.create(
                merchant=merchant,
                operation=operation,
                token=secrets.token_hex(16),
                actor_label=operation.actor_label,
            )
    except IntegrityError as exc:
        raise StateConflict(_BEING_MADE, hint="Two people asked at once; one of you gets it.") from exc
    enqueue(merchant, EXPORT, f"operation:{operation.pk}", operation=operation)
    return export


def make_export(operation: Operation, pulse: Callable[[], None]) -> None:
    """Writes the zip, stores it and says so. Safe to run again after a kill at any point: it begins anew and leaves one
    file. A cancelled one keeps nothing. What `pulse` raises comes out.
    """
    export = DataExport.objects.filter(merchant=operation.merchant_id, operation=operation).first()
    if export is None or export.is_ready:
        _drop_older(operation.merchant)
        return
    if not operation.is_open:
        discard_export(export)
        return
    mark_running(operation)
    # Without a name: whatever kills the worker, nothing of it stays.
    with TemporaryFile() as file:
        row_count = _write(operation, file, pulse)
        if row_count is None:
            discard_export(export)
            return
        size = file.seek(0, SEEK_END)
        _store(export, file, pulse)
    if _mark_ready(export, operation, row_count, size):
        _drop_older(operation.merchant)
    else:
        discard_export(export)


def _write(operation: Operation, file: IO[bytes], pulse: Callable[[], None]) -> int | None:
    """All tables, each with its row of the operation. Returns how many rows of data; None when somebody cancelled."""
    waiting = _restart_rows(operation)
    with Archive(file, operation.merchant, pulse) as archive:
        for table in exported_tables():
            if is_cancelled(operation):
                return None
            count = archive.add(table)
            if row_id := waiting.pop(table.path, None):
                finish_rows(operation, [row_id], RowState.DONE, message=counted(count, "row"))
                refresh_progress(operation, finish=False)
        # Tables that a new version of the panel has taken away meanwhile.
        finish_rows(operation, list(waiting.values()), RowState.SKIPPED)
        return archive.explain()


def _restart_rows(operation: Operation) -> dict[str, int]:
    rows = OperationRow.objects.filter(merchant=operation.merchant_id, operation=operation)
    rows.filter(state__in=(RowState.DONE, RowState.SKIPPED)).update(state=RowState.WAITING, message="")
    return dict(rows.filter(state=RowState.WAITING).values_list("label", "pk"))


class _Pulsing(File):  # type: ignore[type-arg]  # not generic at run time
    """Stored piece by piece with a sign of life for each."""

    def __init__(self, file: IO[bytes], pulse: Callable[[], None]) -> None:
        super().__init__(file)
        self._pulse = pulse

    def chunks(self, chunk_size: int | None = None) -> Iterator[Any]:
        for piece in super().chunks(chunk_size):
            self._pulse()
            yield piece


def _store(export: DataExport, file: IO[bytes], pulse: Callable[[], None]) -> None:
    place = export_path(export)
    default_storage.delete(place)  # of a try that died while it stored
    file.seek(0)
    try:
        stored = default_storage.save(place, _Pulsing(file, pulse))
    finally:
        # The store was deleted under a worker thought dead: nothing else would ever remove the file.
        if not DataExport.objects.filter(merchant=export.merchant_id, pk=export.pk).exists():
            default_storage.delete(place)
    if stored != place:  # another try was quicker between those two lines
        default_storage.delete(stored)
        raise RetryLater("Another try of this export is storing its file.")


@transaction.atomic
def _mark_ready(export: DataExport, operation: Operation, row_count: int, size: int) -> bool:
    merchant, now = operation.merchant, timezone.now()
    rows = Operation.objects.select_for_update(of=("self",))
    fresh = rows.filter(merchant=merchant, pk=operation.pk).first()
    if fresh is None or not fresh.is_open:
        return False
    DataExport.objects.filter(merchant=merchant, pk=export.pk).update(
        file=export_path(export),
        byte_count=size,
        row_count=row_count,
        finished_at=now,
        expires_at=now + KEPT_FOR,
    )
    refresh_progress(operation, message=f"{row_count:,} rows, ready to download for 7 days.", finish=True)
    record(
        merchant,
        "jetsync.data_export.ready",
        f"The export of all data is ready: {row_count:,} rows.",
        actor=SYSTEM,
        about=export,
        operation=operation,
    )
    notify(
        merchant,
        f"data_export:{export.pk}",
        "Your data is ready to download",
        body="The file is kept for 7 days.",
        url=reverse("panel:data", kwargs={"merchant_slug": merchant.slug}),
    )
    post_mail(merchant, "data.export", about=export)
    return True


def _drop_older(merchant: Merchant) -> None:
    """One file per store: the newest."""
    ready = (
        DataExport.objects.filter(merchant=merchant).exclude(finished_at=None).order_by("-finished_at", "-pk")
    )
    for export in ready[1:]:
        discard_export(export)


def discard_export(export: DataExport) -> None:
    """The file first: a row without its file says so, a file without its row would stay for ever."""
    default_storage.delete(export_path(export))
    DataExport.objects.filter(merchant=export.merchant_id, pk=export.pk).delete()


def export_failed(operation: Operation) -> None:
    """The operation came to a bad end, or was cancelled before it began."""
    export = DataExport.objects.filter(
        merchant=operation.merchant_id, operation=operation, finished_at=None
    ).first()
    if export is None:
        return
    discard_export(export)
    if operation.cancel_requested_at is None:
        notify(
            operation.merchant,
            "data_export.failed",
            "The export of your data failed",
            level=NoticeLevel.WARNING,
            body="Nothing is kept of it. Ask for it again.",
            url=reverse("panel:data", kwargs={"merchant_slug": operation.merchant.slug}),
        )


def note_download(export: DataExport, *, actor: Actor) -> None:
    """Who has taken the file stands in the log."""
    record(
        export.merchant,
        "jetsync.data_export.downloaded",
        "The export of all data was downloaded.",
        actor=actor,
        about=export,
    )


def remove_old_exports(now: datetime) -> int:
    """Of all merchants, with their files. One that cannot be removed waits for the next look and stops no other."""
    removed = 0
    for export in DataExport.objects.filter(expires_at__lte=now).order_by("pk"):
        try:
            discard_export(export)
        except OSError as exc:
            log.warning("data_export_not_removed", export=export.pk, error=str(exc))
        else:
            removed += 1
    return removed
