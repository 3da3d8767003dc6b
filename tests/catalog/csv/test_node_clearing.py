"""The word `none` in a column of a node: what the node has of its own is taken away, and comes back with the undo."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from catalog.models import CsvUpload, NodeStock
from jetsync.actions.operation import undo_operation
from jetsync.models import FulfillmentNode, Merchant, Operation
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.csv.test_nodes import PRICES, at, put
from tests.catalog.csv.test_products import failures

pytestmark = pytest.mark.django_db
ImportCsv = Callable[..., CsvUpload]
Drain = Callable[..., int]


@pytest.fixture
def pair(shop: Merchant, reno: FulfillmentNode) -> None:
    for sku in "AB":
        put(
            rows.make_variant(shop, sku=sku, price=Decimal(40), quantity=12),
            reno,
            quantity=5,
            price=Decimal(39),
        )


@pytest.mark.feature("CSV-40")
@pytest.mark.usefixtures("pair")
def test_the_word_takes_away_what_the_node_has(
    shop: Merchant, reno: FulfillmentNode, import_csv: ImportCsv, drain: Drain
) -> None:
    upload = import_csv(b"sku,inventory:Reno,price:Reno\nA,none,None\nB,,NONE\n", PRICES)

    assert (failures(upload), upload.updated_count) == ([], 2)
    assert (at(reno), at(reno, "B")) == ((None, None), (5, None))
    assert set(NodeStock.objects.filter(node=reno).values_list("variant__sku", "quantity_target")) == {
        ("A", 0),
        ("B", 5),
    }
    again = import_csv(b"sku,inventory:Reno,price:Reno\nA,none,none\n", PRICES)
    assert (again.updated_count, again.unchanged_count) == (0, 1)

    undo_operation(Operation.objects.get(pk=upload.operation_id), actor=SYSTEM)
    drain()
    assert (at(reno), at(reno, "B")) == ((5, Decimal(39)), (5, Decimal(39)))


@pytest.mark.feature("CSV-40")
def test_at_the_default_node_the_products_quantity_counts_again(
    shop: Merchant, import_csv: ImportCsv
) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(40), quantity=12)
    hoboken = FulfillmentNode.objects.get(merchant=shop)
    put(kettle, hoboken, quantity=5)

    import_csv(b"sku,inventory:Hoboken\nA,none\n", PRICES)

    assert at(hoboken) == (None, None)
    assert rows.offered(kettle) == {"Hoboken": 12}


@pytest.mark.feature("CSV-40")
def test_taking_away_a_price_far_from_the_products_asks_as_setting_it_does(
    shop: Merchant, reno: FulfillmentNode, import_csv: ImportCsv
) -> None:
    for sku, own in (("A", Decimal(4)), ("B", Decimal(39))):
        put(rows.make_variant(shop, sku=sku, price=Decimal(40)), reno, price=own)
    content = b"sku,price:Reno\nA,none\nB,none\n"

    held = import_csv(content, PRICES)

    assert (at(reno), at(reno, "B")) == ((None, Decimal(4)), (None, None))
    step = "Price at Reno 4.00 → 40.00: +900.0%, over the 20% of your price settings."
    told = f"price:Reno: {step} Without a price of its own the node has the product's."
    assert failures(held) == [(2, told)]
    import_csv(content, PRICES, confirms_prices=True)
    assert at(reno) == (None, None)


@pytest.mark.feature("CSV-40")
def test_the_products_price_of_the_same_file_is_the_one_that_counts_then(
    shop: Merchant, reno: FulfillmentNode, import_csv: ImportCsv
) -> None:
    put(rows.make_variant(shop, sku="A", price=Decimal(40)), reno, price=Decimal(34))

    done = import_csv(b"sku,price,price:Reno\nA,35,none\n", PRICES)

    assert (failures(done), at(reno)) == ([], (None, None))


@pytest.mark.usefixtures("pair")
def test_the_preview_shows_that_the_node_has_nothing_then(upload_csv: ImportCsv, drain: Drain) -> None:
    upload = upload_csv(b"sku,inventory:Reno,price:Reno\nA,none,\n", PRICES, preview=True)
    drain()
    upload.refresh_from_db()

    [row] = upload.preview["changed_rows"]
    assert row["cells"] == [{"column": "inventory:Reno", "old": "5", "new": ""}]


@pytest.mark.usefixtures("pair")
def test_the_word_means_nothing_in_the_columns_of_the_product(import_csv: ImportCsv) -> None:
    upload = import_csv(b"sku,inventory\nA,none\n", PRICES)

    assert failures(upload) == [(2, "inventory: Inventory “none” is not a whole number.")]
