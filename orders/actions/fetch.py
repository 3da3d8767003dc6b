"""Asking for new orders by hand, and answering many at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_objects, mark_running, refresh_progress, start_operation
from jetsync.enums import Priority, RowState
from jetsync.exceptions import DomainError
from jetsync.models import Job, Merchant, Operation, Schedule
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import Actor
from orders.actions.answer import accept_order
from orders.models import Order
from orders.queries.order import all_orders
from orders.wording import counted


@transaction.atomic
def fetch_now(merchant: Merchant, *, actor: Actor) -> Job:
    """Starts the fetch at once, or joins the one at work. Raises SettingsMissing without API keys."""
    current_account(merchant)
    # With its schedule, so that the list says when and what this fetch brought, not the scheduled one before it.
    schedule = Schedule.objects.filter(merchant=merchant, kind="orders.fetch").first()
    job = enqueue(merchant, "orders.fetch", "schedule", priority=Priority.NOW, schedule=schedule)
    record(merchant, "orders.fetch.started", "Order fetch started by hand.", actor=actor, job=job)
    return job


@transaction.atomic
def acknowledge_many(merchant: Merchant, order_ids: Iterable[int], *, actor: Actor) -> Operation:
    """Accepts the ready ones among these orders, each with its own result row.

    An order that the store cannot deliver fails with the reason and is left for a person: a bulk click never
    oversells. Orders that are not ready are skipped.
    """
    orders = list(all_orders(merchant).filter(pk__in=list(order_ids)).order_by("pk"))
    rows = [RowSpec("orders.order", order.pk, str(order)) for order in orders]
    operation = start_operation(
        merchant, "orders.acknowledge", f"Acknowledge {counted(len(orders), 'order')}", actor=actor, rows=rows
    )
    mark_running(operation)
    for order in orders:
        _accept_one(operation, order, actor)
    return refresh_progress(operation)


def _accept_one(operation: Operation, order: Order, actor: Actor) -> None:
    try:
        with transaction.atomic():
            accept_order(order, actor=actor, operation=operation)
    except DomainError as refused:
        state = RowState.FAILED if refused.code == "order_has_problems" else RowState.SKIPPED
        finish_objects(
            operation, [order.pk], state, code=refused.code, message=refused.message, hint=refused.hint
        )
