"""Workbooks that no spreadsheet program writes: bounded in time and memory, and told in words."""

from __future__ import annotations

import datetime as dt
import io
import os
import random
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from catalog import sheet_files
from catalog.actions.csv_check import run_check
from catalog.actions.csv_import import run_import
from catalog.actions.csv_upload import cancel_upload, start_upload
from catalog.csv_reader import UnreadableRow
from catalog.enums import CsvKind, CsvState
from catalog.models import CsvUpload
from catalog.xlsx import read_workbook, workbook_header
from jetsync.actions.operation import cancel_operation
from jetsync.enums import OperationState
from jetsync.exceptions import InvalidInput
from jetsync.models import Job, Merchant
from jetsync.tenancy.actor import Actor
from tests.catalog.sheets.hostile import HEADER, LINKS, MAIN, WORKBOOK, book, row, sheet, texts

COLUMNS = ("sku", "price", "inventory")
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


def rows_of(content: bytes) -> list[list[str]]:
    return [found.cells for found in read_workbook(io.BytesIO(content), COLUMNS)]


def damage_of(content: bytes) -> str:
    """What the reader says where it stops."""
    with pytest.raises(UnreadableRow) as caught:
        rows_of(content)
    return caught.value.message


def peak_megabytes(act: Callable[[], object]) -> float:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def test_a_gap_between_rows_costs_nothing() -> None:
    content = book(HEADER + row(1_048_576, "A", "1", "2"))

    found = list(read_workbook(io.BytesIO(content), COLUMNS))

    assert [(one.line, one.cells) for one in found] == [(1_048_576, ["A", "1", "2"])]


@pytest.mark.parametrize("number", [1_000_000_000_000, 1_048_577, 1, 0, -3])
def test_a_row_number_that_excel_does_not_have_is_refused(number: int) -> None:
    content = book(HEADER + row(2, "A", "1", "2") + row(number, "B", "1", "2"))

    assert damage_of(content) == (
        f"The sheet is damaged here. A row has the number {number}, which Excel does not have there."
    )


def test_texts_that_unpack_beyond_measure_are_refused_whatever_pads_the_file() -> None:
    bomb = texts("<si><t>a</t></si>" * 800_000)
    content = book(texts=bomb, padding=os.urandom(len(bomb) // 150))

    assert "It unpacks to far more than it seems." in damage_of(content)
    assert workbook_header(io.BytesIO(content)) == list(COLUMNS)  # which does not touch them


def test_a_table_of_texts_stays_out_of_memory() -> None:
    letters = random.Random(4)
    inner = "".join(f"<si><t>{letters.getrandbits(160):x}</t></si>" for _number in range(300_000))
    content = book(HEADER + row(2, '<c t="s"><v>299999</v></c>', "1", "2"), texts=texts(inner))

    assert peak_megabytes(lambda: rows_of(content)) < 24


def test_a_header_among_texts_is_read_without_the_rest_of_them() -> None:
    named = "".join(f"<si><t>{name}</t></si>" for name in COLUMNS)
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in range(3))
    content = book(f"<row>{cells}</row>", texts=texts(named + "<si><t>x</t></si>" * 9_000 + "<broken"))

    assert workbook_header(io.BytesIO(content)) == list(COLUMNS)


def test_a_header_far_down_among_the_texts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.xlsx_reader.MOST_FOR_HEADER", 200_000)
    inner = "".join(f"<si><t>{number}</t></si>" for number in range(50_000))
    content = book('<row><c t="s"><v>49999</v></c></row>', texts=texts(inner))

    with pytest.raises(InvalidInput, match="stand too far down"):
        workbook_header(io.BytesIO(content))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"whole_sheet": f"<worksheet {MAIN}><sheetData><row><c>"}, "A part of it is damaged."),
        ({"whole_sheet": b"\xff\xfe\x00"}, "A part of it is damaged."),
        ({"whole_sheet": None}, "A part of it is missing."),
        ({"workbook": "<workbook><sheets>"}, "A part of it is damaged."),
        ({"workbook": f"<workbook {MAIN}><sheets/></workbook>"}, "It holds no sheet."),
        ({"links": None}, "A part of it is missing."),
        ({"links": LINKS[:-5]}, "A part of it is damaged."),
        ({"whole_sheet": LAUGHS + sheet(HEADER)}, "It holds a document type"),
        ({"workbook": LAUGHS + WORKBOOK}, "It holds a document type"),
        ({"rows": '<row r="x"/>'}, "“x” stands where a number belongs."),
        ({"rows": '<row><c r="?"/></row>'}, "A cell has the place “?”."),
        ({"rows": f"<row>{'<c/>' * 16_385}</row>"}, "A row has more than 16,384 cells."),
        ({"rows": row(1, "x" * 32_768)}, "A cell has more than 32,767 characters."),
        ({"rows": '<row><c t="s"><v>3</v></c></row>'}, "names a text that is not there"),
        ({"whole_sheet": f"<worksheet {MAIN}>{'<x>' * 120}"}, "as no spreadsheet program builds one"),
        (
            {"whole_sheet": sheet("".join(f"<x{number}/>" for number in range(9_000)))},
            "as no spreadsheet program builds one",
        ),
        ({"whole_sheet": f'<worksheet a="{"x" * 3_000_000}">'}, "as no spreadsheet program builds one"),
    ],
)
def test_a_damaged_workbook_is_told_in_words(parts: dict[str, str | bytes | None], words: str) -> None:
    rows = parts.pop("rows", HEADER)
    assert isinstance(rows, str)
    content = book(rows, **parts)

    with pytest.raises(InvalidInput) as caught:
        workbook_header(io.BytesIO(content))

    assert caught.value.message.startswith("The workbook cannot be read. ")
    assert words in caught.value.message
    assert words in damage_of(content)


