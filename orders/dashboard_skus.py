"""SKUs on the dashboard: what sells best, what is sold out, and what soon will be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from catalog.models import Variant
from catalog.pages import product_list_url, variant_url
from catalog.queries.product import all_variants, quantities_for_jet, title_of
from catalog.queries.sold_out import sold_out
from catalog.slots import StockPart, register_stock_part
from jetsync.models import Merchant
from jetsync.panel.home import HomeCard, register_card
from jetsync.queries.schedules import finished_at
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.days import last_days
from orders.pages import order_list_url
from orders.queries.skus_sold import Pace, SoldSku, best_sellers, running_out
from orders.queries.summary import RECENT

SHOWN = 10
# Days in which what runs out is named: time to order more.
SOON = 7
# Lines of what runs out soon; who has more of them looks at his stock anyway.
MOST_SOON = 50


@dataclass(frozen=True)
class SkuLine:
    """`url` is the product's page, "" where there is none or it may not be seen; `left` what Jet should have."""

    sku: str
    title: str
    image: str
    url: str
    left: int | None
    sold: SoldSku | None = None
    orders_url: str = ""
    pace: Pace | None = None


def _variants(merchant: Merchant, ids: Iterable[int | None]) -> dict[int, Variant]:
    wanted = [pk for pk in ids if pk is not None]
    return {row.pk: row for row in all_variants(merchant).filter(pk__in=wanted)}


def _top(merchant: Merchant, actor: Actor) -> dict[str, Any]:
    """Five queries."""
    sold = best_sellers(merchant, RECENT.days, most=SHOWN)
    known = _variants(merchant, (row.variant_id for row in sold)) if actor.may(Right.PRODUCTS_VIEW) else {}
    left = quantities_for_jet(merchant, list(known.values())) if known else {}
    return {
        "lines": [_sold_line(merchant, row, known, left) for row in sold],
        "period": RECENT.days,
        "fetched_at": finished_at(merchant, "orders.fetch"),
    }


def _stock(merchant: Merchant, actor: Actor) -> dict[str, Any]:
    """What sells is told to those who may see orders. Seven queries."""
    out = sold_out(merchant)
    found = {
        "out": out.count(),
        "out_url": product_list_url(merchant, "stock=out"),
        "period": RECENT.days,
        "soon": SOON,
        "sees_sales": actor.may(Right.ORDERS_VIEW),
    }
    if not found["sees_sales"]:
        return found
    sold = best_sellers(merchant, RECENT.days, most=SHOWN, among=out) if found["out"] else []
    paces = running_out(merchant, RECENT.days, within=SOON)
    known = _variants(
        merchant, [*(row.variant_id for row in sold), *(pace.variant_id for pace in paces[:MOST_SOON])]
    )
    return {
        **found,
        "out_lines": [_sold_line(merchant, row, known, {}) for row in sold],
        "soon_count": len(paces),
        "soon_url": product_list_url(merchant, "stock=soon"),
        "soon_lines": [
            _line(merchant, known[pace.variant_id], pace)
            for pace in paces[:MOST_SOON]
            if pace.variant_id in known
        ],
        "most_soon": MOST_SOON,
        "fetched_at": finished_at(merchant, "orders.fetch"),
    }


def _sold_line(
    merchant: Merchant, row: SoldSku, known: Mapping[int, Variant], left: Mapping[int, int]
) -> SkuLine:
    variant = known.get(row.variant_id or 0)
    since = last_days(merchant, RECENT.days)[0]
    return SkuLine(
        sku=row.sku,
        title=title_of(variant) if variant else row.title,
        image=variant.main_image_url if variant else "",
        url=variant_url(merchant, variant) if variant else "",
        left=left.get(variant.pk, 0) if variant else None,
        sold=row,
        orders_url=_orders_of(merchant, row.sku, since),
    )


def _line(merchant: Merchant, variant: Variant, pace: Pace) -> SkuLine:
    return SkuLine(
        sku=variant.sku,
        title=title_of(variant),
        image=variant.main_image_url,
        url=variant_url(merchant, variant),
        left=pace.left,
        pace=pace,
    )


def _orders_of(merchant: Merchant, sku: str, since: date) -> str:
    query = urlencode({"sku": sku, "placed_after": since, "state": "sold"})
    return order_list_url(merchant, query)


def _soon_gone(merchant: Merchant) -> list[int]:
    return [pace.variant_id for pace in running_out(merchant, RECENT.days, within=SOON)]


register_stock_part(
    StockPart("soon", f"Gone within {SOON} days at the present pace", Right.ORDERS_VIEW, _soon_gone)
)
register_card(HomeCard("top-skus-report", "report", 30, Right.ORDERS_VIEW, "dashboard/top_skus.html", _top))
register_card(HomeCard("stock-report", "report", 35, Right.PRODUCTS_VIEW, "dashboard/stock.html", _stock))
