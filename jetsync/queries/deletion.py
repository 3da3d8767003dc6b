"""Reads about deletions of stores."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from jetsync.models import Merchant, StoreDeletion
from jetsync.tenancy.belongings import owner_lookups, plural_of, rows_of_merchant


def open_deletions() -> QuerySet[StoreDeletion]:
    """Of all stores: neither kept nor done. The next one first."""
    return StoreDeletion.objects.filter(kept_at=None, finished_at=None).order_by("due_at", "pk")


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
