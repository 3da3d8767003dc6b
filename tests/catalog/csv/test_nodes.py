"""Columns of a price file for one fulfilment node: `inventory:Reno` and `price:Reno`, in and out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalog.actions import csv_import
from catalog.actions.csv_upload import resume_import, start_import
from catalog.actions.targets import refresh_targets
from catalog.csv_mapping import guess_columns
from catalog.csv_reader import CsvRow
from catalog.csv_rows import PriceParser
from catalog.enums import CsvKind, CsvState
from catalog.models import CsvUpload, NodeStock, Variant
from catalog.node_columns import NodeColumns, NodePlace
from catalog.numbers import Writing
from jetsync.exceptions import InvalidInput
from jetsync.models import FulfillmentNode, Job, Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.csv.test_pages import url
from tests.catalog.csv.test_products import failures

ClientFor = Callable[..., Client]
ImportCsv = Callable[..., CsvUpload]
Drain = Callable[..., int]
PRICES = CsvKind.PRICE_INVENTORY
NODES = NodeColumns.of(
    [
        NodePlace(1, "a" * 32, "Hoboken", True),
        NodePlace(2, "b" * 32, "Reno", False),
        NodePlace(3, "c" * 32, "Depot", False),
        NodePlace(4, "d" * 32, "depot", False),
    ]
)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("inventory:Reno", "inventory:Reno"),
        (" QUANTITY : reno ", "inventory:Reno"),
        (f"price:{'B' * 32}", "price:Reno"),
        ("price:Reno", "price:Reno"),
        (f"inventory:{'d' * 32}", f"inventory:{'d' * 32}"),
        ("inventory", "inventory"),
        ("msrp:Reno", "msrp:Reno"),
    ],
)
def test_a_node_is_found_by_its_name_in_any_case_or_by_its_id(title: str, name: str) -> None:
    assert NODES.resolved([title]) == [name]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("inventory:Reon", "“inventory:Reon” names no node of yours."),
        ("inventory:Reon", "Did you mean “inventory:Reno”?"),
        ("price:", "“price:” names no node of yours."),
        ("price:depot", "“price:depot” may mean several nodes of that name."),
    ],
)
def test_a_column_without_its_node_names_the_rule_and_the_nodes(title: str, words: str) -> None:
    fault = NODES.fault(title)

    assert words in fault
    assert "Behind the colon stands the name of a fulfilment node, or its id at Jet." in fault
    assert f"Your nodes: Hoboken, Reno, {'c' * 32}, {'d' * 32}." in fault


def test_a_column_of_a_node_is_never_guessed_to_be_the_whole_products() -> None:
    header = ["SKU", "Quantity: Sparks", "price:Renoo", "Inventory: reno", "Price Reno"]

    assert guess_columns(header, PRICES, {}, NODES) == ["sku", "", "", "inventory:Reno", "price:Reno"]


@given(text=st.text(max_size=30), price=st.text(alphabet="0123456789.,-+$ eE", max_size=14))
def test_any_cell_gives_a_number_within_the_rules_or_a_problem_of_its_column(text: str, price: str) -> None:
    columns = ["sku", "inventory:Reno", "price:Reno"]
    parser = PriceParser(columns, Writing.OPEN, NODES.among(columns))

    row = parser.parse(CsvRow(2, ["A", text, price]))

    assert {problem.field for problem in row.problems} <= {"inventory:Reno", "price:Reno"}
    quantity, amount = row.values.get("quantity@2"), row.values.get("price@2")
    assert quantity is None or (isinstance(quantity, int) and 0 <= quantity < 10**9)
    assert amount is None or (amount >= Decimal("0.01") and amount == amount.quantize(Decimal("0.01")))
    for column, key in zip(columns[1:], ("quantity@2", "price@2"), strict=True):
        given_text = row.cells[parser.index[column]]
        is_wrong = any(problem.field == column for problem in row.problems)
        if row.is_read:  # else a cell holds what no cell may
            assert bool(given_text) == (is_wrong or key in row.values)


def at(node: FulfillmentNode, sku: str = "A") -> tuple[int | None, Decimal | None]:
    found = NodeStock.objects.filter(node=node, variant__sku=sku).values_list("quantity", "price").first()
    return found or (None, None)


def put(variant: Variant, node: FulfillmentNode, **values: Any) -> None:
    NodeStock.objects.update_or_create(
        merchant_id=variant.merchant_id, variant=variant, node=node, defaults=values
    )
    refresh_targets(variant.merchant, [variant.pk])


@pytest.mark.django_db
@pytest.mark.feature("CSV-40")
def test_numbers_of_nodes_are_stored_and_sent(
    shop: Merchant, reno: FulfillmentNode, upload_csv: ImportCsv
) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(40), quantity=12)
    rows.make_variant(shop, sku="B", price=Decimal(40), quantity=12)
    rows.mark_listed(kettle)
    upload = upload_csv(b"sku;Quantity:reno;price:Reno\nA;1 200;41,50\nB;;\n", PRICES)
    Job.objects.exclude(kind="catalog.import_csv").delete()

    csv_import.run_import(upload)

    upload.refresh_from_db()
    assert upload.columns == ["sku", "inventory:Reno", "price:Reno"]
    assert (failures(upload), upload.updated_count, upload.unchanged_count) == ([], 1, 1)
    assert (at(reno), at(reno, "B")) == ((1200, Decimal("41.50")), (None, None))
    assert rows.offered(kettle) == {"Hoboken": 12, "Reno": 1200}
    assert NodeStock.objects.get(node=reno).price_target == Decimal("41.50")
    kettle.refresh_from_db()
    assert (kettle.price, kettle.quantity) == (Decimal(40), 12)
    pushed = set(Job.objects.values_list("kind", flat=True))
    assert {"catalog.push_inventory", "catalog.push_prices"} <= pushed


@pytest.mark.django_db
def test_an_empty_cell_of_a_node_leaves_what_is_stored(
    shop: Merchant, reno: FulfillmentNode, import_csv: ImportCsv
) -> None:
    put(rows.make_variant(shop, sku="A", price=Decimal(40), quantity=12), reno, quantity=5, price=Decimal(39))

    upload = import_csv(b"sku,price,inventory:Reno,price:Reno\nA,41,,\n", PRICES)

    assert (failures(upload), upload.updated_count) == ([], 1)
    assert at(reno) == (5, Decimal(39))
    assert Variant.objects.get().price == Decimal(41)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"A,-1,", "inventory:Reno: Inventory at Reno is -1, 0 or more is needed."),
        (b"A,2.5,", "inventory:Reno: Inventory at Reno “2.5” is not a whole number."),
        (b"A,many,", "inventory:Reno: Inventory at Reno “many” is not a whole number."),
        (b"A,=1+2,", "inventory:Reno: inventory:Reno holds a spreadsheet formula."),
        (b"A,,0", "price:Reno: Price is 0, at least 0.01 USD is needed."),
        (b"A,,x", "price:Reno: Price at Reno “x” is not a number."),
        (b"A,7,39.999", "price:Reno: Price is 39.999, at most two decimals are allowed."),
        (b"X,7,39", "sku: SKU X is not among your products."),
    ],
)
def test_a_wrong_cell_of_a_node_fails_its_row_and_stores_nothing_of_it(
    shop: Merchant,
    reno: FulfillmentNode,
    import_csv: ImportCsv,
    client_for: ClientFor,
    *,
    line: bytes,
    message: str,
) -> None:
    for sku in "AB":
        put(rows.make_variant(shop, sku=sku, price=Decimal(40)), reno, quantity=5, price=Decimal(39))

    upload = import_csv(b"sku,quantity:RENO,price:Reno\n" + line + b"\nB,6,\n", PRICES)

    assert failures(upload) == [(2, message)]
    assert (at(reno), at(reno, "B")) == ((5, Decimal(39)), (6, Decimal(39)))
    back = client_for("owner").get(url(shop, f"csv/{upload.pk}/failed/"))
    lines = b"".join(back.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "sku,inventory:Reno,price:Reno,jetsync_line,jetsync_error"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("sku,inventory:Sparks", "Column “inventory:Sparks” names no node of yours. Behind the colon"),
        ("sku,price:Sparks,price", "Your nodes: Hoboken, Reno."),
        ("sku,inventory:Reno,quantity:reno", "Column “inventory:Reno” stands 2 times; keep one."),
    ],
)
def test_a_header_whose_node_is_unknown_or_named_twice_is_refused(
    shop: Merchant, reno: FulfillmentNode, upload_csv: ImportCsv, header: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        upload_csv(f"{header}\nA,1,2\n".encode(), PRICES)

    assert words in caught.value.message
    assert not CsvUpload.objects.exists()


@pytest.mark.django_db
def test_a_file_of_nodes_given_as_products_is_told_for_what_it_is(
    shop: Merchant, reno: FulfillmentNode, upload_csv: ImportCsv
) -> None:
    with pytest.raises(InvalidInput, match="This looks like a file of price and inventory"):
        upload_csv(b"sku,inventory:Reno\nA,1\n", CsvKind.PRODUCTS)


@pytest.mark.django_db
def test_the_page_asks_which_node_an_unknown_one_is_and_remembers_it(
    shop: Merchant, reno: FulfillmentNode, client_for: ClientFor, drain: Drain
) -> None:
    rows.make_variant(shop, sku="A")
    client, content = client_for("owner"), b"sku,inventory:Sparks\nA,7\n"

    def post() -> tuple[CsvUpload, str]:
        file = SimpleUploadedFile("stock.csv", content)
        data = {"kind": "price_inventory", "file": file}
        page = client.post(url(shop, "csv/upload/"), data, follow=True).content.decode()
        drain()
        return CsvUpload.objects.latest("pk"), page

    upload, page = post()
    assert upload.state == CsvState.MAPPING
    assert "Column “inventory:Sparks” names no node of yours." in page
    assert '<option value="inventory:Reno">' in page
    chosen = {"column_0": "sku", "column_1": "inventory:Reno"}
    client.post(url(shop, f"csv/{upload.pk}/columns/"), chosen)
    drain()
    upload.refresh_from_db()
    assert upload.preview["columns"] == {"inventory:Reno": 1}

    again, _page = post()
    assert (again.state, again.columns) == (CsvState.CHECKED, ["sku", "inventory:Reno"])

    FulfillmentNode.objects.filter(pk=reno.pk).update(name="Reno West")
    renamed, _page = post()
    assert renamed.state == CsvState.MAPPING


@pytest.mark.django_db
@pytest.mark.feature("CSV-01")
def test_the_preview_shows_old_and_new_of_each_node(
    shop: Merchant, reno: FulfillmentNode, upload_csv: ImportCsv, drain: Drain, client_for: ClientFor
) -> None:
    for sku in "ABC":
        put(rows.make_variant(shop, sku=sku, price=Decimal(40)), reno, quantity=5, price=Decimal(39))
    rows.make_variant(shop, sku="D")
    table = b"sku,inventory:Reno,price:Reno\nA,6,\nB,5,39\nC,,39.5\nD,3,\nE,x,1\n"
    upload = upload_csv(table, PRICES, preview=True)
    drain()
    upload.refresh_from_db()

    found = upload.preview
    assert (found["changed"], found["unchanged"], found["wrong"]) == (3, 1, 1)
    assert found["columns"] == {"inventory:Reno": 2, "price:Reno": 1}
    assert [(row["sku"], row["cells"]) for row in found["changed_rows"]] == [
        ("A", [{"column": "inventory:Reno", "old": "5", "new": "6"}]),
        ("C", [{"column": "price:Reno", "old": "39.00", "new": "39.50"}]),
        ("D", [{"column": "inventory:Reno", "old": "", "new": "3"}]),
    ]
    assert at(reno) == (5, Decimal(39))
    assert "price:Reno" in client_for("owner").get(url(shop, f"csv/{upload.pk}/")).content.decode()


@pytest.mark.django_db
def test_large_steps_at_a_node_wait_for_the_tick(
    shop: Merchant, reno: FulfillmentNode, upload_csv: ImportCsv, drain: Drain
) -> None:
    """A node without a price of its own has the SKU's, so its first one is a step from that."""
    put(rows.make_variant(shop, sku="A", price=Decimal(79)), reno, quantity=12, price=Decimal(40))
    rows.make_variant(shop, sku="B", price=Decimal(79))
    rows.make_variant(shop, sku="C", price=Decimal(79))
    table = b"sku,inventory:Reno,price:Reno\nA,1200,4.00\nB,7,3.80\nC,7,78\n"
    upload = upload_csv(table, PRICES, preview=True)
    drain()
    upload.refresh_from_db()

    step = "over the 20% of your price settings."
    assert [(row["sku"], row["reason"]) for row in upload.preview["held_rows"]] == [
        (
            "A",
            f"Price at Reno 40.00 → 4.00: -90.0%, {step} Inventory at Reno 12 → 1,200: 100 times what it was.",
        ),
        ("B", f"Price at Reno 79.00 → 3.80: -95.2%, {step}"),
    ]

    start_import(upload, actor=SYSTEM)
    drain()
    assert (at(reno), at(reno, "B"), at(reno, "C")) == ((12, Decimal(40)), (None, None), (7, Decimal(78)))
    assert failures(upload)[0][1].startswith("price:Reno: Price at Reno 40.00 → 4.00")


