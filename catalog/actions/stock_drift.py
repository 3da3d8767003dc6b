"""Stores on a listing whether Jet shows another quantity than it accepted, so that lists need not look at every node."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from catalog.models import Listing, NodeStock
from catalog.queries.drift import drifted_stock
from jetsync.models import Merchant


@transaction.atomic
def note_stock_drift(merchant: Merchant, variant_ids: Iterable[int] | None = None) -> None:
    """Brings `stock_drift` of these SKUs up to date, or of all: to be called behind every change of what Jet should have,
    has accepted or shows at a node. One query where nothing drifts, three where something does.

    Decided behind the listing's lock: two jobs may change two nodes of one SKU at once, and the later one must see both.
    """
    stock = NodeStock.objects.filter(merchant=merchant, quantity_drift=True)
    rows = Listing.objects.filter(merchant=merchant)
    if variant_ids is not None:
        ids = list(variant_ids)
        stock, rows = stock.filter(variant__in=ids), rows.filter(variant__in=ids)
    concerned = rows.filter(Q(stock_drift=True) | Q(variant__in=stock.values("variant"))).order_by("pk")
    locked = list(concerned.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    if not locked:
        return
    listings = Listing.objects.filter(merchant=merchant, pk__in=locked)
    drifting = drifted_stock(merchant).filter(variant__listing__in=locked).values("variant")
    listings.filter(stock_drift=True).exclude(variant__in=drifting).update(stock_drift=False)
    listings.filter(stock_drift=False, variant__in=drifting).update(stock_drift=True)
