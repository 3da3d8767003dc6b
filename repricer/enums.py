"""Words of sales data and repricing."""

from __future__ import annotations

from django.db.models import TextChoices


class Standing(TextChoices):
    """Where our offer stands beside the best one."""

    BEHIND = "behind", "Dearer than the best"
    EQUAL = "equal", "Equal to the best"
    BEST = "best", "Cheaper than any other"
    NONE = "none", "No sales data"


class Why(TextChoices):
    """What made a price, or kept it. The first part changes prices, the second never does."""

    UNDERCUT = "undercut", "Below the best offer"
    EQUAL = "equal", "Equal to the best offer"
    MIN = "min", "Kept at Min Price"
    MAX = "max", "Kept at Max Price"
    FLOOR = "floor", "Kept at a floor"
    STEP = "step", "One step on the way"
    NO_BOUNDS = "no_bounds", "Bounds incomplete"
    RELEASED = "released", "Back to the store's price"

    NO_OFFER = "no_offer", "No offer of ours"
    NO_MARKET = "no_market", "No other offer"
    NO_ROOM = "no_room", "Floor above Max Price"
    NO_PRICE = "no_price", "No price in the store"
    STALE = "stale", "Figures too old"


class RunKind(TextChoices):
    """`RELEASE` gives every repriced SKU back to its store price."""

    REPRICE = "reprice", "Repricing"
    RELEASE = "release", "Back to store prices"


class RunState(TextChoices):
    """`running -> done | frozen`. Frozen: the breaker stopped it, and its prices were taken back."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FROZEN = "frozen", "Stopped by the breaker"


class ChangeState(TextChoices):
    APPLIED = "applied", "Applied"
    RESTORED = "restored", "Taken back by the breaker"
    UNDONE = "undone", "Undone"
