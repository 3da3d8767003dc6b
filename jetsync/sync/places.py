"""Once a day: are the fulfilment nodes and return locations still those that Jet lists?"""

from __future__ import annotations

from datetime import timedelta

from jetsync.actions.known_places import compare_places, unknown_words
from jetsync.models import Merchant
from jetsync.queries.settings import get_account
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right

COMPARE = "places.compare"


@handler(COMPARE, label="Compare nodes and return locations with Jet", right=Right.SETTINGS_EDIT)
def compare(ctx: JobContext) -> None:
    """The portal is where they are made and closed, and nobody there tells us."""
    account = get_account(ctx.merchant)
    if account is None or not account.has_keys:
        ctx.note("No keys yet.")
        return
    ctx.note(unknown_words(compare_places(account)) or "Jet knows all of them, or gives no list.")


def _has_keys(merchant: Merchant) -> bool:
    account = get_account(merchant)
    return account is not None and account.has_keys


add_schedule(
    ScheduleKind(
        name=COMPARE,
        label="Nodes and return locations",
        interval=timedelta(days=1),
        job_kind=COMPARE,
        explanation="Marks each fulfilment node and return location whose id Jet does not list.",
        is_wanted=_has_keys,
        idle="There are no API keys yet.",
    )
)
