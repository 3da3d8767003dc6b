"""Exports with the columns of the import, CSV and workbook, and the way back."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from catalog.actions.csv_upload import start_upload
from catalog.csv_columns import column_names
from catalog.enums import CsvKind
from catalog.models import CsvUpload, Variant
from catalog.xlsx import cell_text
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant, Selection
from jetsync.panel.workbook import write_workbook
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows
from tests.catalog.csv.test_products import GOOD, failures, stored

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
ImportCsv = Callable[..., CsvUpload]


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def url(shop: Merchant, path: str) -> str:
    return f"/m/{shop.slug}/catalog/{path}"


@pytest.fixture
def stocked(shop: Merchant, import_csv: ImportCsv) -> Merchant:
    """SKUs with every kind of odd value, one of a family, one bare."""
    import_csv(
        [
            {**GOOD, "field:material": "Copper", "prop_65": "TRUE", "msrp": "49.9", "bullet2": "Cool"},
            {
                **GOOD,
                "sku": "HF-2",
                "asin": "B00ABCDE12",
                "product_description": 'Two\r\nlines, “quoted” "so"',
            },
            {**GOOD, "sku": "HF-3", "product_title": "'=Formula like title", "store_category": "Kitchen > A"},
        ]
    )
    rows.make_variant(shop, sku="BARE", quantity=3)
    Variant.objects.filter(sku="HF-2").update(price=Decimal("12.50"), quantity=7)
    return shop


@pytest.mark.parametrize("kind", ["products", "price_inventory"])
@pytest.mark.parametrize("suffix", ["", "?format=xlsx"])
def test_what_was_exported_comes_back_as_unchanged(
    stocked: Merchant,
    *,
    client_for: ClientFor,
    drain: Callable[..., int],
    actor: Actor,
    kind: str,
    suffix: str,
) -> None:
    Variant.objects.filter(price=None).update(price=Decimal(5))
    Variant.objects.filter(quantity=None).update(quantity=1)
    content = body(client_for("owner").get(url(stocked, f"products/export/{kind}/{suffix}")))

    file = SimpleUploadedFile("back", content)
    upload = start_upload(stocked, CsvKind(kind), file, actor=actor)
    drain()
    upload.refresh_from_db()

    assert failures(upload) == []
    assert (upload.unchanged_count, upload.updated_count, upload.created_count) == (4, 0, 0)


def test_formula_cells_are_made_harmless_and_come_back_as_texts(
    stocked: Merchant, client_for: ClientFor
) -> None:
    assert stored("HF-3").product.title == "=Formula like title"

    text = body(client_for("owner").get(url(stocked, "products/export/products/"))).decode("utf-8-sig")
    content = body(client_for("owner").get(url(stocked, "products/export/products/?format=xlsx")))
    cell = load_workbook(io.BytesIO(content)).worksheets[0].cell(4, 2)

    assert "'=Formula like title" in text
    assert (cell.value, cell.data_type) == ("=Formula like title", "s")


def test_a_selection_is_exported_alone(stocked: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")
    picked = list(Variant.objects.filter(sku__in=["HF-2", "BARE"]).values_list("pk", flat=True))
    grid = client.post(url(stocked, "products/"), {"bulk": "export", "ids": picked})
    page = client.get(grid.headers["Location"]).content.decode()
    selection = Selection.objects.get()

    text = body(client.get(url(stocked, f"products/export/price_inventory/?selection={selection.pk}")))

    assert "Export 2 SKUs" in page
    assert text.decode("utf-8-sig").splitlines() == ["sku,price,inventory", "HF-2,12.50,7", "BARE,38.50,3"]


def test_another_merchants_products_are_never_in_an_export(stocked: Merchant, client_for: ClientFor) -> None:
    other = factories.make_merchant("Other")
    with merchant_scope(other):
        rows.make_variant(other, sku="THEIRS")

    text = body(client_for("owner").get(url(stocked, "products/export/products/"))).decode("utf-8-sig")

    assert "HF-2" in text
    assert "THEIRS" not in text


def test_exports_need_the_right_to_see_products(stocked: Merchant, client_for: ClientFor) -> None:
    assert client_for("analyst").get(url(stocked, "products/export/products/")).status_code == 200
    assert client_for("owner").get(url(stocked, "products/export/variations/")).status_code == 404
    assert client_for("owner").get(url(stocked, "products/export/products/?selection=77")).status_code == 404


def workbook(header: list[Any], *lines: list[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(header)
    for line in lines:
        sheet.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def import_book(
    shop: Merchant, content: bytes, kind: CsvKind, actor: Actor, drain: Callable[..., int]
) -> CsvUpload:
    upload = start_upload(shop, kind, SimpleUploadedFile("book.xlsx", content), actor=actor)
    drain()
    upload.refresh_from_db()
    return upload


@pytest.mark.feature("CSV-40")
def test_a_workbook_is_read_like_a_file(shop: Merchant, actor: Actor, drain: Callable[..., int]) -> None:
    rows.make_variant(shop, sku="A", price=Decimal(38), quantity=1)
    rows.make_variant(shop, sku="12345", price=Decimal(7), quantity=1)

    content = workbook(["SKU", "Price", "Inventory"], ["A", 38.5, 12], [], [12345, 7, 3.0])
    upload = import_book(shop, content, CsvKind.PRICE_INVENTORY, actor, drain)

    assert (upload.updated_count, failures(upload)) == (2, [])
    found = dict(Variant.objects.values_list("sku", "price"))
    assert found == {"A": Decimal("38.50"), "12345": Decimal("7.00")}


def test_formulas_and_powers_of_a_workbook_are_row_errors(
    shop: Merchant, actor: Actor, drain: Callable[..., int]
) -> None:
    rows.make_variant(shop, sku="A", price=Decimal(5), quantity=1)
    rows.make_variant(shop, sku="B", price=Decimal(5), quantity=1)

    content = workbook(["sku", "price", "inventory"], ["A", "=1+2", 12], ["B", 5, 1234567890123456789])
    upload = import_book(shop, content, CsvKind.PRICE_INVENTORY, actor, drain)

    assert failures(upload) == [
        (2, "price: price holds a spreadsheet formula."),
        (3, "inventory: Inventory “1.23457E+18” is not a whole number."),
    ]
    from jetsync.models import OperationRow

    assert "shortened the number" in OperationRow.objects.get(line=3).hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04broken", "The archive is damaged."),
        (workbook(["nothing"]), "Column “nothing” is not known."),
    ],
)
def test_bad_workbooks_are_refused_with_the_reason(
    shop: Merchant, actor: Actor, content: bytes, message: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        start_upload(shop, CsvKind.PRODUCTS, SimpleUploadedFile("x.xlsx", content), actor=actor)

    assert message in caught.value.message
    assert CsvUpload.objects.count() == 0


def test_cells_of_a_workbook_keep_their_digits() -> None:
    values = [None, "a", 3, 3.0, 12.5, 0.1 + 0.2, True, 123456789012, 1234567890123456]

    assert [cell_text(value) for value in values] == [
        *("", "a", "3", "3", "12.5", "0.3", "TRUE", "123456789012", "1.23457E+15")
    ]


def test_the_template_exists_as_a_workbook(shop: Merchant, client_for: ClientFor) -> None:
    content = body(client_for("owner").get(url(shop, "csv/template/products/?format=xlsx")))

    sheet = load_workbook(io.BytesIO(content)).worksheets[0]

    assert [cell.value for cell in sheet[1]] == column_names("products")
    assert sheet.cell(2, 1).value == "EXAMPLE-1"


def test_a_workbook_of_too_many_rows_points_to_csv(
    stocked: Merchant, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalog.views import export

    monkeypatch.setattr(export, "MOST_WORKBOOK_ROWS", 2)
    answer = client_for("owner").get(url(stocked, "products/export/products/?format=xlsx"))
    monkeypatch.setattr(export, "MOST_WORKBOOK_ROWS", 50)
    monkeypatch.setattr(export, "MOST_WORKBOOK_CELLS", 4 * 57 - 1)
    wide = client_for("owner").get(url(stocked, "products/export/products/?format=xlsx"))
    narrow = client_for("owner").get(url(stocked, "products/export/price_inventory/?format=xlsx"))

    assert answer.status_code == 400
    assert "Download it as CSV" in answer.content.decode()
    assert (wide.status_code, narrow.status_code) == (400, 200)
    assert "4 SKUs with 57 columns are more" in wide.content.decode()
    assert body(narrow)
    file = io.BytesIO()
    assert write_workbook(file, "x", ["a"], [["1"], ["2"]]) == 2
