"""Reads about deletions of stores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from jetsync.models import Merchant, StoreDeletion
from jetsync.tenancy.belongings import owner_lookups, plural_of, rows_of_merchant

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


@dataclass(frozen=True)
class Counted:
    """Rows of one table that go with the store."""

    label: str
    count: int


def what_goes(merchant: Merchant) -> list[Counted]:
    """Every table with rows of the store, the largest first. A query per table, each by an index of the merchant."""
    found = [
        Counted(plural_of(model), rows_of_merchant(model, merchant).count()) for model in owner_lookups()
    ]
    return sorted((row for row in found if row.count), key=lambda row: (-row.count, row.label))
