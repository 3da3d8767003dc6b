"""What the tests of publishing do again and again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from catalog.actions.variation_targets import recount_groups
from catalog.models import Listing, NodeStock, Variant
from jetsync.enums import JobState
from jetsync.models import Job


def listing_of(variant: Variant) -> Listing:
    return Listing.objects.get(variant=variant)


def calls(sandbox: Any, method: str, part: str) -> list[dict[str, Any]]:
    return [row for row in sandbox.control.requests() if row["method"] == method and part in row["path"]]


def finish(drain: Callable[..., int], sandbox: Any) -> None:
    """Runs jobs, waiting ones too, and lets the sandbox work until nothing is left to do."""
    for _ in range(30):
        Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
        if not drain():
            return
        sandbox.control.advance(60)


def make_drift(variant: Variant, price: str = "99.00") -> Listing:
    """Jet took the SKU as it is, and shows another price since."""
    now = timezone.now()
    Listing.objects.filter(variant=variant).update(
        content_sent=F("content_target"),
        content_sent_at=now - timedelta(hours=1),
        price_sent=F("price_target"),
        price_sent_at=now - timedelta(hours=1),
        price_live=Decimal(price),
        price_live_at=now,
        status_read_at=now,
        status="available",
    )
    NodeStock.objects.filter(variant=variant).update(
        quantity_sent=F("quantity_target"), quantity_sent_at=now - timedelta(hours=1)
    )
    recount_groups(variant.merchant, [variant.pk])
    return listing_of(variant)
