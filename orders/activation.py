"""The order steps before live: test orders are generated, acknowledged, shipped and cancelled as any order is."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone

from catalog.actions.stock import put_back
from jetsync.activation.actions import is_job_over
from jetsync.activation.asking import ask_generator
from jetsync.activation.generators import order_generator_url
from jetsync.activation.registry import (
    Done,
    ModeRow,
    Step,
    StepFailed,
    StepRun,
    TrialLink,
    register_mode_row,
    register_step,
    register_trial_link,
)
from jetsync.jet.types.orders import GeneratedItem
from jetsync.jet.words.orders import OrderStatus
from jetsync.models import Job, Merchant
from jetsync.queries.settings import default_node, get_options
from jetsync.sync.client import current_account
from jetsync.sync.failures import PermanentFailure
from jetsync.tenancy.rights import Right
from orders.actions.answer import accept_order
from orders.actions.shipment import cancel_rest, ship_order
from orders.enums import FAILED_STATES, HOLDING_SHIPMENTS, OPEN_STATES, OrderState, ShipmentState
from orders.models import Order, Shipment
from orders.proposal import ParcelFacts, parcel_input
from orders.queries.job import Work, newest_job
from orders.queries.line import line_counts
from orders.queries.order import get_order, order_by_jet_id
from orders.sync.reading import import_order
from orders.validators import LineInput

ORDER, CANCEL = "order_generate", "cancel_generate"
# Orders read at most while the test order is looked for: a test account has few.
MOST_READ = 50
TRACKING = "1Z999AA10123456784"


def _generate_order(run: StepRun) -> Done:
    return _generated(run, quantity=1, cancel=0)


def _generate_cancel(run: StepRun) -> Done:
    return _generated(run, quantity=0, cancel=1)


def _generated(run: StepRun, *, quantity: int, cancel: int) -> Done:
    """The order found before, one that a lost answer or a person has left at Jet, else a new one."""
    if not run.data.get("jet_id"):
        found = _look(run, wants_cancel=cancel > 0) if "asked_at" in run.data else ""
        run.remember(jet_id=found or _ask_generator(run, quantity, cancel))
    order = _stored(run, run.data["jet_id"])
    run.remember(order=order.pk)
    units = "1 to cancel" if cancel else "1 ordered"
    return Done(
        f"Test order {order} came in: {units}.",
        call="/orders/generate/",
        ids={"Order": str(order), "Jet's order id": order.merchant_order_id, "SKU": run.sku},
    )


def _ask_generator(run: StepRun, quantity: int, cancel: int) -> str:
    node = default_node(run.merchant)
    if node is None:
        raise StepFailed("No node is the default one.", hint="Choose one under Settings, Jet account.")
    node_id, item = (
        node.node_id,
        GeneratedItem(sku=run.sku, order_quantity=quantity, order_cancel_quantity=cancel),
    )
    return ask_generator(
        run,
        "order",
        lambda: run.jet.orders.generate(1, node_id, [item])[0],
        by_hand=f"Open the order generator in Jet's portal (Test mode), choose SKU {run.sku} and press Generate.",
        refused="Send SKU, price and inventory once more, then run this step.",
    )


def _look(run: StepRun, *, wants_cancel: bool) -> str:
    """An open order of this SKU that came since the step asked, and that no other step works with; "" for none."""
    account = current_account(run.merchant)
    listed = run.jet.orders.urls(OrderStatus.READY)
    known = Order.objects.filter(merchant=run.merchant, merchant_order_id__in=listed)
    unseen = set(listed) - set(known.values_list("merchant_order_id", flat=True))
    for jet_id in sorted(unseen)[:MOST_READ]:
        import_order(run.context, account, jet_id)
    used = [row.data["jet_id"] for row in run.results.values() if row.data.get("jet_id")]
    rows = Order.objects.filter(
        merchant=run.merchant,
        account=account,
        created_at__gte=run.data["asked_at"],
        state__in=OPEN_STATES,
        lines__sku=run.sku,
    ).exclude(merchant_order_id__in=used)
    units = {"lines__cancel_requested__gt": 0} if wants_cancel else {"lines__quantity__gt": 0}
    if not wants_cancel:
        units["lines__cancel_requested"] = 0
    return rows.filter(**units).order_by("pk").values_list("merchant_order_id", flat=True).first() or ""


def _stored(run: StepRun, jet_id: str) -> Order:
    order = order_by_jet_id(run.merchant, jet_id)
    if order is None:
        imported = import_order(run.context, current_account(run.merchant), jet_id)
        order = imported.order if imported is not None else order_by_jet_id(run.merchant, jet_id)
    if order is None:
        run.remember(jet_id="")
        raise StepFailed(f"Jet does not show its test order {jet_id}.", hint="Run this step again.")
    return order


def _order_of(run: StepRun, key: str) -> Order:
    return get_order(run.merchant, int(run.result_of(key, "order")))


def _last_job(order: Order, kind: str, key: int) -> Job | None:
    return newest_job(order.merchant, Work(kind, Order, order.pk, key=key))


def _accepted(run: StepRun, key: str) -> tuple[Order, Job | None]:
    """The test order once Jet has the yes to it, which jetsync may have given by itself. Raises Again until then."""
    order = _order_of(run, key)
    job = _last_job(order, "orders.acknowledge", order.pk)
    if order.is_shippable or order.state == OrderState.COMPLETE:
        return order, job
    if order.state in FAILED_STATES:
        words = order.failure_message or f"It is {order.get_state_display().lower()}."
        raise StepFailed(f"Test order {order}: {words}", hint=order.failure_hint, back_to=key, job=job)
    if order.is_answerable and not run.data.get("accepting"):
        accept_order(order, actor=run.actor)
        run.remember(accepting=True)
    elif is_job_over(job) and job is not None:
        run.remember(accepting=False)
        raise StepFailed(job.message, hint=job.hint, job=job)
    run.wait(f"Waiting for Jet to take the yes to order {order}.")
    raise AssertionError


def _acknowledge(run: StepRun) -> Done:
    order, job = _accepted(run, ORDER)
    return Done(
        f"Order {order} is acknowledged at Jet.", call="/acknowledge", ids={"Order": str(order)}, job=job
    )


def _ship(run: StepRun) -> Done:
    order = _order_of(run, ORDER)

    def make() -> Shipment:
        lines = [LineInput(row.line.pk, quantity=row.shippable) for row in line_counts(order)]
        facts = ParcelFacts(carrier="", method="", tracking_number=TRACKING, lines=lines)
        data = parcel_input(order, get_options(run.merchant), facts, timezone.now())
        return ship_order(order, data, actor=run.actor)

    shipment, job = _sent(run, order, make)
    # Nothing has left the store: its count is what it was before.
    put_back(run.merchant, [row.line.reservation_key for row in line_counts(order)], actor=run.actor)
    return Done(
        f"Order {order} is shipped: Jet has shipment {shipment}. Its piece counts as in stock again.",
        call="/shipped",
        ids={"Order": str(order), "Shipment": str(shipment)},
        job=job,
    )


def _cancel(run: StepRun) -> Done:
    order, _job = _accepted(run, CANCEL)
    shipment, job = _sent(run, order, lambda: cancel_rest(order, actor=run.actor))
    return Done(
        f"Order {order} is cancelled: quantity to ship 0, quantity to cancel 1.",
        call="/shipped",
        ids={"Order": str(order), "Shipment": str(shipment)},
        job=job,
    )


def _sent(run: StepRun, order: Order, make: Callable[[], Shipment]) -> tuple[Shipment, Job | None]:
    """The order's message once Jet has it; made when there is none. Raises Again until then."""
    if not get_options(run.merchant).send_tracking:
        raise PermanentFailure(
            "Sending shipments is switched off.",
            hint="Turn on “Send shipments to Jet” under Settings, Orders and stock.",
        )
    mine = Shipment.objects.filter(merchant=run.merchant, order=order).order_by("-pk")
    shipment = mine.filter(state__in=HOLDING_SHIPMENTS).first()
    if shipment is None and run.data.get("sending"):
        refused = mine.first()
        run.remember(sending=False)
        if refused is not None:
            job = _last_job(order, "orders.ship", refused.pk)
            raise StepFailed(refused.failure_message, hint=refused.failure_hint, job=job)
    if shipment is None:
        shipment = make()
        run.remember(sending=True)
    if shipment.state != ShipmentState.SENT:
        run.wait(f"Waiting for Jet to take shipment {shipment}.")
    return shipment, _last_job(order, "orders.ship", shipment.pk)


