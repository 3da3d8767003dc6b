"""The look-out: asks over all merchants at once who needs a job now, and makes it."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError
from django.utils import timezone

from jetsync.enums import Priority
from jetsync.models import Merchant
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import Watch, all_watches
from jetsync.tenancy.context import across_merchants, merchant_scope

log = structlog.get_logger(__name__)


def look_out(now: datetime | None = None) -> int:
    """Makes or joins one job per watch and merchant in need; returns how many. While nobody is, a query per watch."""
    now = now or timezone.now()
    return sum(_wake(watch, merchant) for watch in all_watches() for merchant in _in_need(watch, now))


def _in_need(watch: Watch, now: datetime) -> list[Merchant]:
    with across_merchants():
        ids = set(watch.find(now))
        at_work = Merchant.objects.filter(suspended_at=None, deletion_due_at=None)
        return list(at_work.filter(pk__in=ids).order_by("pk")) if ids else []


def _wake(watch: Watch, merchant: Merchant) -> bool:
    with merchant_scope(merchant):
        try:
            enqueue(merchant, watch.job_kind, "watch", priority=Priority.NOW)
        except DatabaseError:
            raise
        except Exception:  # one broken account must not keep the others from being looked after
            log.exception("watch_not_started", watch=watch.name)
            return False
    return True
