"""A store whose deletion waits rests: nothing is asked of Jet for it, and nothing is promised
that would have to be sent."""

from __future__ import annotations

from jetsync.exceptions import StateConflict
from jetsync.models import Merchant

HINT = "An owner can keep the store under Settings, Your data."


def resting_reason(merchant: Merchant) -> str:
    """Why nothing can be sent or fetched while the deletion of the store waits; "" for a store at work."""
    if merchant.deletion_due_at is None:
        return ""
    return f"{merchant.name} is going to be deleted; until then nothing is sent to Jet or fetched."


def check_not_resting(merchant: Merchant) -> None:
    """Raises StateConflict (code `store_resting`) while the deletion of the store waits."""
    if reason := resting_reason(merchant):
        raise StateConflict(reason, hint=HINT, code="store_resting")
