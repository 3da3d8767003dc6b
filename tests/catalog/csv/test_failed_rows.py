"""The file of failed rows: uploaded again untouched, it is judged as the rows that it was made of."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from catalog.enums import CsvKind
from catalog.models import CsvUpload, Variant
from jetsync.models import Merchant
from tests.catalog import rows
from tests.catalog.csv.test_pages import url
from tests.catalog.csv.test_products import GOOD, failures, stored

pytestmark = pytest.mark.django_db
ImportCsv = Callable[..., CsvUpload]
Again = Callable[[CsvUpload], CsvUpload]
EVIL = '=HYPERLINK("http://evil","x")'


@pytest.fixture
def text_of(shop: Merchant, client_for: Callable[[str], Client]) -> Callable[[CsvUpload], bytes]:
    """The file of failed rows of an upload."""
    client = client_for("owner")

    def read(upload: CsvUpload) -> bytes:
        answer = client.get(url(shop, f"csv/{upload.pk}/failed/"))
        return b"".join(answer.streaming_content)  # type: ignore[attr-defined]

    return read


@pytest.mark.feature("CSV-12")
def test_a_refused_formula_is_refused_again_with_the_same_words(
    import_csv: ImportCsv, text_of: Callable[[CsvUpload], bytes]
) -> None:
    first = import_csv([{**GOOD, "product_title": EVIL}, {**GOOD, "sku": "HF-2", "brand": "@SUM(1)"}])

    again = import_csv(text_of(first))
    third = import_csv(text_of(again))

    words = [message for _line, message in failures(first)]
    assert words == [
        "product_title: product_title holds a spreadsheet formula.",
        "brand: brand holds a spreadsheet formula.",
    ]
    for upload in (again, third):
        assert [message for _line, message in failures(upload)] == words
    assert Variant.objects.count() == 0


def test_a_text_that_our_download_made_harmless_stays_one(
    import_csv: ImportCsv, text_of: Callable[[CsvUpload], bytes]
) -> None:
    first = import_csv([{**GOOD, "product_title": "'=Kettle(1)", "brand": ""}])

    again = import_csv(text_of(first).replace(b",,https:", b",Harrow,https:"))

    assert (again.created_count, again.failed_count) == (1, 0)
    assert stored().product.title == "=Kettle(1)"


@pytest.mark.parametrize("line", ["A,2", "A,2,3,4", "A"])
def test_a_row_with_a_wrong_number_of_cells_is_refused_again(
    shop: Merchant, import_csv: ImportCsv, text_of: Callable[[CsvUpload], bytes], line: str
) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(5), quantity=1)
    content = f"sku,price,inventory\n{line}\n".encode()
    first = import_csv(content, CsvKind.PRICE_INVENTORY)

    again = import_csv(text_of(first), CsvKind.PRICE_INVENTORY)

    kettle.refresh_from_db()
    [(_line, message)] = failures(again)
    assert message == f"The row has {line.count(',') + 3} cells, the header has 5 columns."
    assert (kettle.price, kettle.quantity) == (Decimal(5), 1)


def test_a_row_without_a_cell_of_a_column_left_out_is_no_row_of_the_others(
    shop: Merchant, upload_csv: ImportCsv, drain: Callable[..., int], text_of: Callable[[CsvUpload], bytes]
) -> None:
    rows.make_variant(shop, sku="A", price=Decimal(5), quantity=1)
    first = upload_csv(
        b"sku,shelf,price\nA,9\n",
        CsvKind.PRICE_INVENTORY,
        chosen={"shelf": ""},
    )
    drain()

    again = upload_csv(text_of(first), CsvKind.PRICE_INVENTORY)
    drain()

    assert [message for _line, message in failures(again)] == [
        "The row has 5 cells, the header has 4 columns."
    ]


def test_the_check_counts_causes_and_gives_its_wrong_rows(
    shop: Merchant,
    upload_csv: ImportCsv,
    drain: Callable[..., int],
    text_of: Callable[[CsvUpload], bytes],
    client_for: Callable[[str], Client],
) -> None:
    table = [{**GOOD, "sku": f"HF-{n}", "brand": ""} for n in range(3)]
    upload = upload_csv([*table, {**GOOD, "sku": "HF-9", "product_title": "Cup"}, GOOD], preview=True)
    drain()
    upload.refresh_from_db()

    lines = text_of(upload).decode("utf-8-sig").splitlines()
    page = client_for("owner").get(url(shop, f"csv/{upload.pk}/")).content.decode()

    assert [(cause["column"], cause["rows"]) for cause in upload.preview["causes"].values()] == [
        ("brand", 3),
        ("product_title", 1),
    ]
    assert [line.split(",")[0] for line in lines] == ["sku", "HF-0", "HF-1", "HF-2", "HF-9"]
    assert lines[1].endswith(",2,brand: brand is empty.")
    assert ("What is wrong, by cause" in page, "Download wrong rows" in page) == (True, True)
    assert Variant.objects.count() == 0
