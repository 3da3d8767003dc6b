"""The catalogue on the dashboard: SKUs by Jet's status, in the grouping of Jet's own partner portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.enums import ListingStatus
from catalog.pages import product_list_url
from catalog.queries.overview import (
    ELIGIBLE,
    NOT_ELIGIBLE,
    STATUS_GROUPS,
    UNDECIDED,
    StatusStock,
    status_stock,
)
from jetsync.models import Merchant
from jetsync.panel.charts import status_bars
from jetsync.panel.home import HomeCard, register_card
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

WORDS: dict[str, str] = {
    ListingStatus.EXCLUDED: "Excluded Category or Brand",
    ListingStatus.AVAILABLE: "Available for Sale",
    ListingStatus.UPLOADED: "Uploaded, no status yet",
    ListingStatus.OTHER: "Another status",
}


# How far a line of the table stands below what it is a part of.
INDENTS = ("", "ps-4", "ps-5")


@dataclass(frozen=True)
class Line:
    """A line of the table. Its parts stand below it, one `level` deeper; each number has the list of its SKUs."""

    label: str
    stock: StatusStock
    url: str
    level: int = 0
    is_sum: bool = False

    @property
    def indent(self) -> str:
        return INDENTS[self.level]

    @property
    def stock_url(self) -> str:
        return f"{self.url}&stock=some"


def product_lines(merchant: Merchant, found: dict[str, StatusStock]) -> list[Line]:
    """Sums first, each with its parts below it. What was not uploaded is part of none."""

    def total(*statuses: ListingStatus) -> StatusStock:
        return sum((found.get(status, StatusStock()) for status in statuses), StatusStock())

    def group(key: str, level: int) -> Line:
        label, statuses = STATUS_GROUPS[key]
        return Line(label, total(*statuses), product_list_url(merchant, f"status={key}"), level, is_sum=True)

    def part(status: ListingStatus, level: int) -> Line:
        label = WORDS.get(status, str(status.label))
        return Line(label, total(status), product_list_url(merchant, f"status={status.value}"), level)

    return [
        group("on_jet", 0),
        group("not_eligible", 1),
        *(part(status, 2) for status in NOT_ELIGIBLE),
        group("eligible", 1),
        *(part(status, 2) for status in ELIGIBLE),
        *(part(status, 1) for status in UNDECIDED if total(status).skus),
        part(ListingStatus.NOT_UPLOADED, 0),
    ]


def _products(merchant: Merchant, _actor: Actor) -> dict[str, Any]:
    found, read_at = status_stock(merchant)
    lines = product_lines(merchant, found)
    bars = status_bars(
        (ListingStatus.NOT_UPLOADED, *ELIGIBLE, *NOT_ELIGIBLE, *UNDECIDED),
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
