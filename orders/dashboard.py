"""Orders on the dashboard: by status, and by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jetsync.models import Merchant
from jetsync.panel.charts import Series, columns_of, day_label, stacked_of, status_bars
from jetsync.panel.home import HomeCard, register_card
from jetsync.panel.statuses import Colour
from jetsync.queries.schedules import finished_at
from jetsync.queries.settings import get_options
from jetsync.templatetags.panel import span
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.days import last_days
from orders.enums import FAILED_STATES, UNSHIPPED_STATES, OrderState
from orders.pages import order_list_url
from orders.queries.answer_times import answers_by_day
from orders.queries.summary import RECENT, orders_by_day, orders_by_state, states_by_day

ALWAYS = (OrderState.READY, OrderState.ACKNOWLEDGED, OrderState.COMPLETE)


@dataclass(frozen=True)
class Part:
    """Of a day's column: states of one colour, and the query that lists their orders."""

    label: str
    colour: Colour
    states: tuple[OrderState, ...]
    query: str

    def count(self, states: Mapping[str, int]) -> int:
        return sum(states.get(state, 0) for state in self.states)


# From the base line up: what is done first. Each state stands in one of them.
PARTS = (
    Part("Completed", "green", (OrderState.COMPLETE,), "state=complete"),
    Part("In progress", "azure", (OrderState.IN_PROGRESS,), "state=inprogress"),
    Part("Acknowledged", "blue", (OrderState.ACKNOWLEDGED,), "state=acknowledged"),
    Part("Ready", "orange", (OrderState.READY,), "state=ready"),
    Part("At Jet's check", "secondary", (OrderState.CREATED,), "state=created"),
    Part("Failed or rejected", "red", FAILED_STATES, "view=failed"),
)


def _orders(merchant: Merchant, _actor: Actor) -> dict[str, Any]:
    found = orders_by_state(merchant)
    bars = status_bars(
        OrderState,
        found,
        area="orders",
        url=lambda state: _of_state(merchant, state),
        always=ALWAYS,
    )
    by_day = states_by_day(merchant)
    days = last_days(merchant, RECENT.days)
    parts = [part for part in PARTS if any(part.count(states) for states in by_day.values())]
    series = [
        Series(part.label, part.colour, [part.count(by_day.get(day, {})) for day in days]) for part in parts
    ]
    return {
        "bars": bars,
        "parts": parts,
        "chart": stacked_of([day_label(day) for day in days], series),
        "days": [
            {
                "label": day_label(day),
                "orders": sum(by_day[day].values()),
                "url": _placed_on(merchant, day),
                "counts": [
                    (part.count(by_day[day]), _placed_on(merchant, day, part.query)) for part in parts
                ],
            }
            for day in reversed(days)
            if day in by_day
        ],
        "period": RECENT.days,
        "is_off": not get_options(merchant).pull_orders,
        "fetched_at": finished_at(merchant, "orders.fetch"),
    }


def _of_state(merchant: Merchant, state: str) -> str:
    """What is still open counts however old it is."""
    since = "" if state in UNSHIPPED_STATES else f"placed_after={last_days(merchant, RECENT.days)[0]}&"
    return order_list_url(merchant, f"{since}state={state}")


def _placed_on(merchant: Merchant, day: date, query: str = "") -> str:
    more = f"&{query}" if query else ""
    return order_list_url(merchant, f"placed_after={day}&placed_before={day}{more}")


def _sales(merchant: Merchant, _actor: Actor) -> dict[str, Any]:
    days = orders_by_day(merchant)
    points = [
        (day_label(day.day), float(day.sales), f"${day.sales:,.2f}, {counted(day.orders, 'order')}")
        for day in days
    ]
    return {
        "chart": columns_of(points),
        "days": [
            {"label": day_label(day.day), "day": day, "url": _placed_on(merchant, day.day, "state=sold")}
            for day in reversed(days)
            if day.orders or day.sales
        ],
        "orders": sum(day.orders for day in days),
        "sales": sum(day.sales for day in days),
        "url": order_list_url(merchant, f"placed_after={days[0].day}&state=sold"),
        "period": RECENT.days,
        "fetched_at": finished_at(merchant, "orders.fetch"),
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
        "fetched_at": finished_at(merchant, "orders.fetch"),
    }


register_card(HomeCard("orders-report", "report", 20, Right.ORDERS_VIEW, "dashboard/orders.html", _orders))
register_card(HomeCard("sales-report", "report", 22, Right.ORDERS_VIEW, "dashboard/sales.html", _sales))
register_card(HomeCard("answers-report", "report", 25, Right.ORDERS_VIEW, "dashboard/answers.html", _answers))
