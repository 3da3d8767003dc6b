"""From a generated order to its shipment, over real HTTP."""

from __future__ import annotations

import re

import pytest

from tests.sandbox.market import Market
from tests.sandbox_server import ControlError

HEX = re.compile(r"[0-9a-f]{32}")


def test_the_proven_activation_sequence_turns_every_flag_on(market: Market) -> None:
    sku = market.add_sku("KETTLE-1")
    shown = market.get(f"merchant-skus/{sku}")
    assert shown["price"] == 24.99
    assert shown["inventory_by_fulfillment_node"][0]["quantity"] == 50

    # Cancel: 0 ordered, 1 to cancel, reported back unchanged and without an acknowledgement.
    (cancel_id,) = market.generate((sku, 0, 1))
    item = market.order(cancel_id)["order_items"][0]
    market.put(
        f"orders/{cancel_id}/shipped",
        {
            "shipments": [
                {
                    "alt_shipment_id": "cancel-1",
                    "response_shipment_date": market.time(5),
                    "ship_from_zip_code": "07030",
                    "shipment_items": [
                        {
                            "merchant_sku": item["merchant_sku"],
                            "response_shipment_sku_quantity": item["request_order_quantity"],
                            "response_shipment_cancel_qty": item["request_order_cancel_qty"],
                        }
                    ],
                }
            ]
        },
    )
    cancelled = market.order(cancel_id)
    assert (cancelled["status"], cancelled.get("exception_state")) == ("complete", None)

    # Ship.
    order_id = market.complete(sku)
    assert market.order(order_id)["status"] == "complete"

    # Return, with the charge agreed to.
    url = market.get(f"returns/generate/{order_id}")["url"]
    opened = market.get(url)
    line = opened["return_merchant_SKUs"][0]
    market.put(
        f"returns/{opened['merchant_return_authorization_id']}/complete",
        {
            "merchant_order_id": order_id,
            "agree_to_return_charge": True,
            "items": [
                {
                    "order_item_id": line["order_item_id"],
                    "total_quantity_returned": line["return_quantity"],
                    "order_return_refund_qty": line["return_quantity"],
                    "refund_amount": line["requested_refund_amount"],
                }
            ],
        },
    )

    assert market.get("portal/merchantsetupstatus/") == {
        "IsMerchantSkuUploaded": True,
        "IsPriceUploaded": True,
        "IsInventoryUploaded": True,
        "IsOrderCreated": True,
        "IsOrderAcknowledged": True,
        "IsOrderShipped": True,
        "IsOrderCanceled": True,
        "IsReturnComplete": True,
        "Message": None,
    }


def test_a_generated_order_is_ready_and_carries_everything_a_merchant_needs(market: Market) -> None:
    market.add_sku("KETTLE-1", price=24.99)
    (order_id,) = market.generate(("KETTLE-1", 3, 0))

    order = market.order(order_id)

    assert HEX.fullmatch(order["merchant_order_id"])
    assert re.fullmatch(r"\d{12}", order["reference_order_id"])
    assert order["status"] == "ready"
    assert order["fulfillment_node"] == market.node_id
    assert order["hash_email"].endswith("@customer.jet.com")
    assert order["alt_order_id"] is None
    assert (order["has_shipments"], order["jet_request_directed_cancel"]) == (False, False)
    assert "exception_state" not in order
    assert "order_acknowledge_date" not in order
    assert "shipments" not in order
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", order["order_ready_date"])
    assert set(order["shipping_to"]["address"]) == {"address1", "address2", "city", "state", "zip_code"}
    assert re.fullmatch(r"\d{3}55501\d\d", order["buyer"]["phone_number"])
    (item,) = order["order_items"]
    assert item["merchant_sku"] == "KETTLE-1"
    assert item["product_title"] == "Stovetop kettle KETTLE-1"
    assert item["request_order_quantity"] == 3
    assert "request_order_cancel_qty" not in item
    assert item["item_price"]["base_price"] == 24.99
    assert order["order_totals"]["item_price"]["base_price"] == 74.97
    assert order["order_totals"]["item_price"]["item_tax"] == item["item_price"]["item_tax"]
    assert order["order_totals"]["item_price"]["item_shipping_cost"] == pytest.approx(
        3 * item["item_price"]["item_shipping_cost"]
    )
    assert item["item_fees"] == 11.25
    assert sum(part["value"] for part in item["fee_adjustments"]) == pytest.approx(11.25)


