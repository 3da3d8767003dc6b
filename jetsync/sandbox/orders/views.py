"""The order calls: O1 to O8, the test generator T1 and the portal's history T4."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from jetsync.sandbox.clock import now
from jetsync.sandbox.http import ApiRequest, api, json_body, no_content, reply
from jetsync.sandbox.marketplace.body import Reader, Refused
from jetsync.sandbox.models.order import Order, OrderSource
from jetsync.sandbox.orders import actions, lists, shopping
from jetsync.sandbox.orders.messages import read_acknowledgement, read_shipped
from jetsync.sandbox.orders.render import order_record
from jetsync.sandbox.switches import Switches


@api("GET")
def by_status(request: ApiRequest, status: str) -> HttpResponse:
    """O1: `{"order_urls": [...]}`, at most 1,000 orders of the last 90 days."""
    orders = lists.narrow(
        lists.listed_orders(request.merchant, status, now()),
        is_cancelled=request.GET.get("isCancelled"),
        node_id=request.GET.get("fulfillment_node"),
    )
    return reply({"order_urls": lists.urls(orders)})


@api("GET")
def by_tag(request: ApiRequest, status: str, tag: str, include: str) -> HttpResponse:
    """O2: the same list with or without a tag."""
    orders = lists.listed_orders(request.merchant, status, now())
    return reply({"order_urls": lists.urls(lists.tagged(orders, tag, include))})


@api("GET")
def directed_cancel(request: ApiRequest) -> HttpResponse:
    """O8, behind the switch `directed_cancel_list`."""
    return reply({"order_urls": lists.urls(lists.directed_cancels(request.merchant, now()))})


@api("GET")
def without_shipment_detail(request: ApiRequest, order_id: str) -> HttpResponse:
    """O3."""
    return reply(order_record(lists.get_order(request.merchant, order_id)))


@api("GET")
def with_shipment_detail(request: ApiRequest, order_id: str) -> HttpResponse:
    """O4: nobody was seen calling it; the same body with `shipments` always there."""
    return reply(order_record(lists.get_order(request.merchant, order_id), always_shipments=True))


@api("PUT")
def acknowledge(request: ApiRequest, order_id: str) -> HttpResponse:
    """O5: 204, empty."""
    order = lists.get_order(request.merchant, order_id)
    body = json_body(request)
    item_ids = set(order.items.values_list("order_item_id", flat=True))
    message = read_acknowledgement(body, item_ids=item_ids, strict=request.switches["strict_orders"])
    actions.acknowledge(order, message, now())
    return no_content()


@api("PUT")
def shipped(request: ApiRequest, order_id: str) -> HttpResponse:
    """O6: ship and cancel units; 204, empty."""
    apply_shipped(lists.get_order(request.merchant, order_id), json_body(request), request.switches)
    return no_content()


def apply_shipped(order: Order, body: Any, switches: Switches) -> None:
    """Read, check and book one shipped message. Raises Refused."""
    skus = set(order.items.values_list("merchant_sku", flat=True))
    message = read_shipped(body, skus=skus, placed_at=order.placed_at, strict=switches["strict_orders"])
    actions.ship(
        order, message, now(), strict=switches["strict_orders"], duplicates=switches["duplicate_shipment"]
    )


@api("PUT")
def tag(request: ApiRequest, order_id: str) -> HttpResponse:
    """O7: `{"tag": "pulled"}` sets, `{}` clears; 204, empty."""
    order = lists.get_order(request.merchant, order_id)
    reader = Reader(strict=request.switches["strict_orders"])
    text = reader.text(reader.record(json_body(request), "body"), "tag", "")
    if text is not None and len(text) > actions.MAX_TAG_LENGTH:
        reader.fail(f"The tag is longer than {actions.MAX_TAG_LENGTH} characters.", "tag")
    reader.finish()
    actions.set_tag(order, text, now())
    return no_content()


@api("POST")
def generate(request: ApiRequest, count: str) -> HttpResponse:
    """T1, test keys only: orders that are `ready` at once."""
    if not request.is_test:
        raise Refused("Orders are generated with test keys only.", status=403)
    reader = Reader(strict=False)
    data = reader.record(json_body(request), "body")
    node_id = reader.text(data, "fulfillment_node", "", required=True) or ""
    items = [
        (
            reader.text(row, "sku", path, required=True) or "",
            reader.quantity(row, "order_quantity", path),
            reader.quantity(row, "order_cancel_quantity", path),
        )
        for row, path in reader.rows(data, "items")
    ]
    if not count.isdecimal():
        reader.fail("An integer is expected.", "count")
    reader.finish()
    orders = shopping.generate(
        request.merchant, items, node_id, count=int(count), source=OrderSource.GENERATOR, at=now()
    )
    return reply({"order_urls": [order.url for order in orders]})


@api("GET")
def history(request: ApiRequest, order_id: str) -> HttpResponse:
    """T4: what happened to an order, oldest first; only `order_shipped` is known to be Jet's own word."""
    events = lists.get_order(request.merchant, order_id).events.all()
    return reply([{"eventType": event.kind, "payload": event.payload} for event in events])
