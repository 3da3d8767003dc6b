"""Price, inventory, variation and exceptions of a SKU."""

from __future__ import annotations

from django.http import HttpResponse

from jetsync.sandbox.http import ApiRequest, api, json_body, message, no_content, reply
from jetsync.sandbox.listings import groups, operations, render
from jetsync.sandbox.listings.desk import Desk
from jetsync.sandbox.models import Sku
from jetsync.sandbox.views.writing import existing_sku, for_known_sku, write_status


@api("PUT")
@for_known_sku
def put_price(request: ApiRequest, desk: Desk, sku: str) -> HttpResponse:
    operations.put_price(desk, sku, json_body(request))
    return no_content(write_status(request, "price"))


@api("GET")
@existing_sku
def get_price(_request: ApiRequest, sku: Sku) -> HttpResponse:
    return reply(render.price_record(sku))


@api("PATCH")
@for_known_sku
def patch_inventory(request: ApiRequest, desk: Desk, sku: str) -> HttpResponse:
    operations.set_inventory(desk, sku, json_body(request))
    return no_content(write_status(request, "inventory"))


@api("PUT")
@for_known_sku
def put_inventory(request: ApiRequest, desk: Desk, sku: str) -> HttpResponse:
    if not request.switches["inventory_put"]:
        return message(405, "The requested resource does not support http method 'PUT'.")
    operations.set_inventory(desk, sku, json_body(request), replace=True)
    return no_content(write_status(request, "inventory"))


@api("GET")
@existing_sku
def get_inventory(request: ApiRequest, sku: Sku) -> HttpResponse:
    return reply(render.inventory_record(sku, request.switches))


@api("PUT")
@for_known_sku
def put_variation(request: ApiRequest, desk: Desk, sku: str) -> HttpResponse:
    groups.put_variation(desk, sku, json_body(request))
    return no_content()


@api("GET")
@existing_sku
def get_variation(request: ApiRequest, sku: Sku) -> HttpResponse:
    if not sku.variation and request.switches["variation_missing_404"]:
        return HttpResponse(status=404)
    return reply(render.variation_record(sku, request.switches))


@api("PUT")
@for_known_sku
def put_shipping_exceptions(request: ApiRequest, desk: Desk, sku: str) -> HttpResponse:
    groups.put_shipping_exceptions(desk, sku, json_body(request))
    return no_content()


@api("GET")
@existing_sku
def get_shipping_exceptions(_request: ApiRequest, sku: Sku) -> HttpResponse:
    return reply(render.shipping_exceptions_record(sku))


@api("PUT")
@for_known_sku
def put_returns_exception(request: ApiRequest, desk: Desk, sku: str) -> HttpResponse:
    groups.put_returns_exception(desk, sku, json_body(request))
    return no_content()


@api("GET")
@existing_sku
def get_returns_exception(_request: ApiRequest, sku: Sku) -> HttpResponse:
    return reply(sku.returns_exception or {})
