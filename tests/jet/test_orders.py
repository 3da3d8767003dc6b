"""Orders, returns, refunds, settlement, nodes, taxonomy and reports."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from jetsync.jet import errors
from jetsync.jet.types import AcknowledgeBody, CompleteBody, RefundBody, ShippedBody
from jetsync.jet.words import (
    AcknowledgementStatus,
    Carrier,
    ChargeFeedback,
    ExceptionState,
    ItemAcknowledgement,
    OldReturnFeedback,
    OrderStatus,
    RefundFeedback,
    RefundReason,
    RefundStatus,
    ReportType,
    ResponseMethod,
    ReturnFeedback,
    ReturnReason,
    ReturnStatus,
    return_feedback_words,
)
from tests.jet.conftest import Jet, recorded

ORDER = "4b1d7e0c92aa4f3e8c6d5b7a19f0e233"
ITEM = "77aa01c2d3e4f5061728394a5b6c7d8e"
NODE = "0f9e8d7c6b5a49388172635445362718"
AMOUNT = {
    "principal": Decimal("31.20"),
    "tax": Decimal("2.07"),
    "shipping_cost": Decimal("3.50"),
    "shipping_tax": Decimal(0),
}
AMOUNT_SENT = {"principal": 31.2, "tax": 2.07, "shipping_cost": 3.5, "shipping_tax": 0.0}


def test_order_ids_are_listed_once(jet: Jet) -> None:
    jet.answer("GET", "/orders/ready", json=recorded("order_urls"))

    assert jet.client.orders.urls(OrderStatus.READY) == [ORDER, "9c8b7a6f5e4d43322110ffeeddccbbaa"]
    assert jet.sent() == ["GET /orders/ready"]


def test_order_list_takes_filters_and_tags(jet: Jet) -> None:
    jet.http.add("GET", re.compile(r".*/orders/.*"), json={"order_urls": []})

    assert jet.client.orders.urls("complete", is_cancelled=True, fulfillment_node=NODE) == []
    assert jet.client.orders.tagged("ready", "read me", include=False) == []
    assert jet.sent() == [
        f"GET /orders/complete?isCancelled=true&fulfillment_node={NODE}",
        "GET /orders/ready/read%20me/false",
    ]


def test_order_is_read_with_all_its_parts(jet: Jet) -> None:
    jet.answer("GET", f"/orders/withoutShipmentDetail/{ORDER}", json=recorded("order"))

    order = jet.client.orders.get(ORDER)

    assert (order.merchant_order_id, order.status) == (ORDER, OrderStatus.READY)
    assert (order.reference_order_id, order.alt_order_id) == ("418822900714", None)
    assert order.order_placed_date == datetime(2017, 11, 6, 14, 2, 11, 418302, tzinfo=UTC)
    assert order.order_transmission_date == datetime(2017, 11, 6, 14, 2, 14, 92000, tzinfo=UTC)
    assert order.order_ready_date == datetime(2017, 11, 6, 14, 32, 15, tzinfo=UTC)
    assert order.order_detail.request_ship_by == datetime(2017, 11, 7, 22, tzinfo=UTC)
    assert order.order_detail.request_delivery_by is None
    assert order.raw["order_detail"]["request_delivery_by"] == "soon"
    assert order.order_detail.request_shipping_carrier == Carrier.FEDEX
    assert order.jet_request_directed_cancel is True
    assert (order.buyer.name, order.shipping_to.address.address2, order.shipping_to.address.zip_code) == (
        "Odile Barrow",
        "",
        "14850",
    )
    (item,) = order.order_items
    assert (item.merchant_sku, item.request_order_quantity, item.request_order_cancel_qty) == (
        "TP-MUG-4",
        2,
        1,
    )
    assert item.item_price.model_dump(exclude={"raw"}) == {
        "base_price": Decimal("31.20"),
        "item_tax": Decimal("0.00"),
        "item_shipping_cost": Decimal("3.50"),
        "item_shipping_tax": Decimal("0.00"),
    }
    assert order.order_totals.item_price is not None
    assert order.order_totals.item_price.item_shipping_cost == Decimal("7.00")
    assert order.shipments == []
    assert order.raw == recorded("order")


def test_shipped_order_shows_its_shipments(jet: Jet) -> None:
    jet.answer("GET", f"/orders/withShipmentDetail/{ORDER}", json=recorded("order_shipped"))

    order = jet.client.orders.get_with_shipments(ORDER)

    assert (order.exception_state, order.has_shipments) == (ExceptionState.TOO_MANY_SHIPPED, True)
    (shipment,) = order.shipments
    assert (shipment.shipment_id, shipment.alt_shipment_id) == ("31a2", "SO-77-A")
    assert shipment.response_shipment_method == ResponseMethod.FEDEX_GROUND
    assert shipment.response_shipment_date == datetime(2017, 11, 7, 20, 20, tzinfo=UTC)
    (item,) = shipment.shipment_items
    assert (item.response_shipment_sku_quantity, item.RMA_number, item.days_to_return) == (3, "RMA-77", 30)


@pytest.mark.parametrize("missing", ["merchant_order_id", "status", "order_items"])
def test_order_without_a_required_member_is_a_bad_answer(jet: Jet, missing: str) -> None:
    order = {name: value for name, value in recorded("order").items() if name != missing}
    jet.answer("GET", "/orders/withoutShipmentDetail/7", json=order)

    with pytest.raises(
        errors.JetBadAnswer, match=f"not a Order as Jet sends it: {missing}: Field required"
    ) as caught:
        jet.client.orders.get("7")

    assert "Odile" not in str(caught.value)


def test_acknowledge_sends_status_and_items(jet: Jet) -> None:
    jet.answer("PUT", f"/orders/{ORDER}/acknowledge", status=204)
    body: AcknowledgeBody = {
        "acknowledgement_status": AcknowledgementStatus.REJECTED_ITEM_LEVEL_ERROR,
        "alt_order_id": "SO-77",
        "order_items": [
            {"order_item_id": ITEM, "order_item_acknowledgement_status": ItemAcknowledgement.NO_INVENTORY},
        ],
    }

    jet.client.orders.acknowledge(ORDER, body)

    assert jet.sent_json() == {
        "acknowledgement_status": "rejected - item level error",
        "alt_order_id": "SO-77",
        "order_items": [
            {"order_item_id": ITEM, "order_item_acknowledgement_status": "nonfulfillable - no inventory"}
        ],
    }


def test_ship_sends_times_with_seven_digits(jet: Jet) -> None:
    jet.answer("PUT", f"/orders/{ORDER}/shipped", status=204)
    body: ShippedBody = {
        "shipments": [
            {
                "alt_shipment_id": "SO-77-A",
                "shipment_tracking_number": "7946",
                "response_shipment_date": datetime(2017, 11, 7, 15, 20, 0, 5, tzinfo=UTC),
                "carrier": Carrier.FEDEX,
                "shipment_items": [
                    {
                        "merchant_sku": "TP-MUG-4",
                        "response_shipment_sku_quantity": 1,
                        "response_shipment_cancel_qty": 1,
                    }
                ],
            }
        ]
    }

    jet.client.orders.ship(ORDER, body)

    (shipment,) = jet.sent_json()["shipments"]
    assert shipment["response_shipment_date"] == "2017-11-07T15:20:00.0000050+00:00"
    assert shipment["carrier"] == "FedEx"


def test_naive_time_is_refused_before_sending(jet: Jet) -> None:
    with pytest.raises(errors.JetNotSendable, match="time zone"):
        jet.client.orders.ship(
            "7", {"shipments": [{"shipment_items": [], "response_shipment_date": datetime(2017, 11, 7)}]}
        )

    assert jet.before == []


@pytest.mark.parametrize(("tag", "body"), [("pulled", {"tag": "pulled"}), (None, {})])
def test_tag_is_set_and_cleared(jet: Jet, tag: str | None, body: dict[str, str]) -> None:
    jet.answer("PUT", "/orders/7/tag", status=204)

    jet.client.orders.tag("7", tag)

    assert jet.sent_json() == body


def test_test_orders_and_returns_are_generated(jet: Jet) -> None:
    jet.answer(
        "POST",
        "/orders/generate/2",
        json={"order_urls": ["/orders/withoutShipmentDetail/a", "/orders/withoutShipmentDetail/b"]},
    )
    jet.answer("GET", "/returns/generate/a", json={"url": "/returns/state/r1"})
    jet.answer("GET", "/returns/generate/b", json={})

    ids = jet.client.orders.generate(2, NODE, [{"sku": "A", "order_quantity": 1, "order_cancel_quantity": 0}])

    assert ids == ["a", "b"]
    assert jet.sent_json() == {
        "fulfillment_node": NODE,
        "items": [{"sku": "A", "order_quantity": 1, "order_cancel_quantity": 0}],
    }
    assert jet.client.returns.generate("a") == "r1"
    with pytest.raises(errors.JetBadAnswer, match="no url") as caught:
        jet.client.returns.generate("b")
    assert caught.value.may_have_arrived is True


def test_returns_are_listed_and_read(jet: Jet) -> None:
    jet.answer(
        "GET",
        "/returns/completed%20by%20merchant",
        json={"return_urls": ["/return/state/r1", "/returns/state/r2"]},
    )
    jet.answer("GET", "/returns/state/r1", json=recorded("return"))

    assert jet.client.returns.ids(ReturnStatus.COMPLETED_BY_MERCHANT) == ["r1", "r2"]
    found = jet.client.returns.get("r1")

    assert found.return_status == ReturnStatus.COMPLETED_BY_MERCHANT
    assert (found.tracking_number, found.merchant_return_charge) == ("794611002299", Decimal("6.85"))
    assert [place.city for place in found.return_location] == ["Hoboken"]
    (sku,) = found.return_merchant_SKUs
    assert sku.reason == ReturnReason.ITEM_ARRIVED_DAMAGED_BOX_INTACT
    assert sku.requested_refund_amount.total == Decimal("36.77")
    assert (found.items, found.agree_to_return_charge) == ([], None)
    assert found.raw == recorded("return")


def test_return_is_completed(jet: Jet) -> None:
    jet.answer("PUT", "/returns/r1/complete", status=204)
    body: CompleteBody = {
        "merchant_order_id": ORDER,
        "agree_to_return_charge": False,
        "return_charge_feedback": ChargeFeedback.NOT_MERCHANT_ERROR,
        "items": [
            {
                "order_item_id": ITEM,
                "total_quantity_returned": 1,
                "order_return_refund_qty": 1,
                "return_refund_feedback": ReturnFeedback.RESTOCKING_FEE,
                "refund_amount": AMOUNT,  # type: ignore[typeddict-item]  # a plain dict keeps the test short
            }
        ],
    }

    jet.client.returns.complete("r1", body)

    assert jet.sent_json() == {
        "merchant_order_id": ORDER,
        "agree_to_return_charge": False,
        "return_charge_feedback": "notMerchantError",
        "items": [
            {
                "order_item_id": ITEM,
                "total_quantity_returned": 1,
                "order_return_refund_qty": 1,
                "return_refund_feedback": "Restocking fee",
                "refund_amount": AMOUNT_SENT,
            }
        ],
    }


def test_refund_is_created_read_and_listed(jet: Jet) -> None:
    jet.answer(
        "POST",
        f"/refunds/{ORDER}/SO-77-R1",
        status=201,
        json={"refund_authorization_id": 44177, "refund_status": "Created"},
    )
    jet.answer("GET", "/refunds/state/SO-77-R1", json=recorded("refund"))
    jet.answer("GET", "/refunds/accepted", json={"refund_urls": ["/refunds/state/44177"]})
    jet.answer("GET", "/refunds/created", json={"sku_urls": ["refunds/44178"]})
    jet.answer("GET", "/refunds/rejected%20-%20customer%20card%20not%20valid", json={"refund_urls": None})
    body: RefundBody = {
        "items": [
            {
                "order_item_id": ITEM,
                "total_quantity_returned": 0,
                "order_return_refund_qty": 1,
                "refund_reason": RefundReason.LOST_IN_TRANSIT,
                "refund_amount": AMOUNT,  # type: ignore[typeddict-item]  # a plain dict keeps the test short
            }
        ]
    }

    created = jet.client.refunds.create(ORDER, "SO-77-R1", body)

    assert (created.refund_authorization_id, created.refund_status) == ("44177", RefundStatus.CREATED)
    assert jet.sent_json()["items"][0]["refund_amount"] == AMOUNT_SENT
    refund = jet.client.refunds.get("SO-77-R1")
    assert (refund.refund_authorization_id, refund.refund_status) == (
        "4417730295510390",
        RefundStatus.ACCEPTED,
    )
    (item,) = refund.items
    assert (item.refund_feedback, item.refund_amount.total) == (
        RefundFeedback.ITEMS_NOT_RECEIVED,
        Decimal("36.77"),
    )
    assert jet.client.refunds.ids(RefundStatus.ACCEPTED) == ["44177"]
    assert jet.client.refunds.ids("created") == ["44178"]
    assert jet.client.refunds.ids(RefundStatus.REJECTED_CUSTOMER_CARD_NOT_VALID) == []


@pytest.mark.parametrize("answer", [{}, {"urls": []}, [], {"order_urls": "x"}, "text"])
def test_list_without_its_member_is_a_bad_answer(jet: Jet, answer: Any) -> None:
    jet.answer("GET", "/orders/ready", json=answer)

    with pytest.raises(errors.JetBadAnswer, match="no list “order_urls”"):
        jet.client.orders.urls("ready")


def test_settlement_adds_up(jet: Jet) -> None:
    jet.answer("GET", "/settlement/30", json={"settlement_report_urls": ["/settlement/report/9e8d"]})
    jet.answer("GET", "/settlement/report/9e8d", json=recorded("settlement"))

    assert jet.client.settlement.report_ids(30) == ["9e8d"]
    report = jet.client.settlement.report("9e8d")

    details = report.order_balance_details.model_dump(exclude={"raw"})
    assert sum(details.values()) == report.order_balance == Decimal("500.75")
    assert sum(report.return_balance_details.model_dump(exclude={"raw"}).values()) == report.return_balance
    assert report.settlement_value == report.order_balance + report.return_balance + report.jet_adjustment
    assert report.settlement_period_end == datetime(2017, 11, 12, 23, 59, 59, 999999, tzinfo=UTC)


def test_nodes_are_read_in_the_first_shape(jet: Jet) -> None:
    jet.answer("GET", "/setup/fulfillmentNodes", json=recorded("nodes_setup"))

    (node,) = jet.client.nodes.list()

    assert (node.node_id, node.name, node.address1, node.zip_code) == (
        NODE,
        "Hoboken DC",
        "9 Dock Street",
        "07030",
    )
    assert jet.sent() == ["GET /setup/fulfillmentNodes"]


def test_nodes_are_read_one_by_one_when_only_addresses_are_served(jet: Jet) -> None:
    jet.answer("GET", "/setup/fulfillmentNodes", status=404)
    jet.answer("GET", "/fulfillment-nodes", json=recorded("nodes_urls"))
    jet.answer("GET", f"/fulfillment-nodes/{NODE}", json={"location_name": "Hoboken DC"})
    jet.answer("GET", "/fulfillment-nodes/ffeeddccbbaa00998877665544332211", status=404)

    found = [(node.node_id, node.name) for node in jet.client.nodes.list()]

    assert found == [(NODE, "Hoboken DC"), ("ffeeddccbbaa00998877665544332211", None)]


def test_nodes_are_read_from_the_portal_last(jet: Jet) -> None:
    jet.answer("GET", "/setup/fulfillmentNodes", status=404)
    jet.answer("GET", "/fulfillment-nodes", status=405)
    jet.answer("GET", "/fulfillmentnodesbymerchantid", json=recorded("nodes_portal"))

    (node,) = jet.client.nodes.list()

    assert (node.node_id, node.name, node.city, node.address2) == (NODE, "Hoboken DC", "Hoboken", None)


def test_return_locations_are_read_from_a_list_with_or_without_a_name(jet: Jet) -> None:
    one = {"return_location_id": "7c1e", "address_1": "9 Dock Street", "city": "Hoboken"}
    for body in (
        [one],
        {"return_locations": [one]},
        {"returnsLocations": [{"id": "7c1e", "address1": "9 Dock Street"}]},
    ):
        jet.answer("GET", "/setup/returnsLocations", json=body)
        (place,) = jet.client.nodes.return_locations()
        assert (place.location_id, place.address1) == ("7c1e", "9 Dock Street")

    jet.answer("GET", "/setup/returnsLocations", json={"message": "none"})
    with pytest.raises(errors.JetBadAnswer):
        jet.client.nodes.return_locations()


def test_nodes_served_nowhere_are_not_found(jet: Jet) -> None:
    jet.http.add("GET", re.compile(r".*"), status=404)

    with pytest.raises(errors.JetNotFound):
        jet.client.nodes.list()


def test_trouble_with_nodes_is_not_taken_for_absence(jet: Jet) -> None:
    jet.answer("GET", "/setup/fulfillmentNodes", status=403)

    with pytest.raises(errors.JetForbidden):
        jet.client.nodes.list()

    assert len(jet.sent()) == 1


def test_setup_status_counts_as_enabled_when_all_is_done(jet: Jet) -> None:
    status = recorded("setup_status")
    jet.answer("GET", "/portal/merchantsetupstatus/", json=status)
    done = dict.fromkeys(status, True) | {"Message": "Welcome"}
    jet.answer("GET", "/portal/merchantsetupstatus/", json=done)

    first, second = jet.client.nodes.setup_status(), jet.client.nodes.setup_status()

    assert (first.is_order_acknowledged, first.is_order_shipped, first.is_order_canceled) == (
        True,
        False,
        False,
    )
    assert (first.is_enabled, first.message) == (False, None)
    assert (second.is_enabled, second.message) == (True, "Welcome")


def test_taxonomy_is_listed_and_read(jet: Jet) -> None:
    jet.answer(
        "GET",
        "/taxonomy/links/v1?offset=0&limit=2",
        json={"node_urls": ["/taxonomy/nodes/11", "/taxonomy/nodes/12"]},
    )
    jet.answer("GET", "/taxonomy/links/v1?offset=2&limit=2", json={"node_urls": ["/taxonomy/nodes/x"]})
    jet.answer("GET", "/taxonomy/links/v1?offset=3&limit=2", json={"node_urls": []})
    jet.answer(
        "GET",
        "/taxonomy/nodes/11",
        json={
            "jet_node_id": 11,
            "jet_node_name": "Mugs",
            "parent_id": 1,
            "jet_level": 2,
            "amazon_node_id": 5,
        },
    )
    jet.answer("GET", "/taxonomy/nodes/11/attributes", json=recorded("taxonomy_attributes"))
    jet.answer("GET", "/taxonomy/nodes/12/attributes", status=404)

    assert list(jet.client.taxonomy.iter_node_ids(page=2)) == [11, 12]
    node = jet.client.taxonomy.node(11)
    assert (node.jet_node_name, node.jet_level, node.amazon_node_ids, node.active) == ("Mugs", 2, [5], True)
    color, age, volume = jet.client.taxonomy.attributes(11)
    assert (color.attribute_id, color.free_text, color.variant, color.values) == (119, True, True, [])
    assert age.values == ["Up to 2", "Ages 3-5"]
    assert (volume.attribute_id, volume.values, volume.units) == (234862620841227, [], ["Ounce", "Litre"])
    assert volume.validation is not None
    assert (volume.validation.data_type, volume.validation.max_value) == ("integer", Decimal(1000000))
    assert jet.client.taxonomy.attributes(12) == []


def test_report_is_requested_followed_and_read(jet: Jet) -> None:
    state = {"report_status": "ready", "report_url": "https://files.example.com/r/1?sig=r3ad0nly"}
    rows = {"A": {"status": "under jet review", "sub_status": []}, "B": {"status": ["odd"]}, "C": None}
    jet.answer("POST", "/reports/ProductStatus", json={"report_id": "rep-1"})
    jet.answer("POST", "/reports/SalesData", json={})
    jet.answer("GET", "/reports/state/rep-1", json=state)
    jet.answer("GET", state["report_url"], json=rows)

    assert jet.client.reports.request(ReportType.PRODUCT_STATUS) == "rep-1"
    assert jet.http.calls[-1].request.body is None
    with pytest.raises(errors.JetBadAnswer, match="no report_id"):
        jet.client.reports.request("SalesData")
    found = jet.client.reports.state("rep-1")
    statuses = jet.client.reports.product_statuses(found)

    assert {sku: status.status for sku, status in statuses.items()} == {"A": "Under Jet Review", "B": None}
    assert "Authorization" not in jet.http.calls[-1].request.headers


def test_report_without_address_or_gone_is_not_found(jet: Jet) -> None:
    jet.answer("GET", "/reports/state/1", json={"report_status": "Requested"})
    jet.answer(
        "GET",
        "/reports/state/2",
        json={"report_status": "Expired", "report_url": "https://files.example.com/r/2"},
    )
    jet.answer("GET", "https://files.example.com/r/2", status=403, body="<Error/>")

    for report in ("1", "2"):
        with pytest.raises(errors.JetNotFound):
            jet.client.reports.download(jet.client.reports.state(report))


def test_feedback_words_change_on_their_day() -> None:
    assert return_feedback_words(datetime(2018, 1, 29, 23, 59, tzinfo=UTC)) is OldReturnFeedback
    assert return_feedback_words(datetime(2018, 1, 30, tzinfo=UTC)) is ReturnFeedback
