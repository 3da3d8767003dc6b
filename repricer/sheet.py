"""The grid of sales data as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from catalog.models import Variant
from catalog.queries.product import title_of
from jetsync.models import Merchant
from jetsync.panel.list_sheets import Sheet, SheetColumn, moment
from jetsync.tenancy.actor import Actor
from repricer.figures import advice, gap_percent
from repricer.queries.offers import figures_of, offered_variants


def _of(get: Callable[[Any], Any]) -> Callable[[Variant], Any]:
    def read(row: Variant) -> Any:
        data = figures_of(row)
        found = get(data) if data else None
        return "" if found is None else found

    return read


def _offer(heading: str, name: str) -> list[SheetColumn]:
    return [
        SheetColumn(f"{heading}: Item Price", _of(lambda data: (p := getattr(data, name)) and p.item)),
        SheetColumn(
            f"{heading}: Shipping Price", _of(lambda data: (p := getattr(data, name)) and p.shipping)
        ),
        SheetColumn(f"{heading}: Landed", _of(lambda data: (p := getattr(data, name)) and p.landed)),
    ]


def _percent(data: Any) -> Any:
    if data.mine is None or data.best is None:
        return None
    return gap_percent(data.mine.landed, data.best.landed)


def _columns(_actor: Actor, zone: tzinfo) -> Sequence[SheetColumn]:
    return [
        SheetColumn("SKU", lambda row: row.sku),
        SheetColumn("Title", title_of),
        *_offer("My Best Offer", "mine"),
        *_offer("Best Marketplace Offer", "best"),
        SheetColumn("Gap", _of(lambda data: data.gap)),
        SheetColumn("Gap in %", _of(_percent)),
        SheetColumn("Sales rank", _of(lambda data: data.rank)),
        SheetColumn("Units sold in 30 days", _of(lambda data: data.units_sold)),
        SheetColumn("Advice", lambda row: advice(*_offers(row))),
        *moment("Last Update", _noted_at, zone),
    ]


def _noted_at(row: Variant) -> datetime | None:
    data = figures_of(row)
    return data.best_noted_at if data else None


def _offers(row: Variant) -> tuple[Any, Any]:
    data = figures_of(row)
    return (data.mine, data.best) if data else (None, None)


def _rows(merchant: Merchant, ids: Sequence[int]) -> Iterator[Variant]:
    found = offered_variants(merchant).in_bulk(list(ids))
    return (found[pk] for pk in ids if pk in found)


SALES_SHEET = Sheet("sales-data", _columns, _rows)
