"""The listing state machine on the sandbox's clock."""

from __future__ import annotations

from typing import Any

import pytest

from jetsync.jet.words import ListingSubStatus
from tests.sandbox.goods import CAPACITY, COLOR, listed_kettle, put_kettle, status, stock
from tests.sandbox.market import Market
from tests.sandbox_server import ControlError

REVIEW_SECONDS = 30


def test_a_complete_sku_is_listed_when_the_review_is_over(market: Market) -> None:
    put_kettle(market, "A")
    market.put("merchant-skus/A/price", {"price": 38.5})
    market.call("PATCH", "merchant-skus/A/inventory", stock(market, 1))
    market.control.advance(REVIEW_SECONDS - 5)
    assert status(market, "A") == ("Under Jet Review", [])

    market.control.advance(10)

    assert status(market, "A") == ("Available for Purchase", [])
    assert len(market.get("merchant-skus/A")["jet_retail_sku"]) == 32


def test_a_bare_sku_misses_everything(market: Market) -> None:
    market.control.switch(api_age="2015")
    bare = {"product_title": "Kettle", "multipack_quantity": 1, "ASIN": "B00ABCDEFG"}
    market.call("PUT", "merchant-skus/A", bare)

    market.control.advance(REVIEW_SECONDS + 1)

    assert status(market, "A") == (
        "Missing Listing Data",
        ["Missing shipping weight", "Missing price", "Missing image", "Missing category", "Missing brand"],
    )


@pytest.mark.parametrize(
    ("changes", "sub_status"),
    [
        ({"shipping_weight_pounds": None}, "Missing shipping weight"),
        ({"jet_browse_node_id": None}, "Missing category"),
        ({"jet_browse_node_id": 5}, "Invalid category"),
        ({"jet_browse_node_id": 41001000}, "Invalid category"),
        ({"attributes_node_specific": None}, "Missing attribute value"),
    ],
)
def test_what_lacks_is_named(market: Market, changes: dict[str, Any], sub_status: str) -> None:
    put_kettle(market, "A", **changes)
    market.put("merchant-skus/A/price", {"price": 38.5})
    market.call("PATCH", "merchant-skus/A/inventory", stock(market, 1))

    market.control.advance(REVIEW_SECONDS + 1)

    assert status(market, "A") == ("Missing Listing Data", [sub_status])


def test_review_waits_for_inventory_and_a_price_decides_without_review(market: Market) -> None:
    put_kettle(market, "A")
    market.control.advance(REVIEW_SECONDS + 1)
    assert status(market, "A") == ("Missing Listing Data", ["Missing price"])

    market.put("merchant-skus/A/price", {"price": 38.5})
    assert status(market, "A") == ("Under Jet Review", [])
    market.call("PATCH", "merchant-skus/A/inventory", stock(market, 1))
    assert status(market, "A") == ("Available for Purchase", [])


def test_changed_content_goes_back_to_review_and_unchanged_content_does_not(market: Market) -> None:
    listed_kettle(market, "A")

    put_kettle(market, "A")
    assert status(market, "A") == ("Available for Purchase", [])
    market.put("merchant-skus/A/price", {"price": 1})
    market.call("PATCH", "merchant-skus/A/inventory", stock(market, 0))
    assert status(market, "A") == ("Available for Purchase", [])

    put_kettle(market, "A", brand="New name")
    assert status(market, "A") == ("Under Jet Review", [])
    market.call("PATCH", "merchant-skus/A/inventory", stock(market, 3))
    assert status(market, "A") == ("Under Jet Review", [])
    market.control.advance(REVIEW_SECONDS + 1)
    assert status(market, "A") == ("Available for Purchase", [])


