"""The client after the sale against the sandbox, over real HTTP: the two were written apart from each other."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jetsync.jet import JetClient, RequestEvent, errors
from jetsync.jet.session import new_session
from jetsync.jet.words import (
    AcknowledgementStatus,
    Carrier,
    ItemAcknowledgement,
    OrderStatus,
    RefundReason,
    ReportStatus,
    ReportType,
    ReturnStatus,
)
from tests.jet.walk import USER, eventually, list_sku
from tests.sandbox_server import SandboxServer

ZERO = Decimal("0.00")


def test_keys_nodes_and_checklist(client: JetClient, server: SandboxServer) -> None:
    assert client.auth.check() == "This message is authorized."
    life = client.auth.token().expires_at - datetime.now(UTC)
    assert life.total_seconds() > 60
    assert {node.node_id for node in client.nodes.list()} == {
        node["id"] if isinstance(node, dict) else node for node in server.control.account(USER)["nodes"]
    }
    assert client.nodes.setup_status().is_enabled is False


def test_wrong_keys_are_refused(server: SandboxServer) -> None:
    stranger = JetClient(base_url=server.api_url, user=USER, secret="wrong", session=new_session())

    with pytest.raises(errors.JetBadCredentials):
        stranger.auth.check()


def test_revoked_token_is_replaced(
    client: JetClient, server: SandboxServer, events: list[RequestEvent]
) -> None:
    client.auth.check()
    server.control.revoke_tokens(user=USER)
    events.clear()

    assert client.orders.urls(OrderStatus.READY) == []
    assert [(event.path, event.status) for event in events] == [
        ("/orders/ready", 401),
        ("/token", 200),
        ("/orders/ready", 200),
    ]


def test_order_from_ready_to_refund(client: JetClient, server: SandboxServer, node: str) -> None:
    list_sku(client, node, "MUG-1")
    eventually(server, lambda: "MUG-1" in list(client.products.iter_skus()))
    (order_id,) = client.orders.generate(
        1, node, [{"sku": "MUG-1", "order_quantity": 3, "order_cancel_quantity": 0}]
    )
    assert client.orders.urls(OrderStatus.READY, fulfillment_node=node) == [order_id]
    order = client.orders.get(order_id)
    (item,) = order.order_items
    assert (order.status, item.merchant_sku, item.request_order_quantity) == (OrderStatus.READY, "MUG-1", 3)
    assert order.order_ready_date is not None

    client.orders.tag(order_id, "seen")
    assert client.orders.tagged(OrderStatus.READY, "seen", include=True) == [order_id]
    assert client.orders.tagged(OrderStatus.READY, "seen", include=False) == []
    client.orders.tag(order_id, None)
    client.orders.acknowledge(
        order_id,
        {
            "acknowledgement_status": AcknowledgementStatus.ACCEPTED,
            "alt_order_id": "SO-1",
            "order_items": [
                {
                    "order_item_id": item.order_item_id,
                    "order_item_acknowledgement_status": ItemAcknowledgement.FULFILLABLE,
                }
            ],
        },
    )
    with pytest.raises(errors.JetBadRequest):
        client.orders.acknowledge(
            order_id,
            {
                "acknowledgement_status": AcknowledgementStatus.ACCEPTED,
                "order_items": [
                    {
                        "order_item_id": item.order_item_id,
                        "order_item_acknowledgement_status": ItemAcknowledgement.FULFILLABLE,
                    }
                ],
            },
        )
    assert client.orders.get(order_id).acknowledgement_status == AcknowledgementStatus.ACCEPTED
    assert client.orders.get(order_id).alt_order_id == "SO-1"

    client.orders.ship(
        order_id,
        {
            "shipments": [
                {
                    "alt_shipment_id": "SO-1-A",
                    "shipment_tracking_number": "794600112233",
                    "response_shipment_date": datetime.fromisoformat(server.control.now()),
                    "response_shipment_method": "FedExGround",
                    "carrier": Carrier.FEDEX,
                    "shipment_items": [
                        {
                            "merchant_sku": "MUG-1",
                            "response_shipment_sku_quantity": 2,
                            "response_shipment_cancel_qty": 1,
                        }
                    ],
                }
            ]
        },
    )
    shipped = client.orders.get(order_id)
    assert (shipped.status, shipped.has_shipments, shipped.exception_state) == (
        OrderStatus.COMPLETE,
        True,
        None,
    )
    assert [shipment.alt_shipment_id for shipment in shipped.shipments] == ["SO-1-A"]
    assert (
        client.orders.get_with_shipments(order_id)
        .shipments[0]
        .shipment_items[0]
        .response_shipment_sku_quantity
        == 2
    )

    return_id = client.returns.generate(order_id)
    assert client.returns.ids(ReturnStatus.CREATED) == [return_id]
    asked = client.returns.get(return_id)
    back = asked.return_merchant_SKUs[0]
    amount = back.requested_refund_amount
    client.returns.complete(
        return_id,
        {
            "merchant_order_id": order_id,
            "agree_to_return_charge": True,
            "items": [
                {
                    "order_item_id": back.order_item_id,
                    "total_quantity_returned": back.return_quantity,
                    "order_return_refund_qty": back.return_quantity,
                    "refund_amount": {
                        "principal": amount.principal,
                        "tax": amount.tax,
                        "shipping_cost": amount.shipping_cost,
                        "shipping_tax": amount.shipping_tax,
                    },
                }
            ],
        },
    )
    assert client.returns.get(return_id).return_status in {
        ReturnStatus.INPROGRESS,
        ReturnStatus.COMPLETED_BY_MERCHANT,
    }
    assert client.returns.get(return_id).items[0].refund_amount.total == amount.total
    eventually(server, lambda: client.returns.ids(ReturnStatus.COMPLETED_BY_MERCHANT) == [return_id])


def test_refund_is_found_by_either_id(client: JetClient, server: SandboxServer, node: str) -> None:
    order_id = _shipped_order(client, server, node)
    (item,) = client.orders.get(order_id).order_items

    created = client.refunds.create(
        order_id,
        "SO-2-R1",
        {
            "items": [
                {
                    "order_item_id": item.order_item_id,
                    "total_quantity_returned": 0,
                    "order_return_refund_qty": 1,
                    "refund_reason": RefundReason.PACKAGE_NEVER_ARRIVED,
                    "refund_amount": {
                        "principal": item.item_price.base_price,
                        "tax": ZERO,
                        "shipping_cost": ZERO,
                        "shipping_tax": ZERO,
                    },
                }
            ]
        },
    )

    by_alt = client.refunds.get("SO-2-R1")
    assert by_alt == client.refunds.get(created.refund_authorization_id)
    assert (by_alt.alt_refund_id, by_alt.items[0].refund_amount.principal) == (
        "SO-2-R1",
        item.item_price.base_price,
    )
    assert client.refunds.ids(by_alt.refund_status) in ([created.refund_authorization_id], ["SO-2-R1"])


def _shipped_order(client: JetClient, server: SandboxServer, node: str) -> str:
    list_sku(client, node, "MUG-2")
    eventually(server, lambda: "MUG-2" in list(client.products.iter_skus()))
    (order_id,) = client.orders.generate(
        1, node, [{"sku": "MUG-2", "order_quantity": 1, "order_cancel_quantity": 0}]
    )
    (item,) = client.orders.get(order_id).order_items
    client.orders.acknowledge(
        order_id,
        {
            "acknowledgement_status": AcknowledgementStatus.ACCEPTED,
            "order_items": [
                {
                    "order_item_id": item.order_item_id,
                    "order_item_acknowledgement_status": ItemAcknowledgement.FULFILLABLE,
                }
            ],
        },
    )
    client.orders.ship(
        order_id,
        {
            "shipments": [
                {
                    "alt_shipment_id": "SO-2-A",
                    "shipment_tracking_number": "794600112244",
                    "response_shipment_date": datetime.fromisoformat(server.control.now()),
                    "carrier": Carrier.FEDEX,
                    "shipment_items": [{"merchant_sku": "MUG-2", "response_shipment_sku_quantity": 1}],
                }
            ]
        },
    )
    return order_id


def test_settlement_and_report(client: JetClient, server: SandboxServer, node: str) -> None:
    _shipped_order(client, server, node)
    server.control.advance(15 * 86400)
    reports = [client.settlement.report(report) for report in client.settlement.report_ids(30)]
    assert reports != []
    for report in reports:
        assert report.settlement_value == report.order_balance + report.return_balance + report.jet_adjustment

    report_id = client.reports.request(ReportType.PRODUCT_STATUS)
    eventually(server, lambda: _report_status(client, report_id) == ReportStatus.READY)
    assert list(client.reports.product_statuses(client.reports.state(report_id))) == ["MUG-2"]


def _report_status(client: JetClient, report_id: str) -> str:
    try:
        return client.reports.state(report_id).report_status
    except errors.JetNotFound:
        return ""


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_trouble_is_ridden_out(
    client: JetClient, server: SandboxServer, status: int, events: list[RequestEvent]
) -> None:
    client.auth.token()
    events.clear()
    server.control.fault("status", path="/orders/ready", status=status, remaining=1)
    started = time.monotonic()

    assert client.orders.urls(OrderStatus.READY) == []

    assert [event.status for event in events] == [status, 200]
    assert time.monotonic() - started >= 0.25
