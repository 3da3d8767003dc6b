"""Whether it is quiet or broken: how many orders a store would usually have had since its last one.

Pure: hours with their orders in, a verdict out. What is usual is the store's own mean per weekday and hour, by its clock,
over the weeks of its history. Orders do not come evenly, so a silence counts as broken only when chance would make it
less than once in a thousand times, and when the store has never been silent for nearly as many expected orders before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

HOUR = timedelta(hours=1)
# Below, an hour says too little of its weekday, or the store too little of itself.
LEAST_HISTORY = timedelta(weeks=3)
LEAST_ORDERS = 30
# exp(-7) is one in a thousand.
BROKEN_FROM = 7.0
# How far the longest silence that came by itself must be passed.
MARGIN = 1.5
# A shorter one is not worth a word.
SHORTEST = timedelta(hours=2)


class Verdict(StrEnum):
    LIVELY = "lively"
    UNKNOWN = "unknown"
    QUIET = "quiet"
    BROKEN = "broken"


@dataclass(frozen=True)
class Silence:
    """`expected`: orders that would usually have come since `since`; `longest`: the most that were missing before."""

    verdict: Verdict
    since: datetime | None = None
    expected: float = 0.0
    longest: float = 0.0


def judge(
    orders: Mapping[datetime, int], *, last_at: datetime | None, now: datetime, zone: tzinfo
) -> Silence:
    """`orders`: orders by the hour (UTC, full hours) in which Jet released them, hours without any left out."""
    if last_at is None:
        return Silence(Verdict.UNKNOWN)
    if now - last_at < SHORTEST:
        return Silence(Verdict.LIVELY, last_at)
    begun = min(orders, default=now)
    if now - begun < LEAST_HISTORY or sum(orders.values()) < LEAST_ORDERS:
        return Silence(Verdict.UNKNOWN, last_at)
    # Hours of this very silence would lower what is usual.
    rates = _rates(orders, begun, _floor(last_at), zone)
    expected = _expected(rates, last_at, now, zone)
    longest = _longest(orders, rates, begun, _floor(last_at), zone)
    is_broken = expected >= max(BROKEN_FROM, MARGIN * longest)
    return Silence(Verdict.BROKEN if is_broken else Verdict.QUIET, last_at, expected, longest)


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _slot(hour: datetime, zone: tzinfo) -> tuple[int, int]:
    local = hour.astimezone(zone)
    return local.weekday(), local.hour


def _rates(
    orders: Mapping[datetime, int], begun: datetime, end: datetime, zone: tzinfo
) -> dict[tuple[int, int], float]:
    """Orders per hour of each weekday and hour that the history holds; one that it lacks has the mean of all."""
    seen: dict[tuple[int, int], int] = {}
    came: dict[tuple[int, int], int] = {}
    hour = begun
    while hour <= end:
        slot = _slot(hour, zone)
        seen[slot] = seen.get(slot, 0) + 1
        came[slot] = came.get(slot, 0) + orders.get(hour, 0)
        hour += HOUR
    return {slot: came[slot] / times for slot, times in seen.items()}


def _expected(rates: Mapping[tuple[int, int], float], start: datetime, end: datetime, zone: tzinfo) -> float:
    """The first and the last hour count by their part."""
    total, hour = 0.0, _floor(start)
    while hour < end:
        part = (min(end, hour + HOUR) - max(start, hour)) / HOUR
        total += part * rates.get(_slot(hour, zone), 0.0)
        hour += HOUR
    return total


def _longest(
    orders: Mapping[datetime, int],
    rates: Mapping[tuple[int, int], float],
    begun: datetime,
    end: datetime,
    zone: tzinfo,
) -> float:
    """The most expected orders that a row of empty hours held."""
    longest, missing, hour = 0.0, 0.0, begun
    while hour < end:
        missing = 0.0 if orders.get(hour) else missing + rates.get(_slot(hour, zone), 0.0)
        longest = max(longest, missing)
        hour += HOUR
    return longest
