"""Proposed dates of a shipment, and how a day on the form becomes a moment. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from orders.holidays import is_holiday

# Jet wants moments, people think in days: goods leave at noon, carriers come and deliver in the late afternoon.
NOON = time(12)
AFTERNOON = time(17)
SATURDAY = 5

# Business days on the way by Jet's service level, written without blanks. Standard and Ground are left to the
# merchant's own transit time.
LEVEL_DAYS = {
    "nextday": 1,
    "secondday": 2,
    "expedited": 3,
    "priority": 3,
    "5to10day": 7,
    "11to20day": 15,
    "scheduled(freight11to20day)": 15,
}
# The same by a part of the method's name; the first that fits.
METHOD_DAYS = (
    ("sameday", 0),
    ("overnight", 1),
    ("nextday", 1),
    ("sunrise", 1),
    ("2ndday", 2),
    ("2day", 2),
    ("mailexpress", 2),
    ("3day", 3),
    ("expresssaver", 3),
    ("priority", 3),
)


def is_business_day(day: date) -> bool:
    """Monday to Friday, but no federal holiday."""
    return day.weekday() < SATURDAY and not is_holiday(day)


def next_business_day(day: date) -> date:
    """The day itself when it is a business day, otherwise the next one."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def add_business_days(day: date, count: int) -> date:
    """`count` business days after `day`."""
    for _ in range(count):
        day = next_business_day(day + timedelta(days=1))
    return day


def days_on_the_way(level: str, method: str, usual: int) -> int:
    """Business days from the door to the shopper, by what Jet asked for; `usual` where neither says anything."""
    named = LEVEL_DAYS.get(_joined(level))
    if named is not None:
        return named
    return next((days for part, days in METHOD_DAYS if part in _joined(method)), max(1, usual))


def _joined(text: str) -> str:
    return text.replace(" ", "").casefold()


@dataclass(frozen=True)
class ProposedDates:
    ship: date
    pick_up: date
    expected: date


def propose_dates(
    now: datetime,
    zone: tzinfo,
    days: int,
    *,
    promised: datetime | None = None,
    ship_on: date | None = None,
    cutoff: time | None = None,
) -> ProposedDates:
    """Ship and pick-up on the next business day or on `ship_on`, delivery `days` business days later.

    Today counts until `cutoff`, when the carrier has left the house; None: all day.

    Never after the day Jet promised the shopper, unless that day comes too early for goods that leave now.
    """
    local = now.astimezone(zone)
    is_over = cutoff is not None and local.time() >= cutoff
    ship = ship_on or next_business_day(local.date() + timedelta(days=is_over))
    expected = add_business_days(ship, days)
    latest = promised.astimezone(zone).date() if promised else expected
    return ProposedDates(
        ship=ship, pick_up=ship, expected=min(expected, latest) if latest > ship else expected
    )


def is_after_promise(expected: datetime | None, promised: datetime | None, zone: tzinfo) -> bool:
    """By days, as the shopper counts; no promise cannot be broken."""
    if expected is None or promised is None:
        return False
    return expected.astimezone(zone).date() > promised.astimezone(zone).date()


def at_time(
    day: date | None, clock: time, zone: tzinfo, *, not_before: datetime | None = None
) -> datetime | None:
    """The moment on that day in the merchant's zone; on the day of `not_before`, never earlier than it."""
    if day is None:
        return None
    moment = datetime.combine(day, clock, tzinfo=zone)
    if not_before is not None and moment < not_before and not_before.astimezone(zone).date() == day:
        return not_before
    return moment