def _count(merchant: Merchant, mode: str) -> str:
    return f"{Order.objects.filter(merchant=merchant, account__mode=mode).count():,}"


register_mode_row(
    ModeRow("orders", 60, "Orders in the lists", _count, "Those of the other mode are kept and not shown.")
)
register_trial_link(
    TrialLink(
        "tour",
        10,
        "Tour of a test order",
        "Generate, open, fetch, acknowledge and ship: four steps that tick themselves.",
        Right.ORDERS_VIEW,
        lambda merchant: reverse("orders:tour", kwargs={"merchant_slug": merchant.slug}),
    ),
    TrialLink(
        "orders",
        20,
        "Order generator",
        "Jet's page that makes test orders of your uploaded SKUs.",
        Right.ORDERS_VIEW,
        order_generator_url,
    ),
)
register_step(
    Step(
        ORDER,
        "order",
        210,
        "Generate a test order",
        Right.ORDERS_FETCH,
        _generate_order,
        needs=("product_price", "product_inventory"),
        flags=("IsOrderCreated",),
    ),
    Step(
        "order_acknowledge",
        "order",
        220,
        "Acknowledge order",
        Right.ORDERS_ACKNOWLEDGE,
        _acknowledge,
        needs=(ORDER,),
        flags=("IsOrderAcknowledged",),
    ),
    Step(
        "order_ship",
        "order",
        230,
        "Ship order",
        Right.ORDERS_SHIP,
        _ship,
        needs=("order_acknowledge",),
        flags=("IsOrderShipped",),
    ),
    Step(
        CANCEL,
        "cancel",
        310,
        "Generate an order with a cancel quantity",
        Right.ORDERS_FETCH,
        _generate_cancel,
        needs=("product_price", "product_inventory"),
    ),
    Step(
        "cancel_order",
        "cancel",
        320,
        "Cancel Order",
        Right.ORDERS_SHIP,
        _cancel,
        needs=(CANCEL,),
        flags=("IsOrderCanceled",),
    ),
)
