"""Asking for a job that many transactions share ("send what differs"), without one waiting for another.

`enqueue` joins the open job under a lock that lasts as long as the caller's transaction: right for a job about one
order, wrong for one that every price, import and reservation of a merchant asks for. A long import would hold the row,
the worker that runs the job could not renew its lease, and each other job that asks would wait with its worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from jetsync.enums import OPEN_JOB_STATES, Priority
from jetsync.models import Job, JobRequest, Merchant
from jetsync.sync.queue import enqueue, is_alone
from jetsync.tenancy.context import across_merchants, merchant_scope

# Kinds and keys that one look takes up; the next look goes on.
GATHER_LIMIT = 500


def request_job(
    merchant: Merchant,
    kind: str,
    key: str,
    *,
    priority: Priority = Priority.NORMAL,
    not_before: datetime | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Asks for the job in the transaction of the change. Waits for nobody and lets nobody wait; safe to repeat.

    When nothing of the kind is open and nobody else is asking, the job itself is made. Otherwise a request is left,
    which becomes part of the job once this transaction stands: the job that is open may not see this change.
    """
    with transaction.atomic():
        if _is_alone(merchant.pk, kind, key) and not _open_jobs(merchant, kind, key).exists():
            enqueue(merchant, kind, key, priority=priority, not_before=not_before, data=data)
            return
        JobRequest.objects.create(
            merchant=merchant,
            kind=kind,
            key=key,
            priority=priority,
            not_before=not_before or timezone.now(),
            data=data or {},
        )
        _gather_on_commit(merchant)


def gather_requests(merchant: Merchant | None = None) -> int:
    """Makes or joins the jobs that were asked for; returns how many kinds and keys. Of one merchant, or of all."""
    with across_merchants():
        rows = JobRequest.objects.filter(merchant=merchant) if merchant else JobRequest.objects.all()
        found = list(
            rows.values_list("merchant_id", "kind", "key")
            .order_by("merchant_id", "kind", "key")
            .distinct()[:GATHER_LIMIT]
        )
        merchants = Merchant.objects.in_bulk({merchant_id for merchant_id, _kind, _key in found})
    return sum(_gather(merchants[merchant_id], kind, key) for merchant_id, kind, key in found)


def _gather(merchant: Merchant, kind: str, key: str) -> bool:
    with merchant_scope(merchant), transaction.atomic():
        if not _is_alone(merchant.pk, kind, key):
            return False  # somebody is making the job right now; the next look finds it
        rows = list(
            JobRequest.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(merchant=merchant, kind=kind, key=key)
            .order_by("pk")
        )
        if not rows:
            return False
        enqueue(
            merchant,
            kind,
            key,
            priority=Priority(min(row.priority for row in rows)),
            not_before=min(row.not_before for row in rows),
            data={name: value for row in rows for name, value in row.data.items()},
        )
        JobRequest.objects.filter(merchant=merchant, pk__in=[row.pk for row in rows]).delete()
        return True


def _open_jobs(merchant: Merchant, kind: str, key: str) -> Any:
    return Job.objects.filter(merchant=merchant, kind=kind, key=key, state__in=OPEN_JOB_STATES)


def _is_alone(merchant_id: int, kind: str, key: str) -> bool:
    return is_alone(f"job-request:{merchant_id}:{kind}:{key}")


def _gather_on_commit(merchant: Merchant) -> None:
    if merchant.pk in _waiting_merchants():
        return

    def gather() -> None:
        gather_requests(merchant)

    gather.gathers_for = merchant.pk  # type: ignore[attr-defined]  # lets the look above see it; a rollback drops it
    transaction.on_commit(gather, robust=True)


def _waiting_merchants() -> Iterator[int]:
    for entry in connection.run_on_commit:
        yield getattr(entry[1], "gathers_for", 0)
