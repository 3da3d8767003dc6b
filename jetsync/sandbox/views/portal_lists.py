"""The partner portal's own list of SKUs, which clients of the time used with the API's token."""

from __future__ import annotations

import csv
import io

from django.db.models import QuerySet
from django.http import HttpResponse

from jetsync.sandbox.http import ApiRequest, api, count_of, reply
from jetsync.sandbox.listings.render import portal_record
from jetsync.sandbox.models import ListingStatus, Sku

MOST_ROWS = 5000
COLUMNS = ("merchant_sku", "product_title", "status", "sub_status", "price", "has_inventory", "is_archived")


@api("GET")
def merchant_skus(request: ApiRequest) -> HttpResponse:
    """`from`, `size`, `statuses` (several by commas or repeated); `size=1` and `total` is how clients counted."""
    skus = _chosen(request)
    start, size = (
        count_of(request.GET.get("from"), 0),
        min(count_of(request.GET.get("size"), MOST_ROWS), MOST_ROWS),
    )
    rows = [portal_record(sku) for sku in skus[start : start + size]]
    return reply({"merchant_skus": rows, "total": skus.count()})


@api("GET")
def export(request: ApiRequest) -> HttpResponse:
    """The same list as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for sku in _chosen(request).iterator():
        record = portal_record(sku) | {"sub_status": "; ".join(sku.sub_status)}
        writer.writerow([record[column] for column in COLUMNS])
    return HttpResponse(text.getvalue(), content_type="text/csv")


def _chosen(request: ApiRequest) -> QuerySet[Sku]:
    skus = request.merchant.skus.all()
    wanted = [name.strip().lower() for text in request.GET.getlist("statuses") for name in text.split(",")]
    if not any(wanted):
        return skus
    return skus.filter(status__in=[value for value in ListingStatus.values if value.lower() in wanted])
