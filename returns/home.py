"""Returns on the home page: those that wait for an answer, and answers that wait for a second person."""

from __future__ import annotations

from typing import Any

from jetsync.models import Merchant
from jetsync.panel.home import HomeCard, register_card
from jetsync.queries.schedules import finished_at
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from returns.enums import SendState
from returns.money import total_of
from returns.queries import waiting_returns, without_json

# Lines of the card; the list has the rest.
SHOWN = 5


def _now(merchant: Merchant, actor: Actor) -> dict[str, Any] | None:
    """Hidden when there is nothing to do. What waits for a second person counts for those who may confirm it."""
    waiting = waiting_returns(merchant)
    open_ones = waiting.exclude(send_state=SendState.WAITING)
    oldest = list(without_json(open_ones).order_by("return_date", "pk")[:SHOWN])
    count = open_ones.count() if len(oldest) == SHOWN else len(oldest)
    confirm = 0
    if actor.may(Right.RETURNS_SETTLE) and actor.user is not None:
        confirm = waiting.filter(send_state=SendState.WAITING).exclude(proposer=actor.user).count()
    if not count and not confirm:
        return None
    rows = [(row, total_of(line.requested for line in row.lines.all()).total) for row in oldest]
    return {
        "rows": rows,
        "count": count,
        "more": count - len(rows),
        "confirm": confirm,
        "fetched_at": finished_at(merchant, "returns.fetch"),
    }


register_card(HomeCard("returns", "now", 20, Right.RETURNS_VIEW, "returns/home_now.html", _now))
