"""How old what Jet showed is, and how far a reading of everything is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Subquery

from catalog.models import Listing
from jetsync.enums import OPEN_JOB_STATES
from jetsync.models import Job, Merchant
from jetsync.sync.registry import SCHEDULE_KEY

# The job that reads every SKU; schedule and person ask for the same one.
STATUS_ALL = "catalog.status_all"
KEY = SCHEDULE_KEY


def _open_jobs(merchant: Merchant) -> QuerySet[Job]:
    return Job.objects.filter(merchant=merchant, kind=STATUS_ALL, key=KEY, state__in=OPEN_JOB_STATES)


def reading_now(merchant: Merchant) -> Job | None:
    """The job that reads everything from Jet at this moment; its data says `read` and `total` once it has begun."""
    return _open_jobs(merchant).select_related("operation").first()


@dataclass(frozen=True)
class Readings:
    """`oldest`: when the SKU was read of which Jet was not asked for longest, None before the first reading. `now`: what
    the job that reads everything says of itself (`read`, `total`), None while there is none.
    """

    oldest: datetime | None
    now: dict[str, Any] | None


def readings_of(merchant: Merchant) -> Readings:
    """One query."""
    read = Listing.objects.filter(merchant=merchant, status_read_at__isnull=False).order_by("status_read_at")
    jobs = _open_jobs(merchant)
    found = Merchant.objects.filter(pk=merchant.pk).values_list(
        Subquery(read.values("status_read_at")[:1]), Subquery(jobs.values("data")[:1])
    )
    return Readings(*found.get())
