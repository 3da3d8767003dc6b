"""Asking for a recomputation of targets in the background, when a rule that many products share has changed."""

from __future__ import annotations

from jetsync.enums import Priority
from jetsync.models import Merchant
from jetsync.sync.requests import request_job

REFRESH = "catalog.refresh"


def ask_refresh(merchant: Merchant, *, store_category: int | None = None) -> None:
    """Asks for the job that recomputes all products of the merchant, or those of one store category."""
    key = f"category-{store_category}" if store_category else "all"
    data = {"store_category": store_category} if store_category else {}
    request_job(merchant, REFRESH, key, priority=Priority.NORMAL, data=data)
