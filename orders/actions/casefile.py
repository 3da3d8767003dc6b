"""That a case file was made stands in the log: it leaves the panel."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.models import LogEntry
from jetsync.tenancy.actor import Actor
from orders.models import Order

ACTION = "orders.order.case_file"
# Looking at it, copying it and downloading it is one making.
SAME_MAKING = timedelta(minutes=10)


@transaction.atomic
def note_case_file(order: Order, *, actor: Actor) -> None:
    """One log line per person and making."""
    lately = LogEntry.objects.filter(
        merchant=order.merchant_id,
        action=ACTION,
        object_type=order._meta.label_lower,
        object_id=order.pk,
        actor_label=actor.label[:150],
        created_at__gt=timezone.now() - SAME_MAKING,
    )
    if not lately.exists():
        record(order.merchant, ACTION, f"Made a case file of order {order}.", actor=actor, about=order)
