"""How files are read: encodings, delimiters, headers, limits, broken rows; and the import's way through a kill."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from catalog.actions import csv_import
from catalog.actions.csv_import import run_import
from catalog.actions.csv_upload import can_resume
from catalog.csv_columns import column_names
from catalog.csv_reader import CsvFacts, check_columns, inspect_csv, read_rows
from catalog.enums import CsvKind
from catalog.models import CsvUpload, NodeStock, Variant
from jetsync.enums import OperationState
from jetsync.exceptions import InvalidInput
from jetsync.models import Job, Merchant, Operation, OperationRow
from tests.catalog import rows
from tests.catalog.conftest import csv_bytes
from tests.catalog.csv.test_products import GOOD, failures, stored

ImportCsv = Callable[..., CsvUpload]


def look(content: bytes, kind: str = CsvKind.PRICE_INVENTORY) -> CsvFacts:
    facts = inspect_csv(io.BytesIO(content), kind)
    check_columns(facts.columns, kind)
    return facts


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        (b"sku,price\nA,1", "utf-8", ","),
        (b"\xef\xbb\xbfsku;price\nA;1", "utf-8-sig", ";"),
        ("sku\tprice\nCafé\t1".encode("utf-16"), "utf-16", "\t"),
        ("sku|price\nCafé|1".encode("cp1252"), "cp1252", "|"),
        (b'"SKU" , "Price"\nA,1', "utf-8", ","),
    ],
)
def test_encoding_and_delimiter_are_found(content: bytes, encoding: str, delimiter: str) -> None:
    facts = look(content)

    assert (facts.encoding, facts.delimiter) == (encoding, delimiter)


def test_an_odd_byte_far_down_decides_the_encoding() -> None:
    content = b"sku,price\n" + b"A,1\n" * 400_000 + "Café,1\n".encode("cp1252")

    assert look(content).encoding == "cp1252"


@pytest.mark.parametrize(
    "content", [b"s\0k\0u\0,\0", b"\xff\xfes\0k\0u", b"\xff\xfe\0\0s\0\0\0", b"sku,pr\x81ce\nA,1"]
)
def test_what_is_no_text_is_refused_with_the_way_out(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="The file cannot be read") as caught:
        look(content)

    assert "CSV UTF-8" in caught.value.hint


def test_the_header_tells_all_its_faults_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        look(b"skus,price,price,inventroy,\nA,1,1,2,3")

    assert caught.value.data["faults"] == [
        "Column “skus” is not known; did you mean “sku”?",
        "Column “price” stands 2 times; keep one.",
        "Column “inventroy” is not known; did you mean “inventory”?",
        "Column “sku” is missing; it names the product of each row.",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty."),
        (b"sku\nA", "Neither “price” nor “inventory” is there; at least one of them is needed."),
        (b"price,inventory\n1,2", "Column “sku” is missing"),
        (b"sku,,price\nA,x,1", "A column has no name; name it or delete it."),
    ],
)
def test_headers_that_cannot_work(content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        look(content)


def test_empty_columns_on_the_right_are_passed_over() -> None:
    content = b"sku,price,,\nA,1,,\n\n,,,\nB,2,,\n"

    facts = look(content)

    assert facts.columns == ("sku", "price")
    assert [(row.line, row.cells) for row in read_rows(io.BytesIO(content), facts)] == [
        (2, ["A", "1"]),
        (5, ["B", "2"]),
    ]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    content = b'sku,price\r\n"A\r\nB",1\r\nC,2\r\n'
    facts = CsvFacts("utf-8", ",", ("sku", "price"))

    assert [(row.line, row.cells[1]) for row in read_rows(io.BytesIO(content), facts)] == [(2, "1"), (4, "2")]


@pytest.mark.django_db
def test_too_large_and_empty_files_are_refused(upload_csv: ImportCsv, settings: Any) -> None:
    settings.CSV_MAX_BYTES = 100

    with pytest.raises(InvalidInput, match="at most 0 MB"):
        upload_csv(b"sku,price\n" + b"A,1\n" * 100, CsvKind.PRICE_INVENTORY)
    with pytest.raises(InvalidInput, match=r"“kettles\.csv” is empty"):
        upload_csv(b"", CsvKind.PRICE_INVENTORY)

    assert CsvUpload.objects.count() == Operation.objects.count() == 0


@pytest.mark.django_db
def test_a_file_with_too_many_rows_is_not_imported_at_all(
    shop: Merchant, import_csv: ImportCsv, settings: Any
) -> None:
    settings.CSV_MAX_ROWS = 2
    kettle = rows.make_variant(shop, sku="A", price=Decimal(5))

    upload = import_csv(b"sku,price\nA,1\nB,2\nC,3\n", CsvKind.PRICE_INVENTORY)

    kettle.refresh_from_db()
    assert kettle.price == Decimal(5)
    assert upload.operation is not None
    assert upload.operation.state == OperationState.FAILED
    assert upload.operation.message == "The file has more than 2 rows."


@pytest.mark.django_db
@pytest.mark.feature("CSV-40")
def test_price_and_inventory_are_set(shop: Merchant, import_csv: ImportCsv) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(35), quantity=1)

    upload = import_csv(b"sku,price,inventory\nA,38.5,12\n", CsvKind.PRICE_INVENTORY)

    kettle.refresh_from_db()
    assert (kettle.price, kettle.quantity) == (Decimal("38.50"), 12)
    assert (upload.updated_count, upload.failed_count) == (1, 0)
    assert kettle.listing.price_target == Decimal("38.50")
    assert rows.offered(kettle) == {"Hoboken": 12}


@pytest.mark.django_db
@pytest.mark.feature("CSV-41")
@pytest.mark.parametrize(
    ("content", "price", "quantity"),
    [(b"sku,price\nA,38.5\n", Decimal("38.50"), 1), (b"sku,inventory\nA,0\n", Decimal("35.00"), 0)],
)
def test_a_column_left_out_is_untouched(
    shop: Merchant, import_csv: ImportCsv, content: bytes, price: Decimal, quantity: int
) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(35), quantity=1)

    import_csv(content, CsvKind.PRICE_INVENTORY)

    kettle.refresh_from_db()
    assert (kettle.price, kettle.quantity) == (price, quantity)


@pytest.mark.django_db
@pytest.mark.feature("CSV-41")
@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"A,,3", "price: price is empty."),
        (b"A,3,", "inventory: inventory is empty."),
        (b"A,3,-1", "inventory: Inventory is -1, 0 or more is needed."),
        (b"A,3,1.5", "inventory: Inventory “1.5” is not a whole number."),
        (b"A,0,1", "price: Price is 0, at least 0.01 USD is needed."),
        (b'A,"12,34.50",1', "price: Price “12,34.50” is not a number."),
        (b"A,1.234,1", "price: Price is 1.234, at most two decimals are allowed."),
        (b"B,3,1", "sku: SKU B is not among your products."),
        (b"A,3", "The row has 2 cells, the header has 3 columns."),
        (b"A,3,1,4", "The row has 4 cells, the header has 3 columns."),
        (b"A,=1+2,1", "price: price holds a spreadsheet formula."),
    ],
)
def test_bad_cells_are_row_errors_and_change_nothing(
    shop: Merchant, import_csv: ImportCsv, line: bytes, message: str
) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(5), quantity=1)

    upload = import_csv(b"sku,price,inventory\n" + line + b"\n", CsvKind.PRICE_INVENTORY)

    kettle.refresh_from_db()
    assert failures(upload) == [(2, message)]
    assert (kettle.price, kettle.quantity) == (Decimal("5.00"), 1)
    assert upload.operation is not None
    assert (upload.operation.state, upload.operation.failed) == (OperationState.FAILED, 1)


@pytest.mark.django_db
def test_inventory_takes_over_from_a_count_kept_at_the_default_node(
    shop: Merchant, import_csv: ImportCsv
) -> None:
    kettle = rows.make_variant(shop, sku="A", quantity=1)
    NodeStock.objects.update(quantity=7)

    import_csv(b"sku,inventory\nA,3\n", CsvKind.PRICE_INVENTORY)

    assert rows.offered(kettle) == {"Hoboken": 3}


@pytest.mark.django_db
def test_rows_above_an_unreadable_one_are_kept(shop: Merchant, import_csv: ImportCsv) -> None:
    kettle = rows.make_variant(shop, sku="A", quantity=1)

    upload = import_csv(b'sku,inventory\nA,3\n"B\n' + b"word\n" * 10_000, CsvKind.PRICE_INVENTORY)

    kettle.refresh_from_db()
    assert kettle.quantity == 3
    assert upload.operation is not None
    assert upload.operation.state == OperationState.PARTLY
    assert upload.operation.message.startswith("1 changed, 1 failed. Line 3 and all below it were not read:")


@pytest.mark.django_db
@pytest.mark.feature("CSV-01")
def test_the_template_passes_its_own_header_check(import_csv: ImportCsv) -> None:
    for kind in CsvKind:
        header = ",".join(column_names(kind))
        assert inspect_csv(io.BytesIO(header.encode()), kind).columns == tuple(column_names(kind))


def table(count: int) -> list[dict[str, str]]:
    return [{**GOOD, "sku": f"HF-{n}", "brand": "" if n % 4 == 3 else "Harrow"} for n in range(count)]


class Killed(BaseException):
    """Stands for a worker that is gone: nothing after it runs."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("killed_at", [1, 2, 3])
