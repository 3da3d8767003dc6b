"""The store's credit memo for a return that is complete."""

from __future__ import annotations

from jetsync.models import Job
from orders.actions.documents import DocumentItem, issue_credit_memo
from returns.enums import FINISHED_STATUSES
from returns.models import Return
from returns.queries import return_lines


def credit_return(returned: Return, *, job: Job | None = None) -> None:
    """One memo over what Jet holds as paid back, once the return is finished and its order is known.

    One whose charge was disputed is finished too: the dispute is about the return charge, the shopper was paid.

    The caller holds the locks of order and return; twice is harmless. Call it last in its transaction, as everything
    that takes a number (orders.actions.documents).
    """
    if returned.status not in FINISHED_STATUSES or returned.order is None:
        return
    items = [
        DocumentItem(line.order_line, line.sku, line.title, line.quantity_refunded or 0, line.settled)
        for line in return_lines(returned)
        if line.is_included
    ]
    issue_credit_memo(returned.order, f"return-{returned.pk}", items, reference=f"return {returned}", job=job)