def test_acknowledging_stores_the_merchants_ids_and_moves_the_order(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))
    message = market.acknowledgement(order_id, alt_order_id=20418)
    message["order_items"][0]["alt_order_item_id"] = "20418-1"

    market.put(f"orders/{order_id}/acknowledge", message)

    order = market.order(order_id)
    assert (order["status"], order["acknowledgement_status"]) == ("acknowledged", "accepted")
    assert order["alt_order_id"] == "20418"
    assert "order_acknowledge_date" in order
    assert order["order_items"][0]["alt_order_item_id"] == "20418-1"
    assert order["order_items"][0]["order_item_acknowledgement_status"] == "fulfillable"
    assert market.listed("ready") == []
    assert market.listed("acknowledged") == [order_id]
    assert market.events(order_id) == ["order_created", "order_ready", "order_acknowledged"]


def test_rejecting_completes_the_order_with_an_exception(market: Market) -> None:
    market.add_sku("KETTLE-1")
    market.add_sku("KETTLE-2")
    (order_id,) = market.generate(("KETTLE-1", 1, 0), ("KETTLE-2", 2, 0))
    message = market.acknowledgement(order_id, acknowledgement_status="rejected - item level error")
    message["order_items"][1]["order_item_acknowledgement_status"] = "nonfulfillable - no inventory"

    market.put(f"orders/{order_id}/acknowledge", message)

    order = market.order(order_id)
    assert (order["status"], order["exception_state"]) == ("complete", "exception - order rejected")
    assert market.listed("complete?isCancelled=true") == [order_id]
    assert market.counts() == {"reject": {"total": 1, "distinct": 1}}


def test_two_messages_merge_into_one_list_of_shipments(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 3, 0))
    market.acknowledge(order_id)

    market.ship(order_id, "KETTLE-1", 2)
    halfway = market.order(order_id)
    market.ship(
        order_id, "KETTLE-1", 0, 1, alt_shipment_id="S-2", carrier=None, shipment_tracking_number=None
    )
    order = market.order(order_id)

    assert (halfway["status"], halfway["has_shipments"]) == ("inprogress", True)
    assert (order["status"], order.get("exception_state")) == ("complete", None)
    assert [shipment["alt_shipment_id"] for shipment in order["shipments"]] == ["S-1", "S-2"]
    assert all(HEX.fullmatch(shipment["shipment_id"]) for shipment in order["shipments"])
    first = order["shipments"][0]
    assert first["response_shipment_method"] == "FedExGround"
    assert first["shipment_items"][0]["response_shipment_sku_quantity"] == 2
    assert HEX.fullmatch(first["shipment_items"][0]["shipment_item_id"])
    assert order["order_items"][0]["price_adjustment"] == -24.99
    assert market.get(f"orders/withShipmentDetail/{order_id}") == order


def test_cancelling_every_unit_completes_the_order_without_an_exception(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 3, 0))
    market.acknowledge(order_id)

    market.ship(
        order_id, "KETTLE-1", 0, 3, carrier=None, shipment_tracking_number=None, response_shipment_date=None
    )

    assert market.order(order_id)["status"] == "complete"
    assert "exception_state" not in market.order(order_id)
    assert market.listed("complete?isCancelled=true") == [order_id]
    assert market.listed("complete?isCancelled=false") == []
    assert market.counts()["cancel"] == {"total": 1, "distinct": 1}


@pytest.mark.parametrize(
    ("shipped", "cancelled", "state"),
    [
        (3, 0, "exception - too many units shipped"),
        (1, 2, "exception - too many units cancelled"),
        (0, 3, "exception - too many units cancelled"),
    ],
)
def test_too_many_units_are_taken_and_flagged_but_refused_when_strict(
    market: Market, shipped: int, cancelled: int, state: str
) -> None:
    market.add_sku("KETTLE-1")
    lenient_id, strict_id = market.generate(("KETTLE-1", 2, 0), count=2)
    for order_id in (lenient_id, strict_id):
        market.acknowledge(order_id)

    market.ship(lenient_id, "KETTLE-1", shipped, cancelled)
    market.control.switch(user=market.user, strict_orders=True)
    refused = market.refusal(
        "PUT", f"orders/{strict_id}/shipped", {"shipments": [market.shipment("KETTLE-1", shipped, cancelled)]}
    )

    assert market.order(lenient_id)["exception_state"] == state
    assert market.order(lenient_id)["status"] == "complete"
    assert refused == [f"SKU 'KETTLE-1': {state.removeprefix('exception - ')}. Path: shipments"]
    assert market.order(strict_id)["status"] == "acknowledged"
    assert "shipments" not in market.order(strict_id)


