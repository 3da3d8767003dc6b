"""Reads about deletions of stores."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from jetsync.models import Merchant, StoreDeletion

# The owners have at least this long after the warning.
NOTICE = timedelta(days=1)


def open_deletions() -> QuerySet[StoreDeletion]:
    """Of all stores: neither kept nor done. The next one first."""
    return StoreDeletion.objects.filter(kept_at=None, finished_at=None).order_by("due_at", "pk")


def waiting_deletions() -> QuerySet[StoreDeletion]:
    """Those that an owner can still take back."""
    return open_deletions().filter(begun_at=None)


def store_is_suspended() -> Exists:
    """Of deletions: nobody can log in to keep the store."""
    return Exists(Merchant.objects.filter(pk=OuterRef("store_number")).exclude(suspended_at=None))


def ripe_deletions(now: datetime) -> QuerySet[StoreDeletion]:
    """Those to go on with: begun, or past their time with the owners warned for long enough and able to act."""
    is_warned = Q(due_at__lte=now, warned_at__lte=now - NOTICE) & ~Q(store_is_suspended())
    return open_deletions().filter(Q(begun_at__isnull=False) | is_warned)
