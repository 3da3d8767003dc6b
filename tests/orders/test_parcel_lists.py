"""Lists of parcels: what is read out of text and files, and what becomes of each row before anything is sent."""

from __future__ import annotations

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from jetsync.exceptions import InvalidInput
from jetsync.tenancy.context import merchant_scope
from orders.actions.shipment import ship_order
from orders.parcel_check import judge_parcels
from orders.parcels import MOST_ROWS, ParcelRow, as_text, read_file, read_text
from tests.orders.rows import line, parcel

UPS = "1Z5R89390357567127"
USPS = "9400111206206406260787"


def read(content: bytes) -> list[ParcelRow]:
    return list(read_file(io.BytesIO(content), len(content)).rows)


def workbook(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        f"301\t{UPS}\n302\t{USPS}\n",
        f"301 {UPS}\r\n\r\n302   {USPS}",
        f"Tracking No.;Note;Order-ID\n{UPS};x;301\n{USPS};;302",
        f'order id,tracking number\n="301",\'{UPS}\n302,"{USPS}"',
    ],
)
def test_two_columns_are_understood_in_every_usual_form(text: str) -> None:
    rows = read_text(text).rows
    assert [(row.order, row.tracking) for row in rows] == [("301", UPS), ("302", USPS)]


def test_all_columns_survive_being_shown_again() -> None:
    table = read_text(
        "SKU\tQty\tOrder\tShipping carrier\tService\tTracking code\nKETTLE-1\t2\t301\tups\tUPS Ground\tA-1\n"
    )
    assert table.rows == (
        ParcelRow(
            2,
            order="301",
            sku="KETTLE-1",
            quantity="2",
            carrier="ups",
            method="UPS Ground",
            tracking="A-1",
        ),
    )
    assert read_text(as_text(table.rows)) == table


def test_files_are_read_whatever_their_encoding() -> None:
    text = f"Order;SKU;Tracking\n301;Kästchen;{UPS}\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        (row,) = read(text.encode(encoding))
        assert (row.order, row.sku, row.tracking) == ("301", "Kästchen", UPS), encoding
    (row,) = read(workbook(["Order", "Quantity", "Tracking"], [301755224861, 2, UPS]))
    assert (row.order, row.quantity, row.tracking) == ("301755224861", "2", UPS)