def test_a_directed_cancel_shows_in_order_and_list_and_is_answered_by_shipping_the_rest(
    market: Market,
) -> None:
    market.control.switch(user=market.user, directed_cancel_list=True)
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 3, 0))
    market.acknowledge(order_id)
    item_id = market.order(order_id)["order_items"][0]["order_item_id"]
    market.control.call("POST", "orders/cancel", user=market.user, order_id=order_id, quantities={item_id: 1})

    order = market.order(order_id)
    listed = market.listed("directedCancel")
    market.ship(order_id, "KETTLE-1", 2, 1)

    assert order["jet_request_directed_cancel"] is True
    assert order["order_items"][0]["request_order_cancel_qty"] == 1
    assert listed == [order_id]
    assert market.order(order_id)["status"] == "complete"
    assert "exception_state" not in market.order(order_id)
    assert market.listed("directedCancel") == []


def test_the_list_of_directed_cancels_is_gone_unless_switched_on(market: Market) -> None:
    assert market.refusal("GET", "orders/directedCancel", None, 404) == [
        "There is no order status 'directedCancel'."
    ]


def test_redirecting_for_want_of_stock_empties_the_node_jet_chose_and_nothing_else_lowers_it(
    market: Market,
) -> None:
    market.add_sku("KETTLE-1", quantity=9)
    market.add_sku("KETTLE-2", quantity=7)
    (order_id,) = market.generate(("KETTLE-1", 2, 0))
    market.acknowledge(order_id)
    stock = market.get("merchant-skus/KETTLE-1/inventory")["fulfillment_nodes"][0]["quantity"]

    market.put(
        f"orders/{order_id}/shipped",
        {
            "shipments": [market.shipment("KETTLE-1", 2)],
            "redirect_notification": {"redirect_node": "0" * 32, "is_redirect_for_zero_inventory": True},
        },
    )

    assert stock == 9
    assert market.get("merchant-skus/KETTLE-1/inventory")["fulfillment_nodes"][0]["quantity"] == 0
    assert market.get("merchant-skus/KETTLE-2/inventory")["fulfillment_nodes"][0]["quantity"] == 7


def test_live_keys_generate_nothing(live_market: Market) -> None:
    body = {"fulfillment_node": live_market.node_id, "items": [{"sku": "KETTLE-1", "order_quantity": 1}]}

    assert live_market.refusal("POST", "orders/generate/1", body, 403) == [
        "Orders are generated with test keys only."
    ]
    assert live_market.refusal("GET", f"returns/generate/{'0' * 32}", None, 403) == [
        "Returns are generated with test keys only."
    ]


def test_the_generator_wants_a_sku_with_price_and_inventory_and_a_node_of_its_own(market: Market) -> None:
    market.add_sku("KETTLE-1")
    market.call("PUT", "merchant-skus/BARE-1", {"product_title": "Bare kettle", "multipack_quantity": 1})
    good = {"sku": "KETTLE-1", "order_quantity": 1}

    def refuse(items: list[dict[str, object]], node: str = market.node_id, count: str = "1") -> list[str]:
        return market.refusal("POST", f"orders/generate/{count}", {"fulfillment_node": node, "items": items})

    assert refuse([{"sku": "NOPE", "order_quantity": 1}]) == ["merchant sku unavailable: 'NOPE'. Path: items"]
    assert refuse([good], node="0" * 32) == [
        f"Fulfillment node '{'0' * 32}' is unknown. Path: fulfillment_node"
    ]
    assert refuse([good], count="0") == ["Between 1 and 1000 orders can be generated at once. Path: count"]
    assert refuse([good, good]) == ["A SKU is named twice. Path: items"]
    assert refuse([]) == ["The array is empty. Path: items"]
    assert refuse([{"sku": "KETTLE-1"}]) == ["At least one unit must be ordered or cancelled. Path: items"]
    assert market.listed("ready") == []


def test_an_exception_is_settled_by_jets_people(market: Market) -> None:
    market.add_sku("KETTLE-1")
    good_id, bad_id = market.generate(("KETTLE-1", 1, 0), count=2)
    market.acknowledge(bad_id)
    market.ship(bad_id, "KETTLE-1", 2)

    market.control.call("POST", "orders/resolve", user=market.user, order_id=bad_id)
    with pytest.raises(ControlError, match="no exception"):
        market.control.call("POST", "orders/resolve", user=market.user, order_id=good_id)

    assert market.order(bad_id)["exception_state"] == "resolved"
    assert "exception_state" not in market.order(good_id)
