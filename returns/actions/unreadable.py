"""Keeping a return that Jet lists and that could not be read or stored, so that it is seen and blocks its order."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.enums import NoticeLevel
from jetsync.models import JetAccount, Job, LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from returns.enums import ReturnStatus
from returns.models import Return
from returns.pages import return_url

ACTION = "returns.return.unreadable"
HINT = "jetsync tries again with every fetch. Until then look at it in Jet's partner portal."
# A return that stays unreadable is told again after this long, not with every fetch.
TOLD_FOR = timedelta(days=1)


@transaction.atomic
def keep_unreadable(
    merchant: Merchant,
    account: JetAccount,
    return_id: str,
    message: str,
    *,
    seen_at: datetime,
    merchant_order_id: str = "",
    job: Job | None = None,
) -> Return:
    """Keeps the return, new or known, as it is here, and tells. `seen_at` is the time just before Jet was asked.

    With the order's id, as far as that could be read, it stands in the way of a refund like any other return.
    """
    returned, is_new = Return.objects.get_or_create(
        merchant=merchant,
        merchant_return_authorization_id=return_id[:64],
        defaults={
            "account": account,
            "merchant_order_id": merchant_order_id,
            "status": ReturnStatus.OTHER,
            "seen_at": seen_at,
            "failure_message": message[:500],
            "failure_hint": HINT,
        },
    )
    if not is_new:  # its turn comes again after the others'
        Return.objects.filter(merchant=merchant, pk=returned.pk).update(seen_at=seen_at)
    if is_new or not _was_told(returned):
        _tell(returned, message, job)
    return returned


def _was_told(returned: Return) -> bool:
    about = {"object_type": "returns.return", "object_id": returned.pk}
    since = timezone.now() - TOLD_FOR
    return LogEntry.objects.filter(
        merchant=returned.merchant_id, action=ACTION, created_at__gte=since, **about
    ).exists()


def _tell(returned: Return, message: str, job: Job | None) -> None:
    text = f"Return {returned} could not be read: {message}"
    record(returned.merchant, ACTION, text[:500], actor=SYSTEM, about=returned, job=job)
    notify(
        returned.merchant,
        "returns.unreadable",
        "A return could not be read",
        level=NoticeLevel.DANGER,
        body=f"{text} {HINT}",
        url=return_url(returned),
    )
