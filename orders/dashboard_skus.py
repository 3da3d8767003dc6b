"""SKUs on the dashboard: what sells best, what is sold out, and what soon will be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from catalog.models import Variant
from catalog.pages import variant_url
from catalog.queries.product import all_variants, quantities_for_jet, title_of
from jetsync.models import Merchant
from jetsync.panel.home import HomeCard, register_card
from jetsync.queries.schedules import finished_at
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.days import last_days
from orders.pages import order_list_url
from orders.queries.skus_sold import SoldSku, best_sellers
from orders.queries.summary import RECENT

SHOWN = 10


@dataclass(frozen=True)
class SkuLine:
    """`url` is the product's page, "" where there is none or it may not be seen; `left` what Jet should have."""

    sku: str
    title: str
    image: str
    url: str
    left: int | None
    sold: SoldSku | None
    orders_url: str


def _variants(merchant: Merchant, ids: Iterable[int | None]) -> dict[int, Variant]:
    wanted = [pk for pk in ids if pk is not None]
    return {row.pk: row for row in all_variants(merchant).filter(pk__in=wanted)}


def _top(merchant: Merchant, actor: Actor) -> dict[str, Any]:
    """Five queries."""
    sold = best_sellers(merchant, RECENT.days, most=SHOWN)
    known = _variants(merchant, (row.variant_id for row in sold)) if actor.may(Right.PRODUCTS_VIEW) else {}
    left = quantities_for_jet(merchant, list(known.values())) if known else {}
    since = last_days(merchant, RECENT.days)[0]
    lines = []
    for row in sold:
        variant = known.get(row.variant_id or 0)
        lines.append(
            SkuLine(
                sku=row.sku,
                title=title_of(variant) if variant else row.title,
                image=variant.main_image_url if variant else "",
                url=variant_url(merchant, variant) if variant else "",
                left=left.get(variant.pk, 0) if variant else None,
                sold=row,
                orders_url=_orders_of(merchant, row.sku, since),
            )
        )
    return {"lines": lines, "period": RECENT.days, "fetched_at": finished_at(merchant, "orders.fetch")}


def _orders_of(merchant: Merchant, sku: str, since: date) -> str:
    query = urlencode({"sku": sku, "placed_after": since, "state": "sold"})
    return order_list_url(merchant, query)


register_card(HomeCard("top-skus-report", "report", 30, Right.ORDERS_VIEW, "dashboard/top_skus.html", _top))
