from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetsync.jet.codec import decode, encode
from jetsync.jet.dates import format_jet, parse_jet
from jetsync.jet.words import OrderStatus


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ({"price": Decimal("38.50")}, b'{"price":38.5}'),
        ([Decimal("0.1"), Decimal("19.99"), Decimal(3), Decimal("-0.01")], b"[0.1,19.99,3.0,-0.01]"),
        (Decimal("123456789012345678.91"), b"123456789012345678.91"),
        (
            {"a": Decimal("1E+30"), "b": [True, None, "é\n", OrderStatus.READY]},
            b'{"a":1e+30,"b":[true,null,"\\u00e9\\n","ready"]}',
        ),
        (
            {"a": Decimal("0.12345678901234567890"), "b": (1, datetime(2020, 1, 2, tzinfo=UTC))},
            b'{"a":0.12345678901234567890,"b":[1,"2020-01-02T00:00:00.0000000+00:00"]}',
        ),
    ],
)
def test_numbers_and_words_are_written_exactly(value: object, sent: bytes) -> None:
    assert encode(value) == sent


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**16), max_value=10**18))
def test_no_amount_is_changed_on_its_way(amount: Decimal) -> None:
    assert json.loads(encode({"price": amount}), parse_float=Decimal, parse_int=Decimal) == {"price": amount}


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("Infinity"), float("nan"), float("inf"), datetime(2020, 1, 1)]
)
@pytest.mark.parametrize("inexact", [Decimal("0.12345678901234567890"), 1])
def test_value_without_a_number_or_zone_is_refused(value: object, inexact: object) -> None:
    with pytest.raises(ValueError):
        encode([inexact, value])
    with pytest.raises(TypeError):
        encode([inexact, object()])


def test_answer_is_decoded_with_byte_order_mark() -> None:
    assert decode(b'\xef\xbb\xbf{\r\n "a" : 1.5 }\r\n') == {"a": 1.5}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2015-10-12T09:35:11.6347408+00:00", datetime(2015, 10, 12, 9, 35, 11, 634740, tzinfo=UTC)),
        ("2016-04-06T17:25:06.4214060Z", datetime(2016, 4, 6, 17, 25, 6, 421406, tzinfo=UTC)),
        ("2016-04-06T17:25:06Z", datetime(2016, 4, 6, 17, 25, 6, tzinfo=UTC)),
        ("2016-04-06T17:25:06", datetime(2016, 4, 6, 17, 25, 6, tzinfo=UTC)),
        ("2016-04-06T17:25:06.5", datetime(2016, 4, 6, 17, 25, 6, 500000, tzinfo=UTC)),
        ("2016-04-06 17:25:06.12z", datetime(2016, 4, 6, 17, 25, 6, 120000, tzinfo=UTC)),
        ("2017-11-07T15:20:00.0000000-05:00", datetime(2017, 11, 7, 20, 20, tzinfo=UTC)),
        ("2017-11-07T15:20:00.0000000-00:00", datetime(2017, 11, 7, 15, 20, tzinfo=UTC)),
        ("2017-11-07T15:20:00+0530", datetime(2017, 11, 7, 9, 50, tzinfo=UTC)),
        ("2017-11-07T15:20Z", datetime(2017, 11, 7, 15, 20, tzinfo=UTC)),
        ("2017-11-07", datetime(2017, 11, 7, tzinfo=UTC)),
        ("08/31/2017", datetime(2017, 8, 31, tzinfo=UTC)),
        ("8/1/2017 4:05:06 PM", datetime(2017, 8, 1, 16, 5, 6, tzinfo=UTC)),
        (" 08/31/2017 16:05:06 ", datetime(2017, 8, 31, 16, 5, 6, tzinfo=UTC)),
    ],
)
def test_every_form_of_a_time_is_read(text: str, moment: datetime) -> None:
    assert parse_jet(text) == moment
    assert parse_jet(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2017-13-01",
        "2017-01-01T25:00:00Z",
        "31/08/2017",
        "0001-01-01T00:00:00+05:00",
        "2017-01-01T00:00:00+99:00",
        "2017-01-01T00:00:00.Z",
        "1509999999",
    ],
)
def test_other_text_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        parse_jet(text)


@given(
    st.datetimes(
        min_value=datetime(1900, 1, 2),
        max_value=datetime(2200, 1, 1),
        timezones=st.just(timezone(timedelta(hours=-7))),
    )
)
def test_time_sent_is_the_time_read(moment: datetime) -> None:
    sent = format_jet(moment)

    assert parse_jet(sent) == moment
    assert len(sent.split(".")[1]) == len("1234567+00:00")
