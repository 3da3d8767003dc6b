from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from jetsync.jet import errors
from jetsync.jet.types import MerchantSkuBody, ShippingExceptionsBody, VariationBody
from jetsync.jet.words import CodeType, ListingStatus, ListingSubStatus, Relationship
from tests.jet.conftest import BASE, Jet, recorded

NODE = "0f9e8d7c6b5a49388172635445362718"
SKU = "A 17+50%é"
SKU_PATH = "/merchant-skus/A%2017%2B50%25%C3%A9"


def test_sku_is_read_with_all_its_parts(jet: Jet) -> None:
    jet.answer("GET", "/merchant-skus/TP-MUG-4", json=recorded("merchant_sku"))

    sku = jet.client.products.get("TP-MUG-4")

    assert sku.status == ListingStatus.AVAILABLE_FOR_PURCHASE == "Available for Purchase"
    assert sku.sub_status == [ListingSubStatus.MISSING_IMAGE]
    assert (sku.price, sku.node_prices) == (Decimal("31.20"), {NODE: Decimal("30.75")})
    assert sku.quantities == {NODE: 18}
    assert sku.inventory_by_fulfillment_node[0].last_update == datetime(
        2018, 2, 3, 4, 5, 6, 789012, tzinfo=UTC
    )
    assert sku.sku_last_update == datetime(2017, 6, 1, 12, 15, 40, 123456, tzinfo=UTC)
    assert (sku.ASIN, sku.is_archived, sku.children_skus, sku.map_implementation) == (
        None,
        False,
        ["TP-MUG-6"],
        "101",
    )
    assert sku.standard_product_codes[0].standard_product_code_type == CodeType.UPC
    assert sku.attributes_node_specific[0].attribute_id == 234862620841227
    assert sku.attributes_node_specific[0].attribute_value_unit == "Ounce"
    assert sku.raw == recorded("merchant_sku")
    with pytest.raises(ValueError, match="frozen"):
        sku.status = "Archived"


def test_unknown_sku_is_not_found(jet: Jet) -> None:
    jet.answer("GET", "/merchant-skus/X", status=404, json={"error": "merchant sku unavailable"})

    with pytest.raises(errors.JetNotFound) as caught:
        jet.client.products.get("X")

    assert caught.value.jet_message == "merchant sku unavailable"


WRITES: list[tuple[str, str, Any, Any]] = [
    ("PUT", "", lambda p: p.put(SKU, BODY), {"product_title": "Mug", "multipack_quantity": 1, "msrp": 12.5}),
    ("PUT", "/price", lambda p: p.set_price(SKU, price=Decimal("38.50")), {"price": 38.5}),
    (
        "PUT",
        "/price",
        lambda p: p.set_price(SKU, price=Decimal("38.50"), node_prices={NODE: Decimal("37.95")}),
        {
            "price": 38.5,
            "fulfillment_nodes": [{"fulfillment_node_id": NODE, "fulfillment_node_price": 37.95}],
        },
    ),
    (
        "PATCH",
        "/inventory",
        lambda p: p.set_inventory(SKU, {NODE: 0}),
        {"fulfillment_nodes": [{"fulfillment_node_id": NODE, "quantity": 0}]},
    ),
    (
        "PUT",
        "/variation",
        lambda p: p.set_variation(SKU, VARIATION),
        {
            "relationship": "Variation",
            "variation_refinements": [50, 119],
            "children_skus": ["B"],
            "group_title": "Mug",
        },
    ),
    (
        "PUT",
        "/shippingexception",
        lambda p: p.set_shipping_exceptions(SKU, SHIPPING),
        {
            "fulfillment_nodes": [
                {
                    "fulfillment_node_id": NODE,
                    "shipping_exceptions": [
                        {
                            "service_level": "Standard",
                            "override_type": "Override charge",
                            "shipping_charge_amount": 4.5,
                            "shipping_exception_type": "exclusive",
                        }
                    ],
                }
            ]
        },
    ),
    (
        "PUT",
        "/returnsexception",
        lambda p: p.set_returns_exception(SKU, {"return_location_ids": ["7c1e"], "time_to_return": 30}),
        {"return_location_ids": ["7c1e"], "time_to_return": 30},
    ),
    (
        "PUT",
        "/shippingexception",
        lambda p: p.set_shipping_exceptions(SKU, {"fulfillment_nodes": []}),
        {"fulfillment_nodes": []},
    ),
    (
        "PUT",
        "/returnsexception",
        lambda p: p.set_returns_exception(SKU, {"return_location_ids": []}),
        {"return_location_ids": []},
    ),
    ("PUT", "/status/archive", lambda p: p.archive(SKU, is_archived=True), {"is_archived": True}),
    ("PUT", "/status/archive", lambda p: p.archive(SKU, is_archived=False), {"is_archived": False}),
]
BODY: MerchantSkuBody = {"product_title": "Mug", "multipack_quantity": 1, "msrp": Decimal("12.50")}
VARIATION: VariationBody = {
    "relationship": Relationship.VARIATION,
    "variation_refinements": [50, 119],
    "children_skus": ["B"],
    "group_title": "Mug",
}
SHIPPING: ShippingExceptionsBody = {
    "fulfillment_nodes": [
        {
            "fulfillment_node_id": NODE,
            "shipping_exceptions": [
                {
                    "service_level": "Standard",
                    "override_type": "Override charge",
                    "shipping_charge_amount": Decimal("4.50"),
                    "shipping_exception_type": "exclusive",
                }
            ],
        }
    ]
}


