"""A store whose deletion waits rests: nothing is asked of Jet for it."""

from __future__ import annotations

from jetsync.exceptions import StateConflict
from jetsync.models import Merchant


def check_not_resting(merchant: Merchant) -> None:
    """Raises StateConflict (code `store_resting`) while the deletion of the store waits."""
    if merchant.deletion_due_at is not None:
        raise StateConflict(
            f"{merchant.name} is going to be deleted; until then nothing is sent to Jet or fetched.",
            hint="An owner can keep the store under Settings, Your data.",
            code="store_resting",
        )
