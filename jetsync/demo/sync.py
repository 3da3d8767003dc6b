"""Brings the demo to life in the background: upload, first orders, a shipment, a return. Each phase runs once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from catalog.actions import publish
from catalog.enums import ListingStatus, Readiness
from catalog.models import Listing, Variant
from catalog.queries.reading import STATUS_ALL
from jetsync.demo.offers import add_past, ask_for_figures
from jetsync.demo.past import add_past_orders
from jetsync.demo.tenant import LIFE_JOB
from jetsync.enums import Queue
from jetsync.models import Merchant, Operation
from jetsync.queries.settings import default_node
from jetsync.sync.failures import Again
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import SYSTEM
from orders.actions.fetch import fetch_now
from orders.actions.shipment import ship_order
from orders.enums import OrderState
from orders.models import Order, OrderLine
from orders.validators import LineInput, ShipmentInput
from returns.actions.settling import fetch_now as fetch_returns

PHASES = ("upload", "wait", "review", "offers", "orders", "ship", "returns", "past")
PAUSE = timedelta(seconds=4)
# A phase that cannot finish (a worker was stopped, the sandbox emptied) is given up, the demo stays usable.
TRIES_PER_PHASE = 45
FIRST_ORDERS, SHIPPED = 6, 3


@handler(
    LIFE_JOB, label="Bring the demo to life", right=None, queue=Queue.DEFAULT, lease=timedelta(minutes=5)
)
def bring_to_life(context: JobContext) -> None:
    """Walks through PHASES; a store that already has orders is left alone."""
    name = context.job.data.get("phase", PHASES[0])
    tries = context.job.data.get("tries", 0)
    if name == PHASES[0] and Order.objects.filter(merchant=context.merchant).exists():
        return
    done = _PHASES[name](context) or tries >= TRIES_PER_PHASE
    context.note(f"Demo: {name}.")
    if not done:
        raise Again(PAUSE, phase=name, tries=tries + 1)
    position = PHASES.index(name) + 1
    if position < len(PHASES):
        raise Again(phase=PHASES[position], tries=0)


def _upload(context: JobContext) -> bool:
    """Everything that is ready; the planted faults stay behind with their reasons."""
    ready = Listing.objects.filter(merchant=context.merchant, readiness=Readiness.READY, content_sent_at=None)
    ids = list(ready.values_list("variant_id", flat=True))
    if ids:
        publish.upload(context.merchant, ids, actor=SYSTEM)
    return True


def _wait(context: JobContext) -> bool:
    operation = (
        Operation.objects.filter(merchant=context.merchant, kind=publish.UPLOAD).order_by("-pk").first()
    )
    return operation is None or not operation.is_open


def _review(context: JobContext) -> bool:
    """Reads the status until Jet has put goods on sale."""
    listings = Listing.objects.filter(merchant=context.merchant)
    if listings.filter(status=ListingStatus.AVAILABLE).count() >= FIRST_ORDERS:
        return True
    enqueue(context.merchant, STATUS_ALL, "demo")
    return False


def _offers(context: JobContext) -> bool:
    """Sales data with a past, and bounds for some of the goods; the repricer itself stays off."""
    if not ask_for_figures(context.merchant):
        return False
    add_past(context.merchant)
    return True


def _orders(context: JobContext) -> bool:
    """Six shoppers buy at once, so that the first page is not empty; after that the trickle goes on."""
    if Order.objects.filter(merchant=context.merchant).count() >= SHIPPED:
        return True
    if not context.job.data.get("bought"):
        _buy(context)
        fetch_now(context.merchant, actor=SYSTEM)
        raise Again(PAUSE, phase="orders", bought=True)
    return False


def _buy(context: JobContext) -> None:
    node = default_node(context.merchant)
    live = Listing.objects.filter(merchant=context.merchant, status=ListingStatus.AVAILABLE)
    chosen = Variant.objects.filter(merchant=context.merchant, listing__in=live, quantity__gte=4).order_by(
        "sku"
    )[: FIRST_ORDERS * 3 : 3]
    for number, variant in enumerate(chosen):
        item = {"sku": variant.sku, "order_quantity": 1 + number % 2, "order_cancel_quantity": 0}
        if node is not None:
            context.jet.orders.generate(1, node.node_id, [item])  # type: ignore[list-item]  # a GenerateItem


def _ship(context: JobContext) -> bool:
    orders = Order.objects.filter(merchant=context.merchant).order_by("pk")
    ready = orders.filter(state=OrderState.ACKNOWLEDGED)[:SHIPPED]
    if orders.filter(state=OrderState.COMPLETE).count() >= SHIPPED:
        return True
    for number, order in enumerate(ready):
        if not order.shipments.exists():
            ship_order(order, _parcel(context.merchant, order, number), actor=SYSTEM)
    return False


def _parcel(merchant: Merchant, order: Order, number: int) -> ShipmentInput:
    now = timezone.now()
    lines = OrderLine.objects.filter(merchant=merchant, order=order)
    return ShipmentInput(
        carrier="UPS",
        method="UPS Ground",
        tracking_number=f"1Z999AA1{order.pk:06d}{number:04d}",
        shipped_at=now,
        pick_up_at=_later(now, hours=3),
        expected_delivery_at=_later(now, hours=96),
        ship_from_zip="07030",
        lines=[LineInput(line.pk, quantity=line.quantity) for line in lines],
    )


def _later(moment: datetime, *, hours: int) -> datetime:
    return moment + timedelta(hours=hours)


def _returns(context: JobContext) -> bool:
    """One shopper sends something back."""
    order = Order.objects.filter(merchant=context.merchant, state=OrderState.COMPLETE).order_by("pk").first()
    if order is not None:
        context.jet.returns.generate(order.merchant_order_id)
        fetch_returns(context.merchant, actor=SYSTEM)
    return True


def _past(context: JobContext) -> bool:
    """The weeks before, which the sandbox does not know: last, because the phases before look at all orders."""
    add_past_orders(context.merchant)
    return True


_PHASES = {
    "upload": _upload,
    "wait": _wait,
    "review": _review,
    "offers": _offers,
    "orders": _orders,
    "ship": _ship,
    "returns": _returns,
    "past": _past,
}
