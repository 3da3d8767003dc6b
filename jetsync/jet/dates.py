"""Jet's times: ISO 8601 of a .NET service, seven fraction digits.

Seen on the wire with 0 to 7 digits, with `Z`, with an offset, without a zone (UTC), and as MM/dd/yyyy (orders.md
section 1, products.md section 1 and its table of changes). What we send always has exactly seven digits: other
lengths were refused in 2016.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_ISO = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<time>\d{2}:\d{2}(?::\d{2})?)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?\Z"
)
_AMERICAN = re.compile(
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})(?: (?P<time>\d{1,2}:\d{2}:\d{2})(?: (?P<half>[AP]M))?)?\Z"
)


def format_jet(moment: datetime) -> str:
    """`2017-11-07T20:20:00.0000000+00:00`. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("A time sent to Jet needs a time zone.")
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}0+00:00"


def parse_jet(text: str) -> datetime:
    """An aware UTC datetime; digits beyond the microsecond are dropped. Raises ValueError for anything else."""
    cleaned = text.strip()
    match = _ISO.match(cleaned)
    if match is None:
        return _parse_american(cleaned)
    time = match["time"] or "00:00:00"
    if len(time) == len("00:00"):
        time += ":00"
    micro = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    local = datetime.fromisoformat(f"{match['day']}T{time}").replace(
        microsecond=micro, tzinfo=_zone(match["zone"])
    )
    try:
        return local.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{cleaned!r} is outside the calendar.") from None


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _parse_american(text: str) -> datetime:
    match = _AMERICAN.match(text)
    if match is None:
        raise ValueError(f"{text[:60]!r} is not a time in any form Jet is known to use.")
    day = f"{match['year']}-{int(match['month']):02d}-{int(match['day']):02d}"
    if not match["time"]:
        return datetime.fromisoformat(day).replace(tzinfo=UTC)
    if match["half"]:
        return datetime.strptime(f"{day} {match['time']} {match['half']}", "%Y-%m-%d %I:%M:%S %p").replace(
            tzinfo=UTC
        )
    return datetime.strptime(f"{day} {match['time']}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
