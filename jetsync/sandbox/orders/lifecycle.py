"""What time does to orders: release after the fraud check, expiry, and the trickle of new ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from jetsync.sandbox import processing
from jetsync.sandbox.clock import now
from jetsync.sandbox.marketplace.words import OrderStatus
from jetsync.sandbox.models.account import MerchantAccount, SwitchValue
from jetsync.sandbox.models.order import Order
from jetsync.sandbox.orders import actions, shopping
from jetsync.sandbox.switches import Switches

BATCH = 500  # orders per write transaction, so that requests get the write lock in between


@processing.register
def release_created() -> None:
    """`created` to `ready` at the moment fixed at birth."""
    due = Order.objects.filter(status=OrderStatus.CREATED, ready_due_at__lte=now())
    while due.exists():
        with transaction.atomic():
            for order in due.order_by("ready_due_at")[:BATCH]:
                actions.release(order, order.ready_due_at)


@processing.register
def expire_unacknowledged() -> None:
    """Take orders back that nobody acknowledged in time, for merchants whose switch says so."""
    for merchant, switches in _with_switch("expire_unacknowledged"):
        limit = timedelta(minutes=switches["acknowledge_minutes"])
        due = merchant.orders.filter(status=OrderStatus.READY, ready_at__lte=now() - limit)
        while due.exists():
            with transaction.atomic():
                for order in due.order_by("ready_at")[:BATCH]:
                    actions.expire(order, (order.ready_at or now()) + limit)


@processing.register
def trickle() -> None:
    """Let shoppers buy at the pace of the switch `trickle_seconds`."""
    for merchant, _ in _with_switch("trickle_seconds"):
        _trickle_one(merchant, now())


def _trickle_one(merchant: MerchantAccount, at: datetime) -> None:
    with transaction.atomic():
        shopping.trickle(merchant, at)


def _with_switch(name: str) -> Iterator[tuple[MerchantAccount, Switches]]:
    """Merchants for whom a switch that is off by default stands on; one small query while nobody moved it."""
    owners = set(SwitchValue.objects.filter(name=name).values_list("merchant_id", flat=True))
    if not owners:
        return
    merchants = MerchantAccount.objects.all()
    for merchant in merchants if None in owners else merchants.filter(pk__in=owners):
        switches = Switches.of(merchant)
        if switches[name]:
            yield merchant, switches
