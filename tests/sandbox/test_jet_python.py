"""jet-python, the newest public client of Jet (2019), drives the sandbox: every method it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import jet
import pytest
import requests

from tests.sandbox.goods import kettle, put_kettle
from tests.sandbox.market import SECRET, USER, Market


@pytest.fixture
def client(market: Market, monkeypatch: pytest.MonkeyPatch) -> Iterator[jet.Jet]:
    monkeypatch.setattr(jet.Jet, "base_url", market.server.api_url)
    connected = jet.Jet(USER, SECRET, market.control.account(USER)["merchant_id"])
    yield connected
    connected.session.close()


def test_it_logs_in_and_reads_the_expiry(client: jet.Jet) -> None:
    assert client.token.count(".") == 2
    assert client.token_expires_on.tzinfo is not None


def test_it_is_told_about_wrong_keys(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jet.Jet, "base_url", market.server.api_url)

    with pytest.raises(jet.JetAuthenticationError, match="Bad Request"):
        jet.Jet(USER, "wrong", "x")


def test_nodes(client: jet.Jet, market: Market) -> None:
    (node,) = client.fulfillment_nodes.all()

    assert node["jet_fulfillment_node_id"] == market.node_id
    assert client.fulfillment_nodes.get_node(market.node_id) == node


def test_products(client: jet.Jet, market: Market) -> None:
    assert client.products.create("HF-KET-25", kettle()) is True
    assert client.products.update_price("HF-KET-25", 38.5) is True
    assert client.products.update_inventory("HF-KET-25", {market.node_id: 12}) is True

    assert client.products.get_sku("HF-KET-25")["product_title"] == kettle()["product_title"]
    assert client.products.get_price("HF-KET-25")["price"] == 38.5
    (node,) = client.products.get_inventory("HF-KET-25")["fulfillment_nodes"]
    assert (node["fulfillment_node_id"], node["quantity"]) == (market.node_id, 12)
    with pytest.raises(requests.HTTPError, match="404"):
        client.products.get_sku("NOPE")
    with pytest.raises(requests.HTTPError, match="400"):
        client.products.update_price("HF-KET-25", -1)


def test_product_lists(client: jet.Jet, market: Market) -> None:
    names = [f"S {number}" for number in range(12)]
    for name in names:
        put_kettle(market, name)

    assert [sku["merchant_sku"] for sku in client.products.get_skus(page=2, per_page=5)] == names[5:10]
    assert [sku["merchant_sku"] for sku in client.products.all_skus()] == names


def test_orders_and_returns(client: jet.Jet, market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 2, 0))
    assert client.orders.get_recent_order_ids("ready") == [order_id]
    assert client.orders.get_recent_order_ids("ready", cancelled=False, fulfillment_node=market.node_id) == [
        order_id
    ]
    assert client.orders.get_recent_order_ids("ready", cancelled=True) == []

    items = {item["order_item_id"]: "fulfillable" for item in client.orders.get(order_id)["order_items"]}
    assert client.orders.acknowledge(order_id, items, alt_order_id="SO-1") is True
    assert client.orders.get(order_id)["alt_order_id"] == "SO-1"

    # The client adds the present time of day to a date, so the day after is always past the order.
    day = datetime.now(UTC).date().fromordinal(datetime.now(UTC).date().toordinal() + 1)
    shipment = jet.jet.Shipment(
        "SH-1",
        tracking_number="612999aa10ba",
        ship_from_zip_code="07030",
        shipment_date=day,
        expected_delivery_date=day,
        carrier="FedEx",
        pick_up_date=day,
    )
    shipment.add_item("KETTLE-1", 1, cancel_quantity=1)
    assert client.orders.ship(order_id, [shipment]) is True
    shipped = client.orders.get(order_id)
    assert (shipped["status"], shipped["shipments"][0]["alt_shipment_id"]) == ("complete", "SH-1")

    url = market.get(f"returns/generate/{order_id}")["url"]
    return_id = url.rsplit("/", 1)[1]
    assert client.returns.get_return_ids("created") == {"return_urls": [f"/returns/state/{return_id}"]}
    line = client.returns.get(return_id)["return_merchant_SKUs"][0]
    answered = [
        {
            "order_item_id": line["order_item_id"],
            "total_quantity_returned": line["return_quantity"],
            "order_return_refund_qty": line["return_quantity"],
            "refund_amount": line["requested_refund_amount"],
        }
    ]
    assert client.returns.complete(return_id, order_id, answered, agree_to_return_charge=True) is True
    assert client.returns.get_return_ids("inprogress") == {"return_urls": [f"/returns/state/{return_id}"]}