@pytest.mark.parametrize(("method", "part", "act", "body"), WRITES)
@pytest.mark.parametrize("status", [201, 202, 204])
def test_write_sends_its_body_to_its_path(
    jet: Jet, *, method: str, part: str, act: Any, body: Any, status: int
) -> None:
    jet.answer(method, SKU_PATH + part, status=status)

    assert act(jet.client.products) is None

    assert jet.sent() == [f"{method} {SKU_PATH}{part}"]
    assert jet.sent_json() == body


def test_price_is_read(jet: Jet) -> None:
    jet.answer(
        "GET",
        "/merchant-skus/A/price",
        json={
            "price": 20,
            "fulfillment_nodes": [{"fulfillment_node_id": NODE, "fulfillment_node_price": 19.999}],
            "price_last_update": "06/01/2017",
        },
    )

    price = jet.client.products.get_price("A")

    assert (str(price.price), {node: str(amount) for node, amount in price.by_node.items()}) == (
        "20.00",
        {NODE: "20.00"},
    )
    assert price.price_last_update == datetime(2017, 6, 1, tzinfo=UTC)


def test_inventory_is_read_in_both_ages(jet: Jet) -> None:
    nodes = [{"fulfillment_node_id": "a", "quantity": 12}, {"fulfillment_node_id": "b", "quantity": 0}]
    old = {"fulfillment_nodes": nodes, "inventory_last_update": "2017-06-01T12:00:00.0000000+00:00"}
    times = ["2018-02-01T00:00:00Z", "2018-02-02T00:00:00Z"]
    new = {
        "fulfillment_nodes": [
            {**node, "inventory_last_update": at} for node, at in zip(nodes, times, strict=True)
        ]
    }
    jet.answer("GET", "/merchant-skus/A/inventory", json=old)
    jet.answer("GET", "/merchant-skus/A/inventory", json=new)
    jet.answer("GET", "/merchant-skus/A/inventory", json={"fulfillment_nodes": None})

    first, second, third = (jet.client.products.get_inventory("A") for _ in range(3))

    assert first.by_node == second.by_node == {"a": 12, "b": 0}
    assert first.last_update == datetime(2017, 6, 1, 12, tzinfo=UTC)
    assert second.last_update == datetime(2018, 2, 2, tzinfo=UTC)
    assert (third.by_node, third.last_update) == ({}, None)


@pytest.mark.parametrize("children", [[{"merchant_sku": "B"}, {"merchant_sku": "C"}], ["B", "C"]])
def test_variation_is_read_in_both_shapes(jet: Jet, children: list[Any]) -> None:
    jet.answer(
        "GET",
        "/merchant-skus/A/variation",
        json={"relationship": "variation", "variation_refinements": ["50"], "children_skus": children},
    )

    variation = jet.client.products.get_variation("A")

    assert variation.model_dump(exclude={"raw"}) == {
        "relationship": "Variation",
        "variation_refinements": [50],
        "children_skus": ["B", "C"],
        "group_title": None,
    }