def test_rows_without_a_number_are_counted_and_left_out() -> None:
    table = read_text(f"order\ttracking\n301\t\n302\t{UPS}\n")
    assert (len(table.rows), table.untracked) == (1, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "There are no rows."),
        ("order\ttracking\n301\t\n", "No row has a tracking number."),
        ("301755224861", "The first row has 1 column and no headings."),
        (f"order\tnote\n301\t{UPS}", "There is no column with the tracking number."),
        ("301\tA-1\n" * (MOST_ROWS + 1), "There are more than 1,000 rows."),
        ("x" * (2 * 2**20 + 1), "The list is larger than 2 MB."),
    ],
)
def test_unusable_list_is_refused_with_its_fault(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_text(text)
    assert refused.value.message == words
    assert refused.value.hint


# Where the cells of the second one end nobody knows: the number may belong to the note.
LOST = {
    f'302;"{USPS};;': f'"{USPS}',
    f'302;"a; b, c;{USPS}': f'"a b, c {USPS}',
    f'"302;{USPS};': f'"302 {USPS}',
}


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize(
    "text",
    [
        "order;tracking;note\n301;{ups};\n{lost}\n303;{ups};x\n304;{ups};\n",
        "{lost}\n301;UPS;{ups}\n303;UPS;{ups}\n304;UPS;{ups}\n",  # without headings it must not say how many cells there are
    ],
)
def test_lost_quotation_mark_takes_no_other_row_along(text: str, lost: str) -> None:
    table = read_text(text.format(ups=UPS, lost=lost))

    whole = [row for row in table.rows if row.tracking != LOST[lost]]
    assert [(row.order, row.tracking) for row in whole] == [("301", UPS), ("303", UPS), ("304", UPS)]
    assert (len(table.rows), table.untracked) == (4, 0)
    assert read_text(as_text(table.rows)) == table, "it stays as it is until somebody corrects it"


def test_number_in_quotation_marks_is_the_number(judged, order_of) -> None:
    order = order_of(status="acknowledged")
    (found,) = judged(*read_text(f'{order} "{UPS}"').rows)
    assert (found.fault, found.facts.tracking_number) == ("", UPS)


def test_list_of_nothing_but_lost_quotation_marks_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Line 1 cannot be split into cells"):
        read_text(f'301,"{UPS}')


@pytest.mark.parametrize("bad", [b"\x81", b"\x00", b"\xff"])
def test_byte_that_cannot_be_read_stays_in_its_own_row(bad: bytes) -> None:
    content = b"order,sku,tracking\n301,A,1Z" + bad + f"5\n302,Kästchen,{UPS}\n".encode()

    assert [(row.sku, row.tracking) for row in read(content)] == [("A", "1Z\ufffd5"), ("Kästchen", UPS)]


def test_damaged_workbook_and_binary_file_are_refused() -> None:
    for content in (b"PK\x03\x04 nothing", b"\x00\x01\x02\x03"):
        with pytest.raises(InvalidInput, match="cannot be read"):
            read(content)


@pytest.fixture
def judged(merchant, order_of):
    def judge(*rows: ParcelRow, **values: object):
        with merchant_scope(merchant):
            return judge_parcels(merchant, rows, **values)

    return judge


@pytest.mark.django_db
def test_ready_parcel_names_pieces_carrier_and_guess(judged, order_of) -> None:
    order = order_of(line(quantity=3), line("CUP-2", 2), status="acknowledged")

    (found,) = judged(
        ParcelRow(1, order=str(order), sku="kettle-1", quantity="2", tracking=f" {UPS.lower()} "),
        ParcelRow(2, order=str(order), sku="CUP-2", tracking=UPS),
    )

    assert (found.status, found.contents) == ("ready", "2 x KETTLE-1, 2 x CUP-2")
    assert (found.facts.carrier, found.facts.method, found.is_guess) == ("UPS", "", True)
    assert found.warnings == ("1 unit of the order stays open.",)


@pytest.mark.django_db
def test_given_carrier_stays_and_method_is_jets_word(judged, order_of) -> None:
    order = order_of(status="acknowledged")
    row = ParcelRow(1, order=order.merchant_order_id, carrier="fedex", method="fedex ground", tracking=UPS)

    (doubtful,) = judged(row)
    assert (doubtful.status, doubtful.fault) == ("wrong", f"{UPS} looks like a number of UPS, not of FedEx.")
    (found,) = judged(row, confirms_tracking=True)

    assert (found.facts.carrier, found.facts.method, found.is_guess) == ("FedEx", "FedExGround", False)
    assert found.warnings == (f"{UPS} looks like a number of UPS, not of FedEx.",)


@pytest.mark.django_db
def test_every_wrong_row_says_why(judged, merchant, order_of, actor) -> None:
    ready, open_order = order_of(), order_of(line(quantity=2), status="acknowledged")
    done, other = order_of(line(quantity=2), status="acknowledged"), order_of(status="acknowledged")
    with merchant_scope(merchant):
        ship_order(done, parcel(done, 2, tracking_number="FULL"), actor=actor)
    opened, number = str(open_order), "A-1"
    wrong = {
        "There is no order “nobody”.": ParcelRow(1, order="nobody", tracking=number),
        "The order id is missing.": ParcelRow(1, tracking=number),
        f"Order {ready} is ready; only acknowledged orders can be shipped.": ParcelRow(
            1, order=str(ready), tracking=number
        ),
        f"Nothing of order {done} is left to ship: it is shipped, cancelled or in a row above.": ParcelRow(
            1, order=str(done), tracking=number
        ),
        f"FULL is already the number of order {done}.": ParcelRow(1, order=opened, tracking="FULL"),
        f"KETTLE-1 of order {opened}: 3 to ship, but only 2 left.": ParcelRow(
            1, order=opened, sku="KETTLE-1", quantity="3", tracking=number
        ),
        f"Order {opened} has no SKU “MUG”.": ParcelRow(1, order=opened, sku="MUG", tracking=number),
        "“two” is no quantity.": ParcelRow(1, order=opened, quantity="two", tracking=number),
        "“Pigeon” is no carrier Jet knows.": ParcelRow(1, order=opened, carrier="Pigeon", tracking=number),
        "UPS Ground is a method of UPS, not of FedEx.": ParcelRow(
            1, order=opened, carrier="FedEx", method="UPSGround", tracking=number
        ),
        "“=A2” is a formula, not a value.": ParcelRow(1, order=opened, tracking="=A2"),
        "“9.40011E+21” is what the spreadsheet left of a long number.": ParcelRow(
            1, order=opened, tracking="9.40011E+21"
        ),
    }
    for words, row in wrong.items():
        (found,) = judged(row)
        assert (found.status, found.fault) == ("wrong", words)
    (skipped,) = judged(ParcelRow(1, order=str(done), tracking="FULL"))
    assert (skipped.status, skipped.fault) == ("done", "")
    doubled = [ParcelRow(1, order=opened, tracking=number), ParcelRow(2, order=str(other), tracking=number)]
    assert [found.status for found in judged(*doubled)] == ["ready", "wrong"]
    assert [found.status for found in judged(*doubled, shares=True)] == ["ready", "ready"]


@pytest.mark.django_db
def test_rows_of_a_list_share_what_is_left(judged, order_of) -> None:
    order = order_of(line(quantity=2), status="acknowledged")
    rows = [ParcelRow(at, order=str(order), quantity="1", tracking=f"A-{at}") for at in (1, 2, 3)]
    assert [found.status for found in judged(*rows)] == ["ready", "ready", "wrong"]


@pytest.mark.django_db
def test_judging_costs_the_same_with_one_and_three_orders(judged, order_of) -> None:
    rows = [ParcelRow(at, order=str(order_of(status="acknowledged")), tracking=f"A-{at}") for at in (1, 2, 3)]
    counts = []
    for part in (rows[:1], rows):
        with CaptureQueriesContext(connection) as queries:
            judged(*part)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_several_numbers_in_one_cell_are_a_parcel_each(judged, merchant, order_of, actor) -> None:
    """As the downloaded list has them: what has left is not a fault."""
    order = order_of(line(quantity=2), status="acknowledged")
    with merchant_scope(merchant):
        for number in ("A-1", "B-2"):
            ship_order(order, parcel(order, 1, tracking_number=number), actor=actor)
    table = read_text(f'order,tracking number\n{order},"A-1, B-2"\n')

    assert [row.tracking for row in table.rows] == ["A-1", "B-2"]
    assert [found.status for found in judged(*table.rows)] == ["done", "done"]
