"""Bulk files as rows: built, announced, polled, and their result brought to listings and operation rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from catalog.actions.accepted import note_accepted
from catalog.actions.errors import Refusal
from catalog.actions.marks import mark_all_refused
from catalog.bulk import batches, update_rows
from catalog.enums import STEP_OF_FILE, ErrorCode, FileState, FileType, Step
from catalog.file_errors import sort_errors
from catalog.models import BulkFile, Listing
from jetsync.actions.log import notify, record
from jetsync.actions.mail import post_mail
from jetsync.actions.operation import refresh_progress
from jetsync.enums import NoticeLevel, Priority, RowState
from jetsync.models import JetAccount, Job, Merchant, Operation, OperationRow
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM, Actor

# Jet's final words (protocol: bulk files).
CLEAN = "processed successfully"
BATCH = 1000
POLL_ALL = "catalog.poll_files"
# How long the bytes of a file are kept: longer than any dispute about an upload, see docs/operations.md.
CONTENTS_FOR = timedelta(days=90)
TRIM_BATCH = 200
AT_WORK = (FileState.BUILDING, FileState.SENT, FileState.PROCESSING)
# A file that Jet took, or that was itself replaced by such.
SETTLED = (FileState.DONE, FileState.NOT_APPLICABLE)
# Files named one by one in the log; of more there is one line.
LOGGED = 50


@transaction.atomic
def note_built(
    merchant: Merchant,
    account: JetAccount,
    file_type: FileType,
    manifest: list[list[Any]],
    *,
    operation: Operation | None,
    byte_count: int,
    jet_file_id: str,
    upload_url: str,
    content: Path | None = None,
) -> BulkFile:
    """The row of a file that is about to be uploaded. Name: type, tenant, time, sequence. `content` is kept, as gzip."""
    row = BulkFile.objects.create(
        merchant=merchant,
        account=account,
        operation=operation,
        file_type=file_type,
        jet_file_id=jet_file_id,
        upload_url=upload_url,
        sku_count=len(manifest),
        byte_count=byte_count,
        manifest=manifest,
        name="",
        resubmit_of_id=operation.data.get("resubmit_of") if operation is not None else None,
    )
    row.name = f"{file_type}-{merchant.slug}-{timezone.now():%Y%m%d-%H%M%S}-{row.pk}.json"
    if content is not None:
        with content.open("rb") as stream:
            row.content.save(content.name, File(stream), save=False)
    row.save(update_fields=["name", "content"])
    return row


def note_announced(row: BulkFile, jet_status: str) -> None:
    BulkFile.objects.filter(pk=row.pk, merchant=row.merchant_id).update(
        state=FileState.SENT, jet_status=jet_status[:40], sent_at=timezone.now()
    )


def note_polled(row: BulkFile, jet_status: str) -> None:
    BulkFile.objects.filter(pk=row.pk, merchant=row.merchant_id, applied_at=None).update(
        state=FileState.PROCESSING, jet_status=jet_status[:40], polls=F("polls") + 1
    )


@transaction.atomic
def note_not_sent(row: BulkFile, message: str) -> None:
    """The file did not get to Jet; the rows of its operation may go into another one."""
    BulkFile.objects.filter(pk=row.pk, merchant=row.merchant_id).update(
        state=FileState.FAILED, message=message[:500], finished_at=timezone.now(), applied_at=timezone.now()
    )
    notify(
        row.merchant,
        "catalog.files_not_sent",
        "A bulk file could not be sent",
        level=NoticeLevel.WARNING,
        body=f"{row.get_file_type_display()}, {row.sku_count} products: {message}",
        url=f"/m/{row.merchant.slug}/catalog/files/{row.pk}/",
    )
    post_mail(row.merchant, "catalog.rejected_file", about=row)
    if row.operation is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE jetsync_operationrow SET data = data - %s::text, updated_at = now()"
                " WHERE merchant_id = %s AND operation_id = %s AND object_id = ANY(%s)",
                [str(step_of(row)), row.merchant_id, row.operation_id, [entry[0] for entry in row.manifest]],
            )


def step_of(row: BulkFile) -> Step:
    return STEP_OF_FILE[FileType(row.file_type)]


@transaction.atomic
def apply_result(row: BulkFile, jet_status: str, error_count: int, texts: Sequence[str]) -> tuple[int, int]:
    """Brings Jet's result to every SKU of the file; returns (accepted, refused). A second call changes nothing.

    When errors name no SKU and more were counted than could be placed, all SKUs without an error of their own are
    candidates: they are not noted as sent, so the next delta sends them again.
    """
    locked = BulkFile.objects.select_for_update(of=("self",)).get(pk=row.pk, merchant=row.merchant_id)
    if locked.applied_at is not None:
        return 0, 0
    merchant = row.merchant
    said = sort_errors([entry[1] for entry in locked.manifest], texts, _families(locked))
    unplaced = bool(said.rest) or (error_count > 0 and not said.by_sku)
    accepted = [entry for entry in locked.manifest if entry[1] not in said.by_sku and not unplaced]
    note_accepted(merchant, FileType(locked.file_type), accepted)
    refused = [entry for entry in locked.manifest if entry[1] in said.by_sku or unplaced]
    _note_refused(locked, refused, said.by_sku, said.rest)
    _note_children(locked, said.by_child)
    locked.state = (
        FileState.DONE if not refused and jet_status.strip().lower() == CLEAN else FileState.WITH_ERRORS
    )
    locked.jet_status, locked.error_count = jet_status[:40], error_count
    locked.errors = list(texts)
    locked.finished_at = locked.applied_at = timezone.now()
    locked.save(update_fields=["state", "jet_status", "error_count", "errors", "finished_at", "applied_at"])
    if locked.state == FileState.DONE and locked.resubmit_of_id is not None:
        _settle_predecessor(locked)
    _tell(locked, len(accepted), len(refused))
    return len(accepted), len(refused)


def _settle_predecessor(row: BulkFile) -> None:
    """A resubmitted file is N/A once Jet took every file made of it without error (features REJ-03), and so backwards."""
    before = row.resubmit_of_id
    while before is not None:
        made_of_it = BulkFile.objects.filter(merchant=row.merchant_id, resubmit_of=before)
        if made_of_it.filter(file_type=row.file_type).exclude(state__in=SETTLED).exists():
            return
        rows = BulkFile.objects.filter(merchant=row.merchant_id, pk=before)
        rows.filter(state=FileState.RESUBMITTED).update(state=FileState.NOT_APPLICABLE)
        before = rows.values_list("resubmit_of", flat=True).first()


@transaction.atomic
def delete_files(merchant: Merchant, file_ids: Sequence[int], *, actor: Actor) -> int:
    """Clears files from the list; row, log and what was stored as sent stay. Files at work are left. Returns how many."""
    rows = BulkFile.objects.filter(merchant=merchant, pk__in=list(file_ids), deleted_at=None)
    rows = rows.exclude(state__in=AT_WORK)
    found = list(rows.order_by("pk").values_list("pk", "name"))
    rows.update(deleted_at=timezone.now())
    for pk, name in found[:LOGGED]:
        record(
            merchant,
            "catalog.file.deleted",
            f"{name} was cleared from the list",
            actor=actor,
            about=BulkFile(pk=pk, merchant=merchant, name=name),
        )
    if len(found) > LOGGED:
        record(
            merchant,
            "catalog.files.deleted",
            f"{len(found):,} bulk files were cleared from the list",
            actor=actor,
            new={"files": [pk for pk, _name in found]},
        )
    return len(found)


def ask_results(merchant: Merchant) -> Job:
    """Has Jet asked for the results of all open files now (features REJ-04). Raises SettingsMissing without keys."""
    current_account(merchant)
    return enqueue(merchant, POLL_ALL, "now", priority=Priority.NOW, data={"all": True})


def trim_contents(merchant: Merchant) -> int:
    """Deletes stored contents older than 90 days; returns how many."""
    old = BulkFile.objects.filter(merchant=merchant, created_at__lt=timezone.now() - CONTENTS_FOR)
    count = 0
    while rows := list(
        old.exclude(content=None).exclude(content="").only("content", "merchant")[:TRIM_BATCH]
    ):
        for row in rows:
            row.content.delete(save=False)
        BulkFile.objects.filter(merchant=merchant, pk__in=[row.pk for row in rows]).update(content=None)
        count += len(rows)
    return count


def _note_refused(
    row: BulkFile, refused: Sequence[list[Any]], by_sku: dict[str, list[str]], rest: Sequence[str]
) -> None:
    """The refusal on each listing and on its row of the operation: a constant number of statements per batch."""
    step = step_of(row)
    unplaced = f"Jet named no SKU: {'; '.join(rest)[:300] or 'no text given'}"
    for start in range(0, len(refused), BATCH):
        part = [
            Refusal(
                listing_id=entry[0],
                code=f"{step}_refused" if entry[1] in by_sku else ErrorCode.FILE_REFUSED,
                message=f"{entry[1]}: Jet refused the {step}: {'; '.join(by_sku.get(entry[1], [])) or unplaced}",
                hint="Correct the value on the product and send it again.",
                step=str(step),
                sku=entry[1],
                words=tuple(by_sku.get(entry[1], [])) or tuple(rest) or ("Jet named no SKU and no reason",),
                file_id=row.pk,
            )
            for entry in refused[start : start + BATCH]
        ]
        mark_all_refused(row.merchant, part)
        if row.operation is not None:
            _fail_objects(row.operation, {refusal.listing_id: refusal for refusal in part})


def _families(row: BulkFile) -> dict[str, str]:
    """Child -> parent of the groups in a Variation file. Files of older versions do not name the children."""
    if row.file_type != FileType.VARIATION:
        return {}
    return {child: entry[1] for entry in row.manifest for child in (entry[4] if len(entry) > 4 else ())}  # noqa: PLR2004 -- see variation_entries


def _note_children(row: BulkFile, by_child: Mapping[str, Sequence[str]]) -> None:
    """Jet refused a group for the sake of these SKUs: they show it too, and it ends with the group's acceptance.

    Their rows of the operation go on, as Jet has taken what these SKUs sent themselves.
    """
    if not by_child:
        return
    parents = _families(row)
    listings = Listing.objects.filter(merchant=row.merchant_id, variant__sku__in=list(by_child))
    found = dict(listings.order_by("pk").values_list("variant__sku", "pk"))
    refusals = [
        Refusal(
            listing_id=found[sku],
            code=f"{Step.VARIATION}_refused",
            message=f"{sku}: Jet refused the group of {parents[sku]} because of it: {'; '.join(words)}",
            hint="Correct the value on the product and send the group again.",
            step=str(Step.VARIATION),
            sku=sku,
            words=tuple(words),
            file_id=row.pk,
        )
        for sku, words in by_child.items()
        if sku in found
    ]
    for part in batches(refusals, BATCH):
        mark_all_refused(row.merchant, part)


def _fail_objects(operation: Operation, refusals: dict[int, Refusal]) -> None:
    """Rows that ended already keep their result."""
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id,
        operation=operation,
        object_id__in=list(refusals),
        state__in=(RowState.WAITING, RowState.SENT),
    )
    failed = [
        {"id": pk, "state": str(RowState.FAILED), **refusals[object_id].row_values()}
        for pk, object_id in rows.select_for_update(of=("self",))
        .order_by("pk")
        .values_list("pk", "object_id")
        if object_id is not None
    ]
    columns = ("state", "code", "message", "hint")
    update_rows(OperationRow, operation.merchant, columns, failed, touch="updated_at")


def _tell(row: BulkFile, accepted: int, refused: int) -> None:
    record(
        row.merchant,
        "catalog.file.finished",
        f"{row.name}: {accepted} accepted, {refused} refused by Jet.",
        actor=SYSTEM,
        about=row,
        operation=row.operation,
        new={"jet_status": row.jet_status, "accepted": accepted, "refused": refused},
    )
    if refused:
        notify(
            row.merchant,
            "catalog.rejected_files",
            "A bulk file came back with errors",
            level=NoticeLevel.WARNING,
            body=f"{row.get_file_type_display()}: {refused} of {row.sku_count} products were refused.",
            url=f"/m/{row.merchant.slug}/catalog/files/{row.pk}/",
        )
        post_mail(row.merchant, "catalog.rejected_file", {"refused": refused}, about=row)
    if row.operation is not None:
        refresh_progress(row.operation, finish=False)
