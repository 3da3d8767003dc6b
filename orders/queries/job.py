"""Reads of the jobs behind orders, returns and refunds."""

from __future__ import annotations

from jetsync.enums import JobState
from jetsync.models import Job, Merchant


def newest_job(merchant: Merchant, kind: str, key: str) -> Job | None:
    """The last job that was made for this work."""
    return Job.objects.filter(merchant=merchant, kind=kind, key=key).order_by("-pk").first()


def was_cancelled(merchant: Merchant, kind: str, key: str) -> bool:
    """Whether the newest job for this work was cancelled by a person, so that nothing may send it again by itself."""
    newest = newest_job(merchant, kind, key)
    return newest is not None and newest.state == JobState.CANCELLED
