"""Bulk files: token, blob, announcement, processing, per-SKU errors."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
import requests

from tests.sandbox.goods import kettle, process, put_kettle, stock, upload
from tests.sandbox.market import Market, other_market

BLOCK = {"x-ms-blob-type": "BlockBlob"}


def test_a_file_goes_through_its_states_on_the_clock(market: Market) -> None:
    file_id = upload(market, "MerchantSKUs", {"A": kettle(), "B": kettle()})
    seen = [market.get(f"files/{file_id}")]
    for _ in range(2):
        market.control.advance(3)
        seen.append(market.get(f"files/{file_id}"))

    assert [record["status"] for record in seen] == ["Acknowledged", "Processing", "Processed successfully"]
    assert [sorted(record) for record in seen[:2]] == [
        ["file_name", "file_type", "jet_file_id", "received", "status", "url"],
        ["file_name", "file_type", "jet_file_id", "processing_start", "received", "status", "url"],
    ]
    done = seen[2]
    assert done["received"] < done["processing_start"] < done["processing_end"]
    assert done["processing_end"].endswith("Z")
    assert len(done["processing_end"]) == 28
    assert (done["error_count"], done["error_excerpt"], "error_url" in done) == (0, [], False)
    assert market.get("merchant-skus") == {"sku_urls": ["merchant-skus/A", "merchant-skus/B"]}


def test_every_type_of_file_does_what_its_single_call_does(market: Market) -> None:
    for name in ("A", "B"):
        put_kettle(market, name)
    node, place = market.node_id, market.control.account(market.user)["return_locations"][0]
    exception = {"shipping_method": "UPS Ground", "shipping_exception_type": "restricted"}
    inner = {"fulfillment_node_id": node, "shipping_exceptions": [exception]}
    group = {"relationship": "Variation", "variation_refinements": [101], "children_skus": ["B"]}

    records = [
        process(market, "Price", {"A": {"price": 38.5}}),
        process(market, "Inventory", {"A": stock(market, 12)}),
        process(market, "Variation", {"A": group}),
        process(market, "ShippingException", {"A": {"fulfillment_nodes": [inner]}, "B": inner}),
        process(market, "ReturnsException", {"A": {"return_location_ids": [place]}}),
        process(market, "Archive", {"B": {"is_archived": True}}),
    ]

    assert [record["status"] for record in records] == ["Processed successfully"] * 6
    shown = market.get("merchant-skus/A")
    assert (shown["price"], shown["inventory_by_fulfillment_node"][0]["quantity"]) == (38.5, 12)
    assert (shown["relationship"], shown["return_location_ids"]) == ("Variation", [place])
    both = [market.get(f"merchant-skus/{name}/shippingexception") for name in ("A", "B")]
    assert both == [{"fulfillment_nodes": [inner]}] * 2
    assert market.get("merchant-skus/B")["status"] == "Archived"


def test_bad_entries_are_reported_and_good_ones_go_through(market: Market) -> None:
    put_kettle(market, "A")

    record = process(market, "Price", {"A": {"price": 5}, "NOPE": {"price": 5}, "C": 7})

    assert (record["status"], record["error_count"]) == ("Processed with errors", 2)
    assert record["error_excerpt"] == ["NOPE: merchant sku unavailable", "C: merchant sku unavailable"]
    assert market.get("merchant-skus/A/price")["price"] == 5


def test_the_excerpt_holds_twenty_errors_and_the_address_all(market: Market) -> None:
    record = process(market, "Price", {f"S-{number}": {"price": 1} for number in range(25)})

    everything = requests.get(record["error_url"], timeout=30).json()

    assert (record["error_count"], len(record["error_excerpt"])) == (25, 20)
    assert everything == [f"S-{number}: merchant sku unavailable" for number in range(25)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'{"A": {}}', "The file is not in gzip format."),
        (gzip.compress(b"{")[:-4], "The file is not in gzip format."),
        (gzip.compress(b'{"A": '), "The file is not valid JSON."),
        (gzip.compress(b"[1]"), "The file must hold one JSON object keyed by merchant SKU."),
    ],
    # gzip writes the time into its head, so the bytes themselves would be another name in every process.
    ids=["plain", "cut off", "half JSON", "an array"],
)
def test_a_broken_file_fails_as_a_whole(market: Market, raw: bytes, text: str) -> None:
    record = process(market, "Price", None, raw=raw)

    assert (record["status"], record["error_excerpt"]) == ("Processed with errors", [text])


def test_plain_and_doubled_content_have_switches(market: Market) -> None:
    put_kettle(market, "A")
    doubled = gzip.compress(b'{"A": {"price": 1}, "A": {"price": 2}}')
    assert process(market, "Price", None, raw=doubled)["status"] == "Processed successfully"
    assert market.get("merchant-skus/A/price")["price"] == 2

    market.control.switch(file_plain_json=True, file_double_keys="error")
    assert process(market, "Price", None, raw=doubled)["error_excerpt"] == [
        "A merchant SKU is named twice in the file."
    ]
    assert process(market, "Price", None, raw=b'{"A": {"price": 3}}')["status"] == "Processed successfully"
    assert market.get("merchant-skus/A/price")["price"] == 3


def test_the_blob_store_has_azures_manners(market: Market) -> None:
    token = market.get("files/uploadToken")
    assert (sorted(token), token["expires_in_seconds"]) == (
        ["expires_in_seconds", "jet_file_id", "url"],
        1800,
    )
    data = gzip.compress(b"{}")

    forged = requests.put(token["url"].replace("sig=", "sig=x"), data=data, headers=BLOCK, timeout=30)
    headless = requests.put(token["url"], data=data, timeout=30)
    assert (forged.status_code, headless.status_code) == (403, 400)
    assert forged.headers["Content-Type"] == "application/xml"
    for headers in (BLOCK, {"x-ms-blob-type": "blockblob"}):
        assert requests.put(token["url"], data=data, headers=headers, timeout=30).status_code == 201
    market.control.advance(1801)
    assert requests.put(token["url"], data=data, headers=BLOCK, timeout=30).status_code == 403


def test_an_announcement_needs_its_own_address_and_counts_once(market: Market) -> None:
    token = market.get("files/uploadToken")
    record = {"url": token["url"], "file_type": "Price", "file_name": "p.json"}
    other = other_market(market)

    def refuse(who: Market, **changes: Any) -> list[str]:
        return who.refusal("POST", "files/uploaded", record | changes)

    assert refuse(other) == ["No file was uploaded to this address. Path: url"]
    assert refuse(market, url="http://elsewhere.example/x") == [
        "No file was uploaded to this address. Path: url"
    ]
    assert refuse(market, file_type="Prices") == [
        "Value 'Prices' is not one of the allowed values. Path: file_type"
    ]
    assert refuse(market, file_name="") == ["String length 0L is less than the minimum 1L. Path: file_name"]
    assert market.call("GET", f"files/{token['jet_file_id']}").status_code == 404

    first = market.call("POST", "files/uploaded", record).json()
    market.control.advance(5)
    again = market.call("POST", "files/uploaded", record).json()
    assert again["received"] == first["received"]
    assert again["error_excerpt"] == ["No content was uploaded for the file."]
    late = requests.put(token["url"], data=b"x", headers=BLOCK, timeout=30)
    assert late.status_code == 409
    assert other.call("GET", f"files/{token['jet_file_id']}").status_code == 404


def test_a_file_is_done_once_although_many_look_at_it(market: Market) -> None:
    file_id = upload(market, "MerchantSKUs", {f"S-{number}": kettle() for number in range(50)})
    market.control.advance(60)
    first = market.get(f"files/{file_id}")
    put_kettle(market, "S-7", brand="Later")

    market.control.process()
    market.control.advance(60)

    assert market.get(f"files/{file_id}") == first
    assert market.get("merchant-skus/S-7")["brand"] == "Later"


def test_a_file_of_twelve_thousand_skus_goes_in_chunks(market: Market) -> None:
    content = {f"S-{number}": kettle() for number in range(12_000)}
    content["S-11999"] = {}

    record = process(market, "MerchantSKUs", content)

    assert record["error_count"] == 5
    assert record["error_excerpt"][0] == "S-11999: A required member is missing. Path: product_title"
    assert market.get("portal/merchantskus?size=1")["total"] == 11_999
    prices = process(market, "Price", {name: {"price": 2.5} for name in content})
    assert prices["error_excerpt"] == ["S-11999: merchant sku unavailable"]
    market.control.advance(60)
    assert market.get("portal/merchantskus?size=1&statuses=Under%20Jet%20Review")["total"] == 11_999


def test_shipments_come_as_a_file_too(market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 1, 0))
    market.acknowledge(order_id)

    message = {"shipments": [market.shipment("KETTLE-1", 1)]}
    record = process(market, "Shipments", {order_id: message, "nope": message})

    assert record["error_count"] == 1
    assert market.order(order_id)["status"] == "complete"
    assert json.dumps(record["error_excerpt"]).startswith('["nope: ')


def test_a_file_takes_away_with_empty_lists(market: Market) -> None:
    put_kettle(market, "A")
    place = market.control.account(market.user)["return_locations"][0]
    exception = {"shipping_method": "UPS Ground", "shipping_exception_type": "restricted"}
    at_node = {"fulfillment_node_id": market.node_id, "shipping_exceptions": [exception]}
    market.put("merchant-skus/A/shippingexception", {"fulfillment_nodes": [at_node]})
    market.put("merchant-skus/A/returnsexception", {"return_location_ids": [place]})

    records = [
        process(market, "ShippingException", {"A": at_node | {"shipping_exceptions": []}}),
        process(market, "ReturnsException", {"A": {"return_location_ids": []}}),
    ]

    assert [record["status"] for record in records] == ["Processed successfully"] * 2
    assert market.get("merchant-skus/A/shippingexception") == {"fulfillment_nodes": []}
    assert market.get("merchant-skus/A/returnsexception") == {}


def test_a_file_brings_archived_skus_back(market: Market) -> None:
    put_kettle(market, "A")
    market.put("merchant-skus/A/status/archive", {"is_archived": True})

    record = process(market, "Archive", {"A": {"is_archived": False}, "B": {"is_archived": False}, "C": {}})

    assert record["error_excerpt"] == ["B: merchant sku unavailable", "C: merchant sku unavailable"]
    assert market.get("merchant-skus/A")["status"] == "Under Jet Review"


BAD_ENTRIES = {
    "Variation": ({"relationship": "Variation"}, "A required member is missing. Path: variation_refinements"),
    "ShippingException": ({}, "A required member is missing. Path: fulfillment_nodes"),
    "ReturnsException": (
        {"return_location_ids": [], "time_to_return": 45},
        "Value 45L is greater than the maximum 30L. Path: time_to_return",
    ),
    "Archive": ({}, "A required member is missing. Path: is_archived"),
    "Inventory": ({}, "A required member is missing. Path: fulfillment_nodes"),
    "Price": ({"price": 0}, "Value 0 must be greater than 0. Path: price"),
    "MerchantSKUs": ({}, "A required member is missing. Path: product_title"),
}


@pytest.mark.parametrize("file_type", list(BAD_ENTRIES))
def test_every_type_of_file_names_the_sku_and_the_fault(market: Market, file_type: str) -> None:
    put_kettle(market, "A")
    market.control.switch(empty_lists="refuse")
    body, text = BAD_ENTRIES[file_type]

    record = process(market, file_type, {"A": body})

    assert record["status"] == "Processed with errors"
    assert f"A: {text}" in record["error_excerpt"]
    assert all(error.startswith("A: ") for error in record["error_excerpt"])


def test_a_sku_that_no_address_could_carry_is_refused(market: Market) -> None:
    record = process(market, "MerchantSKUs", {"A/B": kettle(), "": kettle(), "C": kettle()})

    assert record["error_excerpt"] == [
        "A/B: Value 'A/B' must not hold a slash. Path: merchant_sku",
        ": String length 0L is less than the minimum 1L. Path: merchant_sku",
    ]
    assert market.get("merchant-skus") == {"sku_urls": ["merchant-skus/C"]}


def test_a_file_may_begin_as_merchant_acknowledged(market: Market) -> None:
    file_id = upload(market, "Price", {})
    market.control.switch(file_first_status="Merchant acknowledged")

    assert market.get(f"files/{file_id}")["status"] == "Merchant acknowledged"
    market.control.advance(5)
    assert market.get(f"files/{file_id}")["status"] == "Processed successfully"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("object", '{"errors": ["A: merchant sku unavailable", "B: merchant sku unavailable"]}'),
        ("by_sku", '{"A": ["merchant sku unavailable"], "B": ["merchant sku unavailable"]}'),
        ("lines", "A: merchant sku unavailable\r\nB: merchant sku unavailable"),
    ],
)
def test_the_error_list_has_other_forms(market: Market, form: str, expected: str) -> None:
    market.control.switch(error_list_form=form)

    record = process(market, "Price", {"A": {"price": 1}, "B": {"price": 1}})

    assert requests.get(record["error_url"], timeout=30).text == expected
    market.control.switch(error_list_form="missing")
    assert requests.get(record["error_url"], timeout=30).status_code == 404
