"""SKUs where Jet shows something else than it accepted, and the two values side by side.

What counts as drift stands with the model, see `catalog.models.listing.DRIFTS`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Abs

from catalog.enums import Step
from catalog.models import Listing, NodeStock
from catalog.models.listing import DRIFTS
from jetsync.models import Merchant
from jetsync.queries.settings import current_nodes

PRICE, QUANTITY, ARCHIVED, CONTENT = "price", "quantity", "archived", "content"
FACETS = {PRICE: "Price", QUANTITY: "Quantity", ARCHIVED: "Archived", CONTENT: "Product data"}
STEPS = {PRICE: Step.PRICE, QUANTITY: Step.INVENTORY, ARCHIVED: Step.ARCHIVE, CONTENT: Step.CONTENT}


def drifted_stock(merchant: Merchant) -> QuerySet[NodeStock]:
    """Rows at nodes of the mode in use where Jet shows another quantity than it accepted, with none on its way."""
    later = Q(quantity_live_at__gt=F("quantity_sent_at")) | Q(quantity_sent_at=None)
    rows = NodeStock.objects.filter(later, merchant=merchant, quantity_drift=True, quantity_dirty=False)
    return rows.filter(node__in=current_nodes(merchant))


def drifted(merchant: Merchant, facet: str = "") -> QuerySet[Listing]:
    """Listings that drift in this facet, or in any. The flag and its partial index come first: few rows remain."""
    rows = Listing.objects.filter(merchant=merchant, drifts=True)
    return rows.filter(DRIFTS[facet]) if facet in DRIFTS else rows


def with_price_gap(rows: QuerySet[Listing]) -> QuerySet[Listing]:
    """`price_gap`: by how many dollars Jet's price differs from the one that it accepted, 0 where it does not."""
    gap = Abs(F("price_live") - F("price_sent"))
    return rows.annotate(price_gap=Case(When(DRIFTS[PRICE], then=gap), default=Value(Decimal(0))))


def drift_count(merchant: Merchant) -> int:
    return drifted(merchant).count()


@dataclass(frozen=True)
class Drift:
    """One value. `ours`: what Jet accepted from us, ready to read; `member` names a part of the product data;
    `stock_id` the node's row. `raw` is Jet's value as it would be taken over. `percent`: of a price, like "+4.2%"."""

    facet: str
    label: str
    ours: str
    theirs: str
    seen_at: datetime | None
    raw: Any = None
    member: str = ""
    stock_id: int | None = None
    percent: str = ""

    @property
    def facet_word(self) -> str:
        return FACETS[self.facet]


def drifts_of(merchant: Merchant, listing_ids: Sequence[int]) -> dict[int, list[Drift]]:
    """Listing pk -> its drifting values. Four queries."""
    found: dict[int, list[Drift]] = defaultdict(list)
    rows = Listing.objects.filter(merchant=merchant, pk__in=list(listing_ids), drifts=True)
    for row in rows.filter(DRIFTS[PRICE]).defer("live_body", "content_sent_body"):
        ours, theirs = _usd(row.price_sent), _usd(row.price_live)
        percent = _percent(row.price_sent, row.price_live)
        drift = Drift(PRICE, "Price", ours, theirs, row.price_live_at, row.price_live, percent=percent)
        found[row.pk].append(drift)
    for row in rows.filter(DRIFTS[ARCHIVED]).defer("live_body", "content_sent_body"):
        ours, theirs = _yes(row.archived_sent), _yes(row.archived_live)
        found[row.pk].append(
            Drift(ARCHIVED, "Archived", ours, theirs, row.status_read_at, bool(row.archived_live))
        )
    for row in rows.filter(DRIFTS[CONTENT]):
        found[row.pk] += _content(row)
    held = rows.filter(DRIFTS[QUANTITY])
    stock = drifted_stock(merchant).filter(variant__listing__in=held.values("pk"))
    for item in stock.select_related("node", "variant__listing").order_by("-node__is_default", "node__name"):
        found[item.variant.listing.pk].append(_quantity(item))
    return dict(found)


def archiving_of(merchant: Merchant, listing_ids: Sequence[int]) -> list[tuple[str, bool]]:
    """SKU and whether Jet shows it archived, of those where that is not what it accepted from us. One query."""
    rows = Listing.objects.filter(DRIFTS[ARCHIVED], merchant=merchant, pk__in=list(listing_ids))
    found = rows.order_by("variant__sku").values_list("variant__sku", "archived_live")
    return [(sku, bool(archived)) for sku, archived in found]


def _content(row: Listing) -> list[Drift]:
    sent, live = row.content_sent_body or {}, row.live_body or {}
    shown = {name.lower(): value for name, value in live.items()}
    return [
        Drift(
            CONTENT,
            name.replace("_", " ").capitalize(),
            _text(sent.get(name)),
            _text(shown.get(name.lower())),
            row.status_read_at,
            shown.get(name.lower()),
            member=name,
        )
        for name in row.content_drift
    ]


def _quantity(item: NodeStock) -> Drift:
    return Drift(
        QUANTITY,
        f"Quantity at {item.node.name}",
        _count(item.quantity_sent),
        _count(item.quantity_live),
        item.quantity_live_at,
        item.quantity_live,
        stock_id=item.pk,
    )


def _percent(ours: Decimal | None, theirs: Decimal | None) -> str:
    return f"{(theirs - ours) / ours * 100:+,.1f}%" if ours and theirs is not None else ""


def _usd(value: Decimal | None) -> str:
    return "" if value is None else f"${value:,.2f}"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _yes(value: bool | None) -> str:  # noqa: FBT001 -- the value itself
    return "Yes" if value else "No"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_text(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(str(item) for item in value.values())
    return "" if value is None else str(value)
