"""Price, inventory, variation, exceptions and archive."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.goods import COLOR, kettle, listed_kettle, put_kettle, status, stock
from tests.sandbox.market import Market
from tests.sandbox.test_skus import TIME


def node_price(market: Market, amount: Any) -> dict[str, Any]:
    return {"fulfillment_node_id": market.node_id, "fulfillment_node_price": amount}


def test_a_price_is_replaced_whole(market: Market) -> None:
    put_kettle(market, "A")
    assert market.get("merchant-skus/A/price") == {"fulfillment_nodes": []}

    market.put("merchant-skus/A/price", {"price": 38.5, "fulfillment_nodes": [node_price(market, 37.95)]})
    first = market.get("merchant-skus/A/price")
    assert TIME.fullmatch(first.pop("price_last_update"))
    assert first == {"price": 38.5, "fulfillment_nodes": [node_price(market, 37.95)]}
    shown = market.get("merchant-skus/A")
    assert (shown["price"], shown["price_by_fulfillment_node"]) == (38.5, [node_price(market, 37.95)])

    market.put("merchant-skus/A/price", {"price": 40})
    second = market.get("merchant-skus/A/price")
    assert (second["price"], second["fulfillment_nodes"]) == (40, [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "A required member is missing. Path: price"),
        ({"price": 0}, "Value 0 must be greater than 0. Path: price"),
        ({"price": "38.5"}, "Expected a number but found a string. Path: price"),
        ({"price": 38.555}, "Value 38.555 has more than 2L decimals. Path: price"),
        (
            {"price": 5, "fulfillment_nodes": [{"fulfillment_node_id": "x", "fulfillment_node_price": 1}]},
            "Value 'x' is not a fulfillment node of this merchant. Path: fulfillment_nodes[0].fulfillment_node_id",
        ),
        (
            {"price": 5, "fulfillment_nodes": ["x"]},
            "Expected an object but found a string. Path: fulfillment_nodes[0]",
        ),
    ],
)
def test_a_bad_price_is_refused_and_the_old_one_stays(market: Market, body: Any, expected: str) -> None:
    put_kettle(market, "A")
    market.put("merchant-skus/A/price", {"price": 38.5})

    assert market.refusal("PUT", "merchant-skus/A/price", body) == [expected]
    assert market.get("merchant-skus/A/price")["price"] == 38.5


def test_inventory_patch_changes_the_named_node_only(market: Market) -> None:
    put_kettle(market, "A")
    assert market.get("merchant-skus/A/inventory") == {"fulfillment_nodes": []}

    answer = market.call("PATCH", "merchant-skus/A/Inventory/", stock(market, 12))

    assert (answer.status_code, answer.content) == (204, b"")
    (node,) = market.get("merchant-skus/A/inventory")["fulfillment_nodes"]
    assert TIME.fullmatch(node.pop("inventory_last_update"))
    assert node == {"fulfillment_node_id": market.node_id, "quantity": 12}
    assert market.get("merchant-skus/A")["inventory_by_fulfillment_node"] == [node]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "A required member is missing. Path: fulfillment_nodes"),
        ({"fulfillment_nodes": []}, "Array length 0L is less than the minimum 1L. Path: fulfillment_nodes"),
        (stock, "Value -1L is less than the minimum 0L. Path: fulfillment_nodes[0].quantity"),
    ],
)
def test_bad_inventory_is_refused(market: Market, body: Any, expected: str) -> None:
    put_kettle(market, "A")
    sent = body(market, -1) if callable(body) else body

    assert market.refusal("PATCH", "merchant-skus/A/inventory", sent) == [expected]
    assert market.get("merchant-skus/A/inventory") == {"fulfillment_nodes": []}


def test_inventory_put_left_in_2018(market: Market) -> None:
    put_kettle(market, "A")
    refused = market.call("PUT", "merchant-skus/A/inventory", stock(market, 3))
    assert (refused.status_code, list(refused.json())) == (405, ["Message"])

    market.control.switch(inventory_put=True, inventory_date_on_node=False)
    market.put("merchant-skus/A/inventory", stock(market, 3))
    shown = market.get("merchant-skus/A/inventory")
    assert TIME.fullmatch(shown.pop("inventory_last_update"))
    assert shown == stock(market, 3)


def test_a_variation_group_shows_on_its_parent(market: Market) -> None:
    for name in ("P", "C1", "C2"):
        put_kettle(market, name)
    group = {
        "relationship": "Variation",
        "variation_refinements": [COLOR],
        "children_skus": ["C1", "C2"],
        "group_title": "Copper kettles",
    }
    assert market.get("merchant-skus/P/variation") == {}

    market.put("merchant-skus/P/variation", group)

    children = [{"merchant_sku": "C1"}, {"merchant_sku": "C2"}]
    assert market.get("merchant-skus/P/variation") == group | {"children_skus": children}
    assert market.get("merchant-skus/P")["children_skus"] == children
    assert "children_skus" not in market.get("merchant-skus/C1")
    market.control.switch(variation_children="strings", variation_missing_404=True)
    assert market.get("merchant-skus/P/variation") == group
    assert market.call("GET", "merchant-skus/C1/variation").status_code == 404


def test_a_bad_variation_names_its_members(market: Market) -> None:
    put_kettle(market, "P")
    put_kettle(market, "OTHER-BRAND", brand="Another")
    put_kettle(market, "NO-COLOR", attributes_node_specific=None)

    def refuse(**changes: Any) -> list[str]:
        good = {"relationship": "Variation", "variation_refinements": [COLOR], "children_skus": ["P2"]}
        return market.refusal("PUT", "merchant-skus/P/variation", good | changes)

    assert refuse() == ["merchant sku unavailable: P2. Path: children_skus[0]"]
    assert refuse(children_skus=["P"]) == ["The parent is not its own child. Path: children_skus[0]"]
    assert refuse(children_skus=["OTHER-BRAND", "NO-COLOR"]) == [
        "SKU OTHER-BRAND differs from the parent in brand. Path: children_skus",
        "SKU NO-COLOR lacks attribute 101L. Path: variation_refinements",
    ]
    assert refuse(relationship="Accessory", children_skus=["NO-COLOR"]) == [
        "Value 'Accessory' is not one of the allowed values. Path: relationship"
    ]
    assert refuse(variation_refinements=["101"], children_skus=["NO-COLOR"]) == [
        "Expected an integer but found a string. Path: variation_refinements[0]"
    ]
    assert market.get("merchant-skus/P/variation") == {}


def test_shipping_exceptions_replace_those_of_the_named_node(market: Market) -> None:
    put_kettle(market, "A")
    path = "merchant-skus/A/shippingexception"
    assert market.get(path) == {"fulfillment_nodes": []}
    rows = [
        {
            "service_level": "Standard",
            "override_type": "Override charge",
            "shipping_charge_amount": 4.5,
            "shipping_exception_type": "exclusive",
        },
        {"shipping_method": "UPS Ground", "shipping_exception_type": "restricted"},
    ]
    wrapped = {"fulfillment_nodes": [{"fulfillment_node_id": market.node_id, "shipping_exceptions": rows}]}

    market.put(path, wrapped)
    assert market.get(path) == wrapped
    market.put(path, {"fulfillment_node_id": market.node_id, "shipping_exceptions": rows[1:]})
    assert market.get(path)["fulfillment_nodes"][0]["shipping_exceptions"] == rows[1:]
    market.put(
        path, {"fulfillment_nodes": [{"fulfillment_node_id": market.node_id, "shipping_exceptions": []}]}
    )
    assert market.get(path) == {"fulfillment_nodes": []}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"service_level": "Standard"}, "A required member is missing. Path: {}.shipping_exception_type"),
        (
            {"shipping_exception_type": "exclusive"},
            "Exactly one of service_level and shipping_method is required. Path: {}",
        ),
        (
            {
                "service_level": "Standard",
                "shipping_method": "UPS Ground",
                "shipping_exception_type": "exclusive",
            },
            "Exactly one of service_level and shipping_method is required. Path: {}",
        ),
        (
            {"service_level": "Pigeon", "shipping_exception_type": "exclusive"},
            "Value 'Pigeon' is not one of the allowed values. Path: {}.service_level",
        ),
        (
            {"service_level": "Standard", "shipping_exception_type": "include"},
            "Value 'include' is not one of the allowed values. Path: {}.shipping_exception_type",
        ),
        (
            {
                "service_level": "Standard",
                "shipping_exception_type": "restricted",
                "override_type": "Override charge",
                "shipping_charge_amount": 1,
            },
            "A restricted level or method takes no charge. Path: {}",
        ),
        (
            {
                "service_level": "Standard",
                "shipping_exception_type": "exclusive",
                "override_type": "Override charge",
            },
            "A required member is missing. Path: {}.shipping_charge_amount",
        ),
        (
            {
                "service_level": "11 to 20 Day",
                "shipping_exception_type": "exclusive",
                "override_type": "Additional charge",
                "shipping_charge_amount": 1,
            },
            "'11 to 20 Day' is not set up on the fulfillment node. Path: {}",
        ),
    ],
)
def test_a_bad_shipping_exception_is_refused(market: Market, row: dict[str, Any], expected: str) -> None:
    put_kettle(market, "A")
    body = {"fulfillment_nodes": [{"fulfillment_node_id": market.node_id, "shipping_exceptions": [row]}]}

    assert market.refusal("PUT", "merchant-skus/A/shippingexception", body) == [
        expected.format("fulfillment_nodes[0].shipping_exceptions[0]")
    ]


def test_the_returns_exception_names_places_days_and_methods(market: Market) -> None:
    put_kettle(market, "A")
    path = "merchant-skus/A/returnsexception"
    place = market.control.account(market.user)["return_locations"][0]
    good = {"time_to_return": 30, "return_location_ids": [place], "return_shipping_methods": ["UPS Ground"]}
    assert market.get(path) == {}

    market.put(path, good)
    assert market.get(path) == good
    assert market.get("merchant-skus/A")["time_to_return"] == 30
    # The one validation message of which traits are known.
    assert market.refusal("PUT", path, good | {"time_to_return": 45}) == [
        "Value 45L is greater than the maximum 30L. Path: time_to_return"
    ]
    assert market.refusal(
        "PUT", path, {"return_location_ids": ["x"], "return_shipping_methods": ["Pigeon"]}
    ) == [
        "Value 'x' is not a return location of this merchant. Path: return_location_ids[0]",
        "Value 'Pigeon' is not one of the allowed values. Path: return_shipping_methods[0]",
    ]
    market.put(path, {"return_location_ids": [place]})
    assert market.get(path) == {"return_location_ids": [place]}


def test_an_archived_sku_swallows_updates_and_comes_back_without_stock(market: Market) -> None:
    listed_kettle(market, "A")
    market.put("merchant-skus/A/status/archive", {"is_archived": True})
    shown = market.get("merchant-skus/A")
    assert (shown["status"], shown["is_archived"], shown["inventory_by_fulfillment_node"]) == (
        "Archived",
        True,
        [],
    )

    assert market.call("PUT", "merchant-skus/A", kettle(brand="New")).status_code == 202
    market.put("merchant-skus/A/price", {"price": 1})
    assert market.call("PATCH", "merchant-skus/A/inventory", stock(market, 5)).status_code == 204
    after = market.get("merchant-skus/A")
    assert (after["brand"], after["price"], after["inventory_by_fulfillment_node"]) == (
        "Harrow & Finch",
        38.5,
        [],
    )

    market.put("merchant-skus/A/status/archive", {"is_archived": False})
    market.control.advance(31)
    assert status(market, "A") == ("Under Jet Review", [])
    market.call("PATCH", "merchant-skus/A/inventory", stock(market, 5))
    assert status(market, "A") == ("Available for Purchase", [])
    assert market.refusal("PUT", "merchant-skus/A/status/archive", {"is_archived": "yes"}) == [
        "Expected a boolean but found a string. Path: is_archived"
    ]


def test_price_and_stock_differ_by_node(market: Market) -> None:
    put_kettle(market, "A")
    second = market.control.add_node(market.user, "West")
    rows = [
        {"fulfillment_node_id": market.node_id, "quantity": 12},
        {"fulfillment_node_id": second, "quantity": 3},
    ]
    assert market.call("PATCH", "merchant-skus/A/inventory", {"fulfillment_nodes": rows}).status_code == 204
    prices = [node_price(market, 37.95), {"fulfillment_node_id": second, "fulfillment_node_price": 39.5}]
    market.put("merchant-skus/A/price", {"price": 38.5, "fulfillment_nodes": prices})

    assert market.call("PATCH", "merchant-skus/A/inventory", stock(market, 0)).status_code == 204

    shown = market.get("merchant-skus/A")
    assert shown["inventory_by_fulfillment_node"] == [rows[0] | {"quantity": 0}, rows[1]]
    assert (
        shown["price_by_fulfillment_node"]
        == market.get("merchant-skus/A/price")["fulfillment_nodes"]
        == prices
    )


def exceptions_at(*nodes: str) -> dict[str, Any]:
    row = {"shipping_method": "UPS Ground", "shipping_exception_type": "restricted"}
    return {
        "fulfillment_nodes": [{"fulfillment_node_id": node, "shipping_exceptions": [row]} for node in nodes]
    }


def test_an_empty_list_takes_away_what_it_would_hold(market: Market) -> None:
    for name in ("A", "B"):
        put_kettle(market, name)
    second = market.control.add_node(market.user, "West")
    place = market.control.add_return_location(market.user, "West returns")
    group = {"relationship": "Variation", "variation_refinements": [COLOR], "children_skus": ["B"]}
    market.put("merchant-skus/A/variation", group)
    market.put("merchant-skus/A/returnsexception", {"return_location_ids": [place], "time_to_return": 14})
    market.put("merchant-skus/A/shippingexception", exceptions_at(market.node_id, second))

    none_at_second = {"fulfillment_nodes": [{"fulfillment_node_id": second, "shipping_exceptions": []}]}
    market.put("merchant-skus/A/shippingexception", none_at_second)
    assert market.get("merchant-skus/A/shippingexception") == exceptions_at(market.node_id)
    market.put("merchant-skus/A/shippingexception", {"fulfillment_nodes": []})
    market.put("merchant-skus/A/returnsexception", {"return_location_ids": []})
    market.put("merchant-skus/A/variation", group | {"variation_refinements": [], "children_skus": []})

    assert market.get("merchant-skus/A/shippingexception") == {"fulfillment_nodes": []}
    assert market.get("merchant-skus/A/returnsexception") == {}
    assert market.get("merchant-skus/A/variation") == {}
    shown = market.get("merchant-skus/A")
    assert not shown.keys() & {"relationship", "children_skus", "return_location_ids", "time_to_return"}


def test_empty_lists_may_be_refused(market: Market) -> None:
    put_kettle(market, "A")
    market.put("merchant-skus/A/shippingexception", exceptions_at(market.node_id))
    market.control.switch(empty_lists="refuse")
    none_at_node = {"fulfillment_nodes": [{"fulfillment_node_id": market.node_id, "shipping_exceptions": []}]}

    refused = [
        market.refusal("PUT", f"merchant-skus/A/{part}", body)
        for part, body in (
            (
                "variation",
                {"relationship": "Variation", "variation_refinements": [COLOR], "children_skus": []},
            ),
            ("returnsexception", {"return_location_ids": []}),
            ("shippingexception", {"fulfillment_nodes": []}),
            ("shippingexception", none_at_node),
        )
    ]

    assert refused == [
        [f"Array length 0L is less than the minimum 1L. Path: {path}"]
        for path in (
            "children_skus",
            "return_location_ids",
            "fulfillment_nodes",
            "fulfillment_nodes[0].shipping_exceptions",
        )
    ]
    assert market.get("merchant-skus/A/shippingexception") == exceptions_at(market.node_id)
