"""The catalogue on the dashboard: SKUs by Jet's status, in the grouping of Jet's own partner portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.enums import ListingStatus
from catalog.pages import product_list_url
from catalog.queries.overview import StatusStock, status_stock
from jetsync.models import Merchant
from jetsync.panel.charts import status_bars
from jetsync.panel.home import HomeCard, register_card
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

# Jet's portal divides what was uploaded into these two.
NOT_ELIGIBLE = (ListingStatus.ARCHIVED, ListingStatus.EXCLUDED, ListingStatus.UNAUTHORIZED)
ELIGIBLE = (ListingStatus.MISSING_DATA, ListingStatus.UNDER_REVIEW, ListingStatus.AVAILABLE)
# Jet has them and has not said more yet.
OTHERS = (ListingStatus.UPLOADED, ListingStatus.OTHER)
WORDS: dict[str, str] = {
    ListingStatus.EXCLUDED: "Excluded Category or Brand",
    ListingStatus.AVAILABLE: "Available for Sale",
    ListingStatus.UPLOADED: "Uploaded, no status yet",
    ListingStatus.OTHER: "Another status",
}


@dataclass(frozen=True)
class Line:
    """A line of the table; a sum has no list of its own."""

    label: str
    stock: StatusStock
    url: str = ""
    is_sum: bool = False


def product_lines(merchant: Merchant, found: dict[str, StatusStock]) -> list[Line]:
    """Sums first, each with its parts below it."""

    def total(*statuses: ListingStatus) -> StatusStock:
        return sum((found.get(status, StatusStock()) for status in statuses), StatusStock())

    def part(status: ListingStatus) -> Line:
        label = WORDS.get(status, str(status.label))
        return Line(label, total(status), product_list_url(merchant, f"status={status.value}"))

    return [
        Line("Total Uploaded SKUs", total(*NOT_ELIGIBLE, *ELIGIBLE, *OTHERS), is_sum=True),
        Line("Not Eligible for Sale", total(*NOT_ELIGIBLE), is_sum=True),
        *map(part, NOT_ELIGIBLE),
        Line("Eligible for Sale", total(*ELIGIBLE), is_sum=True),
        *map(part, ELIGIBLE),
        *(part(status) for status in OTHERS if total(status).skus),
        part(ListingStatus.NOT_UPLOADED),
    ]


def _products(merchant: Merchant, _actor: Actor) -> dict[str, Any]:
    found, read_at = status_stock(merchant)
    lines = product_lines(merchant, found)
    bars = status_bars(
        (ListingStatus.NOT_UPLOADED, *ELIGIBLE, *NOT_ELIGIBLE, *OTHERS),
        {status: row.skus for status, row in found.items()},
        area="listing",
        url=lambda status: product_list_url(merchant, f"status={status}"),
        always=ELIGIBLE,
        words=WORDS,
    )
    return {
        "lines": lines,
        "bars": bars,
        "read_at": read_at,
        "total": sum(row.skus for row in found.values()),
    }


register_card(
    HomeCard("catalog-report", "report", 10, Right.PRODUCTS_VIEW, "dashboard/products.html", _products)
)
