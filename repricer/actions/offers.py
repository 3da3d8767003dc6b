"""Writing down what Jet told of offers, and asking for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.actions.retention import History, keep_history
from jetsync.enums import Priority
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.resting import check_not_resting
from jetsync.sync.requests import request_job
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.managers import bulk_create
from repricer.figures import Figures
from repricer.models import OfferReading, SalesData
from repricer.queries.offers import for_sale

FETCH = "repricer.sales_data"
BY_HAND = "by-hand"
KEEP_READINGS = timedelta(days=180)
# SKUs of one press of the button; all of them is the other button.
MOST_CHOSEN = 5000

_OFFERS = ("my_price", "my_shipping", "best_price", "best_shipping")
_COLUMNS = (
    *_OFFERS,
    "my_noted_at",
    "best_noted_at",
    "gap",
    "rank",
    "units_sold",
    "has_data",
    "read_at",
    "error",
)
# Other figures by these columns are a new reading.
_TELLING = (*_OFFERS, "my_noted_at", "best_noted_at")


@transaction.atomic
def store_figures(
    merchant: Merchant, figures: Mapping[int, Figures | None], *, now: datetime | None = None
) -> int:
    """Stores the figures of these SKUs (variant pk -> figures, None: Jet has none); returns how many are new.

    Figures that differ from those before become a reading of the history; the same again only say that they were read.
    Safe to repeat. Four queries, whatever the number.
    """
    at = now or timezone.now()
    known = {
        row.variant_id: row
        for row in SalesData.objects.select_for_update(of=("self",), no_key=True)
        .filter(merchant=merchant, variant__in=list(figures))
        .order_by("variant_id")
    }
    rows, readings = [], []
    for variant_id, found in sorted(figures.items()):
        values = _values(found)
        row = known.get(variant_id) or SalesData(merchant=merchant, variant_id=variant_id)
        is_new = found is not None and any(getattr(row, name) != values[name] for name in _TELLING)
        for name, value in values.items():
            setattr(row, name, value)
        row.read_at, row.error = at, ""
        rows.append(row)
        if is_new:
            offers = {name: values[name] for name in _OFFERS}
            readings.append(OfferReading(merchant=merchant, variant_id=variant_id, at=at, **offers))
    _upsert(rows)
    bulk_create(OfferReading, readings, batch_size=500)
    return len(readings)


def _values(found: Figures | None) -> dict[str, Any]:
    mine, best = (found.mine, found.best) if found else (None, None)
    return {
        "my_price": mine.item if mine else None,
        "my_shipping": mine.shipping if mine else None,
        "best_price": best.item if best else None,
        "best_shipping": best.shipping if best else None,
        "my_noted_at": mine.noted_at if mine else None,
        "best_noted_at": best.noted_at if best else None,
        "gap": mine.landed - best.landed if mine and best else None,
        "rank": found.rank if found else None,
        "units_sold": found.units_sold if found else None,
        "has_data": found is not None,
    }


def _upsert(rows: Sequence[SalesData]) -> None:
    bulk_create(
        SalesData,
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["variant"],
        update_fields=list(_COLUMNS),
    )


def note_unreadable(merchant: Merchant, variant_id: int, words: str) -> None:
    """Jet's answer about this SKU was of no use; what was known of it stays."""
    SalesData.objects.update_or_create(
        merchant=merchant,
        variant_id=variant_id,
        defaults={"read_at": timezone.now(), "error": words[:300]},
    )


@transaction.atomic
def fetch_now(merchant: Merchant, variant_ids: Sequence[int] | None = None, *, actor: Actor) -> int:
    """Asks for fresh figures of these SKUs, or of all for sale; returns how many that are.

    Raises InvalidInput when none of them is for sale, or too many were chosen; StateConflict while the store rests.
    """
    check_not_resting(merchant)
    rows = for_sale(merchant)
    if variant_ids is not None:
        if len(variant_ids) > MOST_CHOSEN:
            raise InvalidInput(
                f"{len(variant_ids):,} SKUs are chosen, at most {MOST_CHOSEN:,} can be.",
                hint="Press “Fetch sales data” above the list for all of them.",
            )
        rows = rows.filter(variant__in=list(variant_ids))
    count = rows.count()
    if not count:
        raise InvalidInput(
            "None of your SKUs is for sale at Jet, so there is no sales data.",
            hint="Sales data exists for products with the status “Available for Purchase”.",
        )
    data: dict[str, Any] = {"since": None}
    key = BY_HAND
    if variant_ids is not None:
        data["variants"] = sorted(rows.values_list("variant_id", flat=True))
        key = f"chosen:{hashlib.sha256(repr(data['variants']).encode()).hexdigest()[:16]}"
    request_job(merchant, FETCH, key, priority=Priority.NORMAL, data=data)
    skus = f"{count:,} SKU{'' if count == 1 else 's'}"
    record(merchant, "repricer.sales_data.asked", f"Sales data of {skus} was asked for", actor=actor)
    return count


def _old_readings(now: datetime) -> QuerySet[OfferReading]:
    """Named by merchant, because the index of their age begins with it."""
    merchants = Merchant.objects.values("pk")
    return OfferReading.objects.filter(merchant__in=merchants, at__lt=now - KEEP_READINGS)


keep_history(History("offer_readings", _old_readings))
