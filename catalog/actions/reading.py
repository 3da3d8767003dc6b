"""Reading everything from Jet: started by a person, counted on its operation while it goes on."""

from __future__ import annotations

from django.db import transaction

from catalog.queries.reading import KEY, STATUS_ALL, reading_now
from jetsync.actions.operation import refresh_progress, start_operation
from jetsync.enums import OPEN_OPERATION_STATES, OperationState, Priority
from jetsync.models import Job, Merchant, Operation
from jetsync.queries.schedules import schedule_named
from jetsync.resting import check_not_resting
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

READ_ALL = "catalog.read_all"

operation_kind(READ_ALL, right=Right.PRODUCTS_PUBLISH)


@transaction.atomic
def read_all_now(merchant: Merchant, *, actor: Actor) -> Operation:
    """Has every uploaded SKU read from Jet, as the schedule does; one that is at work is joined, with what it has read.

    Returns the operation that counts, an open one if there is one. Raises SettingsMissing without API keys and
    StateConflict for a resting store.
    """
    check_not_resting(merchant)
    current_account(merchant)
    job = reading_now(merchant) or _asked(merchant)
    if job.operation is not None and job.operation.state in OPEN_OPERATION_STATES:
        return job.operation
    operation = start_operation(merchant, READ_ALL, "Read every product from Jet", actor=actor)
    _asked(merchant, operation)
    return operation


def _asked(merchant: Merchant, operation: Operation | None = None) -> Job:
    """The job, made or joined, and locked: of two who press at once the second sees the operation of the first."""
    return enqueue(
        merchant,
        STATUS_ALL,
        KEY,
        priority=Priority.NOW,
        operation=operation,
        schedule=schedule_named(merchant, STATUS_ALL),
    )


def note_read(job: Job, *, read: int, failed: int, total: int) -> None:
    """Counts on the job's operation, if a person has started it."""
    if job.operation_id is not None:
        rows = Operation.objects.filter(pk=job.operation_id, merchant=job.merchant_id, kind=READ_ALL)
        rows.update(total=total, done=read - failed, failed=failed)
        rows.filter(state=OperationState.QUEUED).update(
            state=OperationState.RUNNING, started_at=job.started_at
        )


def end_read(operation: Operation) -> None:
    """Everything was asked for; those that Jet did not show keep the reason as their error."""
    operation.refresh_from_db()
    refused = (
        f"{operation.failed:,} could not be read; the reason stands with each." if operation.failed else ""
    )
    refresh_progress(operation, message=refused, finish=True)
