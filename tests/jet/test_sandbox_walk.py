"""Every call of the client against the sandbox, over real HTTP: the two were written apart from each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from jetsync.jet import FileType, JetClient, RequestEvent, bulk, errors, price_body
from jetsync.jet.session import new_session
from jetsync.jet.types import MerchantSkuBody
from jetsync.jet.words import (
    AcknowledgementStatus,
    Carrier,
    FileStatus,
    ItemAcknowledgement,
    ListingStatus,
    OrderStatus,
    RefundReason,
    Relationship,
    ReportStatus,
    ReportType,
    ReturnStatus,
    ShippingMethod,
)
from tests.sandbox_server import SandboxServer, start_sandbox

USER, SECRET = "walker-of-the-whole-api", "walker-secret-0123456789"
ZERO = Decimal("0.00")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    server = start_sandbox(tmp_path_factory.mktemp("sandbox"), [(USER, SECRET)], SANDBOX_TICK_SECONDS="0")
    yield server
    server.close()


@pytest.fixture
def events(server: SandboxServer) -> list[RequestEvent]:
    server.control.clear_faults()
    server.control.reset()
    return []


@pytest.fixture
def client(server: SandboxServer, events: list[RequestEvent]) -> Iterator[JetClient]:
    session = new_session()
    yield JetClient(
        base_url=server.api_url, user=USER, secret=SECRET, session=session, after_request=events.append
    )
    session.close()


@pytest.fixture
def node(client: JetClient) -> str:
    return client.nodes.list()[0].node_id


def eventually(server: SandboxServer, ready: Callable[[], bool]) -> None:
    """Moves the sandbox's clock until it holds."""
    for _ in range(100):
        if ready():
            return
        server.control.advance(60)
    raise AssertionError(f"not reached:\n{server.log()[-2000:]}")


def mug(code: str) -> MerchantSkuBody:
    return {
        "product_title": f"Enamel Camping Mug {code}",
        "multipack_quantity": 1,
        "brand": "Tarn & Pike",
        "standard_product_codes": [{"standard_product_code": code, "standard_product_code_type": "UPC"}],
        "main_image_url": "https://img.example.com/mug.jpg",
        "shipping_weight_pounds": Decimal("1.25"),
    }


def list_sku(client: JetClient, node: str, sku: str, code: str = "036000291452") -> None:
    client.products.put(sku, mug(code))
    client.products.set_price(sku, price=Decimal("24.99"), node_prices={node: Decimal("24.50")})
    client.products.set_inventory(sku, {node: 12})


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


def test_product_from_first_upload_to_archive(client: JetClient, server: SandboxServer, node: str) -> None:
    list_sku(client, node, "TP MUG+1")
    client.products.set_returns_exception(
        "TP MUG+1",
        {
            "return_location_ids": [_return_location(server)],
            "time_to_return": 30,
            "return_shipping_methods": [ShippingMethod.UPS_GROUND],
        },
    )
    client.products.set_shipping_exceptions(
        "TP MUG+1",
        {
            "fulfillment_nodes": [
                {
                    "fulfillment_node_id": node,
                    "shipping_exceptions": [
                        {"shipping_method": "UPS Ground", "shipping_exception_type": "restricted"}
                    ],
                }
            ]
        },
    )
    eventually(server, lambda: "TP MUG+1" in list(client.products.iter_skus()))

    sku = client.products.get("TP MUG+1")
    assert (sku.product_title, sku.price, sku.quantities) == (
        "Enamel Camping Mug 036000291452",
        Decimal("24.99"),
        {node: 12},
    )
    price = client.products.get_price("TP MUG+1")
    assert (price.price, price.by_node) == (Decimal("24.99"), {node: Decimal("24.50")})
    assert client.products.get_inventory("TP MUG+1").by_node == {node: 12}
    assert client.products.get_returns_exception("TP MUG+1").time_to_return == 30
    (exceptions,) = client.products.get_shipping_exceptions("TP MUG+1")
    assert exceptions.shipping_exceptions[0].shipping_exception_type == "restricted"
    assert client.products.sales_data("TP MUG+1") is None
    assert [row.merchant_sku for row in client.products.iter_by_status()] == ["TP MUG+1"]
    client.products.archive("TP MUG+1", is_archived=True)
    assert client.products.get("TP MUG+1").status == ListingStatus.ARCHIVED
    assert client.products.count(ListingStatus.ARCHIVED) == 1
    with pytest.raises(errors.JetNotFound):
        client.products.get("never-sent")
    with pytest.raises(errors.JetBadRequest) as refused:
        client.products.set_price("TP MUG+1", price=Decimal("-1.00"))
    assert refused.value.messages != []


def _return_location(server: SandboxServer) -> str:
    found = server.control.account(USER)["return_locations"][0]
    return str(found["id"] if isinstance(found, dict) else found)


def test_variation_of_two(client: JetClient, node: str) -> None:
    attribute = next(
        attribute.attribute_id
        for category in client.taxonomy.iter_node_ids()
        for attribute in client.taxonomy.attributes(category)
        if attribute.variant and attribute.free_text
    )
    for sku, color, code in (("MUG-R", "Red", "036000291452"), ("MUG-B", "Blue", "012345678905")):
        body = mug(code)
        body["attributes_node_specific"] = [{"attribute_id": attribute, "attribute_value": color}]
        client.products.put(sku, body)

    client.products.set_variation(
        "MUG-R",
        {
            "relationship": Relationship.VARIATION,
            "variation_refinements": [attribute],
            "children_skus": ["MUG-B"],
            "group_title": "Enamel Camping Mug",
        },
    )

    variation = client.products.get_variation("MUG-R")
    assert (variation.children_skus, variation.variation_refinements) == (["MUG-B"], [attribute])


def test_taxonomy_is_walked(client: JetClient) -> None:
    ids = list(client.taxonomy.iter_node_ids(page=50))

    assert len(ids) == len(set(ids)) > 3
    assert client.taxonomy.node(ids[0]).jet_node_id == ids[0]
    with pytest.raises(errors.JetNotFound):
        client.taxonomy.node(10**12)


def test_bulk_file_applies_the_good_and_names_the_bad(
    client: JetClient, server: SandboxServer, node: str, tmp_path: Path
) -> None:
    list_sku(client, node, "MUG-1")
    eventually(server, lambda: "MUG-1" in list(client.products.iter_skus()))
    rows = [("MUG-1", price_body(Decimal("19.95"))), ("NEVER-SENT", price_body(Decimal("5.00")))]
    file = bulk.write_file(tmp_path / "price.json.gz", iter(rows))

    token = client.files.upload_token()
    client.files.upload(token, file.path)
    announced = client.files.announce(token.url, FileType.PRICE, file.path.name)
    eventually(server, lambda: client.files.get(token.jet_file_id).is_final)

    record = client.files.get(token.jet_file_id)
    assert announced.jet_file_id == record.jet_file_id == token.jet_file_id
    assert (record.status, record.error_count) == (FileStatus.PROCESSED_WITH_ERRORS, 1)
    (error,) = client.files.errors(record)
    assert "NEVER-SENT" in error
    assert client.products.get_price("MUG-1").price == Decimal("19.95")
    with pytest.raises(errors.JetNotFound):
        client.files.get("0" * 32)


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
