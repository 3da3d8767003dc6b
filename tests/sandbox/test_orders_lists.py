"""Lists, tags and time: what is listed where, and when orders move by themselves."""

from __future__ import annotations

from tests.sandbox.market import Market, other_market

DAY = 86_400


def test_lists_are_oldest_first_and_empty_lists_are_lists(market: Market) -> None:
    market.add_sku("KETTLE-1")
    first = market.generate(("KETTLE-1", 1, 0))
    market.control.advance(60)
    second = market.generate(("KETTLE-1", 1, 0), count=2)

    assert market.get("orders/ready") == {
        "order_urls": [f"/orders/withoutShipmentDetail/{order_id}" for order_id in first + second]
    }
    assert market.get("orders/created") == {"order_urls": []}


def test_unknown_words_and_foreign_orders_are_not_found(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))
    other = other_market(market)

    assert market.refusal("GET", "orders/waiting", None, 404) == ["There is no order status 'waiting'."]
    assert market.refusal("GET", f"orders/withoutShipmentDetail/{'0' * 32}", None, 404)
    assert other.refusal("GET", f"orders/withoutShipmentDetail/{order_id}", None, 404)
    assert other.refusal("PUT", f"orders/{order_id}/acknowledge", market.acknowledgement(order_id), 404)
    assert other.listed("ready") == []
    assert market.order(order_id)["status"] == "ready"


def test_a_list_holds_the_first_thousand_and_tags_page_past_it(market: Market) -> None:
    market.add_sku("KETTLE-1")
    early = market.generate(("KETTLE-1", 1, 0), count=1000)
    market.control.advance(60)
    (late,) = market.generate(("KETTLE-1", 1, 0))

    assert market.listed("ready") == early
    market.put(f"orders/{early[0]}/tag", {"tag": "pulled"})
    assert market.listed("ready/pulled/true") == [early[0]]
    assert market.listed("ready/pulled/false") == [*early[1:], late]


def test_a_tag_is_replaced_and_cleared(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))

    market.put(f"orders/{order_id}/tag", {"tag": "one"})
    market.put(f"orders/{order_id}/tag", {"tag": "two"})
    assert (market.listed("ready/one/true"), market.listed("ready/two/true")) == ([], [order_id])
    market.put(f"orders/{order_id}/tag", {})

    assert market.listed("ready/two/true") == []
    assert "tag" not in market.order(order_id)
    assert market.refusal("GET", "orders/ready/two/maybe", None, 404) == [
        "'maybe' is neither true nor false."
    ]


def test_orders_leave_the_lists_after_90_days_and_stay_readable(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))

    market.control.advance(90 * DAY - 60)
    market.renew()
    before = market.listed("ready")
    market.control.advance(120)

    assert before == [order_id]
    assert market.listed("ready") == []
    assert market.order(order_id)["status"] == "ready"


def test_the_node_filter_narrows_the_list(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))

    assert market.listed(f"ready?fulfillment_node={market.node_id}") == [order_id]
    assert market.listed(f"ready?fulfillment_node={'0' * 32}") == []


def test_a_shoppers_order_is_created_first_and_ready_after_half_an_hour(market: Market) -> None:
    market.add_sku("KETTLE-1")
    made = market.control.generate_orders(user=market.user, sku="KETTLE-1", created_minutes="switch")
    order_id = made["orders"][0]["merchant_order_id"]

    created = market.order(order_id)
    refused = market.refusal("PUT", f"orders/{order_id}/acknowledge", market.acknowledgement(order_id))
    market.control.advance(1799)
    early = market.listed("ready")
    market.control.advance(2)

    assert created["status"] == "created"
    assert "order_ready_date" not in created
    assert refused == ["The order is in the state 'created', not 'ready'. Path: acknowledgement_status"]
    assert early == []
    assert market.listed("ready") == [order_id]
    assert market.listed("created") == []


def test_silence_costs_the_order_only_when_the_switch_is_on(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 2, 0))

    market.control.advance(3600)
    waited = market.order(order_id)["status"]
    market.control.switch(user=market.user, expire_unacknowledged=True)
    market.control.process()
    order = market.order(order_id)

    assert waited == "ready"
    assert (order["status"], order["exception_state"]) == (
        "complete",
        "exception - jet manual canceled to complete state",
    )
    assert market.listed("complete?isCancelled=true") == [order_id]
    assert market.events(order_id) == ["order_created", "order_ready", "order_expired"]
    assert market.refusal("PUT", f"orders/{order_id}/acknowledge", market.acknowledgement(order_id))


def test_an_order_expires_after_fifteen_minutes_and_not_before(market: Market) -> None:
    market.control.switch(user=market.user, expire_unacknowledged=True)
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))

    market.control.advance(890)
    before = market.order(order_id)["status"]
    market.control.advance(11)

    assert before == "ready"
    assert market.order(order_id)["status"] == "complete"


def test_the_reference_id_names_an_order_only_when_switched_on(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))
    path = f"orders/withoutShipmentDetail/{market.order(order_id)['reference_order_id']}"

    market.refusal("GET", path, None, 404)
    market.control.switch(user=market.user, reference_id_in_path=True)

    assert market.get(path)["merchant_order_id"] == order_id


def test_the_trickle_buys_live_goods_at_its_pace(market: Market) -> None:
    market.add_live_sku("LIVE-1")
    market.add_sku("HIDDEN-1", price=5)
    market.control.switch(user=market.user, trickle_seconds=600.0)
    market.control.process()
    market.control.process()
    first = market.listed("created")
    market.control.advance(601)
    second = market.listed("created")
    market.control.switch(user=market.user, trickle_seconds=0.0)
    market.control.advance(601)

    assert (len(first), len(second)) == (1, 2)
    orders = [market.order(order_id) for order_id in second]
    assert {item["merchant_sku"] for order in orders for item in order["order_items"]} == {"LIVE-1"}
    assert len(market.listed("created")) + len(market.listed("ready")) == 2


def test_nobody_buys_what_is_not_live(market: Market) -> None:
    market.add_sku("HIDDEN-1")
    market.control.switch(user=market.user, trickle_seconds=1.0)

    market.control.process()

    assert market.listed("created") == []
