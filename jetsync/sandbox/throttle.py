"""The rate limit: a token bucket per account, off by default because no figure of Jet's is known."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.http import HttpResponse, JsonResponse

from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.switches import Switches, define

define("rate_limit_per_second", 0.0, "Requests a second and account before 429; 0 = no limit", mark="D")
define("rate_limit_burst", 10.0, "Requests that may come at once under the limit", mark="D")
define("rate_limit_retry_after", 0, "Seconds sent as Retry-After with 429; 0 = no such header", mark="D")


@dataclass
class Bucket:
    level: float
    filled_at: float


_buckets: dict[int, Bucket] = {}
_lock = threading.Lock()


def check(merchant: MerchantAccount, switches: Switches) -> HttpResponse | None:
    """Take one request out of the account's bucket; the 429 to answer when it is empty."""
    rate = switches["rate_limit_per_second"]
    if not rate:
        return None
    if _take(merchant.pk, rate, switches["rate_limit_burst"]):
        return None
    response = JsonResponse({"errors": ["Too many requests."]}, status=429)
    if switches["rate_limit_retry_after"]:
        response["Retry-After"] = str(switches["rate_limit_retry_after"])
    return response


def forget() -> None:
    with _lock:
        _buckets.clear()


def _take(key: int, rate: float, burst: float) -> bool:
    moment = time.monotonic()
    with _lock:
        bucket = _buckets.setdefault(key, Bucket(burst, moment))
        bucket.level = min(burst, bucket.level + (moment - bucket.filled_at) * rate)
        bucket.filled_at = moment
        if bucket.level < 1:
            return False
        bucket.level -= 1
        return True