def test_an_import_killed_between_batches_goes_on_where_it_was(
    upload_csv: ImportCsv, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    monkeypatch.setattr(csv_import, "BATCH", 3)
    upload = upload_csv(table(10))
    beats = 0

    def heartbeat() -> None:
        nonlocal beats
        beats += 1
        if beats > killed_at:
            raise Killed

    with pytest.raises(Killed):
        run_import(upload, heartbeat)
    half = CsvUpload.objects.get(pk=upload.pk)
    assert half.rows_done == killed_at * 3

    done = run_import(half)

    assert (done.created_count, done.failed_count, done.rows_done) == (8, 2, 10)
    assert Variant.objects.count() == 8
    assert failures(done) == [(5, "brand: brand is empty."), (9, "brand: brand is empty.")]
    operation = Operation.objects.get()
    assert (operation.total, operation.done, operation.failed) == (10, 8, 2)
    assert operation.state == OperationState.PARTLY


@pytest.mark.django_db(transaction=True)
def test_a_batch_killed_before_its_commit_leaves_nothing(
    upload_csv: ImportCsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_import, "BATCH", 3)
    upload = upload_csv(table(10))
    real = csv_import._bump
    calls = 0

    def dying(*args: Any, **extra: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Killed
        real(*args, **extra)

    monkeypatch.setattr(csv_import, "_bump", dying)
    with pytest.raises(Killed):
        run_import(upload)
    assert Variant.objects.count() == 3
    assert CsvUpload.objects.get(pk=upload.pk).rows_done == 3

    done = run_import(CsvUpload.objects.get(pk=upload.pk))

    assert (done.created_count, done.failed_count, Variant.objects.count()) == (8, 2, 8)


@pytest.mark.django_db
def test_an_import_that_has_ended_does_not_run_again(shop: Merchant, import_csv: ImportCsv) -> None:
    upload = import_csv(table(3))
    Variant.objects.all().delete()

    run_import(upload)

    assert Variant.objects.count() == 0


@pytest.mark.django_db
def test_cancelling_keeps_what_is_done(
    shop: Merchant, upload_csv: ImportCsv, actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jetsync.actions.operation import cancel_operation

    monkeypatch.setattr(csv_import, "BATCH", 3)
    upload = upload_csv(table(10))
    beats = 0

    def heartbeat() -> None:
        nonlocal beats
        beats += 1
        if beats == 3:
            cancel_operation(Operation.objects.get(), actor=actor)

    done = run_import(upload, heartbeat)

    operation = Operation.objects.get()
    assert operation.state == OperationState.CANCELLED
    assert (operation.done, operation.failed) == (5, 1)
    assert (Variant.objects.count(), done.rows_done) == (5, 6)


@pytest.mark.django_db
def test_names_of_merchants_files_never_become_paths(shop: Merchant, upload_csv: ImportCsv) -> None:
    upload = upload_csv([GOOD], name="../../etc/pass\\wd.csv")

    assert upload.original_name == "pass\\wd.csv"
    assert upload.file.name.startswith(f"csv/{shop.pk}/products-")
    assert Job.objects.get(kind="catalog.import_csv").key == f"upload-{upload.pk}"


@pytest.mark.django_db
def test_failed_rows_keep_their_cells_for_the_download(shop: Merchant, import_csv: ImportCsv) -> None:
    upload = import_csv(csv_bytes([{**GOOD, "brand": ""}], delimiter=";"))

    row = OperationRow.objects.get(operation=upload.operation)
    assert row.data["cells"] == [value if name != "brand" else "" for name, value in GOOD.items()]
    assert Variant.objects.count() == 0


@pytest.mark.django_db
def test_windows_text_is_stored_as_written(shop: Merchant, import_csv: ImportCsv) -> None:
    import_csv(csv_bytes([{**GOOD, "brand": "Café Décor"}], encoding="cp1252"))

    assert stored().product.brand == "Café Décor"


@pytest.mark.django_db
def test_a_file_that_vanished_ends_the_operation_with_what_was_done(
    shop: Merchant, upload_csv: ImportCsv, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_import, "BATCH", 3)
    upload = upload_csv(table(10))
    beats = 0

    def heartbeat() -> None:
        nonlocal beats
        beats += 1
        if beats == 2:
            raise Killed

    with pytest.raises(Killed):
        run_import(upload, heartbeat)
    upload.file.storage.delete(upload.file.name)

    drain()

    job = Job.objects.get(kind="catalog.import_csv")
    operation = Operation.objects.get()
    assert (job.state, job.message) == ("failed", "The uploaded file is gone.")
    assert (operation.state, operation.done, operation.message) == (
        OperationState.FAILED,
        3,
        "The import stopped.",
    )


@pytest.mark.django_db
def test_a_row_of_empty_quotes_leaves_nothing_to_resume(shop: Merchant, import_csv: ImportCsv) -> None:
    upload = import_csv(csv_bytes([GOOD]) + b'"",""\r\n')

    assert (upload.row_count, upload.rows_done, upload.created_count) == (2, 2, 1)
    assert not can_resume(upload)
