"""Returns on the dashboard."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from jetsync.models import Merchant, Schedule
from jetsync.panel.charts import Bar, bars_of
from jetsync.panel.home import HomeCard, register_card
from jetsync.panel.statuses import status_of
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from returns.enums import OPEN_STATUSES, ReturnStatus
from returns.pages import return_list_url
from returns.queries import all_returns

ALWAYS = (ReturnStatus.CREATED, ReturnStatus.COMPLETED)


def _returns(merchant: Merchant, _actor: Actor) -> dict[str, Any]:
    rows = all_returns(merchant).values_list("status").annotate(returns=Count("pk")).order_by()
    found = dict(rows)
    bars = bars_of(
        Bar(
            str(status.label),
            found.get(status, 0),
            return_list_url(merchant, f"status={status.value}"),
            status_of(f"returns.{status.value}").colour,
        )
        for status in ReturnStatus
        if found.get(status) or status in ALWAYS
    )
    fetch = Schedule.objects.filter(merchant=merchant, kind="returns.fetch").first()
    return {
        "bars": bars,
        "open": sum(found.get(status, 0) for status in OPEN_STATUSES),
        "fetched_at": fetch.last_finished_at if fetch else None,
    }


register_card(
    HomeCard("returns-report", "report", 30, Right.RETURNS_VIEW, "dashboard/returns.html", _returns)
)
