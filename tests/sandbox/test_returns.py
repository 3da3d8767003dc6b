"""Returns: opened by the shopper, answered by the merchant, finished by Jet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.market import Market

DAY = 86_400


@pytest.fixture
def order_id(market: Market) -> str:
    market.add_sku("KETTLE-1", price=20)
    return market.complete("KETTLE-1", 3)


def open_return(market: Market, order_id: str) -> dict[str, Any]:
    return market.get(market.get(f"returns/generate/{order_id}")["url"])


def completion(opened: dict[str, Any], **item: Any) -> dict[str, Any]:
    """The message that grants everything, with changes to its one item."""
    (line,) = opened["return_merchant_SKUs"]
    full = {
        "order_item_id": line["order_item_id"],
        "total_quantity_returned": line["return_quantity"],
        "order_return_refund_qty": line["return_quantity"],
        "refund_amount": line["requested_refund_amount"],
    }
    return {
        "merchant_order_id": opened["merchant_order_id"],
        "agree_to_return_charge": True,
        "items": [full | item],
    }


def listed(market: Market, word: str) -> list[str]:
    return [url.rsplit("/", 1)[1] for url in market.get(f"returns/{word}")["return_urls"]]


def test_a_return_names_what_the_shopper_paid_for_the_units_sent_back(market: Market, order_id: str) -> None:
    order = market.order(order_id)
    price = order["order_items"][0]["item_price"]
    made = market.control.call(
        "POST",
        "returns/generate",
        user=market.user,
        order_id=order_id,
        quantities={order["order_items"][0]["order_item_id"]: 1},
        reason="Wrong quantity received",
    )
    opened = market.get(made["url"])

    assert opened["reference_return_authorization_id"] == f"{order['reference_order_id']}-01"
    assert (opened["return_status"], opened["refund_without_return"]) == ("created", False)
    assert opened["items"] == []
    assert "completed_date" not in opened
    assert "agree_to_return_charge" not in opened
    assert 4.5 <= opened["merchant_return_charge"] <= 9.99
    (line,) = opened["return_merchant_SKUs"]
    assert (line["merchant_sku"], line["return_quantity"]) == ("KETTLE-1", 1)
    assert line["reason"] == "Wrong quantity received"
    amounts = line["requested_refund_amount"]
    assert amounts["principal"] == 20.0
    assert amounts["shipping_cost"] == price["item_shipping_cost"]
    assert amounts["tax"] == pytest.approx((price["item_tax"] or 0) / 3, abs=0.005)
    assert amounts["shipping_tax"] == pytest.approx((price["item_shipping_tax"] or 0) / 3, abs=0.005)
    assert listed(market, "created") == [opened["merchant_return_authorization_id"]]


def test_an_answered_return_is_in_progress_and_then_completed(market: Market, order_id: str) -> None:
    opened = open_return(market, order_id)
    return_id = opened["merchant_return_authorization_id"]

    market.put(f"returns/{return_id}/complete", completion(opened, notes="box was fine"))
    answered = market.get(f"returns/state/{return_id}")
    market.control.advance(61)
    done = market.get(f"returns/state/{return_id}")

    assert answered["return_status"] == "inprogress"
    assert answered["agree_to_return_charge"] is True
    assert answered["items"] == [completion(opened, notes="box was fine")["items"][0]]
    assert done["return_status"] == "completed by merchant"
    assert done["completed_date"] > done["return_date"]
    assert listed(market, "completed%20by%20merchant") == [return_id]
    assert listed(market, "completedByMerchant") == [return_id]
    assert listed(market, "inprogress") == []
    assert market.counts()["return_complete"] == {"total": 1, "distinct": 1}


def test_a_return_waits_for_ever_when_the_delay_is_below_zero(market: Market, order_id: str) -> None:
    market.control.switch(user=market.user, return_processing_seconds=-1)
    opened = open_return(market, order_id)
    return_id = opened["merchant_return_authorization_id"]
    market.put(f"returns/{return_id}/complete", completion(opened))

    market.control.advance(DAY)
    market.renew()
    waiting = market.get(f"returns/state/{return_id}")["return_status"]
    market.control.call("POST", "returns/finish", user=market.user, return_id=return_id)

    assert waiting == "inprogress"
    assert market.get(f"returns/state/{return_id}")["return_status"] == "completed by merchant"


def test_a_return_is_completed_once(market: Market, order_id: str) -> None:
    opened = open_return(market, order_id)
    path = f"returns/{opened['merchant_return_authorization_id']}/complete"
    market.put(path, completion(opened))

    assert market.refusal("PUT", path, completion(opened)) == [
        "The return is in the state 'inprogress' and was completed before."
    ]
    assert market.counts()["return_complete"] == {"total": 1, "distinct": 1}


def test_a_lost_answer_to_a_completion_took_effect_once(market: Market, order_id: str) -> None:
    import requests

    opened = open_return(market, order_id)
    path = f"returns/{opened['merchant_return_authorization_id']}/complete"
    market.control.fault("lost_answer", path="complete", remaining=1)
    with pytest.raises(requests.ConnectionError):
        market.call("PUT", path, completion(opened))

    assert (
        market.get(path.replace("/complete", "").replace("returns/", "returns/state/"))["return_status"]
        != "created"
    )
    assert market.counts()["return_complete"] == {"total": 1, "distinct": 1}


def test_what_a_completion_must_hold(market: Market, order_id: str) -> None:
    opened = open_return(market, order_id)
    path = f"returns/{opened['merchant_return_authorization_id']}/complete"
    amounts = opened["return_merchant_SKUs"][0]["requested_refund_amount"]
    total = sum(amounts.values())

    def refuse(message: dict[str, Any] | None = None, **item: Any) -> list[str]:
        return market.refusal("PUT", path, completion(opened, **item) | (message or {}))

    assert refuse({"merchant_order_id": "0" * 32}) == [
        "The return belongs to another order. Path: merchant_order_id"
    ]
    assert refuse({"merchant_order_id": None}) == ["The member is missing. Path: merchant_order_id"]
    assert refuse({"agree_to_return_charge": None}) == ["The member is missing. Path: agree_to_return_charge"]
    assert refuse({"agree_to_return_charge": "no"}) == ["A boolean is expected. Path: agree_to_return_charge"]
    assert refuse({"agree_to_return_charge": False}) == [
        "The member is missing. Path: return_charge_feedback"
    ]
    assert refuse({"items": None}) == ["The member is missing. Path: items"]
    assert refuse(order_item_id="nope") == ["Order item 'nope' is unknown here. Path: items[0].order_item_id"]
    assert refuse(total_quantity_returned=1) == [
        "Value 3L is greater than the quantity returned 1L. Path: items[0].order_return_refund_qty"
    ]
    assert refuse(refund_amount=None) == ["The member is missing. Path: items[0].refund_amount"]
    assert refuse(refund_amount=amounts | {"principal": 60.01}) == [
        f"Amount {total + 0.01:.2f} is greater than the requested {total:.2f}. Path: items[0].refund_amount"
    ]
    assert refuse(refund_amount=amounts | {"principal": -1}) == [
        "Value -1 is less than the minimum 0. Path: items[0].refund_amount.principal"
    ]
    assert refuse(refund_amount=amounts | {"principal": 50}, return_refund_feedback="") == [
        "Feedback is expected when less is refunded. Path: items[0].return_refund_feedback"
    ]
    assert market.get(opened_url(opened))["return_status"] == "created"


def opened_url(opened: dict[str, Any]) -> str:
    return f"returns/state/{opened['merchant_return_authorization_id']}"


def test_refusing_with_nothing_and_disputing_the_charge(market: Market, order_id: str) -> None:
    opened = open_return(market, order_id)
    message = completion(
        opened,
        order_return_refund_qty=0,
        return_refund_feedback="Returned outside window",
        refund_amount={"principal": 0, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
    )

    market.put(
        f"returns/{opened['merchant_return_authorization_id']}/complete",
        message | {"agree_to_return_charge": False, "return_charge_feedback": "notMerchantError"},
    )

    shown = market.get(opened_url(opened))
    assert (shown["agree_to_return_charge"], shown["return_charge_feedback"]) == (False, "notMerchantError")
    assert shown["items"][0]["order_return_refund_qty"] == 0


def test_strict_mode_knows_only_the_words_of_2018(market: Market, order_id: str) -> None:
    opened = open_return(market, order_id)
    path = f"returns/{opened['merchant_return_authorization_id']}/complete"
    less = opened["return_merchant_SKUs"][0]["requested_refund_amount"] | {"principal": 50}
    old = completion(opened, refund_amount=less, return_refund_feedback="customer opened item")
    market.control.switch(user=market.user, strict_orders=True)

    assert market.refusal("PUT", path, old) == [
        "'customer opened item' is not one of the allowed values. Path: items[0].return_refund_feedback"
    ]
    assert market.refusal(
        "PUT", path, completion(opened) | {"agree_to_return_charge": False, "return_charge_feedback": "meh"}
    ) == ["'meh' is not one of the allowed values. Path: return_charge_feedback"]
    market.put(path, completion(opened, refund_amount=less, return_refund_feedback="restocking FEE"))


def test_lenient_mode_takes_the_old_words(market: Market, order_id: str) -> None:
    opened = open_return(market, order_id)
    less = opened["return_merchant_SKUs"][0]["requested_refund_amount"] | {"principal": 50}

    market.put(
        f"returns/{opened['merchant_return_authorization_id']}/complete",
        completion(opened, refund_amount=less, return_refund_feedback="customer opened item"),
    )


def test_only_shipped_units_come_back_and_only_once(market: Market, order_id: str) -> None:
    (unshipped,) = market.generate(("KETTLE-1", 1, 0))
    open_return(market, order_id)

    for refused_id in (unshipped, order_id):
        assert market.refusal("GET", f"returns/generate/{refused_id}", None) == [
            "The order holds no shipped unit that could be returned."
        ]
    assert market.refusal("GET", f"returns/generate/{'0' * 32}", None, 404)
    assert len(listed(market, "created")) == 1


def test_old_words_list_nothing_and_unknown_words_and_calls_are_gone(market: Market, order_id: str) -> None:
    opened = open_return(market, order_id)

    assert listed(market, "acknowledge") == []
    assert listed(market, "refund%20customer%20without%20return") == []
    assert market.refusal("GET", "returns/lost", None, 404) == ["There is no return status 'lost'."]
    acknowledge = f"returns/{opened['merchant_return_authorization_id']}/acknowledge"
    assert market.call("PUT", acknowledge, {"return_status": "acknowledged"}).status_code == 404
    assert market.refusal("GET", f"returns/state/{'0' * 32}", None, 404)


def test_jet_completes_for_a_late_merchant_when_the_switch_says_so(market: Market, order_id: str) -> None:
    opened = open_return(market, order_id)
    market.control.switch(user=market.user, return_answer_days=2.0)

    market.control.advance(2 * DAY - 60)
    market.renew()
    before = market.get(opened_url(opened))["return_status"]
    market.control.advance(61)
    late = market.get(opened_url(opened))

    assert before == "created"
    assert late["return_status"] == "completed by merchant"
    assert late["items"][0]["refund_amount"] == opened["return_merchant_SKUs"][0]["requested_refund_amount"]
    assert "return_complete" not in market.counts()
