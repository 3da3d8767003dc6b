"""Settlement: weekly reports that add up and hold everything exactly once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.market import Market
from tests.sandbox_server import ControlError

MONDAY = "2018-03-05T10:00:00+00:00"
DAY = 86_400


@pytest.fixture
def week(market: Market) -> Market:
    """A Monday morning, with one order of two kettles shipped."""
    market.control.freeze(MONDAY)
    market.renew()
    market.add_sku("KETTLE-1", price=20)
    return market


def reports(market: Market, days: int = 30) -> list[dict[str, Any]]:
    return [market.get(url) for url in market.get(f"settlement/{days}")["settlement_report_urls"]]


def next_week(market: Market) -> None:
    market.control.advance(7 * DAY)
    market.renew()


def test_a_closed_week_reports_what_was_shipped(week: Market) -> None:
    order_id = week.complete("KETTLE-1", 2)
    price = week.order(order_id)["order_items"][0]["item_price"]
    assert week.get("settlement/30") == {"settlement_report_urls": []}

    next_week(week)
    (report,) = reports(week)

    assert report["settlement_state"] == "Submitted"
    assert report["currency"] == "dollars"
    assert report["settlement_period_start"] == "2018-03-05T00:00:00Z"
    assert report["settlement_period_end"] == "2018-03-11T23:59:59.9999999Z"
    details = report["order_balance_details"]
    assert details["merchant_price"] == 40.0
    assert (details["fixed_commission"], details["jet_variable_commission"]) == (-4.0, -2.0)
    assert details["tax"] == (price["item_tax"] or 0)
    assert details["shipping_revenue"] == pytest.approx(2 * price["item_shipping_cost"])
    assert report["order_balance"] == pytest.approx(sum(details.values()))
    assert report["return_balance"] == 0
    assert report["settlement_value"] == report["order_balance"]


def test_returns_and_refunds_come_off_with_their_commission(week: Market) -> None:
    returned_id, refunded_id = week.complete("KETTLE-1", 2), week.complete("KETTLE-1", 1)
    opened = week.get(week.get(f"returns/generate/{returned_id}")["url"])
    line = opened["return_merchant_SKUs"][0]
    week.put(
        f"returns/{opened['merchant_return_authorization_id']}/complete",
        {
            "merchant_order_id": returned_id,
            "agree_to_return_charge": True,
            "items": [
                {
                    "order_item_id": line["order_item_id"],
                    "total_quantity_returned": 2,
                    "order_return_refund_qty": 1,
                    "return_refund_feedback": "Item damaged",
                    "refund_amount": {"principal": 20, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
                }
            ],
        },
    )
    answer = week.call(
        "POST",
        f"refunds/{refunded_id}/R-1",
        {
            "items": [
                {
                    "order_item_id": week.order(refunded_id)["order_items"][0]["order_item_id"],
                    "total_quantity_returned": 0,
                    "order_return_refund_qty": 1,
                    "refund_reason": "Package never arrived",
                    "refund_amount": {"principal": 20, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
                }
            ]
        },
    )
    assert answer.status_code == 201

    next_week(week)
    (report,) = reports(week)

    assert report["return_balance_details"] == {
        "merchant_price": -40.0,
        "jet_variable_commission": 2.0,
        "fixed_commission": 4.0,
        "tax": 0.0,
        "shipping_tax": 0.0,
        "merchant_return_charge": -opened["merchant_return_charge"],
        "return_processing_fee": 0.0,
        "product_cost": 0.0,
    }
    assert report["return_balance"] == pytest.approx(-34.0 - opened["merchant_return_charge"])
    assert report["settlement_value"] == pytest.approx(
        report["order_balance"] + report["return_balance"] + report["jet_adjustment"]
    )


def test_every_order_is_settled_once(week: Market) -> None:
    week.complete("KETTLE-1", 2)
    made = week.control.call("POST", "settlement/close", user=week.user)
    again = week.control.call("POST", "settlement/close", user=week.user)
    week.control.advance(60)
    week.complete("KETTLE-1", 1)

    next_week(week)

    assert made["url"] is not None
    assert again == {"url": None}
    assert [report["order_balance_details"]["merchant_price"] for report in reports(week)] == [40.0, 20.0]


def test_cancelled_and_rejected_orders_bring_nothing(week: Market) -> None:
    (order_id,) = week.generate(("KETTLE-1", 2, 0))
    week.put(
        f"orders/{order_id}/acknowledge",
        week.acknowledgement(order_id, acknowledgement_status="rejected - other"),
    )

    next_week(week)

    assert reports(week) == []


def test_open_orders_are_the_unavailable_balance(week: Market) -> None:
    week.complete("KETTLE-1", 1)
    (open_id,) = week.generate(("KETTLE-1", 2, 0))
    week.acknowledge(open_id)
    totals = week.order(open_id)["order_totals"]["item_price"]

    next_week(week)
    (report,) = reports(week)

    assert report["unavailable_balance"] == pytest.approx(sum(value or 0 for value in totals.values()))


def test_the_bank_pays_and_the_window_of_days_counts_from_the_periods_end(week: Market) -> None:
    week.complete("KETTLE-1", 1)
    next_week(week)
    fresh = reports(week)[0]["settlement_state"]
    week.control.advance(2 * DAY)
    week.renew()

    assert fresh == "Submitted"
    assert reports(week)[0]["settlement_state"] == "Paid"
    assert len(reports(week, 3)) == 1
    assert reports(week, 2) == []
    assert week.refusal("GET", "settlement/soon", None, 404) == ["'soon' is not a number of days."]
    assert week.refusal("GET", f"settlement/report/{'0' * 32}", None, 404)


def test_the_bank_may_send_the_money_back(week: Market) -> None:
    week.complete("KETTLE-1", 1)
    next_week(week)
    (report,) = reports(week)
    report_id = report["settlement_report_id"]

    with pytest.raises(ControlError, match="state is one of Submitted, Paid, Rejected"):
        week.control.call("POST", "settlement/decide", user=week.user, report_id=report_id, state="Lost")
    week.control.call("POST", "settlement/decide", user=week.user, report_id=report_id, state="Rejected")
    week.control.advance(7 * DAY)
    week.renew()

    assert reports(week)[0] == report | {"settlement_state": "Rejected"}
