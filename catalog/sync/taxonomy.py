"""Background work of mapping: imports of Jet's taxonomy, and many changes of categories. No call leaves for Jet here."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from catalog.actions.category_changes import (
    CHANGE_JOB,
    CHANGE_KIND,
    foretell_changes,
    run_changes,
    undo_changes,
)
from catalog.actions.taxonomy_import import IMPORT_JOB, discard_files, run_import
from jetsync.enums import Queue
from jetsync.models import Job, Operation
from jetsync.sync.failures import PermanentFailure
from jetsync.sync.operations import ends_operation, operation_handler
from jetsync.sync.registry import undo_with
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import Actor

_STOPPED = ("The work stopped.", "What counts as done is stored. Start it again.")


def _cancel_import(job: Job) -> None:
    if job.operation_id is not None:
        operation = Operation.objects.get(merchant=job.merchant_id, pk=job.operation_id)
        transaction.on_commit(lambda: discard_files(operation), robust=True)


@operation_handler(
    IMPORT_JOB,
    label="Import Jet taxonomy",
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=ends_operation(*_STOPPED, after=discard_files),
    on_cancel=_cancel_import,
)
def import_taxonomy(ctx: JobContext, operation: Operation) -> None:
    """May run twice: a version that was stored is not stored again."""
    try:
        done = run_import(operation, ctx.heartbeat)
    except FileNotFoundError:
        raise PermanentFailure("The uploaded files are gone.", hint="Upload them again.") from None
    ctx.note(done.message)


@operation_handler(
    CHANGE_JOB,
    label="Change Jet categories",
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=ends_operation(*_STOPPED),
)
def change_categories(ctx: JobContext, operation: Operation) -> None:
    ctx.note(run_changes(operation, ctx.heartbeat).message)


@undo_with(CHANGE_KIND, foretells=foretell_changes)
def undo_category_changes(operation: Operation, actor: Actor) -> Operation:
    return undo_changes(operation, actor)
