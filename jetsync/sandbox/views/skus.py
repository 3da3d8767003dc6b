"""`/merchant-skus`: the SKU itself, its lists, archive and the image call of old."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpResponse

from jetsync.sandbox.http import ApiRequest, api, count_of, errors, json_body, no_content, reply
from jetsync.sandbox.listings import operations
from jetsync.sandbox.listings.desk import Desk
from jetsync.sandbox.listings.render import sku_record
from jetsync.sandbox.models import ListingStatus, Sku
from jetsync.sandbox.views.writing import existing_sku, for_known_sku, write_status

# What the words of 2015 and 2016 stand for besides themselves.
OLD_STATUSES = {ListingStatus.PROCESSING, ListingStatus.READY_TO_LIST}
_COUNT = re.compile(r"\d{1,9}")


@api("PUT")
def put_sku(request: ApiRequest, sku: str) -> HttpResponse:
    desk = Desk(request.merchant)
    is_new = operations.put_content(desk, sku, json_body(request))
    desk.flush()
    return no_content(write_status(request, "new" if is_new else "changed"))


@api("GET")
@existing_sku
def get_sku(request: ApiRequest, sku: Sku) -> HttpResponse:
    return reply(sku_record(sku, request.switches))


@api("GET")
def list_skus(request: ApiRequest) -> HttpResponse:
    """Addresses without a leading slash, unlike every other list; `limit` is a count. Unknown parameters do nothing."""
    skus = request.merchant.skus.all()
    if not request.switches["sku_list_archived"]:
        skus = skus.filter(is_archived=False)
    offset = count_of(request.GET.get("offset"), 0)
    limit = count_of(request.GET.get("limit"), request.switches["sku_list_limit"])
    return _addresses(skus, offset, limit)


@api("GET")
def list_by_status(request: ApiRequest, status: str, offset: str, limit: str) -> HttpResponse:
    """The list of 2015 and 2016."""
    if not request.switches["bystatus_call"] or not (_COUNT.fullmatch(offset) and _COUNT.fullmatch(limit)):
        return HttpResponse(status=404)
    wanted = {value.lower(): value for value in ListingStatus.values}.get(status.lower())
    if wanted is None:
        return errors(404, f"Status '{status}' is not known.")
    statuses = {wanted, ListingStatus.UNDER_REVIEW} if wanted in OLD_STATUSES else {wanted}
    return _addresses(request.merchant.skus.filter(status__in=statuses), int(offset), int(limit))


@api("PUT")
@for_known_sku
def put_archived(request: ApiRequest, desk: Desk, sku: str) -> HttpResponse:
    operations.put_archived(desk, sku, json_body(request))
    return no_content()


@api("PUT")
@for_known_sku
def put_images(request: ApiRequest, desk: Desk, sku: str) -> HttpResponse:
    if not request.switches["image_call"]:
        return HttpResponse(status=404)
    operations.put_images(desk, sku, json_body(request))
    return no_content()


@api("DELETE")
@for_known_sku
def delete_images(request: ApiRequest, desk: Desk, sku: str) -> HttpResponse:
    if not request.switches["image_call"]:
        return HttpResponse(status=404)
    operations.delete_images(desk, sku)
    return no_content()


def _addresses(skus: QuerySet[Sku], offset: int, limit: int) -> HttpResponse:
    names = skus.values_list("merchant_sku", flat=True)[offset : offset + limit]
    return reply({"sku_urls": [f"merchant-skus/{quote(name, safe='')}" for name in names]})
