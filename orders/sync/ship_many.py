"""Ships the parcels of a list, some at a time; each shipment then goes to Jet by a job of its own."""

from __future__ import annotations

from jetsync.actions.operation import is_cancelled, refresh_progress
from jetsync.enums import RowState
from jetsync.models import Operation, OperationRow
from jetsync.sync.failures import Again
from jetsync.sync.operations import operation_handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import Actor
from orders.actions.ship_many import SHIP_MANY, ship_row

# Each parcel is a transaction of about 15 ms; after so many other work passes.
BATCH = 100


@operation_handler(SHIP_MANY, label="Ship a list of parcels")
def ship_list(_context: JobContext, operation: Operation) -> None:
    """Row by row, so that it may stop anywhere: a row that was shipped is not waiting any more."""
    actor = Actor(label=operation.actor_label, user=operation.actor)
    waiting = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.WAITING
    ).order_by("pk")
    rows = list(waiting.values_list("pk", flat=True)[: BATCH + 1])
    for pk in rows[:BATCH]:
        if is_cancelled(operation):
            return
        ship_row(operation, pk, actor=actor)
    refresh_progress(operation)
    if len(rows) > BATCH:
        raise Again
