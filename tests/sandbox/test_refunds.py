"""Refunds the merchant starts without a return."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.market import Market, other_market


@pytest.fixture
def order_id(market: Market) -> str:
    market.add_sku("KETTLE-1", price=20)
    return market.complete("KETTLE-1", 3)


def body(
    market: Market, order_id: str, *, units: int = 1, principal: float = 20, **more: Any
) -> dict[str, Any]:
    item = market.order(order_id)["order_items"][0]
    return {
        "items": [
            {
                "order_item_id": item["order_item_id"],
                "total_quantity_returned": 0,
                "order_return_refund_qty": units,
                "refund_reason": "Package never arrived",
                "refund_amount": {"principal": principal, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
            }
            | more
        ]
    }


def create(market: Market, order_id: str, alt_id: str, **more: Any) -> str:
    answer = market.call("POST", f"refunds/{order_id}/{alt_id}", body(market, order_id, **more))
    assert answer.status_code == 201, answer.text
    assert set(answer.json()) == {"refund_authorization_id", "refund_status"}
    assert answer.json()["refund_status"] == "created"
    return answer.json()["refund_authorization_id"]


def listed(market: Market, word: str) -> list[str]:
    return [url.rsplit("/", 1)[1] for url in market.get(f"refunds/{word}")["refund_urls"]]


def test_a_refund_is_found_by_both_ids_and_walks_to_accepted(market: Market, order_id: str) -> None:
    refund_id = create(market, order_id, "SO-1-R1", notes="lost by the carrier")

    first = market.get(f"refunds/state/{refund_id}")
    market.control.advance(61)
    second = listed(market, "Processing")
    market.control.advance(60)
    third = market.get("refunds/state/SO-1-R1")

    assert refund_id.isdigit()
    assert first == {
        "refund_authorization_id": refund_id,
        "alt_refund_id": "SO-1-R1",
        "refund_status": "created",
        "merchant_order_id": order_id,
        "reference_order_id": market.order(order_id)["reference_order_id"],
        "reference_merchant_order_id": market.order(order_id)["reference_order_id"],
        "alt_order_id": None,
        "items": [body(market, order_id, notes="lost by the carrier")["items"][0]],
    }
    assert second == [refund_id]
    assert third["refund_status"] == "accepted"
    assert listed(market, "accepted") == [refund_id]
    assert listed(market, "created") == []


@pytest.mark.parametrize(
    "text", ["rejected - customer card not valid", "rejected - refund conflicts with returns policy"]
)
def test_a_rejected_refund_is_listed_by_both_words_and_frees_the_units(
    market: Market, order_id: str, text: str
) -> None:
    refund_id = create(market, order_id, "R-1", units=3, principal=60)
    blocked = market.refusal("POST", f"refunds/{order_id}/R-2", body(market, order_id))
    market.control.call("POST", "refunds/decide", user=market.user, refund_id="R-1", status=text)

    assert (
        blocked[0]
        == "Value 1L is greater than the refundable quantity 0L. Path: items[0].order_return_refund_qty"
    )
    assert listed(market, "rejected") == [refund_id]
    assert listed(market, text.replace(" ", "%20")) == [refund_id]
    assert market.get("refunds/state/R-1")["refund_status"] == text
    create(market, order_id, "R-2")


def test_an_alt_id_is_good_for_one_refund(market: Market, order_id: str) -> None:
    create(market, order_id, "R-1")

    assert market.refusal("POST", f"refunds/{order_id}/R-1", body(market, order_id)) == [
        "A refund 'R-1' exists already. Path: alt_refund_id"
    ]
    assert market.counts()["refund"] == {"total": 1, "distinct": 1}


def test_two_merchants_may_use_the_same_alt_id(market: Market, order_id: str) -> None:
    create(market, order_id, "R-1")
    other = other_market(market)
    other.add_sku("KETTLE-1", price=20)
    other_order = other.complete("KETTLE-1")

    create(other, other_order, "R-1")

    assert len(listed(other, "created")) == 1
    assert other.refusal("POST", f"refunds/{order_id}/R-9", body(other, other_order), 404)


def test_what_a_refund_must_hold(market: Market, order_id: str) -> None:
    def refuse(**more: Any) -> list[str]:
        return market.refusal("POST", f"refunds/{order_id}/R-1", body(market, order_id, **more))

    assert refuse(order_item_id="nope") == ["Order item 'nope' is unknown here. Path: items[0].order_item_id"]
    assert refuse(refund_reason=None) == ["The member is missing. Path: items[0].refund_reason"]
    assert refuse(order_return_refund_qty=None) == [
        "The member is missing. Path: items[0].order_return_refund_qty"
    ]
    assert refuse(units=4) == [
        "Value 4L is greater than the refundable quantity 3L. Path: items[0].order_return_refund_qty"
    ]
    assert "is greater than the refundable" in refuse(units=3, principal=90)[0]
    assert refuse(principal="20") == ["A number is expected. Path: items[0].refund_amount.principal"]  # type: ignore[arg-type]
    nan = market.call(
        "POST", f"refunds/{order_id}/R-1", data=json.dumps(body(market, order_id, principal=float("nan")))
    )
    assert nan.json() == {"errors": ["A number is expected. Path: items[0].refund_amount.principal"]}
    assert market.refusal("POST", f"refunds/{order_id}/R-1", {"items": []}) == [
        "The array is empty. Path: items"
    ]
    assert market.refusal("POST", f"refunds/{order_id}/R-1", {}) == ["The member is missing. Path: items"]
    assert listed(market, "created") == []


def test_only_complete_orders_are_refunded(market: Market) -> None:
    market.add_sku("KETTLE-1", price=20)
    (order_id,) = market.generate(("KETTLE-1", 1, 0))
    market.acknowledge(order_id)

    assert market.refusal("POST", f"refunds/{order_id}/R-1", body(market, order_id)) == [
        "The order is in the state 'acknowledged', not 'complete'."
    ]


def test_a_return_takes_the_place_of_a_refund_unless_it_was_refused(market: Market, order_id: str) -> None:
    url = market.get(f"returns/generate/{order_id}")["url"]
    opened = market.get(url)
    path = f"refunds/{order_id}/R-1"
    refused = market.refusal("POST", path, body(market, order_id))

    market.put(
        f"{url.replace('/state', '')}/complete",
        {
            "merchant_order_id": order_id,
            "agree_to_return_charge": True,
            "items": [
                {
                    "order_item_id": opened["return_merchant_SKUs"][0]["order_item_id"],
                    "total_quantity_returned": 3,
                    "order_return_refund_qty": 0,
                    "return_refund_feedback": "Item damaged",
                    "refund_amount": {"principal": 0, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
                }
            ],
        },
    )
    market.control.advance(61)

    assert refused == [
        "A return exists for this item; complete the return instead. Path: items[0].order_item_id"
    ]
    create(market, order_id, "R-1")


def test_strict_mode_wants_the_reasons_of_2018_and_a_word_for_less(market: Market, order_id: str) -> None:
    old = body(market, order_id, refund_reason="item is damaged/broken")
    market.control.switch(user=market.user, strict_orders=True)
    path = f"refunds/{order_id}/R-1"

    assert market.refusal("POST", path, old)[0] == (
        "'item is damaged/broken' is not one of the allowed values. Path: items[0].refund_reason"
    )
    assert market.refusal("POST", path, body(market, order_id, principal=10)) == [
        "Feedback is expected when less is refunded. Path: items[0].refund_feedback"
    ]
    create(market, order_id, "R-1", principal=10, refund_feedback="Restocking fee")
    market.control.switch(user=market.user, strict_orders=False)
    create(market, order_id, "R-2", refund_reason="item is damaged/broken")


def test_unknown_refunds_and_words_are_not_found(market: Market) -> None:
    assert market.refusal("GET", "refunds/state/R-404", None, 404) == ["Refund 'R-404' was not found."]
    assert market.refusal("GET", "refunds/lost", None, 404) == ["There is no refund status 'lost'."]
    assert market.get("refunds/created") == {"refund_urls": []}
