"""Sales data of a SKU; made up, but always the same for the same SKU, price and day."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.http import HttpResponse

from jetsync.sandbox.clock import now
from jetsync.sandbox.http import ApiRequest, api, net_time, reply, single_error
from jetsync.sandbox.listings.checker import Record
from jetsync.sandbox.models import ListingStatus, Sku, Switches
from jetsync.sandbox.views.writing import existing_sku

NO_DATA = "Sales data is not available for this SKU."


@api("GET")
@existing_sku
def sales_data(request: ApiRequest, sku: Sku) -> HttpResponse:
    """Only for SKUs on sale; anything else is an `error` with 404."""
    record = sales_record(sku, request.switches) if request.switches["sales_data"] else None
    return reply(record) if record else single_error(404, NO_DATA)


def sales_record(sku: Sku, switches: Switches) -> Record | None:
    """Rank, units of 30 days (absent when nothing sold), own and best offer; None when there are no figures."""
    if sku.sales_data is not None:
        stored: Record = sku.sales_data
        return stored
    if sku.status != ListingStatus.AVAILABLE or sku.base_price is None:
        return None
    # Figures lag up to a day: they are those of the last midnight.
    day = now().replace(hour=0, minute=0, second=0, microsecond=0)
    rng = random.Random(f"{sku.merchant_sku_id}:{day:%Y-%m-%d}")
    record: dict[str, Any] = {
        "sales_rank": {switches["sales_rank_key"]: rng.randint(1, 200_000), "last_update": net_time(day)}
    }
    units = rng.choice((0, 0, rng.randint(1, 9), rng.randint(10, 120)))
    if units:
        record["units_sold"] = {"last_30_days": units, "last_update": net_time(day)}
    offered = net_time(day - timedelta(hours=6))
    shipping = rng.choice((0.0, 4.95, 5.95))
    best = round(sku.base_price * rng.uniform(0.92, 1.0), 2)
    record["my_best_offer"] = [_offer(sku.base_price, shipping, offered)]
    record["best_marketplace_offer"] = [_offer(best, rng.choice((0.0, 4.95, shipping)), offered)]
    return record


def _offer(item_price: float, shipping_price: float, updated: str) -> Record:
    return {
        "shipping_method": None,
        "item_price": item_price,
        "shipping_price": shipping_price,
        "last_update": updated,
    }
