"""Asking Jet: for new orders by hand, for one order again."""

from __future__ import annotations

from django.db import transaction

from jetsync.actions.log import record
from jetsync.enums import Priority
from jetsync.models import Job, Merchant
from jetsync.queries.schedules import schedule_named
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import Actor
from orders.models import Order


@transaction.atomic
def fetch_now(merchant: Merchant, *, actor: Actor) -> Job:
    """Starts the fetch at once, or joins the one at work. Raises SettingsMissing without API keys."""
    current_account(merchant)
    # With its schedule, so that the list says when and what this fetch brought, not the scheduled one before it.
    schedule = schedule_named(merchant, "orders.fetch")
    job = enqueue(merchant, "orders.fetch", "schedule", priority=Priority.NOW, schedule=schedule)
    record(merchant, "orders.fetch.started", "Order fetch started by hand.", actor=actor, job=job)
    return job


def read_again(order: Order, *, priority: Priority = Priority.NORMAL) -> Job:
    """Has what Jet shows of this order read and stored."""
    return enqueue(order.merchant, "orders.refresh", str(order.pk), priority=priority, about=order)
