"""Returns on the dashboard."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from jetsync.models import Merchant
from jetsync.panel.charts import status_bars
from jetsync.panel.home import HomeCard, register_card
from jetsync.queries.schedules import finished_at
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from returns.enums import OPEN_STATUSES, ReturnStatus
from returns.pages import return_list_url
from returns.queries import all_returns

ALWAYS = (ReturnStatus.CREATED, ReturnStatus.COMPLETED)


def _returns(merchant: Merchant, _actor: Actor) -> dict[str, Any]:
    rows = all_returns(merchant).values_list("status").annotate(returns=Count("pk")).order_by()
    found = dict(rows)
    bars = status_bars(
        ReturnStatus,
        found,
        area="returns",
        url=lambda status: return_list_url(merchant, f"status={status}"),
        always=ALWAYS,
    )
    return {
        "bars": bars,
        "open": sum(found.get(status, 0) for status in OPEN_STATUSES),
        "fetched_at": finished_at(merchant, "returns.fetch"),
    }


register_card(
    HomeCard("returns-report", "report", 40, Right.RETURNS_VIEW, "dashboard/returns.html", _returns)
)
