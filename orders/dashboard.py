"""Orders on the dashboard: by status, and by day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from jetsync.models import Merchant
from jetsync.panel.charts import columns_of, day_label, status_bars
from jetsync.panel.home import HomeCard, register_card
from jetsync.queries.schedules import schedule_named
from jetsync.queries.settings import get_options
from jetsync.templatetags.panel import span
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.days import last_days
from orders.enums import OrderState
from orders.pages import order_list_url
from orders.queries.answer_times import answers_by_day
from orders.queries.summary import RECENT, orders_by_day, orders_by_state

ALWAYS = (OrderState.READY, OrderState.ACKNOWLEDGED, OrderState.COMPLETE)


def _fetched_at(merchant: Merchant) -> datetime | None:
    fetch = schedule_named(merchant, "orders.fetch")
    return fetch.last_finished_at if fetch else None


def _orders(merchant: Merchant, _actor: Actor) -> dict[str, Any]:
    found, days = orders_by_state(merchant), orders_by_day(merchant)
    bars = status_bars(
        OrderState,
        found,
        area="orders",
        url=lambda state: order_list_url(merchant, f"state={state}"),
        always=ALWAYS,
    )
    points = [
        (
            day_label(day.day),
            float(day.sales),
            f"${day.sales:,.2f}, {counted(day.orders, 'order')}",
        )
        for day in days
    ]
    return {
        "bars": bars,
        "days": columns_of(points),
        "orders": sum(day.orders for day in days),
        "sales": sum(day.sales for day in days),
        "period": RECENT.days,
        "now": timezone.now(),
        "is_off": not get_options(merchant).pull_orders,
        "fetched_at": _fetched_at(merchant),
    }


def _answers(merchant: Merchant, _actor: Actor) -> dict[str, Any]:
    """Three queries."""
    period, found = answers_by_day(merchant, RECENT.days)
    points = []
    for day in last_days(merchant, RECENT.days):
        most = found[day].p95_seconds if day in found else None
        text = f"95 of 100 within {span(found[day].most_within)}" if most is not None else "none accepted"
        points.append((day_label(day), most or 0.0, text))
    return {
        "period": period,
        "chart": columns_of(points),
        "days": [
            {
                "label": day_label(day),
                "times": times,
                "url": order_list_url(merchant, f"released_after={day}&released_before={day}&answer="),
            }
            for day, times in sorted(found.items(), reverse=True)
            if times.orders
        ],
        "fetched_at": _fetched_at(merchant),
    }


register_card(HomeCard("answers-report", "report", 25, Right.ORDERS_VIEW, "dashboard/answers.html", _answers))
register_card(HomeCard("orders-report", "report", 20, Right.ORDERS_VIEW, "dashboard/orders.html", _orders))
