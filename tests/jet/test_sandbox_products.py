"""Products, files and taxonomy of the client against the sandbox, over real HTTP."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jetsync.jet import FileType, JetClient, archive_body, bulk, errors, inventory_body, price_body
from jetsync.jet.types import FileRecord
from jetsync.jet.words import (
    FileStatus,
    ListingStatus,
    ListingSubStatus,
    Relationship,
    ReportStatus,
    ReportType,
    ShippingMethod,
)
from tests.jet.walk import USER, eventually, list_sku, mug
from tests.sandbox_server import SandboxServer


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


COLOR = 101
RESTRICTED = {"shipping_method": "UPS Ground", "shipping_exception_type": "restricted"}


def send_file(
    client: JetClient, server: SandboxServer, folder: Path, file_type: FileType, rows: dict[str, Any]
) -> FileRecord:
    """A bulk file from writing to its final record."""
    file = bulk.write_file(folder / f"{file_type}.json.gz", rows.items())
    token = client.files.upload_token()
    client.files.upload(token, file.path)
    client.files.announce(token.url, file_type, file.path.name)
    eventually(server, lambda: client.files.get(token.jet_file_id).is_final)
    return client.files.get(token.jet_file_id)


def colored(code: str, color: str) -> Any:
    return mug(code) | {"attributes_node_specific": [{"attribute_id": COLOR, "attribute_value": color}]}


def test_every_type_of_file_reaches_the_skus(
    client: JetClient, server: SandboxServer, node: str, tmp_path: Path
) -> None:
    west = server.control.add_node(USER, "West")
    place = _return_location(server)
    at_nodes = [{"fulfillment_node_id": name, "shipping_exceptions": [RESTRICTED]} for name in (node, west)]
    group = {"relationship": "Variation", "variation_refinements": [COLOR], "children_skus": ["B"]}
    prices = {node: Decimal("24.50"), west: Decimal("26.00")}
    files: list[tuple[FileType, dict[str, Any]]] = [
        (
            FileType.MERCHANT_SKUS,
            {
                "A": colored("036000291452", "Red"),
                "B": colored("012345678905", "Blue"),
                "C": mug("036000291452"),
            },
        ),
        (FileType.PRICE, {"A": price_body(Decimal("24.99"), prices)}),
        (FileType.INVENTORY, {"A": inventory_body({node: 12, west: 3})}),
        (FileType.VARIATION, {"A": group}),
        (FileType.SHIPPING_EXCEPTION, {"A": {"fulfillment_nodes": at_nodes}}),
        (FileType.RETURNS_EXCEPTION, {"A": {"return_location_ids": [place], "time_to_return": 14}}),
        (FileType.ARCHIVE, {"C": archive_body(is_archived=True)}),
    ]

    records = [send_file(client, server, tmp_path, file_type, rows) for file_type, rows in files]

    assert [(record.file_type, record.status, record.error_count) for record in records] == [
        (file_type, FileStatus.PROCESSED_SUCCESSFULLY, 0) for file_type, _ in files
    ]
    sku = client.products.get("A")
    assert (sku.price, sku.node_prices, sku.quantities) == (Decimal("24.99"), prices, {node: 12, west: 3})
    assert (sku.children_skus, sku.time_to_return, sku.return_location_ids) == (["B"], 14, [place])
    exceptions = client.products.get_shipping_exceptions("A")
    assert [found.fulfillment_node_id for found in exceptions] == [node, west]
    assert client.products.get("C").status == ListingStatus.ARCHIVED


@pytest.mark.parametrize("by_file", [False, True], ids=["call", "file"])
def test_empty_list_deletes(
    client: JetClient, server: SandboxServer, node: str, tmp_path: Path, *, by_file: bool
) -> None:
    products = client.products
    products.put("A", colored("036000291452", "Red"))
    products.put("B", colored("012345678905", "Blue"))
    products.set_variation(
        "A", {"relationship": "Variation", "variation_refinements": [COLOR], "children_skus": ["B"]}
    )
    at_node: Any = {"fulfillment_node_id": node, "shipping_exceptions": [RESTRICTED]}
    products.set_shipping_exceptions("A", {"fulfillment_nodes": [at_node]})
    products.set_returns_exception("A", {"return_location_ids": [_return_location(server)]})
    assert (products.get_variation("A").children_skus, len(products.get_shipping_exceptions("A"))) == (
        ["B"],
        1,
    )
    assert len(products.get_returns_exception("A").return_location_ids) == 1

    no_group: Any = {"relationship": "Variation", "variation_refinements": [], "children_skus": []}
    none_at_node: Any = {"fulfillment_nodes": [{**at_node, "shipping_exceptions": []}]}
    if by_file:
        for file_type, body in (
            (FileType.VARIATION, no_group),
            (FileType.SHIPPING_EXCEPTION, none_at_node),
            (FileType.RETURNS_EXCEPTION, {"return_location_ids": []}),
        ):
            record = send_file(client, server, tmp_path, file_type, {"A": body})
            assert record.status == FileStatus.PROCESSED_SUCCESSFULLY
    else:
        products.set_variation("A", no_group)
        products.set_shipping_exceptions("A", none_at_node)
        products.set_returns_exception("A", {"return_location_ids": []})

    assert products.get_variation("A").children_skus == []
    assert products.get_shipping_exceptions("A") == []
    assert products.get_returns_exception("A").return_location_ids == []


def test_inventory_of_one_node_leaves_the_other(client: JetClient, server: SandboxServer, node: str) -> None:
    west = server.control.add_node(USER, "West")
    assert sorted(found.node_id for found in client.nodes.list()) == sorted([node, west])
    client.products.put("A", mug("036000291452"))
    client.products.set_inventory("A", {node: 12, west: 3})

    client.products.set_inventory("A", {west: 0})

    assert client.products.get_inventory("A").by_node == {node: 12, west: 0}


def test_fresh_sku_has_nothing_hung_on_it(client: JetClient, server: SandboxServer) -> None:
    server.control.switch(variation_missing_404=True)
    client.products.put("A", mug("036000291452"))

    assert client.products.get_price("A").price is None
    assert client.products.get_inventory("A").by_node == {}
    assert client.products.get_variation("A").relationship is None
    with pytest.raises(errors.JetNotFound):
        client.products.get_variation("NEVER-SENT")


@pytest.mark.parametrize("status", [status for status in ListingStatus if status != ListingStatus.ARCHIVED])
def test_every_status_is_read_and_counted(
    client: JetClient, server: SandboxServer, status: ListingStatus
) -> None:
    client.products.put("A", mug("036000291452"))
    words = list(ListingSubStatus)

    server.control.verdict(USER, "A", status, *words)

    sku = client.products.get("A")
    assert (sku.status, sku.sub_status) == (status, words)
    (row,) = client.products.iter_by_status(status)
    assert (row.merchant_sku, row.status, row.sub_status) == ("A", status, words)
    assert client.products.count(status) == 1


@pytest.mark.parametrize("form", ["array", "object", "by_sku", "lines", "missing"])
def test_every_error_of_a_file_is_read_in_every_form(
    client: JetClient, server: SandboxServer, tmp_path: Path, form: str
) -> None:
    server.control.switch(error_list_form=form, file_first_status="Merchant acknowledged")
    rows = {f"S-{number}": price_body(Decimal("5.00")) for number in range(25)}

    record = send_file(client, server, tmp_path, FileType.PRICE, rows)

    expected = [f"{sku}: merchant sku unavailable" for sku in rows]
    assert (record.error_count, record.error_excerpt) == (25, expected[:20])
    assert client.files.errors(record) == (expected[:20] if form == "missing" else expected)


def test_file_waits_under_either_word(client: JetClient, server: SandboxServer, tmp_path: Path) -> None:
    server.control.switch(file_first_status="Merchant acknowledged")
    file = bulk.write_file(tmp_path / "price.json.gz", [])
    token = client.files.upload_token()
    client.files.upload(token, file.path)

    record = client.files.announce(token.url, FileType.PRICE, file.path.name)

    assert (record.status, record.is_final) == (FileStatus.MERCHANT_ACKNOWLEDGED, False)


def test_failed_report_has_no_file(client: JetClient, server: SandboxServer) -> None:
    server.control.switch(reports_fail=True)
    report_id = client.reports.request(ReportType.SALES_DATA)
    server.control.advance(6)

    state = client.reports.state(report_id)

    assert state.report_status == ReportStatus.FAILED
    with pytest.raises(errors.JetNotFound):
        client.reports.download(state)


def test_attributes_of_every_kind_are_read(client: JetClient) -> None:
    kinds = {
        (attribute.free_text, bool(attribute.units), bool(attribute.values))
        for category in client.taxonomy.iter_node_ids()
        for attribute in client.taxonomy.attributes(category)
    }

    assert kinds == {(True, False, False), (True, True, False), (False, False, True)}
