"""Accepts, rejects or cancels the orders of a list, some at a time; each answer then goes to Jet by a job of its own."""

from __future__ import annotations

from jetsync.enums import Queue
from jetsync.models import Operation
from jetsync.sync.operations import end_waiting, operation_handler, row_by_row
from jetsync.sync.runner import JobContext
from orders.actions.many import DECIDE, decide_row

# About 20 ms each; after so many the fetch and the answers themselves pass, which are as urgent.
BATCH = 50


@operation_handler(DECIDE, label="Answer or cancel many orders", queue=Queue.URGENT, on_failure=end_waiting)
def decide_list(_context: JobContext, operation: Operation) -> None:
    row_by_row(operation, decide_row, at_once=BATCH)
