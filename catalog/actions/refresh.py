"""Asking for a recomputation of targets in the background, when a rule that many products share has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from jetsync.enums import Priority
from jetsync.models import Merchant
from jetsync.sync.requests import request_job

REFRESH = "catalog.refresh"


def ask_refresh(merchant: Merchant, *, store_category: int | None = None) -> None:
    """Asks for the job that recomputes all products of the merchant, or those of one store category."""
    key = f"category-{store_category}" if store_category else "all"
    data = {"store_category": store_category} if store_category else {}
    request_job(merchant, REFRESH, key, priority=Priority.NORMAL, data=data)


def ask_refresh_of(merchant: Merchant, variant_ids: Iterable[int]) -> None:
    """As `ask_refresh`, of these SKUs, if any: for a caller who holds locks behind which their own must not be taken."""
    ids = sorted(set(variant_ids))
    if not ids:
        return
    digest = hashlib.sha256(repr(ids).encode()).hexdigest()[:32]
    request_job(merchant, REFRESH, f"skus-{digest}", priority=Priority.NORMAL, data={"variants": ids})
