"""Federal holidays of the United States, computed for any year. Pure.

The days are those of 5 U.S.C. 6103(a); one that falls on a Saturday is kept on the Friday before, one on a Sunday on the
Monday after (6103(b) and Executive Order 11582). Carriers rest on most of them: a day too late surprises nobody.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
LAST = -1
FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
# (month, weekday, which of them): King, Washington, Memorial, Labor, Columbus, Thanksgiving.
MOVING = (
    (1, MONDAY, 3),
    (2, MONDAY, 3),
    (5, MONDAY, LAST),
    (9, MONDAY, 1),
    (10, MONDAY, 2),
    (11, THURSDAY, 4),
)


def is_holiday(day: date) -> bool:
    """Whether it is kept as a holiday; New Year's Day may be kept on December 31."""
    return day in _kept(day.year) or day in _kept(day.year + 1)


@lru_cache(maxsize=8)
def _kept(year: int) -> frozenset[date]:
    fixed = (_observed(date(year, month, day)) for month, day in FIXED)
    return frozenset((*fixed, *(_nth(year, *rule) for rule in MOVING)))


def _observed(day: date) -> date:
    shift = {SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0)
    return day + timedelta(days=shift)


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    if number == LAST:
        end = date(year, month + 1, 1) - timedelta(days=1)
        return end - timedelta(days=(end.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=number - 1)
