"""Dates as ShipStation writes them, read liberally; all of them are UTC. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

WRITTEN = "%m/%d/%Y %H:%M"
# What is asked for, with the step of its smallest unit: a bound "21:09" holds until 21:09:59.
_FORMATS: tuple[tuple[str, timedelta], ...] = (
    ("%m/%d/%Y %H:%M", timedelta(minutes=1)),
    ("%m/%d/%Y %H:%M:%S", timedelta(seconds=1)),
    ("%m/%d/%Y %I:%M %p", timedelta(minutes=1)),
    ("%m/%d/%Y %I:%M:%S %p", timedelta(seconds=1)),
    ("%m/%d/%Y", timedelta(days=1)),
    ("%m%d%Y %H:%M", timedelta(minutes=1)),
    ("%m%d%Y %H%M", timedelta(minutes=1)),
    ("%m%d%Y", timedelta(days=1)),
    ("%Y-%m-%d %H:%M", timedelta(minutes=1)),
    ("%Y-%m-%d %H:%M:%S", timedelta(seconds=1)),
    ("%Y-%m-%d %H:%M:%S.%f", timedelta(seconds=1)),
    ("%Y-%m-%d", timedelta(days=1)),
)
_ISO = re.compile(r"^(\d{4}-\d{2}-\d{2})T")
_HAS_SECONDS = re.compile(r"T\d{2}:\d{2}:\d{2}")
_GLUED = re.compile(r"\s*([AaPp][Mm])$")
# PostgreSQL and Python agree on these; nobody's order is older or newer.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)


def write_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(WRITTEN)


def _parse(text: str) -> tuple[datetime, timedelta] | None:
    words = " ".join(text.split())
    if _ISO.match(words):
        return _parse_iso(words)
    words = _GLUED.sub(r" \1", words)
    for form, step in _FORMATS:
        try:
            return datetime.strptime(words, form).replace(tzinfo=UTC), step
        except ValueError:
            continue
    return None


def _parse_iso(text: str) -> tuple[datetime, timedelta] | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    step = timedelta(seconds=1) if _HAS_SECONDS.search(text) else timedelta(minutes=1)
    return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)), step


def read_start(text: str) -> datetime | None:
    """The first moment of a window; None for what is no date."""
    found = _parse(text)
    return _within(found[0]) if found else None


def read_end(text: str) -> datetime | None:
    """The first moment behind a window whose last unit of time is included; None for what is no date."""
    found = _parse(text)
    return _within(_within(found[0]) + found[1]) if found else None


def read_moment(text: str) -> datetime | None:
    return read_start(text)


def read_day(text: str) -> date | None:
    """A date without a zone, as `ShipDate` is written."""
    found = _parse(text)
    return found[0].date() if found else None


def _within(moment: datetime) -> datetime:
    return min(max(moment, EARLIEST), LATEST)
