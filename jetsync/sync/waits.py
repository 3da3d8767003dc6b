"""How long to wait between tries."""

from __future__ import annotations

import random
from datetime import timedelta

# First wait and ceiling: a short hiccup costs seconds, a long outage is asked about every ten minutes.
FIRST_SECONDS = 5
CEILING_SECONDS = 600
# Urgent work (the acknowledge clock) never waits longer than this.
URGENT_CEILING_SECONDS = 30


def jitter() -> float:
    """A factor in [0.75, 1.25), so that merchants who failed together do not return together."""
    return 0.75 + random.random() / 2


def wait_before(attempt: int, *, urgent: bool) -> timedelta:
    """The wait after the `attempt`-th failure (1-based)."""
    ceiling = URGENT_CEILING_SECONDS if urgent else CEILING_SECONDS
    seconds = min(ceiling, FIRST_SECONDS * 2 ** min(attempt - 1, 10))
    return timedelta(seconds=seconds * jitter())
