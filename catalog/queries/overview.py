"""How many SKUs stand where: one grouped read for tabs, cards and the API."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from catalog.enums import ListingStatus, Readiness
from catalog.models import Listing
from jetsync.models import Merchant

# Jet's statuses that need the merchant.
HELD_BACK = (ListingStatus.MISSING_DATA, ListingStatus.EXCLUDED, ListingStatus.UNAUTHORIZED)


@dataclass(frozen=True)
class StatusCounts:
    """Numbers of SKUs. `refused`: Jet or a check refused the last sending; the error stands on the SKU."""

    by_status: dict[str, int]
    by_readiness: dict[str, int]
    refused: int

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    def of(self, *statuses: ListingStatus) -> int:
        return sum(self.by_status.get(status, 0) for status in statuses)

    @property
    def unready(self) -> int:
        return self.by_readiness.get(Readiness.NOT_READY, 0)


def status_counts(merchant: Merchant) -> StatusCounts:
    """One query, whatever the number of SKUs."""
    rows = (
        Listing.objects.filter(merchant=merchant)
        .values_list("status", "readiness")
        .annotate(skus=Count("pk"), refused=Count("pk", filter=~Q(error_code="")))
    )
    by_status: dict[str, int] = {}
    by_readiness: dict[str, int] = {}
    refused = 0
    for status, readiness, count, wrong in rows:
        by_status[status] = by_status.get(status, 0) + count
        by_readiness[readiness] = by_readiness.get(readiness, 0) + count
        refused += wrong
    return StatusCounts(by_status, by_readiness, refused)
