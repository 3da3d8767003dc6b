"""Quiet or broken, judged by what is usual for the hour and weekday of this very store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orders.silence import HOUR, Verdict, judge

EAST = ZoneInfo("America/New_York")
# A Monday, 15:00 in New York.
NOW = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
WEEKS = 6


def office_hours(per_hour: int, *, last_at: datetime) -> dict[datetime, int]:
    """So many orders each hour from 9 to 17 on working days, by New York's clock, up to `last_at`."""
    hour, found = last_at.replace(minute=0) - timedelta(weeks=WEEKS), {}
    while hour <= last_at:
        local = hour.astimezone(EAST)
        if local.weekday() < 5 and 9 <= local.hour < 17:
            found[hour] = per_hour
        hour += HOUR
    return found


def verdict(per_hour: int, last_at: datetime, now: datetime = NOW) -> Verdict:
    return judge(office_hours(per_hour, last_at=last_at), last_at=last_at, now=now, zone=EAST).verdict


def test_busy_store_that_falls_silent_in_its_busy_hours_is_broken() -> None:
    last = NOW - timedelta(hours=4)
    silence = judge(office_hours(4, last_at=last), last_at=last, now=NOW, zone=EAST)
    assert silence.verdict == Verdict.BROKEN
    assert silence.expected == pytest.approx(16)


def test_small_store_is_quiet_in_the_same_hours() -> None:
    """One an hour: four missing ones are chance, seven of a whole day are not."""
    assert verdict(1, NOW - timedelta(hours=4)) == Verdict.QUIET
    assert verdict(1, NOW - timedelta(hours=5), NOW + timedelta(hours=22)) == Verdict.BROKEN


def test_night_and_weekend_are_quiet_by_the_stores_own_clock() -> None:
    friday_evening = datetime(2026, 2, 27, 21, 30, tzinfo=UTC)
    monday_nine = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    assert verdict(4, friday_evening, monday_nine) == Verdict.QUIET
    assert verdict(4, friday_evening, monday_nine + timedelta(hours=4)) == Verdict.BROKEN


def test_silence_that_the_store_has_had_before_is_quiet() -> None:
    last = NOW - timedelta(hours=3)
    orders = office_hours(4, last_at=last)
    for hour in list(orders):
        if hour.astimezone(EAST).date().isoformat() in {"2026-02-10", "2026-02-11"}:
            del orders[hour]  # two working days without any
    assert judge(orders, last_at=last, now=NOW, zone=EAST).verdict == Verdict.QUIET


def test_last_order_a_moment_ago_is_lively_and_without_history_nothing_is_said() -> None:
    assert verdict(4, NOW - timedelta(minutes=90)) == Verdict.LIVELY
    assert judge({}, last_at=None, now=NOW, zone=EAST).verdict == Verdict.UNKNOWN
    few = {NOW - timedelta(weeks=5): 20}
    assert judge(few, last_at=NOW - timedelta(days=3), now=NOW, zone=EAST).verdict == Verdict.UNKNOWN
    young = {NOW - timedelta(days=day): 50 for day in range(3, 10)}
    assert judge(young, last_at=NOW - timedelta(days=3), now=NOW, zone=EAST).verdict == Verdict.UNKNOWN


def test_clocks_that_change_do_not_move_what_is_usual() -> None:
    """New York goes to summer time on March 8, 2026: nine o'clock is an hour earlier in UTC from then on."""
    last = datetime(2026, 3, 6, 21, 30, tzinfo=UTC)
    monday_nine = datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
    orders = office_hours(4, last_at=last)
    found = judge(orders, last_at=last, now=monday_nine, zone=EAST)
    assert found.verdict == Verdict.QUIET
    assert judge(orders, last_at=last, now=monday_nine + HOUR, zone=EAST).expected == pytest.approx(
        found.expected + 4
    )
