"""Node lists, the lists of SKUs by status, the portal's list, sales data and reports."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import requests

from tests.sandbox.goods import listed_kettle, put_kettle
from tests.sandbox.market import Market, other_market
from tests.sandbox_server import ControlError


def test_nodes_come_in_three_shapes(market: Market) -> None:
    (record,) = market.get("setup/fulfillmentNodes")["fulfillment_nodes"]
    assert record == {
        "jet_fulfillment_node_id": market.node_id,
        "location_name": "Main warehouse",
        "time_zone": "Eastern Standard Time",
        "is_daylight_savings_enabled": True,
        "address_1": "9 Dock Street",
        "address_2": "",
        "city": "Hoboken",
        "state": "NJ",
        "zip_code": "07030",
    }
    assert market.get("fulfillment-nodes") == {"fulfillment_nodes": [f"/fulfillment-nodes/{market.node_id}"]}
    assert market.get(f"fulfillment-nodes/{market.node_id}") == record
    (portal,) = market.get("fulfillmentnodesbymerchantid/")
    assert (portal["FulfillmentNodeId"], portal["ZipCode"]) == (market.node_id, "07030")
    assert {"Name": "FedEx Ground"} in portal["SupportedShipMethods"]
    assert other_market(market).call("GET", f"fulfillment-nodes/{market.node_id}").status_code == 404


def test_return_locations_are_listed(market: Market) -> None:
    (place,) = market.get("setup/returnsLocations")["return_locations"]

    assert [place["return_location_id"]] == market.control.account(market.user)["return_locations"]
    assert market.get("portal/returnssetup/") == {"return_locations": [place]}


def test_skus_by_status_as_in_2016(market: Market) -> None:
    listed_kettle(market, "LISTED")
    put_kettle(market, "NEW")

    assert market.get("merchant-skus/bystatus/Available%20for%20Purchase/0/10") == {
        "sku_urls": ["merchant-skus/LISTED"]
    }
    assert market.get("merchant-skus/bystatus/Processing/0/10") == {"sku_urls": ["merchant-skus/NEW"]}
    assert market.get("merchant-skus/bystatus/processing/1/10") == {"sku_urls": []}
    assert market.call("GET", "merchant-skus/bystatus/Lost/0/10").status_code == 404


def test_the_portals_list_counts_and_exports(market: Market) -> None:
    listed_kettle(market, "LISTED")
    put_kettle(market, "NEW")

    under_review = market.get("portal/merchantskus?from=0&size=5000&statuses=Under%20Jet%20Review")
    assert under_review["total"] == 1
    row = under_review["merchant_skus"][0]
    assert (row["merchant_sku"], row["status"], row["has_inventory"]) == ("NEW", "Under Jet Review", False)
    counted = market.get("portal/merchantskus?from=0&size=1")
    assert (counted["total"], len(counted["merchant_skus"])) == (2, 1)
    text = market.call("GET", "portal/merchantskus/export?statuses=Available+for+Purchase").text
    assert [row["merchant_sku"] for row in csv.DictReader(io.StringIO(text))] == ["LISTED"]


def test_sales_data_is_for_listed_skus_and_the_same_all_day(market: Market) -> None:
    listed_kettle(market, "A")
    put_kettle(market, "NEW")

    shown = market.get("merchant-skus/A/salesdata")

    assert shown["sales_rank"]["level_0"] > 0
    assert (shown["my_best_offer"][0]["item_price"], shown["my_best_offer"][0]["shipping_method"]) == (
        38.5,
        None,
    )
    assert landed(shown, "best_marketplace_offer") <= landed(shown, "my_best_offer")
    assert market.get("merchant-skus/A/salesdata") == shown
    missing = market.call("GET", "merchant-skus/NEW/salesdata")
    assert (missing.status_code, list(missing.json())) == (404, ["error"])
    own = {"sales_rank": {"level_0": 7, "last_update": "2017-06-02T04:00:00.0000000+00:00"}}
    market.control.call("POST", "skus/sales-data", user=market.user, sku="A", sales_data=own)
    assert market.get("merchant-skus/A/salesdata") == own


def landed(shown: dict[str, Any], whose: str) -> float:
    (offer,) = shown[whose]
    return round(offer["item_price"] + offer["shipping_price"], 2)


def test_offers_of_others_move_by_the_clock_and_do_not_follow_our_price(market: Market) -> None:
    listed_kettle(market, "A")
    market.control.switch(offers_move_hours=1)
    seen = set()
    for _hour in range(8):
        shown = market.get("merchant-skus/A/salesdata")
        assert market.get("merchant-skus/A/salesdata") == shown, "the same until they move"
        seen.add(landed(shown, "best_marketplace_offer"))
        market.control.advance(3600)
        market.renew()
    assert len(seen) > 3

    market.call("PUT", "merchant-skus/A/price", {"price": 5.0})
    cheap = market.get("merchant-skus/A/salesdata")
    assert landed(cheap, "best_marketplace_offer") == landed(cheap, "my_best_offer"), "ours is the best then"
    market.call("PUT", "merchant-skus/A/price", {"price": 500.0})
    dear = market.get("merchant-skus/A/salesdata")
    assert landed(dear, "best_marketplace_offer") < 60, "others ask what they asked around our first price"


def test_best_other_seller_is_set_by_hand_and_given_back_to_the_dice(market: Market) -> None:
    listed_kettle(market, "A")
    usual = market.get("merchant-skus/A/salesdata")
    given = {"user": market.user, "sku": "A"}
    market.control.call("POST", "skus/competitor", **given, item_price=20.5, shipping_price=3)
    shown = market.get("merchant-skus/A/salesdata")
    assert (landed(shown, "best_marketplace_offer"), shown["my_best_offer"]) == (23.5, usual["my_best_offer"])
    with pytest.raises(ControlError, match="above 0"):
        market.control.call("POST", "skus/competitor", **given, item_price=-1)
    market.control.call("POST", "skus/competitor", **given)
    assert market.get("merchant-skus/A/salesdata") == usual


def test_a_report_is_ordered_made_fetched_and_expires(market: Market) -> None:
    listed_kettle(market, "A")
    put_kettle(market, "NEW")
    report_id = market.call("POST", "reports/ProductStatus").json()["report_id"]
    assert market.call("GET", f"reports/state/{report_id}").status_code == 404

    market.control.advance(3)
    assert market.get(f"reports/state/{report_id}")["report_status"] == "Requested"
    market.control.advance(3)
    state = market.get(f"reports/state/{report_id}")
    assert state["report_status"] == "Ready"
    assert requests.get(state["report_url"], timeout=30).json() == {
        "A": {"status": "Available for Purchase", "sub_status": []},
        "NEW": {"status": "Under Jet Review", "sub_status": []},
    }
    market.control.advance(8 * 86_400)
    market.renew()
    assert market.get(f"reports/state/{report_id}")["report_status"] == "Expired"
    assert requests.get(state["report_url"], timeout=30).status_code == 404
    assert market.call("POST", "reports/Weather").status_code == 404


def test_the_other_reports_have_content(market: Market) -> None:
    listed_kettle(market, "A")
    urls = {}
    for kind in ("SalesData", "SettlementDetails"):
        report_id = market.call("POST", f"reports/{kind}").json()["report_id"]
        market.control.advance(6)
        urls[kind] = market.get(f"reports/state/{report_id}")["report_url"]

    assert list(json.loads(requests.get(urls["SalesData"], timeout=30).text)) == ["A"]
    assert requests.get(urls["SettlementDetails"], timeout=30).text == "type\r\n"


def test_a_report_may_fail(market: Market) -> None:
    market.control.switch(reports_fail=True)
    report_id = market.call("POST", "reports/ProductStatus").json()["report_id"]
    market.control.advance(6)

    state = market.get(f"reports/state/{report_id}")

    assert state["report_status"] == "Failed"
    assert requests.get(state["report_url"], timeout=30).status_code == 404


def test_the_product_status_report_names_what_lacks(market: Market) -> None:
    listed_kettle(market, "A")
    market.control.verdict(market.user, "A", "Missing Listing Data", "Missing title", "Missing price")
    report_id = market.call("POST", "reports/ProductStatus").json()["report_id"]
    market.control.advance(6)

    url = market.get(f"reports/state/{report_id}")["report_url"]

    assert requests.get(url, timeout=30).json() == {
        "A": {"status": "Missing Listing Data", "sub_status": ["Missing title", "Missing price"]}
    }
