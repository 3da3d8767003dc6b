"""Over real HTTP, as ShipStation calls: export, eight reports at once, and the shipment at Jet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from jetsync.models import Job, Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from orders.models import Order, OrderLine, ShipStationCall, ShipStationNotice
from tests.orders.desk import Desk
from tests.orders.shipstation.conftest import Caller, connect, notice, parse
from tests.orders.shipstation.schema import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(sandbox: Any, merchant: Merchant) -> Iterator[Desk]:
    desk = Desk(merchant, sandbox.account, sandbox.server)
    yield desk
    desk.market.close()


@pytest.fixture
def order(desk: Desk) -> Order:
    with merchant_scope(desk.merchant):
        desk.sku("KETTLE-1", quantity=10)
        return desk.acknowledged(("KETTLE-1", 3, 0))


@pytest.fixture
def shop(merchant: Merchant, actor: Actor) -> Caller:
    return connect(merchant, actor)


def send(live_server: Any, shop: Caller, method: str, **more: Any) -> requests.Response:
    auth = (shop.connection.user_name, shop.key)
    return requests.request(method, f"{live_server.url}{shop.url}", auth=auth, timeout=60, **more)


@pytest.mark.feature("SST-05", "SHP-15")
def test_order_goes_out_and_its_parcel_reaches_jet_once(
    live_server: Any, shop: Caller, desk: Desk, order: Order, drain: Callable[[], int]
) -> None:
    exported = send(live_server, shop, "GET", params=shop.window())
    root = parse(exported.content)
    (shown,) = root.findall("Order")
    assert (exported.status_code, exported.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert (shown.findtext("OrderNumber"), shown.findtext("OrderStatus")) == (str(order), "acknowledged")
    assert faults(root) == []

    # What it answers is made of what it got, as ShipStation does.
    item = parse(exported.content).find("Order/Items/Item")
    line = OrderLine(pk=int(item.findtext("LineItemID")), sku=item.findtext("SKU"))
    body = notice(order, (line, int(item.findtext("Quantity"))), OrderID=shown.findtext("OrderID"))
    query = {"action": "shipnotify", "order_number": str(order), "carrier": "UPS", "service": ""}

    def report(_number: int) -> tuple[int, bytes]:
        answer = send(
            live_server, shop, "POST", params=query, data=body.encode(), headers={"Content-Type": "text/xml"}
        )
        return answer.status_code, answer.content

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(report, range(8))) == [(200, b"")] * 8

    with merchant_scope(desk.merchant):
        assert ShipStationNotice.objects.get().times_seen == 8
        assert Job.objects.filter(kind="orders.shipstation").count() == 1
        drain()
        (entry,) = desk.at_jet(order)["shipments"]
        assert (entry["carrier"], entry["response_shipment_method"]) == ("UPS", "UPSGround")
        assert entry["shipment_items"][0]["response_shipment_sku_quantity"] == 3
        assert (desk.effects("ship"), desk.reload(order).state) == (1, "complete")
        assert ShipStationCall.objects.filter(action="shipnotify", status=200).count() == 8

    after = parse(send(live_server, shop, "GET", params=shop.window()).content)
    assert after.findtext("Order/OrderStatus") == "complete"


def test_form_body_without_a_csrf_token_is_taken(live_server: Any, shop: Caller, order: Order) -> None:
    """Some senders name no content type of XML; nothing of the body may be read as a form."""
    answer = send(
        live_server,
        shop,
        "POST",
        params={"action": "shipnotify"},
        data=notice(order).encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "csrftoken=x",
            "Origin": "https://x",
        },
    )
    assert (answer.status_code, answer.content) == (200, b"")


def test_stranger_gets_a_challenge_and_no_session(live_server: Any, shop: Caller) -> None:
    answer = requests.get(f"{live_server.url}{shop.url}", timeout=60)
    assert (answer.status_code, answer.text) == (401, "Wrong user name or key.\n")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert not answer.cookies
    assert not answer.history
