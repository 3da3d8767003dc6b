"""Sales data of a SKU; made up, but always the same until the offers move, a few times a day or once."""

from __future__ import annotations

import random
from datetime import UTC, datetime
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
    moved, rng = _last_move(sku, switches)
    record: dict[str, Any] = {
        "sales_rank": {switches["sales_rank_key"]: rng.randint(1, 200_000), "last_update": net_time(moved)}
    }
    units = rng.choice((0, 0, rng.randint(1, 9), rng.randint(10, 120)))
    if units:
        record["units_sold"] = {"last_30_days": units, "last_update": net_time(moved)}
    mine = _offer(sku.base_price, _own_shipping(sku), net_time(moved))
    other = _competitor(sku, rng, net_time(moved))
    record["my_best_offer"] = [mine]
    # The best of the marketplace is ours when nobody is cheaper.
    record["best_marketplace_offer"] = [min(other, mine, key=_landed)]
    return record


def _last_move(sku: Sku, switches: Switches) -> tuple[datetime, random.Random]:
    """When the offers moved last, and the dice of that move: the same figures until the next one."""
    hours = max(float(switches["offers_move_hours"]), 1 / 60)
    moves = int(now().timestamp() / (hours * 3600))
    moved = datetime.fromtimestamp(moves * hours * 3600, UTC)
    return moved, random.Random(f"{sku.merchant_sku_id}:{moved:%Y-%m-%dT%H:%M}")


def _own_shipping(sku: Sku) -> float:
    return random.Random(sku.merchant_sku_id).choice((0.0, 4.95, 5.95))


def _competitor(sku: Sku, rng: random.Random, moved: str) -> Record:
    """The best other seller: as the portal or a test has set it, else around the level of the SKU's first price."""
    if sku.competitor is not None:
        given = sku.competitor
        return _offer(given["item_price"], given["shipping_price"], given["since"])
    shipping = _own_shipping(sku)
    level = (sku.market_price or sku.base_price or 0) + shipping
    others = rng.choice((0.0, 4.95, shipping))
    return _offer(max(0.01, round(level * rng.uniform(0.90, 1.06) - others, 2)), others, moved)


def _landed(offer: Record) -> float:
    return float(offer["item_price"]) + float(offer["shipping_price"])


def _offer(item_price: float, shipping_price: float, updated: str) -> Record:
    return {
        "shipping_method": None,
        "item_price": item_price,
        "shipping_price": shipping_price,
        "last_update": updated,
    }
