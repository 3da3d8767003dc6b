"""One pair of dice for everything the sandbox makes up about shoppers, so that a test can have the same throws again."""

from __future__ import annotations

import random

shared = random.Random()


def start_over(seed: int | None) -> None:
    """The throws that belong to `seed`; None: other ones each time."""
    shared.seed(seed)