def spoiled(content: bytes, place: str, offset: int, value: bytes) -> bytes:
    """The archive with some bytes of its directory entry (or of the packed sheet) written over."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
        start = archive.start_dir
    if place == "packed":
        at = info.header_offset + 30 + len(info.filename) + offset
    else:
        at = content.index(b"PK\x01\x02", start)
        while info.filename.encode() != content[at + 46 : at + 46 + len(info.filename)]:
            at = content.index(b"PK\x01\x02", at + 4)
        at += offset
    return content[:at] + value + content[at + len(value) :]


@pytest.mark.parametrize(
    ("place", "offset", "value", "words"),
    [
        ("packed", 4, b"\xff" * 40, "damaged"),
        ("entry", 10, b"\x63\x00", "packed in an unusual way"),
        ("entry", 10, b"\x0e\x00", "packed in an unusual way"),
        ("entry", 8, b"\x01\x00", "locked with a password"),
        ("entry", 42, b"\xff\xff\xff\x00", "damaged"),
    ],
)
def test_a_damaged_archive_is_told_in_words(place: str, offset: int, value: bytes, words: str) -> None:
    content = spoiled(book(HEADER + row(2, "A", "1", "2")), place, offset, value)

    with pytest.raises(InvalidInput, match=words):
        workbook_header(io.BytesIO(content))


def test_an_archive_of_countless_parts_is_refused_before_they_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("catalog.xlsx_parts.MOST_DIRECTORY", 200)

    with pytest.raises(InvalidInput, match="more parts than any workbook"):
        workbook_header(io.BytesIO(book()))


def test_values_of_every_kind_are_read_as_a_person_would_type_them() -> None:
    stored = Workbook()
    page = stored.active
    assert page is not None
    page.append(["sku", "price", "inventory"])
    page.append([dt.datetime(2018, 5, 4, 3, 2), dt.time(4, 5), dt.date(2018, 5, 4)])
    page.append([True, "=A1+1", "two\nlines & <more>"])
    page.append([None, 0.1 + 0.2, 1234567890123456])
    file = io.BytesIO()
    stored.save(file)

    assert rows_of(file.getvalue()) == [
        ["2018-05-04T03:02:00", "04:05:00", "2018-05-04T00:00:00"],
        ["TRUE", "=A1+1", "two\nlines & <more>"],
        ["", "0.3", "1.23457E+15"],
    ]


def test_numbers_beyond_all_numbers_stay_texts_and_reading_aids_are_left_out() -> None:
    spoken = '<c t="inlineStr"><is><r><t>A</t></r><r><t>B</t></r><rPh><t>say</t></rPh></is></c>'
    content = book(HEADER + row(2, spoken, "<c><v>1e400</v></c>", f"<c><v>{'9' * 5_000}</v></c>"))

    assert rows_of(content) == [["AB", "1e400", "9" * 5_000]]


def upload_of(shop: Merchant, content: bytes, actor: Actor, *, preview: bool) -> CsvUpload:
    file = SimpleUploadedFile("book.xlsx", content)
    return start_upload(shop, CsvKind.PRICE_INVENTORY, file, preview=preview, actor=actor)


@pytest.mark.django_db
def test_reading_keeps_the_lease_and_ends_when_the_check_is_cancelled(
    shop: Merchant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_files, "PULSE_SECONDS", 0)
    upload = upload_of(shop, book(HEADER + "<row/>" * 20_000), actor, preview=True)
    beats: list[int] = []

    def heartbeat() -> None:
        beats.append(1)
        if len(beats) == 2:
            cancel_upload(CsvUpload.objects.get(pk=upload.pk), actor=actor)

    run_check(upload, heartbeat)

    assert (len(beats), upload.state, upload.row_count) == (2, CsvState.CANCELLED, None)


@pytest.mark.django_db
def test_reading_ends_when_the_import_is_cancelled(
    shop: Merchant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_files, "PULSE_SECONDS", 0)
    upload = upload_of(shop, book(HEADER + "<row/>" * 20_000), actor, preview=False)
    operation = upload.operation
    assert operation is not None
    Job.objects.all().delete()
    beats: list[int] = []

    def heartbeat() -> None:
        beats.append(1)
        if len(beats) == 2:
            cancel_operation(operation, actor=actor)

    run_import(upload, heartbeat)

    operation.refresh_from_db()
    upload.refresh_from_db()
    assert (len(beats), operation.state, upload.state) == (2, OperationState.CANCELLED, CsvState.CANCELLED)


@pytest.mark.django_db
def test_a_page_answers_a_damaged_workbook_at_its_field(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    file = SimpleUploadedFile("book.xlsx", book(workbook=LAUGHS + WORKBOOK))

    answer = client_for("owner").post(
        f"/m/{shop.slug}/catalog/csv/upload/", {"kind": "price_inventory", "level": "new", "file": file}
    )

    assert answer.status_code == 400
    assert "It holds a document type" in answer.content.decode()
    assert CsvUpload.objects.count() == 0
