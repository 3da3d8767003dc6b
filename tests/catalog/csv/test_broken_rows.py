"""One bad byte or one quotation mark too few: its line is named, its row fails, the others go on."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from catalog.csv_reader import UNCLOSED, CsvFacts, UnreadableRow, inspect_csv, read_rows
from catalog.enums import CsvKind
from catalog.models import CsvUpload, Variant
from jetsync.exceptions import InvalidInput
from tests.catalog.conftest import csv_bytes
from tests.catalog.csv.test_products import GOOD, failures

ImportCsv = Callable[..., CsvUpload]
FACTS = CsvFacts("utf-8", ",", ("sku", "title", "price"))


def read(content: bytes) -> list[tuple[int, list[str], str]]:
    return [tuple(row) for row in read_rows(io.BytesIO(content), FACTS)]


def three(brand: bytes) -> bytes:
    table = [{**GOOD, "sku": f"HF-{n}", "brand": "Café" if n != 2 else "MARK"} for n in (1, 2, 3)]
    return csv_bytes(table).replace(b"MARK", brand)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("brand", "message"),
    [
        (b"Har\0row", "brand: brand holds control characters."),
        (b"Har\xffrow", "brand: brand holds a character that cannot be read."),
        (b"Har\x81row", "brand: brand holds a character that cannot be read."),
    ],
)
def test_a_bad_byte_fails_its_row_alone(import_csv: ImportCsv, brand: bytes, message: str) -> None:
    upload = import_csv(three(brand))

    assert upload.encoding == "utf-8"
    assert failures(upload) == [(3, message)]
    assert sorted(Variant.objects.values_list("sku", "product__brand")) == [
        ("HF-1", "Café"),
        ("HF-3", "Café"),
    ]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"sku,price\nA\x81,1\n", "cp1252"),
        (b"sku,price\nA\xe9,1\n", "cp1252"),
        (b"sku,price\nA\0,1\n", "utf-8"),
        (b"\xef\xbb\xbfsku,price\nA\xff,1\n", "utf-8-sig"),
        ("sku,price\nCafé,1\n".encode() + b"B\xff,1\n", "utf-8"),
    ],
)
def test_a_bad_byte_makes_no_other_encoding_of_a_file(content: bytes, encoding: str) -> None:
    assert inspect_csv(io.BytesIO(content), CsvKind.PRICE_INVENTORY).encoding == encoding


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9,
        b"sku,price\n" + bytes(range(128, 256)) * 20,
        b"sku,price\n" + b"\0\1\2\3" * 100,
    ],
)
def test_a_picture_or_a_program_is_no_text(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="The file cannot be read"):
        inspect_csv(io.BytesIO(content), CsvKind.PRICE_INVENTORY)


def test_a_picture_that_is_called_a_workbook_is_not_asked_for_its_columns(
    upload_csv: ImportCsv, db: None
) -> None:
    with pytest.raises(InvalidInput, match=r"“prices\.xlsx” is called a workbook, but it is none\."):
        upload_csv(b"GIF89a,1,2\n3,4,5\n", name="prices.xlsx", may_ask=True)

    assert CsvUpload.objects.count() == 0


@pytest.mark.parametrize(
    "rest",
    [
        b"C,Blue,3\nD,Green,4\n",  # never closed
        b'C,Blue,3\nD,"Green",4\n',  # closed by the quotes of another row
        b"C,Blue,3\nD,Green,4\n" * 4_000,  # longer than any cell
    ],
)
def test_an_unclosed_quotation_mark_takes_no_other_row_along(rest: bytes) -> None:
    found = read(b'sku,title,price\nA,Red,1\nB,"Grey,2\n' + rest)

    assert found[:4] == [
        (2, ["A", "Red", "1"], ""),
        (3, ["B", '"Grey', "2"], UNCLOSED),
        (4, ["C", "Blue", "3"], ""),
        (5, ["D", "Green", "4"], ""),
    ]
    assert len(found) == 2 + len(rest.splitlines())


def test_a_quotation_mark_that_the_next_row_closes_makes_one_row_of_no_two() -> None:
    found = read(b'sku,title,price\nA,"Red kettle,5\nB,"Blue kettle",6\nC,Grey,7\n')

    assert found == [
        (2, ["A", '"Red kettle', "5"], UNCLOSED),
        (3, ["B", "Blue kettle", "6"], ""),
        (4, ["C", "Grey", "7"], ""),
    ]


def test_texts_of_several_lines_stay_whole() -> None:
    content = (
        b'sku,title,price\r\nA,"Red, with ""lid""\r\nB,2",1\r\nC,"5"" pot\r\n\r\nof iron",2\r\nD,x,3\r\n'
    )

    assert read(content) == [
        (2, ["A", 'Red, with "lid"\r\nB,2', "1"], ""),
        (4, ["C", '5" pot\r\n\r\nof iron', "2"], ""),
        (7, ["D", "x", "3"], ""),
    ]


def test_a_last_row_cut_off_in_its_text_is_refused() -> None:
    assert read(b'sku,title,price\nA,Red,1\nB,2,"Gr') == [
        (2, ["A", "Red", "1"], ""),
        (3, ["B", "2", '"Gr'], UNCLOSED),
    ]


def test_a_text_longer_than_any_cell_ends_the_reading_where_no_row_follows() -> None:
    with pytest.raises(UnreadableRow) as caught:
        read(b'sku,title,price\nA,"' + b"word\n" * 10_000 + b'",1\n')

    assert caught.value.line == 2


@pytest.mark.django_db
def test_check_and_import_name_the_line_of_the_quotation_mark(import_csv: ImportCsv) -> None:
    content = three(b"Harrow").replace(b",Harrow,", b',"Harrow,')

    upload = import_csv(content)

    assert (upload.row_count, upload.created_count, upload.failed_count) == (3, 2, 1)
    assert failures(upload) == [(3, UNCLOSED)]
