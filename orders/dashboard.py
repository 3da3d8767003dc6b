"""Orders on the dashboard: by status, and by day."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from jetsync.models import Merchant
from jetsync.panel.charts import columns_of, status_bars
from jetsync.panel.home import HomeCard, register_card
from jetsync.queries.schedules import schedule_named
from jetsync.queries.settings import get_options
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.enums import OrderState
from orders.pages import order_list_url
from orders.queries.summary import RECENT, orders_by_day, orders_by_state

ALWAYS = (OrderState.READY, OrderState.ACKNOWLEDGED, OrderState.COMPLETE)


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
            f"{day.day:%a} {day.day.day} {day.day:%b}",
            float(day.sales),
            f"${day.sales:,.2f}, {counted(day.orders, 'order')}",
        )
        for day in days
    ]
    fetch = schedule_named(merchant, "orders.fetch")
    return {
        "bars": bars,
        "days": columns_of(points),
        "orders": sum(day.orders for day in days),
        "sales": sum(day.sales for day in days),
        "period": RECENT.days,
        "now": timezone.now(),
        "is_off": not get_options(merchant).pull_orders,
        "fetched_at": fetch.last_finished_at if fetch else None,
    }


register_card(HomeCard("orders-report", "report", 20, Right.ORDERS_VIEW, "dashboard/orders.html", _orders))
