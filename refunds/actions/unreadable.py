"""Keeping a refund made elsewhere that could not be read or stored: its money is unknown, but not forgotten."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from jetsync.actions.log import notify, record
from jetsync.enums import NoticeLevel
from jetsync.models import JetAccount, Job, Merchant
from jetsync.tenancy.actor import SYSTEM
from refunds.enums import RefundStatus
from refunds.models import Refund
from refunds.pages import refund_url
from returns.enums import SendState

HINT = "jetsync tries again every half hour. Until then look at it in Jet's partner portal."


@transaction.atomic
def keep_unreadable(
    merchant: Merchant,
    account: JetAccount,
    refund_id: str,
    message: str,
    *,
    seen_at: datetime,
    merchant_order_id: str = "",
    job: Job | None = None,
) -> Refund:
    """Keeps a refund of unknown amount and tells once; the status job reads it again until it can. Twice is harmless.

    With the order's id, as far as that could be read, the order takes no other refund meanwhile.
    """
    refund, is_new = Refund.objects.get_or_create(
        merchant=merchant,
        refund_authorization_id=refund_id[:64],
        defaults={
            "account": account,
            "merchant_order_id": merchant_order_id,
            "alt_refund_id": refund_id[:64],
            "status": RefundStatus.CREATED,
            "send_state": SendState.SENT,
            "created_by": Refund.MADE_ELSEWHERE,
            "seen_at": seen_at,
            "failure_message": message[:500],
            "failure_hint": HINT,
        },
    )
    if is_new:
        _tell(refund, message, job)
    return refund


def _tell(refund: Refund, message: str, job: Job | None) -> None:
    text = f"Refund {refund}, made elsewhere, could not be read: {message}"
    record(refund.merchant, "refunds.refund.unreadable", text[:500], actor=SYSTEM, about=refund, job=job)
    notify(
        refund.merchant,
        "refunds.unreadable",
        "A refund made elsewhere could not be read",
        level=NoticeLevel.DANGER,
        body=f"{text} {HINT}",
        url=refund_url(refund),
    )