@pytest.mark.django_db
def test_the_first_count_of_the_default_node_is_held_against_the_products(
    shop: Merchant, reno: FulfillmentNode, import_csv: ImportCsv
) -> None:
    """There the product's quantity is offered until then; at another node nothing is."""
    kettle = rows.make_variant(shop, sku="A", quantity=12)

    upload = import_csv(b"sku,inventory:Hoboken\nA,1200\n", PRICES)

    reason = "Inventory at Hoboken 12 → 1,200: 100 times what it was."
    assert failures(upload) == [(2, f"inventory:Hoboken: {reason}")]
    assert rows.offered(kettle) == {"Hoboken": 12}

    import_csv(b"sku,inventory:Hoboken\nA,1200\n", PRICES, confirms_prices=True)
    assert rows.offered(kettle) == {"Hoboken": 1200}


@pytest.mark.django_db
def test_a_file_that_counts_the_default_node_leaves_that_count_to_its_own_column(
    shop: Merchant, reno: FulfillmentNode, import_csv: ImportCsv
) -> None:
    kettle = rows.make_variant(shop, sku="A", quantity=12)
    NodeStock.objects.update(quantity=3)

    kept = import_csv(b"sku,inventory,inventory:Hoboken\nA,13,\n", PRICES)
    assert (kept.updated_count, rows.offered(kettle)) == (1, {"Hoboken": 3})

    import_csv(b"sku,inventory,inventory:Hoboken\nA,13,4\n", PRICES)
    assert rows.offered(kettle) == {"Hoboken": 4}

    import_csv(b"sku,inventory,inventory:Reno\nA,13,8\n", PRICES)
    assert rows.offered(kettle) == {"Hoboken": 13, "Reno": 8}


