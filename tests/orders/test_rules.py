"""Pure rules: transitions, amounts, dates, reading Jet's JSON, masking."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from jetsync.jet.words.shipping import ResponseMethod
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.wording import counted
from orders.amounts import Amounts, line_charged, order_charged, units_charged
from orders.dates import add_business_days, at_time, days_on_the_way, next_business_day, propose_dates
from orders.enums import TRANSITIONS, OrderState, may_become
from orders.holidays import is_holiday
from orders.methods import carrier_choices, carrier_of_method, is_method_of, method_choices, method_label
from orders.privacy import mask_name, shown_raw
from orders.reading import amount, read_order
from orders.wording import method_code
from tests.orders.rows import jet_order, line

NEW_YORK = ZoneInfo("America/New_York")


def test_transition_table_is_complete_and_never_goes_back() -> None:
    road = ["created", "ready", "acknowledged", "inprogress", "complete"]
    allowed = {(old, new) for old, news in TRANSITIONS.items() for new in news}

    assert set(TRANSITIONS) == set(OrderState)
    assert [(a, b) for a in road for b in road if (a, b) in allowed and road.index(b) < road.index(a)] == []
    assert all(may_become(state, state) for state in OrderState)


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("ready", "acknowledged", True),
        ("ready", "rejected", True),
        ("ready", "expired", True),
        ("acknowledged", "ready", False),
        ("acknowledged", "rejected", False),
        ("complete", "inprogress", False),
        ("rejected", "acknowledged", False),
        ("expired", "acknowledged", True),
        ("expired", "ready", True),
        ("failed", "ready", True),
    ],
)
def test_transitions(*, old: str, new: str, allowed: bool) -> None:
    assert may_become(old, new) is allowed


def priced(**values: object) -> SimpleNamespace:
    parts = {
        "quantity": 3,
        "base_price": Decimal("24.99"),
        "item_tax": Decimal("4.97"),
        "shipping_cost": Decimal("3.50"),
        "shipping_tax": Decimal("0.25"),
    }
    return SimpleNamespace(**{**parts, **values})


def test_prices_are_per_unit_and_taxes_per_line() -> None:
    charged = line_charged(priced())

    assert charged == Amounts(Decimal("74.97"), Decimal("4.97"), Decimal("10.50"), Decimal("0.25"))
    assert charged.total == Decimal("90.69")
    assert order_charged([priced(), priced()]).total == Decimal("181.38")


def test_share_of_units_takes_its_part_of_the_taxes() -> None:
    assert units_charged(priced(), 1) == Amounts(
        Decimal("24.99"), Decimal("1.66"), Decimal("3.50"), Decimal("0.08")
    )
    assert units_charged(priced(), 3) == line_charged(priced())
    assert units_charged(priced(quantity=0), 1) == Amounts()


@pytest.mark.parametrize(
    ("now", "ship", "expected"),
    [
        # The tenth is Veterans Day, kept on the Friday before its Saturday.
        (datetime(2017, 11, 8, 15, tzinfo=UTC), date(2017, 11, 8), date(2017, 11, 15)),
        (datetime(2017, 11, 11, 15, tzinfo=UTC), date(2017, 11, 13), date(2017, 11, 17)),
        # Saturday in UTC is still Friday evening in New York.
        (datetime(2017, 11, 4, 2, tzinfo=UTC), date(2017, 11, 3), date(2017, 11, 9)),
    ],
)
def test_proposed_dates_are_business_days(now: datetime, ship: date, expected: date) -> None:
    proposed = propose_dates(now, NEW_YORK, 4)

    assert (proposed.ship, proposed.pick_up, proposed.expected) == (ship, ship, expected)


@pytest.mark.parametrize(
    ("promised", "expected"),
    [
        (datetime(2026, 11, 25, 5, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 24, 5, tzinfo=UTC), date(2026, 11, 24)),
        (None, date(2026, 11, 24)),
    ],
)
def test_next_day_order_is_proposed_for_the_next_business_day(
    promised: datetime | None, expected: date
) -> None:
    saturday = datetime(2026, 11, 21, 15, tzinfo=UTC)
    days = days_on_the_way("Next Day", "UPS Next Day Air Saver", 4)

    assert propose_dates(saturday, NEW_YORK, days, promised=promised).expected == expected


def test_promise_is_the_latest_day_where_there_is_time_for_it() -> None:
    now = datetime(2017, 11, 8, 15, tzinfo=UTC)

    in_time = propose_dates(now, NEW_YORK, 4, promised=datetime(2017, 11, 10, 15, tzinfo=UTC))
    too_late = propose_dates(now, NEW_YORK, 4, promised=datetime(2017, 11, 8, 15, tzinfo=UTC))

    assert (in_time.expected, too_late.expected) == (date(2017, 11, 10), date(2017, 11, 15))


def test_days_on_the_way_follow_level_then_method_then_setting() -> None:
    asked = [("SecondDay", ""), ("Standard", "FedEx 2 Day"), ("Standard", "UPS Ground"), ("", "FedExSameDay")]

    assert [days_on_the_way(level, method, 4) for level, method in asked] == [2, 2, 4, 0]


def test_cut_off_moves_the_ship_date_in_the_zone_of_the_node() -> None:
    chicago = ZoneInfo("America/Chicago")
    at_three = datetime(2017, 11, 7, 21, tzinfo=UTC)

    assert propose_dates(at_three, chicago, 1, cutoff=time(15)).ship == date(2017, 11, 8)
    assert propose_dates(at_three, chicago, 1, cutoff=time(15, 1)).ship == date(2017, 11, 7)
    assert propose_dates(at_three, NEW_YORK, 1, cutoff=time(15, 1)).ship == date(2017, 11, 8)
    friday_evening = datetime(2017, 11, 3, 23, tzinfo=UTC)
    assert propose_dates(friday_evening, chicago, 1, cutoff=time(15)).ship == date(2017, 11, 6)
    chosen = propose_dates(at_three, chicago, 1, cutoff=time(15), ship_on=date(2017, 11, 7))
    assert (chosen.ship, chosen.expected) == (date(2017, 11, 7), date(2017, 11, 8))


def test_federal_holidays_are_no_business_days_in_any_year() -> None:
    of_2026 = [
        (1, 1),
        (1, 19),
        (2, 16),
        (5, 25),
        (6, 19),
        (7, 3),
        (9, 7),
        (10, 12),
        (11, 11),
        (11, 26),
        (12, 25),
    ]
    year = [date(2026, 1, 1) + timedelta(days=at) for at in range(365)]
    assert [(day.month, day.day) for day in year if is_holiday(day)] == of_2026
    assert is_holiday(date(2021, 12, 31)), "New Year's Day 2022 was a Saturday"
    assert is_holiday(date(2033, 12, 26)), "Christmas 2033 is a Sunday"
    assert add_business_days(date(2026, 11, 25), 1) == date(2026, 11, 27)


def test_business_days_skip_the_weekend() -> None:
    assert next_business_day(date(2017, 11, 12)) == date(2017, 11, 13)
    assert add_business_days(date(2017, 11, 10), 1) == date(2017, 11, 13)


def test_day_becomes_a_moment_that_is_not_before_now() -> None:
    evening = datetime(2017, 11, 8, 22, 30, tzinfo=UTC)

    assert at_time(date(2017, 11, 8), time(12), NEW_YORK, not_before=evening) == evening
    assert at_time(date(2017, 11, 9), time(12), NEW_YORK, not_before=evening) == datetime(
        2017, 11, 9, 17, tzinfo=UTC
    )
    assert at_time(None, time(12), NEW_YORK) is None


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"status": "created"}, "created"),
        ({"status": "ready"}, "ready"),
        ({"status": "Acknowledged", "acknowledgement_status": "accepted"}, "acknowledged"),
        ({"status": "inprogress"}, "inprogress"),
        ({"status": "complete"}, "complete"),
        ({"status": "complete", "acknowledgement_status": ""}, "expired"),
        ({"status": "complete", "acknowledgement_status": "rejected - fraud"}, "rejected"),
        ({"status": "complete", "exception_state": "exception - order rejected"}, "rejected"),
        ({"status": "on hold"}, None),
        ({"status": None}, None),
    ],
)
def test_state_from_what_jet_shows(values: dict[str, str], state: str | None) -> None:
    assert read_order(jet_order(**values)).state() == state


def test_reading_takes_nulls_and_nonsense_for_absent() -> None:
    facts = read_order(
        {
            "merchant_order_id": 42,
            "status": "ready",
            "order_ready_date": "yesterday",
            "buyer": None,
            "order_items": [
                {"merchant_sku": "A-1", "item_price": {"base_price": "x"}, "request_order_quantity": "2"},
                "nonsense",
            ],
            "shipments": None,
        }
    )

    assert facts.merchant_order_id == "42"
    assert (facts.fields["ready_at"], facts.fields["buyer_name"]) == (None, "")
    (only,) = facts.lines
    assert (only.sku, only.quantity, only.base_price) == ("A-1", 2, Decimal("0.00"))


def test_both_spellings_of_the_directed_cancel() -> None:
    first = jet_order(line(cancel=2), jet_request_directed_cancel=True)
    second = jet_order(jet_requested_directed_cancel=True)
    second["order_items"][0] |= {"request_order_cancel_quantity": 1, "request_order_cancel_qty": None}

    assert [read_order(raw).fields["is_directed_cancel"] for raw in (first, second)] == [True, True]
    assert [read_order(raw).lines[0].cancel_requested for raw in (first, second)] == [2, 1]


def test_names_and_json_are_masked_without_the_right() -> None:
    nobody = Actor(label="analyst")
    raw = {
        "status": "ready",
        "buyer": {"name": "Ida"},
        "shipping_to": {"address": {"address2": "", "zip_code": "07042"}},
        "hash_email": "x@y",
        "new_of_jet": "Leave it with Ida",
    }

    assert mask_name("Ida Marsh") == "I••• M•••"
    assert shown_raw(raw, nobody) == {
        "status": "ready",
        "buyer": {"name": "•••"},
        "shipping_to": {"address": {"address2": "", "zip_code": "•••"}},
        "hash_email": "•••",
        "new_of_jet": "Leave it with •••",
    }
    assert shown_raw(raw, SYSTEM) == raw


def test_method_code_follows_the_requested_method() -> None:
    assert method_code("FedEx Ground") == "FedExGround"
    assert method_code("USPS Priority Mail") == "USPSPriorityMail"
    assert method_code("Carrier pigeon") == ""


def test_carrier_follows_the_requested_method() -> None:
    assert carrier_of_method("FedEx Ground") == "FedEx"
    assert carrier_of_method("UPS SurePost") == "UPS SurePost"
    assert carrier_of_method("Carrier pigeon") == ""


@pytest.mark.parametrize(
    ("written", "read"), [(24.985, "24.99"), (0.005, "0.01"), ("1e400", "0.00"), (20, "20.00")]
)
def test_amounts_of_jet_are_rounded_as_everywhere_else(written: object, read: str) -> None:
    assert str(amount({"price": written}, "price")) == read


def test_methods_are_readable() -> None:
    codes = (
        "UPSNextDayAirSaver",
        "Fedex2Day",
        "FedExSmartPost",
        "DHLeCommerce",
        "DHLExpress12",
        "LSOEarlyNexyDay",
    )

    assert [method_label(code) for code in codes] == [
        "UPS Next Day Air Saver",
        "FedEx 2 Day",
        "FedEx SmartPost",
        "DHL eCommerce",
        "DHL Express 12",
        "LSO Early Next Day",
    ]


@pytest.mark.parametrize(
    ("method", "carrier", "fits"),
    [
        ("USPSPriorityMail", "FedEx", False),
        ("UPSSurepost", "UPS", True),
        ("UPSGround", "UPS SurePost", True),
        ("ups_ground", "fedex", False),
        ("LSOGround", "FedEx", True),
        ("Other", "USPS", True),
        ("", "USPS", True),
        ("UPSGround", "Other", True),
        ("Bicycle", "FedEx", True),
    ],
)
def test_method_belongs_to_its_carrier(method: str, carrier: str, *, fits: bool) -> None:
    assert is_method_of(method, carrier) is fits


def test_lists_begin_with_what_is_usual_and_lose_no_code() -> None:
    groups = method_choices(first="UPS")

    assert [name for name, _codes in groups[:3]] == ["UPS", "FedEx", "USPS"]
    assert groups[-1][0] == "Any carrier"
    assert sorted(code for _name, codes in groups for code, _label in codes) == sorted(ResponseMethod)
    assert [word for word, _label in carrier_choices(first=("Mule", "UPS"))][:3] == ["Mule", "UPS", "FedEx"]
    assert carrier_choices()[-1] == ("Other", "Other")


def test_counts_agree_with_their_noun() -> None:
    assert [counted(number, "order") for number in (0, 1, 1200)] == ["0 orders", "1 order", "1,200 orders"]
    assert counted(2, "entry", "entries") == "2 entries"
