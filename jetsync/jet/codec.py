"""JSON as Jet takes and gives it: money as exact numbers, times with seven digits, nothing PostgreSQL cannot store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any, NoReturn

from jetsync.jet.dates import format_jet


class _NotExact(Exception):
    """A Decimal that no float holds exactly."""


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} cannot be sent as a number.")
        number = float(value)
        # 38.50 as a float prints as 38.5; beyond about 15 digits the float would print another number.
        if Decimal(repr(number)) != value:
            raise _NotExact
        return number
    if isinstance(value, datetime):
        return format_jet(value)
    raise TypeError(f"{type(value).__name__} cannot be sent to Jet.")


_fast = json.JSONEncoder(default=_plain, separators=(",", ":"), allow_nan=False).encode


def encode(value: object) -> bytes:
    """Compact ASCII JSON. Decimal becomes the same number, an aware datetime seven fraction digits.

    Raises ValueError for NaN, infinity or a naive datetime, TypeError for what JSON does not know.
    """
    try:
        return _fast(value).encode("ascii")
    except _NotExact:
        return _exact(value).encode("ascii")


def _exact(value: object) -> str:
    """The slow way, digit by digit, for the rare number that a float would change."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} cannot be sent as a number.")
        return format(value, "f")
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, Mapping):
        pairs = (f"{encode_basestring_ascii(str(key))}:{_exact(item)}" for key, item in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_exact(item) for item in value) + "]"
    return _fast(value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def decode(body: bytes) -> Any:
    """The parsed value, free of NUL characters and lone surrogates. Raises ValueError when it is not JSON."""
    text = body.decode("utf-8-sig")  # UnicodeDecodeError is a ValueError
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _storable(value) if "\\u0000" in text or "\\ud" in text.lower() else value


def _storable(value: Any) -> Any:
    """Without the characters that PostgreSQL refuses in text and jsonb."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value
