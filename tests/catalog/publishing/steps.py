"""What the tests of publishing do again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from catalog.models import Listing, Variant
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
