"""The way back of a price file with columns for one fulfilment node."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from catalog.actions import csv_import
from catalog.models import CsvBefore, CsvUpload, NodeStock, Variant
from jetsync.actions.operation import undo_operation
from jetsync.models import FulfillmentNode, Merchant, Operation, OperationRow
from jetsync.panel.confirm import operation_url
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.csv.test_nodes import PRICES, at, put

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
ImportCsv = Callable[..., CsvUpload]
Drain = Callable[..., int]


def undo(upload: CsvUpload, drain: Drain, *, spares: bool = True) -> Operation:
    undoing = undo_operation(Operation.objects.get(pk=upload.operation_id), actor=SYSTEM, spares=spares)
    drain()
    undoing.refresh_from_db()
    return undoing


@pytest.mark.parametrize("batch", [1, 2500])
def test_numbers_of_nodes_come_back_but_not_over_later_changes(
    shop: Merchant,
    reno: FulfillmentNode,
    import_csv: ImportCsv,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
    *,
    batch: int,
) -> None:
    monkeypatch.setattr(csv_import, "BATCH", batch)
    for sku in "AB":
        put(rows.make_variant(shop, sku=sku, price=Decimal(40)), reno, quantity=5, price=Decimal(39))
    rows.make_variant(shop, sku="C", price=Decimal(40))
    table = b"sku,price,inventory:Reno,price:Reno\nA,41,6,38\nB,41,6,38\nC,41,6,38\n"
    upload = import_csv(table, PRICES)
    NodeStock.objects.filter(variant__sku="B", node=reno).update(quantity=2)  # four were sold

    undoing = undo(upload, drain)

    assert (at(reno), at(reno, "B"), at(reno, "C")) == (
        (5, Decimal(39)),
        (2, Decimal(39)),
        (None, None),
    )
    assert set(Variant.objects.values_list("price", flat=True)) == {Decimal(40)}
    assert rows.offered(Variant.objects.get(sku="A"))["Reno"] == 5
    [left] = OperationRow.objects.filter(operation=undoing)
    assert left.message == (
        "Changed since: quantity at Reno is “2” now. Left as it is. Written back: price, price at Reno."
    )
    assert not CsvBefore.objects.exists()


@pytest.mark.parametrize("spares", [True, False])
def test_listed_skus_keep_the_quantity_of_a_node_that_had_none(
    shop: Merchant,
    reno: FulfillmentNode,
    import_csv: ImportCsv,
    drain: Drain,
    client_for: ClientFor,
    *,
    spares: bool,
) -> None:
    """Its price goes: the node has the SKU's then. So does a count of the default node: the SKU's stands in."""
    kettle = rows.make_variant(shop, sku="A", price=Decimal(40), quantity=12)
    upload = import_csv(b"sku,inventory:Hoboken,inventory:Reno,price:Reno\nA,3,6,39\n", PRICES)
    rows.mark_listed(kettle)
    operation = Operation.objects.get(pk=upload.operation_id)
    page = client_for("owner").get(f"{operation_url(operation)}undo/").content.decode()
    assert "1 listed SKU loses price or quantity" in page

    undoing = undo(upload, drain, spares=spares)

    assert at(reno) == (6 if spares else None, None)
    assert rows.offered(kettle) == {"Hoboken": 12, "Reno": 6 if spares else 0}
    words = list(OperationRow.objects.filter(operation=undoing).values_list("message", flat=True))
    kept = "Listed at Jet, and had no quantity at Reno before. Left as it is."
    assert words == ([f"{kept} Written back: price at Reno, quantity at Hoboken."] if spares else [])


def test_an_undo_passes_over_a_node_that_was_deleted(
    shop: Merchant, reno: FulfillmentNode, import_csv: ImportCsv, drain: Drain
) -> None:
    put(rows.make_variant(shop, sku="A", price=Decimal(40)), reno, quantity=5)
    upload = import_csv(b"sku,price,inventory:Reno\nA,41,6\n", PRICES)
    reno.delete()

    undoing = undo(upload, drain)

    assert Variant.objects.get().price == Decimal(40)
    [left] = OperationRow.objects.filter(operation=undoing)
    assert left.message.startswith("Changed since: quantity at a node that was deleted is empty now.")
