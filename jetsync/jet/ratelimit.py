"""Calls per second of one merchant account, counted in Valkey for all workers together.

Jet answered 429 from 2017 on; its numbers were never published (products.md section 1.3), so rate and burst are
settings.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol, cast

import redis

from jetsync.jet.errors import JetThrottled

log = logging.getLogger(__name__)

# A worker may wait this long for its turn; longer queues go back to the job table instead of holding the worker.
LONGEST_WAIT_SECONDS = 10.0

# A bucket that may go below zero: every caller takes its token at once and is told how long to wait for it, so turns
# are given in order and each call costs one exchange. A wait beyond the limit takes nothing and comes back negative.
_TAKE = """
local rate, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(state[1]) or burst, tonumber(state[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate) - 1
local wait = 0
if tokens < 0 then wait = -tokens / rate end
if wait > longest then return tostring(-wait) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
return tostring(wait)
"""


class RateLimiter(Protocol):
    """`acquire` waits for a turn, and raises JetThrottled with `retry_after` when the wait would be too long."""

    def acquire(self, key: str) -> None: ...


class MemoryRateLimiter:
    """The same bucket for one process: tests, scripts, and the fallback while Valkey is away."""

    def __init__(
        self,
        rate_per_second: float,
        burst: int,
        *,
        longest_wait: float = LONGEST_WAIT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        _check(rate_per_second, burst)
        self._rate, self._burst, self._longest = rate_per_second, burst, longest_wait
        self._sleep, self._clock = sleep, clock
        self._guard = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def acquire(self, key: str) -> None:
        wait = self._take(key)
        if wait > self._longest:
            raise too_long(wait)
        if wait > 0:
            self._sleep(wait)

    def _take(self, key: str) -> float:
        with self._guard:
            now = self._clock()
            tokens, at = self._buckets.get(key, (float(self._burst), now))
            tokens = min(self._burst, tokens + (now - at) * self._rate) - 1
            wait = max(0.0, -tokens / self._rate)
            if wait <= self._longest:
                self._buckets[key] = (tokens, now)
            return wait


class RedisRateLimiter:
    """One bucket per key for all workers. While Valkey is away each process counts for itself."""

    def __init__(
        self,
        client: redis.Redis,
        rate_per_second: float,
        burst: int,
        *,
        longest_wait: float = LONGEST_WAIT_SECONDS,
        prefix: str = "jet:rate:",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        _check(rate_per_second, burst)
        self._redis = client
        self._script = client.register_script(_TAKE)
        self._rate, self._burst, self._longest = rate_per_second, burst, longest_wait
        self._prefix, self._sleep = prefix, sleep

    def acquire(self, key: str) -> None:
        try:
            answer: Any = self._script(
                keys=[self._prefix + key], args=[self._rate, self._burst, self._longest]
            )
        except redis.RedisError as exc:
            log.warning("jet_rate_limit_away: %s", type(exc).__name__)
            self._own_limiter().acquire(key)
            return
        wait = float(cast("bytes | str", answer))
        if wait < 0:
            raise too_long(-wait)
        if wait > 0:
            self._sleep(wait)

    def _own_limiter(self) -> MemoryRateLimiter:
        shape = (self._rate, self._burst, self._longest)
        if shape not in _fallbacks:
            _fallbacks[shape] = MemoryRateLimiter(
                self._rate, self._burst, longest_wait=self._longest, sleep=self._sleep
            )
        return _fallbacks[shape]


# Per process, not per client: a client lives for one job.
_fallbacks: dict[tuple[float, int, float], MemoryRateLimiter] = {}


def too_long(wait: float) -> JetThrottled:
    return JetThrottled(f"Our own limit for this account: its queue is {wait:.0f} s long.", retry_after=wait)


def _check(rate_per_second: float, burst: int) -> None:
    if rate_per_second <= 0 or burst < 1:
        raise ValueError("A rate limit needs a rate above 0 and a burst of at least 1.")
