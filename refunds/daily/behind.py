"""The lists behind the numbers of a kept day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.pages import order_list_url
from refunds.daily.queries import count_rows
from refunds.models import DailyReport
from refunds.pages import refund_list_url
from returns.pages import return_list_url

# The right to look at the list behind each number.
RIGHTS = {
    "orders": Right.ORDERS_VIEW,
    "returns": Right.RETURNS_VIEW,
    "completed_returns": Right.RETURNS_VIEW,
    "refunds": Right.REFUNDS_VIEW,
}


@dataclass(frozen=True)
class Behind:
    """`url` "": the list is not for this person, or it holds another number of rows by now, which is `now`."""

    url: str = ""
    now: int | None = None


def behind(merchant: Merchant, rows: Sequence[DailyReport], actor: Actor) -> dict[date, dict[str, Behind]]:
    """By day and name of the number. A kept day stands, while orders and refunds still change: so they are counted
    again, to link what a list still holds. One query, however many days.
    """
    if not rows:
        return {}
    days = [row.day for row in rows]
    counts = count_rows(merchant, min(days), max(days))
    return {row.day: _of_day(merchant, row, counts, actor) for row in rows}


def _of_day(
    merchant: Merchant, row: DailyReport, now: Mapping[tuple[date, str], int], actor: Actor
) -> dict[str, Behind]:
    urls = day_urls(merchant, row.day, row.day)
    found = {}
    for name, right in RIGHTS.items():
        kept, counted = getattr(row, name), now.get((row.day, name), 0)
        if kept != counted:
            found[name] = Behind(now=counted)
        else:
            found[name] = Behind(urls[name] if kept and actor.may(right) else "")
    return found


def day_urls(merchant: Merchant, first: date, last: date) -> dict[str, str]:
    """What was counted from `first` to `last`, by the name of the number."""
    placed = {"placed_after": first, "placed_before": last, "state": "sold"}
    opened = {"opened_after": first, "opened_before": last}
    completed = {
        "completed_after": f"{first}T00:00:00",
        "completed_before": f"{last}T23:59:59.999",
        "given": "yes",
    }
    made = {"made_after": first, "made_before": last, "given": "yes"}
    return {
        "orders": order_list_url(merchant, urlencode(placed)),
        "returns": return_list_url(merchant, urlencode(opened)),
        "completed_returns": return_list_url(merchant, urlencode(completed)),
        "refunds": refund_list_url(merchant, urlencode(made)),
    }