@pytest.mark.django_db
def test_a_node_takes_as_many_queries_for_three_skus_as_for_one(
    shop: Merchant, reno: FulfillmentNode, upload_csv: ImportCsv
) -> None:
    def queries(*skus: str) -> int:
        for sku in skus:
            rows.make_variant(shop, sku=sku, price=Decimal(40))
        lines = "".join(f"{sku},7,39\n" for sku in skus)
        upload = upload_csv(f"sku,inventory:Reno,price:Reno\n{lines}".encode(), PRICES)
        with CaptureQueriesContext(connection) as captured:
            csv_import.run_import(upload)
        return len(captured)

    assert queries("A") == queries("B", "C", "D")


@pytest.mark.django_db
def test_a_node_renamed_meanwhile_stops_the_import_which_goes_on_later(
    shop: Merchant, reno: FulfillmentNode, upload_csv: ImportCsv, drain: Drain
) -> None:
    rows.make_variant(shop, sku="A")
    upload = upload_csv(b"sku,inventory:Reno\nA,6\n", PRICES, preview=True)
    drain()
    upload.refresh_from_db()
    start_import(upload, actor=SYSTEM)
    FulfillmentNode.objects.filter(pk=reno.pk).update(name="Sparks")
    drain()

    upload.refresh_from_db()
    assert (upload.rows_done, at(reno)) == (0, (None, None))
    operation = upload.operation
    assert operation is not None
    assert "Column “inventory:Reno” names no node of yours." in operation.message

    FulfillmentNode.objects.filter(pk=reno.pk).update(name="Reno")
    resume_import(upload, actor=SYSTEM)
    drain()
    assert at(reno) == (6, None)


