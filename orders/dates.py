"""Proposed dates of a shipment, and how a day on the form becomes a moment. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

# Jet wants moments, people think in days: goods leave at noon, carriers come and deliver in the late afternoon.
NOON = time(12)
AFTERNOON = time(17)
SATURDAY = 5


def is_business_day(day: date) -> bool:
    """Monday to Friday. Carriers' holidays differ, so they are left to the merchant."""
    return day.weekday() < SATURDAY


def next_business_day(day: date) -> date:
    """The day itself when it is a business day, otherwise the Monday after."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def add_business_days(day: date, count: int) -> date:
    """`count` business days after `day`."""
    for _ in range(count):
        day = next_business_day(day + timedelta(days=1))
    return day


@dataclass(frozen=True)
class ProposedDates:
    ship: date
    pick_up: date
    expected: date


def propose_dates(now: datetime, zone: tzinfo, transit_days: int) -> ProposedDates:
    """Ship and pick-up on the next business day (today counts), delivery `transit_days` business days later."""
    ship = next_business_day(now.astimezone(zone).date())
    return ProposedDates(ship=ship, pick_up=ship, expected=add_business_days(ship, max(1, transit_days)))


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
