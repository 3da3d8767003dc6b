"""What other apps do once the stock sync of a merchant is through: they name a job here, the sync asks for it."""

from __future__ import annotations

from jetsync.models import Merchant
from jetsync.sync.requests import request_job

KEY = "stock-sync"
_kinds: list[str] = []


def follow_stock_sync(job_kind: str) -> None:
    _kinds.append(job_kind)


def ask_followers(merchant: Merchant) -> None:
    """Safe to repeat: an open job is joined."""
    for kind in _kinds:
        request_job(merchant, kind, KEY)