@pytest.mark.django_db
def test_a_check_of_a_file_whose_node_is_gone_says_so(
    shop: Merchant, reno: FulfillmentNode, upload_csv: ImportCsv, drain: Drain
) -> None:
    upload = upload_csv(b"sku,inventory:Reno\nA,6\n", PRICES, preview=True)
    reno.delete()
    drain()

    upload.refresh_from_db()
    assert upload.state == CsvState.CANCELLED
    assert "Column “inventory:Reno” names no node of yours." in upload.preview["note"]


@pytest.mark.django_db
@pytest.mark.parametrize("suffix", ["", "?format=xlsx"])
def test_an_export_has_the_columns_of_the_nodes_and_comes_back_as_unchanged(
    shop: Merchant, reno: FulfillmentNode, client_for: ClientFor, import_csv: ImportCsv, suffix: str
) -> None:
    put(rows.make_variant(shop, sku="A", price=Decimal(40), quantity=12), reno, quantity=5, price=Decimal(39))
    rows.make_variant(shop, sku="B", price=Decimal(40), quantity=12)
    default = FulfillmentNode.objects.get(is_default=True)
    NodeStock.objects.filter(node=default, variant__sku="A").update(quantity=3)
    client = client_for("owner")

    answer: Any = client.get(url(shop, f"products/export/price_inventory/{suffix}"))
    content = b"".join(answer.streaming_content)
    upload = import_csv(content, PRICES, name=f"back.{'xlsx' if suffix else 'csv'}")

    assert (upload.unchanged_count, upload.updated_count, failures(upload)) == (2, 0, [])
    assert at(default) == (3, None)
    if not suffix:
        assert content.decode("utf-8-sig").splitlines() == [
            "sku,price,inventory,inventory:Hoboken,price:Hoboken,inventory:Reno,price:Reno",
            "A,40.00,12,3,,5,39.00",
            "B,40.00,12,,,,",
        ]


@pytest.mark.django_db
def test_templates_and_the_upload_page_name_the_nodes_once_there_are_several(
    shop: Merchant, client_for: ClientFor, upload_csv: ImportCsv
) -> None:
    client = client_for("owner")
    rows.make_variant(shop, sku="HF-1", price=Decimal(40), quantity=12)
    upload = upload_csv(b"sku,price\nhf-1,40\n", PRICES)

    def template(more: str = "") -> list[str]:
        answer: Any = client.get(url(shop, f"csv/template/price_inventory/{more}"))
        return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert template()[0] == "sku,price,inventory"
    put(Variant.objects.get(), rows.make_node(shop, "Reno"), quantity=5)

    header = "sku,price,inventory,inventory:Hoboken,price:Hoboken,inventory:Reno,price:Reno"
    assert template()[0] == header
    assert template(f"?from={upload.pk}") == [header, "HF-1,40.00,12,,,5,"]
    assert "inventory:Reno" in client.get(url(shop, "csv/upload/")).content.decode()
