"""The sandbox's clock: real time plus a stored offset, or frozen. Every date the sandbox writes comes from here."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class _Cache:
    loaded: bool = False
    offset: timedelta = timedelta()
    frozen_at: datetime | None = None


_cache = _Cache()
_lock = threading.Lock()


def now() -> datetime:
    """Sandbox time, aware UTC."""
    _load()
    if _cache.frozen_at is not None:
        return _cache.frozen_at
    return datetime.now(UTC) + _cache.offset


def advance(seconds: float) -> datetime:
    """Move the clock forward (or, with a negative number, back); returns the new time."""
    from jetsync.sandbox.models import Clock  # noqa: PLC0415 -- models import this module

    _load()
    with _lock:
        if _cache.frozen_at is not None:
            _cache.frozen_at += timedelta(seconds=seconds)
        else:
            _cache.offset += timedelta(seconds=seconds)
        Clock.store(_cache.offset.total_seconds(), _cache.frozen_at)
    return now()


def freeze(at: datetime | None) -> None:
    """Stop the clock at a moment; None lets it run on from there."""
    from jetsync.sandbox.models import Clock  # noqa: PLC0415 -- models import this module

    _load()
    with _lock:
        if at is None and _cache.frozen_at is not None:
            _cache.offset = _cache.frozen_at - datetime.now(UTC)
        _cache.frozen_at = at
        Clock.store(_cache.offset.total_seconds(), _cache.frozen_at)


def forget() -> None:
    """Read the stored offset again at the next call (after a reset)."""
    _cache.loaded = False


def _load() -> None:
    from jetsync.sandbox.models import Clock  # noqa: PLC0415 -- models import this module

    if _cache.loaded:
        return
    with _lock:
        row = Clock.objects.first()
        _cache.offset = timedelta(seconds=row.offset_seconds if row else 0)
        _cache.frozen_at = row.frozen_at if row else None
        _cache.loaded = True
