"""The case file of an order for whoever hands it on: the pages, and messages to support."""

from __future__ import annotations

from django.utils import timezone

from jetsync.models import Merchant
from jetsync.panel.cases import register_case
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.actions.casefile import note_case_file
from orders.casefile import CaseFile, case_file
from orders.models import Order
from orders.queries.history import order_history
from orders.queries.line import line_counts
from orders.queries.order import get_order
from orders.queries.shipment import shipments_of


def case_text_of(order: Order, actor: Actor) -> str:
    """The text; that it was made stands in the log."""
    note_case_file(order, actor=actor)
    return case_file(
        CaseFile(
            order=order,
            made_by=actor.label,
            made_at=timezone.now(),
            lines=line_counts(order),
            shipments=list(shipments_of(order)),
            history=order_history(order, actor, with_bodies=True),
        )
    )


def _case_of(merchant: Merchant, actor: Actor, pk: int) -> str:
    order = get_order(merchant, pk)
    order.merchant = merchant
    return case_text_of(order, actor)


register_case(
    "orders.order",
    Right.ORDERS_VIEW,
    name=lambda merchant, pk: f"order {get_order(merchant, pk)}",
    text=_case_of,
)