def test_sku_without_group_has_an_empty_variation(jet: Jet) -> None:
    jet.answer("GET", "/merchant-skus/A/variation", json={"relationship": "", "children_skus": None})

    variation = jet.client.products.get_variation("A")

    assert (variation.relationship, variation.children_skus) == (None, [])


@pytest.mark.parametrize("wrapped", [True, False])
def test_shipping_exceptions_are_read_with_and_without_wrapper(jet: Jet, *, wrapped: bool) -> None:
    node = {
        "fulfillment_node_id": NODE,
        "shipping_exceptions": [{"shipping_method": "ups ground", "shipping_exception_type": "Restricted"}],
    }
    jet.answer(
        "GET", "/merchant-skus/A/shippingexception", json={"fulfillment_nodes": [node]} if wrapped else node
    )

    (found,) = jet.client.products.get_shipping_exceptions("A")

    assert found.fulfillment_node_id == NODE
    (exception,) = found.shipping_exceptions
    assert (exception.shipping_method, exception.shipping_exception_type) == ("UPS Ground", "restricted")


@pytest.mark.parametrize("answer", [{}, {"fulfillment_nodes": None}, {"fulfillment_nodes": []}, []])
def test_no_shipping_exceptions_read_as_empty(jet: Jet, answer: Any) -> None:
    jet.answer("GET", "/merchant-skus/A/shippingexception", json=answer)

    assert jet.client.products.get_shipping_exceptions("A") == []


def test_returns_exception_is_read(jet: Jet) -> None:
    answer = {
        "time_to_return": 30,
        "return_location_ids": ["7c1e"],
        "return_shipping_methods": ["UPS Ground"],
    }
    jet.answer("GET", "/merchant-skus/A/returnsexception", json=answer)

    assert jet.client.products.get_returns_exception("A").model_dump(exclude={"raw"}) == answer


def test_skus_are_listed_page_by_page(jet: Jet) -> None:
    pages = {0: ["A", "B%20C"], 2: ["D"], 3: []}
    for offset, names in pages.items():
        jet.answer(
            "GET",
            f"/merchant-skus?offset={offset}&limit=2",
            json={"sku_urls": [f"merchant-skus/{name}" for name in names]},
        )

    assert list(jet.client.products.iter_skus(page=2)) == ["A", "B C", "D"]
    assert len(jet.sent()) == 3


def test_listing_ends_when_jet_repeats_itself(jet: Jet) -> None:
    jet.answer("GET", "/merchant-skus", json={"sku_urls": ["merchant-skus/A"]})

    assert list(jet.client.products.iter_skus(page=2)) == ["A"]
    assert len(jet.sent()) == 2


def test_portal_rows_and_counts(jet: Jet) -> None:
    jet.answer(
        "GET",
        "/portal/merchantskus?from=0&size=5000&statuses=Under%20Jet%20Review",
        json=recorded("portal_skus"),
    )
    jet.answer(
        "GET",
        "/portal/merchantskus?from=2&size=5000&statuses=Under%20Jet%20Review",
        json={"merchant_skus": [], "total": 2},
    )
    jet.answer("GET", "/portal/merchantskus?from=0&size=1", json={"merchant_skus": None, "total": 40})

    page = jet.client.products.by_status(ListingStatus.UNDER_JET_REVIEW)
    rows = list(jet.client.products.iter_by_status(ListingStatus.UNDER_JET_REVIEW))

    assert [(row.merchant_sku, row.product_title, row.has_inventory) for row in page.merchant_skus] == [
        ("TP-MUG-4", "Enamel Camping Mug, Set of 4", True),
        ("TP-MUG-6", None, False),
    ]
    assert rows == page.merchant_skus
    assert jet.client.products.count() == 40


def test_sales_data_is_read(jet: Jet) -> None:
    jet.answer("GET", "/merchant-skus/A/salesdata", json=recorded("sales_data"))

    data = jet.client.products.sales_data("A")

    assert data is not None
    assert data.sales_rank is not None
    assert (data.sales_rank.level_0, data.units_sold) == (8120, None)
    assert [(offer.item_price, offer.shipping_price) for offer in data.best_marketplace_offer] == [
        (Decimal("29.99"), Decimal("5.95"))
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404, "json": {"error": "no data"}},
        {"json": {"error": "no data"}},
        {"body": ""},
        {"body": "null"},
    ],
)
def test_no_sales_data_is_none(jet: Jet, answer: dict[str, Any]) -> None:
    jet.answer("GET", "/merchant-skus/A/salesdata", **answer)

    assert jet.client.products.sales_data("A") is None


