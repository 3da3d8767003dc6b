"""The SKU call: what it takes, what it refuses and in which words, and what it shows."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.sandbox.goods import CAPACITY, COLOR, HELMET_SIZE, MATERIAL, kettle, put_kettle
from tests.sandbox.market import Market, other_market

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00")
UPC = {"standard_product_code": "036000291452", "standard_product_code_type": "UPC"}


def image(slot: Any, url: str = "https://img.example.com/2.jpg") -> dict[str, Any]:
    return {"image_slot_id": slot, "image_url": url}


def test_a_new_sku_answers_201_and_a_changed_one_202_with_empty_bodies(market: Market) -> None:
    first = market.call("PUT", "merchant-skus/HF-KET-25", kettle())
    second = market.call("PUT", "merchant-skus/HF-KET-25", kettle(brand="Harrow"))

    assert (first.status_code, first.content) == (201, b"")
    assert (second.status_code, second.content) == (202, b"")
    assert market.get("merchant-skus/HF-KET-25")["brand"] == "Harrow"


@pytest.mark.parametrize(
    ("age", "codes"),
    [
        ("mixed", [201, 202, 204, 204, 204]),
        ("2015", [204, 204, 204, 204, 204]),
        ("2016", [201, 201, 204, 204, 204]),
        ("2017", [201, 202, 202, 202, 204]),
    ],
)
def test_success_codes_follow_their_switch(market: Market, age: str, codes: list[int]) -> None:
    market.control.switch(write_status=age)
    quantity = {"fulfillment_nodes": [{"fulfillment_node_id": market.node_id, "quantity": 1}]}
    calls = [
        ("PUT", "merchant-skus/A", kettle()),
        ("PUT", "merchant-skus/A", kettle(brand="B")),
        ("PUT", "merchant-skus/A/price", {"price": 1.5}),
        ("PATCH", "merchant-skus/A/inventory", quantity),
        ("PUT", "merchant-skus/A/status/archive", {"is_archived": True}),
    ]

    assert [market.call(*call).status_code for call in calls] == codes


def test_a_sku_shows_what_was_sent_and_the_servers_members(market: Market) -> None:
    put_kettle(market, "HF-KET-25")

    shown = market.get("merchant-skus/HF-KET-25")

    assert {name: shown[name] for name in kettle()} == kettle()
    own = {name: value for name, value in shown.items() if name not in kettle()}
    assert re.fullmatch(r"[0-9a-f]{32}", own.pop("merchant_sku_id"))
    assert re.fullmatch(r"map-[0-9a-f]{32}", own.pop("correlation_id"))
    assert TIME.fullmatch(own.pop("sku_last_update"))
    assert own == {
        "merchant_id": market.control.account(market.user)["merchant_id"],
        "merchant_sku": "HF-KET-25",
        "status": "Under Jet Review",
        "sub_status": [],
        "is_archived": False,
        "inventory_by_fulfillment_node": [],
    }


def test_an_unknown_sku_answers_with_the_one_known_text(market: Market) -> None:
    put_kettle(market, "HF-KET-25")

    for method, path, body in (
        ("GET", "merchant-skus/NOPE", None),
        ("GET", "merchant-skus/hf-ket-25", None),
        ("PUT", "merchant-skus/NOPE/price", {"price": 1}),
        ("PATCH", "merchant-skus/NOPE/inventory", {}),
        ("GET", "merchant-skus/NOPE/salesdata", None),
    ):
        answer = market.call(method, path, body)
        assert (answer.status_code, answer.json()) == (404, {"error": "merchant sku unavailable"})


def test_skus_of_two_merchants_do_not_meet(market: Market) -> None:
    put_kettle(market, "HF-KET-25")
    other = other_market(market)
    put_kettle(other, "HF-KET-25", brand="Another")

    assert market.get("merchant-skus/HF-KET-25")["brand"] == "Harrow & Finch"
    assert other.get("merchant-skus/HF-KET-25")["brand"] == "Another"
    market.put("merchant-skus/HF-KET-25/price", {"price": 5})
    assert "price" not in other.get("merchant-skus/HF-KET-25")


def test_odd_names_survive_the_path_and_the_list(market: Market) -> None:
    names = ["A 1", "50%", "Köln-7", "a+b", "q?x#y"]
    for name in names:
        put_kettle(market, quote(name, safe=""))

    urls = market.get("merchant-skus")["sku_urls"]

    assert urls == [
        "merchant-skus/A%201",
        "merchant-skus/50%25",
        "merchant-skus/K%C3%B6ln-7",
        "merchant-skus/a%2Bb",
        "merchant-skus/q%3Fx%23y",
    ]
    assert [market.get(url)["merchant_sku"] for url in urls] == names


def test_nulls_count_as_absent_and_unknown_members_are_ignored(market: Market) -> None:
    body = kettle() | {"manufacturer": None, "bullets": None, "colour": "red", "merchant_sku": "X"}
    assert market.call("PUT", "merchant-skus/A", body).status_code == 201

    shown = market.get("merchant-skus/A")

    assert shown["merchant_sku"] == "A"
    assert not {"manufacturer", "bullets", "colour"} & set(shown)


def test_member_names_have_any_case(market: Market) -> None:
    put_kettle(market, "A", standard_product_codes=None, asin="B00ABCDEFG")

    assert market.get("merchant-skus/A")["ASIN"] == "B00ABCDEFG"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"product_title": None}, ["A required member is missing. Path: product_title"]),
        ({"product_title": "Four"}, ["String length 4L is less than the minimum 5L. Path: product_title"]),
        (
            {"product_title": "x" * 501},
            ["String length 501L is greater than the maximum 500L. Path: product_title"],
        ),
        ({"product_title": 12345}, ["Expected a string but found a number. Path: product_title"]),
        ({"brand": None}, ["A required member is missing. Path: brand"]),
        ({"brand": "x" * 101}, ["String length 101L is greater than the maximum 100L. Path: brand"]),
        (
            {"manufacturer": "x" * 101},
            ["String length 101L is greater than the maximum 100L. Path: manufacturer"],
        ),
        (
            {"mfr_part_number": "x" * 51},
            ["String length 51L is greater than the maximum 50L. Path: mfr_part_number"],
        ),
        (
            {"product_description": "x" * 2001},
            ["String length 2001L is greater than the maximum 2000L. Path: product_description"],
        ),
        ({"bullets": ["x"] * 6}, ["Array length 6L is greater than the maximum 5L. Path: bullets"]),
        ({"bullets": ["x" * 501]}, ["String length 501L is greater than the maximum 500L. Path: bullets[0]"]),
        ({"bullets": "one"}, ["Expected an array but found a string. Path: bullets"]),
        ({"multipack_quantity": None}, ["A required member is missing. Path: multipack_quantity"]),
        ({"multipack_quantity": 0}, ["Value 0L is less than the minimum 1L. Path: multipack_quantity"]),
        (
            {"multipack_quantity": 129},
            ["Value 129L is greater than the maximum 128L. Path: multipack_quantity"],
        ),
        ({"multipack_quantity": "2"}, ["Expected an integer but found a string. Path: multipack_quantity"]),
        ({"multipack_quantity": 2.0}, ["Expected an integer but found a number. Path: multipack_quantity"]),
        ({"multipack_quantity": True}, ["Expected an integer but found a boolean. Path: multipack_quantity"]),
        (
            {"jet_browse_node_id": "41001003"},
            ["Expected an integer but found a string. Path: jet_browse_node_id"],
        ),
        (
            {"standard_product_codes": None},
            ["At least one of standard_product_codes and ASIN is required. Path: standard_product_codes"],
        ),
        (
            {"standard_product_codes": [{**UPC, "standard_product_code": "12345678901"}]},
            ["String length 11L must be 12L for UPC. Path: standard_product_codes[0].standard_product_code"],
        ),
        (
            {"standard_product_codes": [{**UPC, "standard_product_code": "03600029145X"}]},
            [
                "Value '03600029145X' must consist of digits. Path: standard_product_codes[0].standard_product_code"
            ],
        ),
        (
            {"standard_product_codes": [UPC, {**UPC, "standard_product_code_type": "ASIN"}]},
            [
                (
                    "Value 'ASIN' is not one of the allowed values. "
                    "Path: standard_product_codes[1].standard_product_code_type"
                )
            ],
        ),
        ({"ASIN": "B00"}, ["String length 3L must be 10L. Path: ASIN"]),
        (
            {"shipping_weight_pounds": "3.25"},
            ["Expected a number but found a string. Path: shipping_weight_pounds"],
        ),
        (
            {"shipping_weight_pounds": 3.255},
            ["Value 3.255 has more than 2L decimals. Path: shipping_weight_pounds"],
        ),
        ({"package_length_inches": -1}, ["Value -1 is less than the minimum 0. Path: package_length_inches"]),
        (
            {"number_units_for_price_per_unit": 0},
            ["Value 0 must be greater than 0. Path: number_units_for_price_per_unit"],
        ),
        ({"prop_65": "false"}, ["Expected a boolean but found a string. Path: prop_65"]),
        (
            {"cpsia_cautionary_statements": ["no warning applicable", "choking hazard balloon"]},
            ["'no warning applicable' excludes every other statement. Path: cpsia_cautionary_statements"],
        ),
        (
            {"cpsia_cautionary_statements": ["beware of the dog"]},
            [
                "Value 'beware of the dog' is not one of the allowed values. Path: cpsia_cautionary_statements[0]"
            ],
        ),
        (
            {"safety_warning": "x" * 2001},
            ["String length 2001L is greater than the maximum 2000L. Path: safety_warning"],
        ),
        ({"start_selling_date": "tomorrow"}, ["Value 'tomorrow' is not a date. Path: start_selling_date"]),
        ({"fulfillment_time": -1}, ["Value -1L is less than the minimum 0L. Path: fulfillment_time"]),
        ({"map_implementation": 101}, ["Expected a string but found a number. Path: map_implementation"]),
        (
            {"map_implementation": "102"},
            ["A value greater than 0 is required when map_implementation is 102. Path: map_price"],
        ),
        (
            {"map_price": 10_000_000},
            ["Value 10000000 has more than 7L digits before the decimal point. Path: map_price"],
        ),
        (
            {"no_return_fee_adjustment": 12},
            ["Value 12 has more than 1L digits before the decimal point. Path: no_return_fee_adjustment"],
        ),
        ({"main_image_url": None}, ["A required member is missing. Path: main_image_url"]),
        (
            {"main_image_url": "kettle.jpg"},
            ["Value 'kettle.jpg' is not an absolute URL. Path: main_image_url"],
        ),
        (
            {"main_image_url": "https://ecx.images-amazon.com/1.jpg"},
            ["Images on ecx.images-amazon.com are not accepted. Path: main_image_url"],
        ),
        (
            {"alternate_images": [image(1), image(1)]},
            ["Value 1L is used twice. Path: alternate_images[1].image_slot_id"],
        ),
        (
            {"alternate_images": [image(9)]},
            ["Value 9L is greater than the maximum 8L. Path: alternate_images[0].image_slot_id"],
        ),
        (
            {"alternate_images": [{"image_slot_id": 1}]},
            ["A required member is missing. Path: alternate_images[0].image_url"],
        ),
        (
            {"attributes_node_specific": [{"attribute_id": 999, "attribute_value": "x"}]},
            ["Value 999L is not a known attribute. Path: attributes_node_specific[0].attribute_id"],
        ),
        (
            {"attributes_node_specific": [{"attribute_id": MATERIAL, "attribute_value": "Cheese"}]},
            [
                (
                    "Value 'Cheese' is not one of the attribute's values. "
                    "Path: attributes_node_specific[0].attribute_value"
                )
            ],
        ),
        (
            {"attributes_node_specific": [{"attribute_id": CAPACITY, "attribute_value": "2"}]},
            ["A unit is required for this attribute. Path: attributes_node_specific[0].attribute_value_unit"],
        ),
        (
            {
                "attributes_node_specific": [
                    {"attribute_id": CAPACITY, "attribute_value": "2", "attribute_value_unit": "Acre"}
                ]
            },
            [
                (
                    "Value 'Acre' is not one of the attribute's units. "
                    "Path: attributes_node_specific[0].attribute_value_unit"
                )
            ],
        ),
        (
            {"attributes_node_specific": [{"attribute_id": COLOR, "attribute_value": 7}]},
            ["Expected a string but found a number. Path: attributes_node_specific[0].attribute_value"],
        ),
        (
            {"attributes_node_specific": [{"attribute_id": COLOR, "attribute_value": "x"}] * 11},
            ["Array length 11L is greater than the maximum 10L. Path: attributes_node_specific"],
        ),
    ],
)
def test_a_bad_member_is_refused_with_its_path(
    market: Market, changes: dict[str, Any], expected: list[str]
) -> None:
    assert market.refusal("PUT", "merchant-skus/A", kettle(**changes)) == expected
    assert market.call("GET", "merchant-skus/A").status_code == 404


def test_every_fault_of_a_message_is_reported_at_once(market: Market) -> None:
    assert market.refusal("PUT", "merchant-skus/A", {"product_title": "abc", "multipack_quantity": "1"}) == [
        "String length 3L is less than the minimum 5L. Path: product_title",
        "A required member is missing. Path: brand",
        "At least one of standard_product_codes and ASIN is required. Path: standard_product_codes",
        "Expected an integer but found a string. Path: multipack_quantity",
        "A required member is missing. Path: main_image_url",
    ]


@pytest.mark.parametrize("body", ["", [], 5, None])
def test_a_body_that_is_no_object_is_refused(market: Market, body: Any) -> None:
    answer = market.call("PUT", "merchant-skus/A", data=json.dumps(body))

    assert answer.status_code == 400
    assert answer.json()["errors"][0].startswith("Expected an object but found")


def test_good_values_at_the_limits_are_taken(market: Market) -> None:
    put_kettle(
        market,
        "A",
        product_title="x" * 500,
        brand="x" * 100,
        multipack_quantity=128,
        bullets=["x" * 500] * 5,
        alternate_images=[image(slot) for slot in range(1, 9)],
        map_implementation="102",
        map_price=9_999_999.99,
        msrp=10,
        no_return_fee_adjustment="0.02",
        ASIN="B00ABCDEFG",
        attributes_node_specific=[
            {"attribute_id": CAPACITY, "attribute_value": "2.5", "attribute_value_unit": "quart"},
            {"attribute_id": MATERIAL, "attribute_value": "Copper"},
            {"attribute_id": HELMET_SIZE, "attribute_value": "Medium"},
        ],
        standard_product_codes=[
            UPC,
            {"standard_product_code": "4006381333931", "standard_product_code_type": "EAN"},
            {"standard_product_code": "080442957X", "standard_product_code_type": "ISBN-10"},
            {"standard_product_code": "9780306406157", "standard_product_code_type": "ISBN-13"},
            {"standard_product_code": "10036000291459", "standard_product_code_type": "GTIN-14"},
        ],
    )
    assert market.get("merchant-skus/A")["no_return_fee_adjustment"] == 0.02


def test_the_rules_of_2015_ask_for_less_and_allow_less(market: Market) -> None:
    market.control.switch(api_age="2015")
    small = {"product_title": "Kettle", "multipack_quantity": 500, "ASIN": "B00ABCDEFG"}

    assert market.call("PUT", "merchant-skus/A", small).status_code == 201
    by_part = {"product_title": "Kettle", "multipack_quantity": 1, "brand": "HF", "mfr_part_number": "K-25"}
    assert market.call("PUT", "merchant-skus/B", by_part).status_code == 201
    assert market.refusal("PUT", "merchant-skus/C", small | {"brand": "x" * 51}) == [
        "String length 51L is greater than the maximum 50L. Path: brand"
    ]
    market.control.switch(api_age="2016")
    assert market.refusal("PUT", "merchant-skus/C", small) == ["A required member is missing. Path: brand"]


def test_strictness_has_switches(market: Market) -> None:
    lenient = kettle(
        attributes_node_specific=[{"attribute_id": 999, "attribute_value": "x"}],
        shipping_weight_pounds=1.2345,
    )
    strict = kettle(
        jet_browse_node_id=5,
        product_tax_code="Moon dust",
        no_return_fee_adjustment="0.02",
        standard_product_codes=[{**UPC, "standard_product_code": "036000291453"}],
    )
    assert market.call("PUT", "merchant-skus/S", strict).status_code == 201

    market.control.switch(strict_attributes=False, strict_decimals=False)
    assert market.call("PUT", "merchant-skus/L", lenient).status_code == 201
    market.control.switch(
        strict_browse_node=True, strict_tax_code=True, strict_fee_type=True, check_digit="refuse"
    )
    assert market.refusal("PUT", "merchant-skus/S", strict) == [
        "Value 'Moon dust' is not one of the allowed values. Path: product_tax_code",
        "Value '036000291453' has a wrong check digit. Path: standard_product_codes[0].standard_product_code",
        "Expected a number but found a string. Path: no_return_fee_adjustment",
        "Value 5L is not a known browse node. Path: jet_browse_node_id",
    ]


def test_the_list_pages_by_count_and_ignores_strange_parameters(market: Market) -> None:
    for number in range(5):
        put_kettle(market, f"S-{number}")

    assert market.get("merchant-skus?offset=1&limit=2") == {
        "sku_urls": ["merchant-skus/S-1", "merchant-skus/S-2"]
    }
    assert len(market.get("merchant-skus?")["sku_urls"]) == 5
    assert len(market.get("merchant-skus?offset=0&amp;limit=2")["sku_urls"]) == 5
    assert market.get("merchant-skus?offset=9&limit=2") == {"sku_urls": []}


def test_a_fresh_sku_may_hide_for_a_while(market: Market) -> None:
    market.control.switch(fresh_sku_hidden_seconds=60.0)
    put_kettle(market, "A")

    assert market.call("GET", "merchant-skus/A").status_code == 404
    market.control.advance(61)
    assert market.get("merchant-skus/A")["merchant_sku"] == "A"


def test_the_image_call_of_2015_needs_its_switch(market: Market) -> None:
    put_kettle(market, "A")
    images = {"main_image_url": "https://img.example.com/new.jpg"}
    assert market.call("PUT", "merchant-skus/A/image", images).status_code == 404

    market.control.switch(image_call=True)
    market.put("merchant-skus/A/image", images)
    shown = market.get("merchant-skus/A")
    assert (shown["main_image_url"], "alternate_images" in shown) == (images["main_image_url"], False)
    assert market.call("DELETE", "merchant-skus/A/image").status_code == 204
    assert "main_image_url" not in market.get("merchant-skus/A")
