"""Asking Jet: for new orders by hand, for one order again."""

from __future__ import annotations

from jetsync.actions.schedule import ask_jet_now
from jetsync.enums import Priority
from jetsync.models import Job, Merchant
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import Actor
from orders.models import Order


def fetch_now(merchant: Merchant, *, actor: Actor) -> Job:
    """Starts the fetch at once, or joins the one at work. Raises SettingsMissing without API keys."""
    words = "Order fetch started by hand."
    return ask_jet_now(merchant, "orders.fetch", "orders.fetch.started", words, actor=actor)


def read_again(order: Order, *, priority: Priority = Priority.NORMAL) -> Job:
    """Has what Jet shows of this order read and stored."""
    return enqueue(order.merchant, "orders.refresh", str(order.pk), priority=priority, about=order)
