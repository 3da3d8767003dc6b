"""Lost answers: the effect happened once, and the merchant can find that out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.sandbox.market import Market


def lose_answer(market: Market, method: str, path: str, body: Any) -> None:
    market.control.fault("lost_answer", path=path, method=method, remaining=1)
    with pytest.raises(requests.ConnectionError):
        market.call(method, path, body)


def test_an_acknowledgement_whose_answer_was_lost_took_effect_once(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))
    path, message = f"orders/{order_id}/acknowledge", market.acknowledgement(order_id)

    lose_answer(market, "PUT", path, message)
    shown = market.order(order_id)["status"]
    market.refusal("PUT", path, message)

    assert shown == "acknowledged"
    assert market.counts() == {"acknowledge": {"total": 1, "distinct": 1}}
    assert market.events(order_id).count("order_acknowledged") == 1


def test_a_shipment_whose_answer_was_lost_is_found_by_its_alt_id_and_not_doubled(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 2, 0))
    market.acknowledge(order_id)
    path, message = f"orders/{order_id}/shipped", {"shipments": [market.shipment("KETTLE-1", 1)]}

    lose_answer(market, "PUT", path, message)
    shown = [shipment["alt_shipment_id"] for shipment in market.order(order_id)["shipments"]]
    refused = market.refusal("PUT", path, message)

    assert shown == ["S-1"]
    assert refused == ["Shipment 'S-1' exists already. Path: shipments"]
    assert market.counts()["ship"] == {"total": 1, "distinct": 1}
    assert market.order(order_id)["status"] == "inprogress"


def test_a_refund_whose_answer_was_lost_is_found_by_the_merchants_own_id(market: Market) -> None:
    market.add_sku("KETTLE-1")
    order_id = market.complete("KETTLE-1")
    item = market.order(order_id)["order_items"][0]
    body = {
        "items": [
            {
                "order_item_id": item["order_item_id"],
                "total_quantity_returned": 0,
                "order_return_refund_qty": 1,
                "refund_reason": "Package never arrived",
                "refund_amount": {"principal": 24.99, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
            }
        ]
    }

    lose_answer(market, "POST", f"refunds/{order_id}/R-1", body)
    found = market.get("refunds/state/R-1")
    refused = market.refusal("POST", f"refunds/{order_id}/R-1", body)

    assert (found["alt_refund_id"], found["refund_status"]) == ("R-1", "created")
    assert len(refused) >= 1
    assert market.counts()["refund"] == {"total": 1, "distinct": 1}


def test_of_many_acknowledgements_at_once_one_takes_effect(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))
    message = market.acknowledgement(order_id)

    def acknowledge(_: int) -> int:
        answer = requests.put(
            f"{market.server.api_url}/orders/{order_id}/acknowledge",
            json=message,
            headers={"Authorization": market.session.headers["Authorization"]},
            timeout=30,
        )
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(acknowledge, range(8)))

    assert statuses == [204] + [400] * 7
    assert market.counts() == {"acknowledge": {"total": 1, "distinct": 1}}


def test_an_error_before_the_effect_leaves_no_effect(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))
    market.control.fault("status", path="acknowledge", status=503, remaining=1)

    answer = market.call("PUT", f"orders/{order_id}/acknowledge", market.acknowledgement(order_id))

    assert answer.status_code == 503
    assert market.order(order_id)["status"] == "ready"
    assert market.counts() == {}


def test_a_doubled_list_names_every_order_twice(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))
    market.control.fault("duplicate_listing", path="orders/ready")

    assert market.listed("ready") == [order_id, order_id]
