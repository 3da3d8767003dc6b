"""Ships the parcels of a list, some at a time; each shipment then goes to Jet by a job of its own."""

from __future__ import annotations

from jetsync.models import Operation
from jetsync.sync.operations import end_waiting, operation_handler, row_by_row
from jetsync.sync.runner import JobContext
from orders.actions.ship_many import SHIP_MANY, ship_row

# Each parcel is a transaction of about 15 ms; after so many other work passes.
BATCH = 100


@operation_handler(SHIP_MANY, label="Ship a list of parcels", on_failure=end_waiting)
def ship_list(_context: JobContext, operation: Operation) -> None:
    row_by_row(operation, ship_row, at_once=BATCH)
