"""Background work of mapping: imports of Jet's taxonomy, and many changes of categories. No call leaves for Jet here."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from catalog.actions.category_changes import CHANGE_JOB, CHANGE_KIND, run_changes, undo_changes
from catalog.actions.taxonomy_import import IMPORT_JOB, discard_files, run_import
from jetsync.actions.operation import fail_operation
from jetsync.enums import Queue
from jetsync.models import Job, Operation
from jetsync.sync.failures import PermanentFailure
from jetsync.sync.registry import handler, undo_with
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import Actor


def _end_operation(job: Job) -> None:
    if job.operation_id is not None:
        operation = Operation.objects.get(merchant=job.merchant_id, pk=job.operation_id)
        fail_operation(operation, "The work stopped.", "What counts as done is stored. Start it again.")


def _end_import(job: Job) -> None:
    _end_operation(job)
    if job.operation_id is not None:
        discard_files(Operation.objects.get(merchant=job.merchant_id, pk=job.operation_id))


def _cancel_import(job: Job) -> None:
    if job.operation_id is not None:
        operation = Operation.objects.get(merchant=job.merchant_id, pk=job.operation_id)
        transaction.on_commit(lambda: discard_files(operation), robust=True)


def _operation_of(ctx: JobContext) -> Operation:
    rows = Operation.objects.select_related("merchant")
    operation = rows.filter(merchant=ctx.merchant, pk=ctx.job.data.get("operation")).first()
    if operation is None:
        raise PermanentFailure("The operation of this job is gone.", hint="Start it again.")
    return operation


@handler(
    IMPORT_JOB,
    label="Import Jet taxonomy",
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=_end_import,
    on_cancel=_cancel_import,
)
def import_taxonomy(ctx: JobContext) -> None:
    """May run twice: a version that was stored is not stored again."""
    try:
        operation = run_import(_operation_of(ctx), ctx.heartbeat)
    except FileNotFoundError:
        raise PermanentFailure("The uploaded files are gone.", hint="Upload them again.") from None
    ctx.note(operation.message)


@handler(
    CHANGE_JOB,
    label="Change Jet categories",
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=_end_operation,
)
def change_categories(ctx: JobContext) -> None:
    ctx.note(run_changes(_operation_of(ctx), ctx.heartbeat).message)


@undo_with(CHANGE_KIND)
def undo_category_changes(operation: Operation, actor: Actor) -> Operation:
    return undo_changes(operation, actor)