def test_other_trouble_with_sales_data_is_raised(jet: Jet) -> None:
    jet.answer("GET", "/merchant-skus/A/salesdata", body="<html>")

    with pytest.raises(errors.JetBadAnswer):
        jet.client.products.sales_data("A")


def test_base_address_may_end_with_a_slash(make_jet: Any) -> None:
    jet = make_jet(base_url=BASE + "/ ")
    jet.answer("POST", "/token", json=recorded("token"))
    jet.client.auth.token()

    assert jet.http.calls[0].request.url == f"{BASE}/token"


def test_sku_is_read_with_its_rarer_members(jet: Jet) -> None:
    sent = {
        "amazon_item_type_keyword": "camping-mugs",
        "number_units_for_price_per_unit": 4,
        "type_of_unit_for_price_per_unit": "each",
        "display_length_inches": 4.25,
        "display_width_inches": 3,
        "display_height_inches": 3.5,
        "prop_65": True,
        "legal_disclaimer_description": "Not for ovens.",
        "cpsia_cautionary_statements": ["No Warning Applicable"],
        "country_of_origin": "Portugal",
        "safety_warning": "Hot.",
        "no_return_fee_adjustment": "0.02",
        "exclude_from_fee_adjustments": True,
        "ships_alone": True,
        "bullets": "One only",
        "last_update": "2018-02-03T04:05:06.0000000Z",
    }
    jet.answer("GET", "/merchant-skus/A", json=sent)

    sku = jet.client.products.get("A")

    read = sku.model_dump(include=set(sent))
    assert read == {name: value for name, value in sent.items() if name != "last_update"} | {
        "display_length_inches": Decimal("4.25"),
        "display_height_inches": Decimal("3.5"),
        "cpsia_cautionary_statements": ["no warning applicable"],
        "no_return_fee_adjustment": Decimal("0.02"),
        "bullets": ["One only"],
    }
    assert sku.inventory_last_update == datetime(2018, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_sku_without_a_price_has_none(jet: Jet) -> None:
    jet.answer("GET", "/merchant-skus/A/price", json={"fulfillment_nodes": []})

    price = jet.client.products.get_price("A")

    assert (price.price, price.by_node, price.price_last_update) == (None, {}, None)


@pytest.mark.parametrize("body", ["", "  "])
def test_404_without_a_word_means_nothing_hangs_there(jet: Jet, body: str) -> None:
    for part in ("variation", "shippingexception", "returnsexception"):
        jet.answer("GET", f"/merchant-skus/A/{part}", status=404, body=body)
    products = jet.client.products

    assert products.get_variation("A").children_skus == []
    assert products.get_shipping_exceptions("A") == []
    assert products.get_returns_exception("A").return_location_ids == []


def test_404_that_names_the_sku_is_raised(jet: Jet) -> None:
    products = jet.client.products
    for part, read in (
        ("variation", products.get_variation),
        ("shippingexception", products.get_shipping_exceptions),
        ("returnsexception", products.get_returns_exception),
    ):
        jet.answer("GET", f"/merchant-skus/A/{part}", status=404, json={"error": "merchant sku unavailable"})
        with pytest.raises(errors.JetNotFound, match="unavailable"):
            read("A")


@pytest.mark.parametrize(
    ("path", "answer", "read"),
    [
        ("/portal/merchantskus", {"merchant_skus": []}, lambda p: p.count()),
        (
            "/merchant-skus/A/inventory",
            {"fulfillment_nodes": [{"fulfillment_node_id": NODE}]},
            lambda p: p.get_inventory("A"),
        ),
    ],
    ids=["total", "quantity"],
)
def test_number_that_is_missing_is_not_zero(jet: Jet, path: str, answer: Any, read: Any) -> None:
    jet.answer("GET", path, json=answer)

    with pytest.raises(errors.JetBadAnswer, match="Field required"):
        read(jet.client.products)
