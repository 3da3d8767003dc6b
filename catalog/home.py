"""The catalogue on the home page: what waits for the merchant, how the SKUs stand, and the first import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.enums import ListingStatus
from catalog.models import Variant
from catalog.pages import page_url, product_list_url
from catalog.queries.drift import drift_count
from catalog.queries.errors import group_count
from catalog.queries.files import rejected_count
from catalog.queries.oversold import offered_at_zero
from catalog.queries.overview import StatusCounts, status_counts
from jetsync.models import Merchant
from jetsync.panel.home import HomeCard, SetupStep, Tile, register_card, register_step
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

# In the order of a SKU's life.
_SHOWN = (
    ListingStatus.NOT_UPLOADED,
    ListingStatus.UPLOADED,
    ListingStatus.UNDER_REVIEW,
    ListingStatus.MISSING_DATA,
    ListingStatus.AVAILABLE,
    ListingStatus.ARCHIVED,
    ListingStatus.UNAUTHORIZED,
    ListingStatus.EXCLUDED,
    ListingStatus.OTHER,
)
_ALWAYS = (ListingStatus.NOT_UPLOADED, ListingStatus.UNDER_REVIEW, ListingStatus.AVAILABLE)
_LEVELS = {
    ListingStatus.MISSING_DATA: "warning",
    ListingStatus.UNAUTHORIZED: "danger",
    ListingStatus.EXCLUDED: "danger",
}


def status_tiles(merchant: Merchant, counts: StatusCounts) -> list[Tile]:
    """Jet's statuses that occur; the three of the normal way always stand there."""
    return [
        Tile(
            str(status.label),
            counts.of(status),
            product_list_url(merchant, f"status={status.value}"),
            level=_LEVELS.get(status, ""),
        )
        for status in _SHOWN
        if counts.of(status) or status in _ALWAYS
    ]


@dataclass(frozen=True)
class Waiting:
    """Rejected files, causes of refusals, SKUs where Jet shows something else than it accepted, and those that it may sell
    although the store has none.
    """

    files: int = 0
    causes: int = 0
    drift: int = 0
    oversold: int = 0


def waiting_tiles(merchant: Merchant, counts: StatusCounts, more: Waiting) -> list[Tile]:
    """What a person has to mend; empty when there is nothing."""
    grid = product_list_url
    tiles = [
        Tile(
            "Refused",
            counts.refused,
            page_url(merchant, "errors") if more.causes else grid(merchant, "part=errors"),
            f"By Jet or a check, for {counted(more.causes, 'cause')}; mend each in one go."
            if more.causes
            else "The last sending failed; the reason stands on each SKU.",
            "danger",
        ),
        Tile(
            "Missing Listing Data",
            counts.of(ListingStatus.MISSING_DATA),
            grid(merchant, "part=missing"),
            "Jet holds them back until you complete them.",
            "warning",
        ),
        Tile(
            "Changes wait",
            counts.kept,
            grid(merchant, "part=kept"),
            "Jet sells them as they were sent; a gap keeps their changed data back.",
            "warning",
        ),
        Tile(
            "Not ready",
            counts.unready,
            grid(merchant, "part=not_ready"),
            "Something that Jet asks for is missing; Errors counts it by cause.",
            "warning",
        ),
        Tile(
            "Files with errors",
            more.files,
            f"{page_url(merchant, 'file-list')}?only=rejected",
            "Bulk files that Jet did not take as a whole.",
            "warning",
        ),
        Tile(
            "Differ at Jet",
            more.drift,
            page_url(merchant, "drift"),
            "Jet shows another value than it accepted: send ours or take theirs.",
            "warning",
        ),
        Tile(
            "Offered with none in store",
            more.oversold,
            grid(merchant, "oversold=True"),
            "By your quantity for a stock of zero. What is sold of them has to be there to be shipped.",
            "warning",
        ),
    ]
    return [tile for tile in tiles if tile.count]


def by_status(merchant: Merchant, _actor: Actor) -> dict[str, Any] | None:
    """Hidden until there is a product."""
    counts = status_counts(merchant)
    if not counts.total:
        return None
    return {"tiles": status_tiles(merchant, counts), "total": counts.total, "read_at": counts.read_at}


def waiting(merchant: Merchant, _actor: Actor) -> dict[str, Any] | None:
    more = Waiting(
        rejected_count(merchant),
        group_count(merchant),
        drift_count(merchant),
        offered_at_zero(merchant).count(),
    )
    counts = status_counts(merchant)
    tiles = waiting_tiles(merchant, counts, more)
    if not tiles:
        return None
    return {"title": "Products that need you", "tiles": tiles, "read_at": counts.read_at}


def has_products(merchant: Merchant) -> bool:
    return Variant.objects.filter(merchant=merchant).exists()


register_card(
    HomeCard("products", "business", 20, Right.PRODUCTS_VIEW, "catalog/product_home_status.html", by_status)
)
register_card(HomeCard("products-waiting", "now", 40, Right.PRODUCTS_VIEW, "home/tiles.html", waiting))
register_step(
    SetupStep(
        "products",
        40,
        "Import products",
        "From a CSV file, over the API, or typed in one by one.",
        "catalog:csv-upload",
        Right.PRODUCTS_EDIT,
        has_products,
    )
)
