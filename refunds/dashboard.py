"""Returns and refunds on the dashboard: what was given back to shoppers, by day."""

from __future__ import annotations

from typing import Any

from jetsync.models import Merchant
from jetsync.panel.charts import Series, day_label, stacked_of
from jetsync.panel.home import HomeCard, register_card
from jetsync.queries.schedules import finished_at
from jetsync.queries.settings import get_account
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.days import last_days
from refunds.daily.behind import day_urls
from refunds.daily.queries import Period, count_given_back

PERIOD = 30


def _given_back(merchant: Merchant, actor: Actor) -> dict[str, Any] | None:
    """Sums of both, so only for those who may see both. Five queries."""
    account = get_account(merchant)
    if account is None or not actor.may(Right.RETURNS_VIEW):
        return None
    days = last_days(merchant, PERIOD)
    found = count_given_back(Period(merchant, account, days[0], days[-1]))
    money = "${:,.2f}".format
    series = [
        Series("By returns", "orange", [float(found[day].returned) for day in days], money),
        Series("By refunds", "red", [float(found[day].refunded) for day in days], money),
    ]
    returned, refunded = (
        sum(getattr(row, name) for row in found.values()) for name in ("returned", "refunded")
    )
    return {
        "period": PERIOD,
        "total": returned + refunded,
        "returned": returned,
        "refunded": refunded,
        "returns": sum(row.completed_returns for row in found.values()),
        "refunds": sum(row.refunds for row in found.values()),
        "urls": day_urls(merchant, days[0], days[-1]),
        "chart": stacked_of([day_label(day) for day in days], series),
        "days": [
            {"label": day_label(day), "count": found[day], "urls": day_urls(merchant, day, day)}
            for day in reversed(days)
            if found[day].completed_returns or found[day].refunds
        ],
        "fetched_at": finished_at(merchant, "returns.fetch"),
    }


register_card(
    HomeCard("given-back-report", "report", 45, Right.REFUNDS_VIEW, "dashboard/given_back.html", _given_back)
)
