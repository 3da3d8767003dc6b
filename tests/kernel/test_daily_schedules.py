"""Schedules that run in an hour of the merchant's own day."""

from datetime import UTC, datetime, timedelta

import pytest

from jetsync.models import Merchant, Schedule
from jetsync.sync.registry import ScheduleKind
from jetsync.sync.schedules import next_turn, offset_of

DAILY = ScheduleKind("test.daily", "Daily", timedelta(days=1), "test.work", at_hour=5)


def turns(zone: str, now: datetime, count: int) -> list[str]:
    """The next turns in the merchant's clock, without the minutes that spread merchants over the hour."""
    merchant = Merchant(pk=7, time_zone=zone)
    row = Schedule(merchant=merchant, kind=DAILY.name, interval_seconds=86_400, next_due_at=now)
    minutes = offset_of(7, DAILY.name, timedelta(hours=1))
    found = []
    for _number in range(count):
        now = next_turn(row, DAILY, now)
        found.append(f"{(now - minutes).astimezone(merchant.zone):%m-%d %H:%M}")
    return found


@pytest.mark.feature("SCH-11")
@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("America/New_York", datetime(2026, 6, 1, 12, tzinfo=UTC), ["06-02 05:00", "06-03 05:00"]),
        ("America/Los_Angeles", datetime(2026, 6, 1, 7, tzinfo=UTC), ["06-01 05:00", "06-02 05:00"]),
        # The clocks go forward on March 8 and back on November 1.
        ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC), ["03-08 05:00", "03-09 05:00"]),
        ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC), ["11-01 05:00", "11-02 05:00"]),
    ],
)
def test_daily_schedule_keeps_its_hour_of_the_merchants_day(zone, now, expected):
    assert turns(zone, now, 2) == expected


def test_schedule_without_an_hour_keeps_its_grid():
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    row = Schedule(merchant=Merchant(pk=7), kind="x", interval_seconds=600, next_due_at=now)
    plain = ScheduleKind("x", "X", timedelta(minutes=10), "test.work")
    assert next_turn(row, plain, now) == now + timedelta(minutes=10)
    assert next_turn(row, None, now) == now + timedelta(minutes=10)


def test_interval_that_a_merchant_chose_goes_before_the_hour():
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    row = Schedule(merchant=Merchant(pk=7), kind=DAILY.name, interval_seconds=3600, next_due_at=now)
    assert next_turn(row, DAILY, now) == now + timedelta(hours=1)