def test_a_group_whose_parent_lost_a_refinement_misses_variation_information(market: Market) -> None:
    size = {"attribute_id": CAPACITY, "attribute_value": "2", "attribute_value_unit": "Quart"}
    color = {"attribute_id": COLOR, "attribute_value": "Copper"}
    listed_kettle(market, "P", attributes_node_specific=[size, color])
    listed_kettle(market, "C", attributes_node_specific=[size, color])
    group = {"relationship": "Variation", "variation_refinements": [CAPACITY], "children_skus": ["C"]}
    market.put("merchant-skus/P/variation", group)

    put_kettle(market, "P", attributes_node_specific=[color])
    market.control.advance(REVIEW_SECONDS + 1)

    assert status(market, "P") == ("Missing Listing Data", ["Missing variation information"])


def test_a_wrong_check_digit_may_be_a_matter_of_review(market: Market) -> None:
    market.control.switch(check_digit="review")
    code = {"standard_product_code": "036000291453", "standard_product_code_type": "UPC"}
    put_kettle(market, "A", standard_product_codes=[code])
    market.put("merchant-skus/A/price", {"price": 38.5})

    market.control.advance(REVIEW_SECONDS + 1)

    assert status(market, "A") == ("Missing Listing Data", ["Invalid SKU identifier"])


@pytest.mark.parametrize("word", ListingSubStatus)
def test_every_sub_status_can_be_met(market: Market, word: str) -> None:
    listed_kettle(market, "A")

    market.control.verdict(market.user, "A", "Missing Listing Data", word)
    assert status(market, "A") == ("Missing Listing Data", [word])
    market.put("merchant-skus/A/price", {"price": 1})
    assert status(market, "A") == ("Missing Listing Data", [word])

    market.control.verdict(market.user, "A", "")
    assert status(market, "A") == ("Available for Purchase", [])


def test_a_hint_does_not_block_a_listing(market: Market) -> None:
    listed_kettle(market, "A")

    market.control.verdict(market.user, "A", "Available for Purchase", "Attribute Data Needed")

    assert status(market, "A") == ("Available for Purchase", ["Attribute Data Needed"])


@pytest.mark.parametrize("word", ["Processing", "Ready to List"])
def test_the_words_of_2015_can_be_met(market: Market, word: str) -> None:
    listed_kettle(market, "A")

    market.control.verdict(market.user, "A", word)

    assert status(market, "A") == (word, [])
    assert market.get(f"merchant-skus/bystatus/{word}/0/10") == {"sku_urls": ["merchant-skus/A"]}
    assert market.get(f"portal/merchantskus?statuses={word}")["total"] == 1


@pytest.mark.parametrize(
    "values",
    [{"verdict": "Archived"}, {"verdict": "Lost"}, {"verdict": "Excluded", "sub_status": "Missing price"}],
    ids=["archived", "unknown", "no list"],
)
def test_a_verdict_that_is_none_is_refused(market: Market, values: dict[str, Any]) -> None:
    listed_kettle(market, "A")

    with pytest.raises(ControlError, match="400"):
        market.control.call("POST", "skus/verdict", user=market.user, sku="A", **values)
    assert status(market, "A") == ("Available for Purchase", [])


@pytest.mark.parametrize("verdict", ["Excluded", "Unauthorized"])
def test_jets_verdict_stands_until_it_is_lifted(market: Market, verdict: str) -> None:
    listed_kettle(market, "A")

    market.control.call("POST", "skus/verdict", user=market.user, sku="A", verdict=verdict)
    assert status(market, "A") == (verdict, [])
    market.put("merchant-skus/A/price", {"price": 1})
    assert status(market, "A") == (verdict, [])

    market.control.call("POST", "skus/verdict", user=market.user, sku="A", verdict="")
    assert status(market, "A") == ("Available for Purchase", [])


def test_without_a_delay_the_review_is_over_at_once(market: Market) -> None:
    market.control.switch(user=market.user, review_delay_seconds=0)

    put_kettle(market, "A")

    assert status(market, "A") == ("Missing Listing Data", ["Missing price"])
