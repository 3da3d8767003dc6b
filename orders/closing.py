"""Orders that a store leaves open when it is deleted."""

from __future__ import annotations

from django.db.models import QuerySet

from jetsync.models import Merchant
from jetsync.panel.closing import SHOWN, LeftOpen, register_left_open
from jetsync.panel.rendering import when_text
from jetsync.wording import counted
from orders.enums import SHIPPABLE_STATES, OrderState
from orders.models import Order
from orders.pages import order_list_url, order_page
from orders.queries.order import all_orders, ready_orders


def ready_at_jet(merchant: Merchant) -> LeftOpen | None:
    return _left(
        merchant,
        ready_orders(merchant),
        "{} ready at Jet without an answer",
        "Jet withdraws an order that nobody accepts or rejects in time, and counts it against you. Nothing is answered from "
        "here while the store rests: answer them before, or in Jet's partner portal.",
        f"state={OrderState.READY}",
        level="danger",
    )


def accepted_not_shipped(merchant: Merchant) -> LeftOpen | None:
    return _left(
        merchant,
        all_orders(merchant).filter(state__in=SHIPPABLE_STATES).order_by("ship_by", "pk"),
        "{} accepted and not shipped in full",
        "Shoppers wait for them. No shipment is sent to Jet from here while the store rests: ship them before, or report "
        "them in Jet's partner portal.",
        "state=shippable",
    )


def _left(
    merchant: Merchant, rows: QuerySet[Order], title: str, why: str, query: str, *, level: str = "warning"
) -> LeftOpen | None:
    total = rows.count()
    if not total:
        return None
    things = [
        (f"Order {row}", order_page(merchant, row.pk), _until(row)) for row in rows.defer("raw")[:SHOWN]
    ]
    return LeftOpen(
        title=title.format(counted(total, "order")),
        explanation=why,
        total=total,
        things=things,
        more_url=order_list_url(merchant, query),
        more_label="Open the list",
        level=level,
    )


def _until(order: Order) -> str:
    if order.state == OrderState.READY:
        return f"answer by {when_text(order.ack_due_at)}" if order.ack_due_at else ""
    return f"ship by {when_text(order.ship_by)}" if order.ship_by else ""


register_left_open("orders.ready", 10, ready_at_jet)
register_left_open("orders.accepted", 20, accepted_not_shipped)
