"""Reads of sales data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from catalog.enums import ListingStatus
from catalog.models import Listing, Variant
from catalog.queries.product import all_variants
from jetsync.models import Merchant, Schedule
from jetsync.queries.schedules import schedule_named
from jetsync.queries.settings import get_options, has_keys
from jetsync.resting import resting_reason
from repricer.enums import Standing
from repricer.models import SalesData

STOCK_SYNC = "catalog.sweep_inventory"
STANDINGS: Mapping[Standing, Q] = {
    Standing.BEHIND: Q(sales_data__gap__gt=0),
    Standing.EQUAL: Q(sales_data__gap=0),
    Standing.BEST: Q(sales_data__gap__lt=0),
    Standing.NONE: Q(sales_data=None) | Q(sales_data__has_data=False),
}


def for_sale(merchant: Merchant) -> QuerySet[Listing]:
    """SKUs that Jet sells now: it has figures of no others (features SAL-04)."""
    return Listing.objects.filter(merchant=merchant, status=ListingStatus.AVAILABLE)


def offered_variants(merchant: Merchant) -> QuerySet[Variant]:
    """The SKUs for sale with product and figures, variations as rows of their own; one query."""
    rows = all_variants(merchant).filter(listing__status=ListingStatus.AVAILABLE)
    return rows.select_related("sales_data")


def figures_of(variant: Variant) -> SalesData | None:
    """None for a SKU that Jet was never asked about."""
    return getattr(variant, "sales_data", None)


def unread(merchant: Merchant, since: datetime) -> QuerySet[Listing]:
    """SKUs for sale whose figures were not read since, in order of their number."""
    fresh = SalesData.objects.filter(merchant=merchant, read_at__gte=since)
    return for_sale(merchant).exclude(variant__in=fresh.values("variant")).order_by("pk")


def sync_trouble(merchant: Merchant) -> str:
    """Why sales data is not fetched by itself, in a sentence; "" while the stock sync runs."""
    if reason := resting_reason(merchant):
        return reason
    if not has_keys(merchant):
        return (
            f"There are no API keys for {merchant.get_mode_display().lower()} mode, so Jet is asked nothing."
        )
    if not get_options(merchant).send_inventory:
        return "“Send quantities to Jet” is off, so the stock sync does not run."
    schedule: Schedule | None = schedule_named(merchant, STOCK_SYNC)
    if schedule is not None and schedule.is_paused:
        return "The schedule “Stock sync” is paused."
    return ""
