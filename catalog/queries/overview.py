"""The parts of the catalogue and how many SKUs stand where, for tabs, cards and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from catalog.enums import ListingStatus, Readiness
from catalog.models import Listing, NodeStock, Variant
from jetsync.models import Merchant

# Jet's statuses that need the merchant.
HELD_BACK = (ListingStatus.MISSING_DATA, ListingStatus.EXCLUDED, ListingStatus.UNAUTHORIZED)

# Jet's portal divides what was uploaded into these two.
NOT_ELIGIBLE = (ListingStatus.ARCHIVED, ListingStatus.EXCLUDED, ListingStatus.UNAUTHORIZED)
ELIGIBLE = (ListingStatus.MISSING_DATA, ListingStatus.UNDER_REVIEW, ListingStatus.AVAILABLE)
# Jet has them and has not said more yet.
UNDECIDED = (ListingStatus.UPLOADED, ListingStatus.OTHER)
# Several statuses under one word, as that portal sums them up.
STATUS_GROUPS: dict[str, tuple[str, tuple[ListingStatus, ...]]] = {
    "on_jet": ("Total Uploaded SKUs", (*NOT_ELIGIBLE, *ELIGIBLE, *UNDECIDED)),
    "not_eligible": ("Not Eligible for Sale", NOT_ELIGIBLE),
    "eligible": ("Eligible for Sale", ELIGIBLE),
}

PART_LABELS = {
    "not_ready": "Not ready",
    "to_upload": "Ready to upload",
    "never_live": "Will not go live",
    "review": "In review",
    "missing": "Missing data",
    "live": "Live",
    "kept": "Changes wait",
    "archived": "Archived",
    "errors": "With errors",
}


def part_conditions(path: str = "") -> dict[str, Q]:
    """The parts of the catalogue by their keys in PART_LABELS, as conditions; `path` leads to the listing: "listing__"."""

    def where(**values: object) -> Q:
        return Q(**{f"{path}{name}": value for name, value in values.items()})

    not_ready = where(readiness=Readiness.NOT_READY)
    return {
        "not_ready": not_ready,
        "to_upload": where(status=ListingStatus.NOT_UPLOADED, readiness=Readiness.READY),
        "never_live": where(status=ListingStatus.NOT_UPLOADED, readiness=Readiness.NEVER_LIVE),
        "review": where(status__in=(ListingStatus.UPLOADED, ListingStatus.UNDER_REVIEW)),
        "missing": where(status=ListingStatus.MISSING_DATA),
        "live": where(status=ListingStatus.AVAILABLE),
        # `is_wanted` as well: the two have an index of their own.
        "kept": where(status=ListingStatus.AVAILABLE, content_dirty=True, is_wanted=True)
        & ~where(readiness=Readiness.READY),
        "archived": where(status=ListingStatus.ARCHIVED),
        "errors": where(error_code__gt=""),
    }


def listings_by_part(merchant: Merchant) -> dict[str, QuerySet[Listing]]:
    """The listings of each part; counting them leaves the SKUs' wide rows alone."""
    listings = Listing.objects.filter(merchant=merchant)
    return {key: listings.filter(condition) for key, condition in part_conditions().items()}


def counts_by_part(variants: QuerySet[Variant], *, most: int) -> dict[str, int]:
    """How many of these SKUs stand in each part; nothing where they are more than `most`. One query, one pass."""
    some = variants.order_by().values("pk")[: most + 1]
    parts = {key: Count("pk", filter=condition) for key, condition in part_conditions("listing__").items()}
    found = variants.model._default_manager.filter(pk__in=some).aggregate(in_all=Count("pk"), **parts)
    return {} if found.pop("in_all") > most else found


@dataclass(frozen=True)
class StatusCounts:
    """Numbers of SKUs. `refused`: Jet or a check refused the last sending; the error stands on the SKU. `kept`: Jet sells
    them, and changes of their data wait because of gaps. `read_at`: when a status was last read from Jet.
    """

    by_status: dict[str, int]
    by_readiness: dict[str, int]
    refused: int
    kept: int
    read_at: datetime | None = None

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
        .annotate(
            skus=Count("pk"),
            refused=Count("pk", filter=~Q(error_code="")),
            kept=Count("pk", filter=part_conditions()["kept"]),
            read=Max("status_read_at"),
        )
    )
    by_status: dict[str, int] = {}
    by_readiness: dict[str, int] = {}
    refused = kept = 0
    reads = []
    for status, readiness, count, wrong, waiting, read in rows:
        by_status[status] = by_status.get(status, 0) + count
        by_readiness[readiness] = by_readiness.get(readiness, 0) + count
        refused += wrong
        kept += waiting
        reads += [read] if read else []
    return StatusCounts(by_status, by_readiness, refused, kept, max(reads, default=None))


@dataclass(frozen=True)
class StatusStock:
    """`skus` of a status, and how many of them Jet should have pieces of, at any node."""

    skus: int = 0
    with_stock: int = 0

    def __add__(self, other: StatusStock) -> StatusStock:
        return StatusStock(self.skus + other.skus, self.with_stock + other.with_stock)


def with_stock(merchant: Merchant) -> QuerySet[NodeStock]:
    """The pieces that Jet should have, at any node, one row per SKU and node."""
    return NodeStock.objects.filter(merchant=merchant, quantity_target__gt=0)


def status_stock(merchant: Merchant) -> tuple[dict[str, StatusStock], datetime | None]:
    """By Jet's status, and when the last status was read. Two queries, whatever the number of SKUs."""
    rows = Listing.objects.filter(merchant=merchant).values_list("status")
    counted = list(rows.annotate(skus=Count("pk"), read=Max("status_read_at")))
    stocked = dict(
        with_stock(merchant)
        .values_list("variant__listing__status")
        .annotate(skus=Count("variant", distinct=True))
    )
    reads = [read for _status, _skus, read in counted if read]
    found = {status: StatusStock(skus, stocked.get(status, 0)) for status, skus, _read in counted}
    return found, max(reads, default=None)
