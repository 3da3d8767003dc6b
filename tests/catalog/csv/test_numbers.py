"""Numbers as people and spreadsheets write them: understood where clear, refused with both readings where not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from catalog.actions.csv_batch import Planner
from catalog.enums import CsvKind, CsvState
from catalog.forms.fields import amount
from catalog.models import CsvUpload
from catalog.numbers import Writing, readings
from catalog.sheet_cells import Lookups, read_cell
from jetsync.models import Merchant
from tests.catalog import rows
from tests.catalog.csv.test_products import failures

ImportCsv = Callable[..., CsvUpload]
ENGLISH, POINT, OPEN = Writing.ENGLISH, Writing.POINT, Writing.OPEN


@pytest.mark.parametrize("writing", list(Writing))
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"),
        ("12.50", "12.50"),
        (".5", "0.5"),
        (",5", "0.5"),
        ("5.", "5"),
        ("5.0", "5"),
        ("12,5", "12.5"),
        ("1299,00", "1299"),
        ("1,299.00", "1299"),
        ("1.299,00", "1299"),
        ("1,299,000", "1299000"),
        ("1.299.000,5", "1299000.5"),
        ("1 299,00", "1299"),
        ("1\u00a0299", "1299"),
        ("1\u202f299\u202f000,25", "1299000.25"),
        ("1'299.50", "1299.5"),
        ("0,500", "0.5"),
        ("1234,567", "1234.567"),
        ("-3.5", "-3.5"),
        ("+ 7", "7"),
        ("$66.00", "66"),
        ("$1,299", "1299"),
        ("$ 1.299", "1.299"),
        ("US$ 1,299.00", "1299"),
        ("12,50 USD", "12.5"),
        ("-$5", "-5"),
    ],
)
def test_what_has_one_meaning_is_read_in_every_file(text: str, number: str, writing: Writing) -> None:
    assert readings(text, writing, money=True) == [Decimal(number)]


@pytest.mark.parametrize(
    ("text", "writing", "numbers"),
    [
        ("1,299", ENGLISH, ["1299"]),
        ("1,299", POINT, ["1299", "1.299"]),
        ("1,299", OPEN, ["1299", "1.299"]),
        ("1.299", ENGLISH, ["1.299"]),
        ("1.299", POINT, ["1.299"]),
        ("1.299", OPEN, ["1299", "1.299"]),
        ("1,299 USD", OPEN, ["1299", "1.299"]),
    ],
)
def test_three_digits_behind_one_mark_mean_what_the_file_says(
    text: str, writing: Writing, numbers: list[str]
) -> None:
    assert readings(text, writing, money=True) == [Decimal(number) for number in numbers]


@pytest.mark.parametrize(
    "text",
    [
        *[
            ".",
            ",",
            "$",
            "-",
            "1,29,9",
            "1,2,3",
            "1.2.3,4",
            "12,34.50",
            "1,299.00.1",
            "--5",
            "+$-5",
            "$5$",
            "1e5",
            "0x10",
            "٣",
            "NaN",
            "Infinity",
            "€5",
        ],
        "",
        "1 29",
        "1 299 00",
        "2 lb",
        "5 5",
        "1,299 000",
        "1" * 41,
    ],
)
def test_what_is_no_number_has_no_reading(text: str) -> None:
    assert [readings(text, writing, money=True) for writing in Writing] == [[], [], []]


def test_a_dollar_sign_is_no_weight() -> None:
    assert readings("$5", ENGLISH) == []


@pytest.mark.django_db
@pytest.mark.feature("CSV-40")
@pytest.mark.parametrize(
    ("line", "price", "quantity"),
    [
        (b'A;"$1,299.00";5.0', "1299.00", 5),
        (b"A;1 299,00;12,0", "1299.00", 12),
        (b"A;,5;1.299", "0.50", 1299),
        ("A;1\u00a0299,9;7".encode(), "1299.90", 7),
    ],
)
def test_prices_and_quantities_of_other_countries_are_stored(
    shop: Merchant, import_csv: ImportCsv, line: bytes, price: str, quantity: int
) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(5), quantity=1)

    content = b"sku;price;inventory\n" + line + b"\n"
    upload = import_csv(content, CsvKind.PRICE_INVENTORY, confirms_prices=True)

    kettle.refresh_from_db()
    assert failures(upload) == []
    assert (kettle.price, kettle.quantity) == (Decimal(price), quantity)


@pytest.mark.django_db
@pytest.mark.feature("CSV-40")
@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"A;1,299;3", "price: Price “1,299” can be read as 1299 or as 1.299."),
        (b"A;1.299;3", "price: Price “1.299” can be read as 1299 or as 1.299."),
        (b"A;5;12,000", "inventory: Inventory “12,000” can be read as 12000 or as 12."),
        (b"A;5;12.000", "inventory: Inventory “12.000” can be read as 12000 or as 12."),
        ("A;5 €;3".encode(), "price: Price “5 €” is not a number."),
    ],
)
def test_a_number_with_two_readings_names_both_and_changes_nothing(
    shop: Merchant, import_csv: ImportCsv, line: bytes, message: str
) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(5), quantity=1)

    upload = import_csv(b"sku;price;inventory\n" + line + b"\n", CsvKind.PRICE_INVENTORY)

    kettle.refresh_from_db()
    assert failures(upload) == [(2, message)]
    assert (kettle.price, kettle.quantity) == (Decimal(5), 1)


@pytest.mark.django_db
def test_a_number_written_otherwise_is_no_difference(shop: Merchant, import_csv: ImportCsv) -> None:
    rows.make_variant(shop, sku="A", price=Decimal("1299.00"), quantity=12)
    given = b"sku;price;inventory\nA;1.299,00;12,0\n"

    upload = import_csv(given, CsvKind.PRICE_INVENTORY)

    assert (upload.unchanged_count, upload.updated_count, failures(upload)) == (1, 0, [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("price", "stored"), [("1.299,00", "1299.00"), ("38,90", "38.90"), ("$5", "5.00"), ("1,299", "1,299")]
)
def test_a_preview_compares_numbers_as_they_are_stored(shop: Merchant, price: str, stored: str) -> None:
    upload = CsvUpload(
        merchant=shop,
        kind=CsvKind.PRICE_INVENTORY,
        columns=["sku", "price", "inventory"],
        delimiter=";",
        state=CsvState.CHECKING,
    )

    cells = Planner(upload).cells_of(["A", price, "12,0"])

    assert cells.split("\x1f") == ["A", stored, "12"]


def test_the_editor_in_a_table_reads_numbers_as_files_do() -> None:
    assert read_cell("price", "$1,299.00", Lookups()) == Decimal("1299.00")
    assert read_cell("price", "12,50", Lookups()) == Decimal("12.50")
    assert read_cell("quantity", "5.0", Lookups()) == 5
    assert read_cell("price", "1,299", Lookups()).message == "Price “1,299” can be read as 1299 or as 1.299."


def test_a_form_reads_numbers_as_files_do() -> None:
    field = amount("Price")

    assert [field.clean(text) for text in ("12.5", "$1,299.00", "12,50", "")] == [
        Decimal("12.5"),
        Decimal("1299.00"),
        Decimal("12.50"),
        None,
    ]
    with pytest.raises(ValidationError, match=r"can be read as 1299 or as 1\.299"):
        field.clean("1,299")
