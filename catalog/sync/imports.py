"""Background work that stays inside: CSV imports and recomputation of targets. No call leaves for Jet here."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError

from catalog.actions.csv_check import end_upload, run_check
from catalog.actions.csv_import import cancel_import, run_import, stop_import
from catalog.actions.csv_undo import UNDO_JOB, run_undo
from catalog.actions.csv_upload import CHECK_JOB, IMPORT_JOB, KEEP_FILES, forget_files
from catalog.actions.refresh import REFRESH
from catalog.actions.targets import refresh_rows
from catalog.models import CsvUpload, Variant
from jetsync.enums import Queue
from jetsync.models import Job, Operation
from jetsync.sync.failures import PermanentFailure, RetryLater
from jetsync.sync.operations import ends_operation, operation_handler
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

FORGET_FILES_JOB = "catalog.forget_uploads"


def _upload_of(ctx: JobContext) -> CsvUpload:
    rows = CsvUpload.objects.select_related("merchant", "operation")
    upload = rows.filter(merchant=ctx.merchant, pk=ctx.job.data.get("upload")).first()
    if upload is None:
        raise PermanentFailure("The uploaded file is gone.", hint="Upload it again.")
    return upload


def _end_check(job: Job) -> None:
    upload = CsvUpload.objects.filter(merchant=job.merchant_id, pk=job.data.get("upload")).first()
    if upload is not None:
        end_upload(upload, f"The check stopped: {job.message} Nothing was imported.")


def _cancel_check(job: Job) -> None:
    upload = CsvUpload.objects.filter(merchant=job.merchant_id, pk=job.data.get("upload")).first()
    if upload is not None:
        end_upload(upload, "The check was cancelled. Nothing was imported.")


@handler(
    CHECK_JOB,
    label="Check file",
    right=Right.PRODUCTS_EDIT,
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=_end_check,
    on_cancel=_cancel_check,
)
def check_csv(ctx: JobContext) -> None:
    """Goes on where an earlier run was stopped. Writes no product."""
    try:
        upload = run_check(_upload_of(ctx), ctx.heartbeat)
    except FileNotFoundError:
        raise PermanentFailure("The uploaded file is gone.", hint="Upload it again.") from None
    ctx.note(upload.get_state_display())


@handler(FORGET_FILES_JOB, label="Delete old uploads", right=None, queue=Queue.BULK)
def forget_uploads(ctx: JobContext) -> None:
    """Deletes files whose import ended long ago; their results stay."""
    ctx.note(f"{counted(forget_files(ctx.merchant), 'file')} deleted.")


add_schedule(
    ScheduleKind(
        name="catalog.forget_uploads",
        label="Delete old uploads",
        interval=timedelta(days=1),
        job_kind=FORGET_FILES_JOB,
        explanation=f"Deletes uploaded files {KEEP_FILES.days} days after their import; results and failed rows stay.",
    )
)


def _cancel_import(job: Job) -> None:
    if job.operation_id is not None:
        cancel_import(Operation.objects.get(merchant=job.merchant_id, pk=job.operation_id))


@handler(
    IMPORT_JOB,
    label="Import CSV",
    right=Right.PRODUCTS_EDIT,
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=ends_operation(
        "The import stopped.", "Rows counted as done are stored. Upload the file again.", after=stop_import
    ),
    on_cancel=_cancel_import,
)
def import_csv(ctx: JobContext) -> None:
    """Goes on where an earlier run was stopped; rows already committed are not written twice."""
    upload = _upload_of(ctx)
    try:
        upload = run_import(upload, ctx.heartbeat)
    except FileNotFoundError:
        raise PermanentFailure("The uploaded file is gone.", hint="Upload it again.") from None
    except IntegrityError:
        # Another import or a form has just made one of the SKUs: the next run finds it and updates it.
        raise RetryLater(
            "Some SKUs were being written by someone else.", after=timedelta(seconds=5)
        ) from None
    operation = upload.operation
    ctx.note(operation.message if operation else "")


@operation_handler(
    UNDO_JOB,
    label="Undo import",
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=ends_operation("The undo stopped.", "SKUs counted as done have their values of before."),
)
def undo_csv(ctx: JobContext, operation: Operation) -> None:
    """Goes on with the batches that are still kept. No call leaves for Jet here."""
    ctx.note(run_undo(operation, ctx.heartbeat).title)


@handler(REFRESH, label="Recompute products", right=None, queue=Queue.BULK, lease=timedelta(minutes=5))
def refresh(ctx: JobContext) -> None:
    """After a change of a rule: buffer, nodes, taxonomy, a mapping. Sends nothing by itself."""
    rows = Variant.objects.filter(merchant=ctx.merchant)
    category = ctx.job.data.get("store_category")
    if category:
        rows = rows.filter(product__store_category=category)
    if "variants" in ctx.job.data:
        rows = rows.filter(pk__in=ctx.job.data["variants"])
    ctx.note(f"{refresh_rows(ctx.merchant, rows, ctx.heartbeat):,} targets changed.")
