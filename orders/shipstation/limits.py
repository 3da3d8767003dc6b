"""How many calls an address, a merchant and wrong credentials may make. Counted in Valkey; without it per process."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from jetsync.jet.errors import JetThrottled
from jetsync.jet.ratelimit import RedisRateLimiter
from jetsync.sync.client import shared_redis

# Addresses share this many counters, so that a flood from many of them cannot fill the memory.
SHARDS = 65_536


@dataclass(frozen=True)
class Limit:
    """`burst` calls at once, then `rate` a second."""

    name: str
    rate: float
    burst: int


# ShipStation asks for all its customers from few addresses: one of them must not be kept out by another's calls.
BY_ADDRESS = Limit("address", 50, 1000)
# A day's labels printed at once are as many reports; an export of 10,000 orders is 100 pages.
BY_MERCHANT = Limit("merchant", 10, 600)
# Of one address at one shop. The key cannot be guessed; this keeps guessing from costing anything.
BY_FAILURE = Limit("failure", 0.1, 20)


class TooManyCalls(Exception):
    def __init__(self, seconds: float) -> None:
        super().__init__("Too many calls.")
        self.retry_after = max(1, int(seconds) + 1)


def count_call(limit: Limit, key: str) -> None:
    """Raises TooManyCalls when the limit is used up."""
    shard = key if limit is BY_MERCHANT else str(zlib.crc32(key.encode()) % SHARDS)
    limiter = RedisRateLimiter(
        shared_redis(), limit.rate, limit.burst, longest_wait=0.0, prefix=f"shipstation:{limit.name}:"
    )
    try:
        limiter.acquire(shard)
    except JetThrottled as exc:
        raise TooManyCalls(exc.retry_after or 1) from None
