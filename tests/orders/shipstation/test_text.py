"""The smallest parts: text for XML, dates, carriers, lines. Any text comes back as it went in."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.shipstation.carriers import DEFAULTS, Rule, find_carrier, method_for
from orders.shipstation.reading import BadNotice, parse_xml, read_notice
from orders.shipstation.times import read_day, read_end, read_start
from orders.shipstation.xmltext import cdata, clean, element
from tests.orders.shipstation.conftest import parse

# PostgreSQL keeps no NUL and no lone surrogates, but nothing may rely on that.
ANY_TEXT = st.text(st.characters(blacklist_categories=()), max_size=200)
RULES = [Rule(carrier, service, str(jet)) for carrier, service, jet in DEFAULTS]


@given(ANY_TEXT)
def test_any_text_comes_back_without_what_xml_forbids(text: str) -> None:
    read = parse(f"<a>{cdata(text)}</a>".encode()).text or ""
    # A parser gives line ends as one character, whatever they were.
    assert read == clean(text).replace("\r\n", "\n").replace("\r", "\n")


@given(ANY_TEXT)
def test_end_mark_of_cdata_never_ends_it(text: str) -> None:
    hostile = f"{text}]]>]]]]>>{text}<x>&amp;"
    assert (parse(f"<a>{cdata(hostile)}</a>".encode()).text or "").endswith("<x>&amp;")


@given(ANY_TEXT, st.integers(1, 60))
def test_limit_counts_characters(text: str, limit: int) -> None:
    whole = clean(text)
    read = parse(element("a", text, limit).encode()).text or ""
    assert read == whole[:limit].replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=100))
def test_reading_never_fails_otherwise_than_told(text: str) -> None:
    for body in (
        text.encode(),
        f"<ShipNotice>{text}</ShipNotice>".encode(),
        element("ShipNotice", text).encode(),
    ):
        try:
            read_notice({}, body)
        except BadNotice:
            continue


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        (
            "03/23/2012 21:09",
            datetime(2012, 3, 23, 21, 9, tzinfo=UTC),
            datetime(2012, 3, 23, 21, 10, tzinfo=UTC),
        ),
        (
            "3/3/2012 9:09 PM",
            datetime(2012, 3, 3, 21, 9, tzinfo=UTC),
            datetime(2012, 3, 3, 21, 10, tzinfo=UTC),
        ),
        (
            "03/23/2012 9:09pm",
            datetime(2012, 3, 23, 21, 9, tzinfo=UTC),
            datetime(2012, 3, 23, 21, 10, tzinfo=UTC),
        ),
        (
            "03/23/2012 21:09:30",
            datetime(2012, 3, 23, 21, 9, 30, tzinfo=UTC),
            datetime(2012, 3, 23, 21, 9, 31, tzinfo=UTC),
        ),
        (
            "03232012 2109",
            datetime(2012, 3, 23, 21, 9, tzinfo=UTC),
            datetime(2012, 3, 23, 21, 10, tzinfo=UTC),
        ),
        (
            "03232012 21:09",
            datetime(2012, 3, 23, 21, 9, tzinfo=UTC),
            datetime(2012, 3, 23, 21, 10, tzinfo=UTC),
        ),
        (
            "2012-03-23T21:09:30Z",
            datetime(2012, 3, 23, 21, 9, 30, tzinfo=UTC),
            datetime(2012, 3, 23, 21, 9, 31, tzinfo=UTC),
        ),
        (
            "2012-03-23T17:09-04:00",
            datetime(2012, 3, 23, 21, 9, tzinfo=UTC),
            datetime(2012, 3, 23, 21, 10, tzinfo=UTC),
        ),
        ("2012-03-23", datetime(2012, 3, 23, tzinfo=UTC), datetime(2012, 3, 24, tzinfo=UTC)),
        ("12/31/9999 23:59", datetime(2999, 12, 31, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)),
        ("soon", None, None),
        ("13/45/2012 21:09", None, None),
        ("", None, None),
    ],
)
def test_dates_are_read_liberally_and_ends_are_included(text, start, end) -> None:
    assert (read_start(text), read_end(text)) == (start, end)


@given(st.text(max_size=30))
def test_no_text_breaks_the_dates(text: str) -> None:
    read_start(text)
    read_end(text)
    read_day(text)


@pytest.mark.parametrize(
    ("carrier", "service", "jet", "method"),
    [
        ("UPS", "UPS Ground", "UPS", "UPSGround"),
        ("ups_walleted", "UPS Next Day Air® Saver", "UPS", "UPSNextDayAirSaver"),
        ("UPS", "UPS SurePost® 1 lb or Greater", "UPS SurePost", "UPSSurepost"),
        ("UPSMI", "Mail Innovations", "UPS Mail Innovations", ""),
        ("FedEx", "FedEx SmartPost parcel select", "FedEx SmartPost", "FedExSmartPost"),
        ("fedex", "FedEx Home Delivery®", "FedEx", "FedExHome"),
        ("stamps_com", "USPS Priority Mail - Package", "USPS", "USPSPriorityMail"),
        ("USPS", "USPS Priority Mail Express - Flat Rate Envelope", "USPS", "USPSPriorityMailExpress"),
        ("dhl_global_mail", "", "DHL Global Mail", ""),
        ("DHLGlobalMail", "DHL SM Parcel Ground", "DHL Global Mail", ""),
        ("lonestar", "LSO Ground", "Lone Star", "LSOGround"),
        ("ontrac", "OnTrac Ground", "OnTrac", "OnTracGround"),
        ("Newgistics", "", "Other", ""),
    ],
)
def test_usual_carriers_and_services(carrier, service, jet, method) -> None:
    rule = find_carrier(carrier, service, RULES)
    assert rule is not None
    assert (rule.jet_carrier, method_for(service, rule.jet_carrier)) == (jet, method)


def test_unknown_carrier_has_no_rule() -> None:
    assert find_carrier("RoyalMail", "", RULES) is None
    assert find_carrier("", "", RULES) is None


def test_rule_about_carrier_and_service_beats_the_others() -> None:
    own = [*RULES, Rule("UPS", "Ground", "UPS Freight"), Rule("", "Ground", "Other")]
    found = find_carrier("UPS", "UPS Ground", own)
    assert found is not None
    assert found.jet_carrier == "UPS Freight"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><ShipNotice><OrderID>&x;</OrderID></ShipNotice>',
        b'<!DOCTYPE ShipNotice SYSTEM "file:///etc/passwd"><ShipNotice/>',
        b"<ShipNotice><OrderID>1</ShipNotice>",
        b"<ShipNotice>",
        b"<Orders/>",
        b"not xml",
        b"\x00\x01",
        ("<ShipNotice>" + "<a>" * 40 + "</a>" * 40 + "</ShipNotice>").encode(),
        b'<?xml version="1.0" encoding="klingon"?><ShipNotice/>',
        b"<ShipNotice><Items><Item><SKU>A</SKU><Quantity>-1</Quantity></Item></Items></ShipNotice>",
        b"<ShipNotice><Items><Item><SKU>A</SKU><Quantity>1.5</Quantity></Item></Items></ShipNotice>",
        b"<ShipNotice><Items><Item><SKU>A</SKU><Quantity>1e9</Quantity></Item></Items></ShipNotice>",
        b"<ShipNotice><Items><Item><SKU>A</SKU></Item></Items></ShipNotice>",
        b"<ShipNotice><Items><Item><Quantity>1</Quantity></Item></Items></ShipNotice>",
        b"<ShipNotice><Items><Item><SKU>A</SKU><Quantity>0</Quantity></Item></Items></ShipNotice>",
    ],
)
def test_bodies_that_are_refused(body: bytes) -> None:
    with pytest.raises(BadNotice):
        read_notice({}, body)


def test_body_wins_over_the_query_and_an_empty_one_is_legal() -> None:
    query = {"order_number": "77", "carrier": "UPS", "service": "", "tracking_number": "1Z 99"}
    alone = read_notice(query, b"  ")
    assert (alone.order_number, alone.carrier, alone.tracking_number, alone.items) == (
        "77",
        "UPS",
        "1Z99",
        (),
    )

    both = read_notice(
        query,
        b"\n<ShipNotice><OrderNumber>78</OrderNumber><OrderID>5</OrderID><Carrier>USPS</Carrier><ShipDate>11/20/2026"
        b"</ShipDate><LabelCreateDate>11/20/2026 19:31</LabelCreateDate><Items><Item><SKU>A</SKU><Quantity>2.0"
        b"</Quantity><LineItemID>9</LineItemID></Item></Items></ShipNotice>",
    )
    assert (both.order_id, both.order_number, both.carrier, both.tracking_number) == (
        "5",
        "78",
        "USPS",
        "1Z99",
    )
    assert (both.ship_date, both.label_at) == (date(2026, 11, 20), datetime(2026, 11, 20, 19, 31, tzinfo=UTC))
    assert [(item.line_item_id, item.sku, item.quantity) for item in both.items] == [("9", "A", 2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encoding_is_the_document_s_own(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><ShipNotice><Carrier>Pâté</Carrier></ShipNotice>'
    assert parse_xml(text.encode(encoding)).findtext("carrier") == "Pâté"
