"""The store's credit memo for a refund that Jet has accepted."""

from __future__ import annotations

from jetsync.models import Job
from orders.actions.documents import DocumentItem, issue_credit_memo
from refunds.enums import RefundStatus
from refunds.models import Refund
from refunds.queries import refund_lines


def credit_refund(refund: Refund, *, job: Job | None = None) -> None:
    """One memo over the refund's amounts, once it is accepted and its order is known.

    The caller holds the refund's lock; twice is harmless. Call it last in its transaction, as everything that takes a
    number (orders.actions.documents).
    """
    if refund.status != RefundStatus.ACCEPTED or refund.order is None:
        return
    items = [
        DocumentItem(line.order_line, line.sku, line.title, line.quantity_refunded, line.amounts)
        for line in refund_lines(refund)
    ]
    issue_credit_memo(refund.order, f"refund-{refund.pk}", items, reference=f"refund {refund}", job=job)
