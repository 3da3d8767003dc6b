"""What the order calls refuse; a refusal changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.market import Market

ACK = "order_item_acknowledgement_status"


@pytest.fixture
def ready_id(market: Market) -> str:
    market.add_sku("KETTLE-1")
    return market.generate(("KETTLE-1", 2, 0))[0]


@pytest.fixture
def open_id(market: Market, ready_id: str) -> str:
    market.acknowledge(ready_id)
    return ready_id


def test_a_bad_acknowledgement_is_refused_and_the_order_stays_ready(market: Market, ready_id: str) -> None:
    path = f"orders/{ready_id}/acknowledge"
    (item,) = market.acknowledgement(ready_id)["order_items"]

    def refuse(**changes: Any) -> list[str]:
        return market.refusal(
            "PUT", path, {"acknowledgement_status": "accepted", "order_items": [item]} | changes
        )

    assert refuse(acknowledgement_status=None) == ["The member is missing. Path: acknowledgement_status"]
    assert refuse(acknowledgement_status="taken") == [
        "'taken' is not one of the allowed values. Path: acknowledgement_status"
    ]
    assert refuse(order_items=None) == ["The member is missing. Path: order_items"]
    assert refuse(order_items=item) == ["An array is expected. Path: order_items"]
    assert refuse(order_items=[{**item, "order_item_id": "nope"}]) == [
        "Order item 'nope' is not part of the order. Path: order_items[0].order_item_id"
    ]
    assert refuse(order_items=[{**item, ACK: "nonfulfillable - no inventory"}]) == [
        "An accepted order cannot hold an item that is not fulfillable. Path: order_items"
    ]
    assert refuse(acknowledgement_status="rejected - item level error") == [
        "An item level rejection names no item that is not fulfillable. Path: order_items"
    ]
    assert market.refusal("PUT", path, []) == [
        "An object is expected. Path: body",
        "The member is missing. Path: acknowledgement_status",
        "The member is missing. Path: order_items",
    ]
    answer = market.call("PUT", path, data=b'{"acknowledgement_status": ')
    assert (answer.status_code, answer.json()) == (
        400,
        {"errors": ["The body is not valid JSON. Path: body"]},
    )
    assert market.order(ready_id)["status"] == "ready"
    assert market.counts() == {}


def test_acknowledging_twice_is_refused_and_counted_once(market: Market, open_id: str) -> None:
    refused = market.refusal("PUT", f"orders/{open_id}/acknowledge", market.acknowledgement(open_id))

    assert refused == ["The order is in the state 'acknowledged', not 'ready'. Path: acknowledgement_status"]
    assert market.counts() == {"acknowledge": {"total": 1, "distinct": 1}}


def test_old_words_and_extra_keys_pass_unless_strict(market: Market, ready_id: str) -> None:
    message = market.acknowledgement(
        ready_id, acknowledgement_status="rejected - other", reference_order_id="1"
    )
    message["order_items"][0][ACK] = "nonfulfillable"
    path = f"orders/{ready_id}/acknowledge"

    market.control.switch(user=market.user, strict_orders=True)
    assert market.refusal("PUT", path, message) == [
        f"'nonfulfillable' is not one of the allowed values. Path: order_items[0].{ACK}"
    ]
    market.control.switch(user=market.user, strict_orders=False)
    market.put(path, message)

    assert market.order(ready_id)["acknowledgement_status"] == "rejected - other"


def test_a_bad_shipment_is_refused_and_books_nothing(market: Market, open_id: str) -> None:
    path = f"orders/{open_id}/shipped"

    def refuse(cancelled: int = 0, shipped: int = 1, **changes: Any) -> list[str]:
        shipment = market.shipment("KETTLE-1", shipped, cancelled, **changes)
        return market.refusal("PUT", path, {"shipments": [shipment]})

    def line(**changes: Any) -> list[dict[str, Any]]:
        return [{"merchant_sku": "KETTLE-1", "response_shipment_sku_quantity": 1} | changes]

    where = "shipments[0]"
    assert refuse(carrier=None) == [f"The member is missing. Path: {where}.carrier"]
    assert refuse(shipment_tracking_number="") == [
        f"The member is missing. Path: {where}.shipment_tracking_number"
    ]
    assert refuse(response_shipment_date=None) == [
        f"The member is missing. Path: {where}.response_shipment_date"
    ]
    assert refuse(response_shipment_date="yesterday") == [
        f"'yesterday' is not a date. Path: {where}.response_shipment_date"
    ]
    assert refuse(response_shipment_date="2001-01-01T00:00:00.0000000Z") == [
        f"The shipment date lies before the order. Path: {where}.response_shipment_date"
    ]
    assert refuse(shipped=0, cancelled=1, alt_shipment_id=None) == [
        f"The member is missing. Path: {where}.alt_shipment_id"
    ]
    assert refuse(shipped=0) == ["The message ships and cancels nothing. Path: shipments"]
    assert refuse(shipment_items=line(merchant_sku="NOPE")) == [
        f"SKU 'NOPE' is not part of the order. Path: {where}.shipment_items[0].merchant_sku"
    ]
    quantity = f"{where}.shipment_items[0].response_shipment_sku_quantity"
    assert refuse(shipment_items=line(response_shipment_sku_quantity=-1)) == [
        f"Value -1L is less than the minimum 0L. Path: {quantity}"
    ]
    for wrong in ("1", 1.5, True):
        assert refuse(shipment_items=line(response_shipment_sku_quantity=wrong)) == [
            f"An integer is expected. Path: {quantity}"
        ]
    assert refuse(shipment_items=line(response_shipment_sku_quantity=None)) == [
        f"One of the two quantities is expected. Path: {quantity}"
    ]
    assert market.refusal("PUT", path, {"alt_order_id": "A"}) == ["The member is missing. Path: shipments"]
    assert market.order(open_id)["status"] == "acknowledged"
    assert "ship" not in market.counts()


def test_units_cannot_ship_before_the_acknowledgement_but_can_be_cancelled(
    market: Market, ready_id: str
) -> None:
    refused = market.refusal(
        "PUT", f"orders/{ready_id}/shipped", {"shipments": [market.shipment("KETTLE-1", 1)]}
    )
    market.ship(ready_id, "KETTLE-1", 0, 2)

    assert refused == ["An order in the state 'ready' cannot be shipped. Path: shipments"]
    assert market.order(ready_id)["status"] == "complete"


def test_nothing_ships_after_completion(market: Market, open_id: str) -> None:
    market.ship(open_id, "KETTLE-1", 2)

    refused = market.refusal(
        "PUT",
        f"orders/{open_id}/shipped",
        {"shipments": [market.shipment("KETTLE-1", 1, alt_shipment_id="S-2")]},
    )

    assert refused == ["An order in the state 'complete' cannot be shipped. Path: shipments"]
    assert market.counts()["ship"] == {"total": 1, "distinct": 1}


@pytest.mark.parametrize(
    ("choice", "status", "total"),
    [("reject", 400, 1), ("ignore", 204, 1), ("accept", 204, 2)],
)
def test_a_repeated_alt_shipment_id_follows_the_switch(
    market: Market, open_id: str, choice: str, status: int, total: int
) -> None:
    market.control.switch(user=market.user, duplicate_shipment=choice)
    market.ship(open_id, "KETTLE-1", 1)

    answer = market.call("PUT", f"orders/{open_id}/shipped", {"shipments": [market.shipment("KETTLE-1", 1)]})

    assert answer.status_code == status
    assert market.counts()["ship"]["total"] == total
    assert market.order(open_id)["status"] == ("complete" if total > 1 else "inprogress")


def test_strict_mode_wants_jets_words_and_seven_digits(market: Market, open_id: str) -> None:
    path = f"orders/{open_id}/shipped"
    market.control.switch(user=market.user, strict_orders=True)
    short = market.time(60).replace(".0000000", ".000")

    refused = market.refusal(
        "PUT",
        path,
        {
            "shipments": [
                market.shipment(
                    "KETTLE-1",
                    1,
                    carrier="Pigeon",
                    response_shipment_method="ups_ground",
                    response_shipment_date=short,
                    ship_from_zip_code="0703",
                    shipment_id="1",
                )
            ]
        },
    )
    market.ship(open_id, "KETTLE-1", 1, carrier="fedex", response_shipment_method="")

    assert refused == [
        "'Pigeon' is not one of the allowed values. Path: shipments[0].carrier",
        "'ups_ground' is not one of the allowed values. Path: shipments[0].response_shipment_method",
        f"'{short}' is not a date. Path: shipments[0].response_shipment_date",
        "A ZIP code of five digits is expected. Path: shipments[0].ship_from_zip_code",
        "The member is set by Jet and must not be sent. Path: shipments[0].shipment_id",
    ]
    assert market.order(open_id)["status"] == "inprogress"


def test_a_ship_date_before_the_order_is_refused_at_once_only_when_strict(
    market: Market, open_id: str
) -> None:
    market.control.switch(user=market.user, strict_orders=True)

    refused = market.refusal(
        "PUT",
        f"orders/{open_id}/shipped",
        {"shipments": [market.shipment("KETTLE-1", 1, response_shipment_date=market.time(-3600))]},
    )
    market.ship(open_id, "KETTLE-1", 1, response_shipment_date=market.time())

    assert refused == ["The shipment date lies before the order. Path: shipments[0].response_shipment_date"]


def test_text_that_cannot_be_stored_is_refused(market: Market, ready_id: str) -> None:
    message = market.acknowledgement(ready_id, alt_order_id="\ud800")

    assert market.refusal("PUT", f"orders/{ready_id}/acknowledge", message) == [
        "The text holds characters that are not allowed. Path: alt_order_id"
    ]


def test_lenient_mode_takes_the_same_message(market: Market, open_id: str) -> None:
    market.ship(
        open_id,
        "KETTLE-1",
        2,
        carrier="Pigeon",
        response_shipment_method="ups_ground",
        response_shipment_date=market.time(-3600).replace(".0000000", ""),
    )

    assert market.order(open_id)["shipments"][0]["carrier"] == "Pigeon"


def test_fractions_of_every_length_are_dates_unless_strict() -> None:
    from jetsync.sandbox.marketplace.body import parse_time

    for fraction in ("", *(f".{'1234567'[:length]}" for length in range(1, 8))):
        moment = parse_time(f"2017-11-07T15:20:00{fraction}-05:00")
        assert (moment.hour, moment.minute) == (20, 20)
    assert parse_time("2017-11-07T15:20:00").hour == 15
    with pytest.raises(ValueError):
        parse_time("2017-11-07T15:20:00.000Z", strict=True)
    with pytest.raises(ValueError):
        parse_time("2017-11-07 15:20:00")
