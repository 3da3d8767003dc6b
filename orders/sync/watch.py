"""The sweep: what the fetch, the answer or the shipment left lying is picked up every 5 minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.utils import timezone

from jetsync.enums import Queue
from jetsync.jet.errors import JetError
from jetsync.queries.settings import get_options
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.actions.answer import retry_decision
from orders.actions.shipment import send_waiting
from orders.actions.store import file_store_order
from orders.enums import STORE_ORDER_REASONS
from orders.models import Order
from orders.queries.order import ready_orders
from orders.queries.shipment import waiting_shipments
from orders.queries.store import chosen_methods, orders_to_store
from orders.sync.batch import each
from orders.sync.lease import SHORT_LEASE
from orders.sync.reading import refresh_order

# One sweep asks Jet about at most this many late orders, so that it stays far below its own interval.
ASK_LIMIT = 100
# Decisions are local; the number only bounds memory.
DECIDE_LIMIT = 2000
# An order is asked about again at most this often while Jet still lists it as ready.
ASKED_LATELY = timedelta(minutes=4)


@handler(
    "orders.sweep",
    label="Check unanswered orders",
    right=Right.ORDERS_FETCH,
    queue=Queue.URGENT,
    lease=SHORT_LEASE,
)
def sweep(ctx: JobContext) -> None:
    """1. late orders: ask Jet whether they are still ours; 2. send or make decisions; 3. send waiting shipments; 4. make
    store orders and documents that were left over. What Jet does not show of a late order keeps nothing of the rest.
    """
    now = timezone.now()
    late = ready_orders(ctx.merchant).filter(ack_due_at__lt=now, seen_at__lt=now - ASKED_LATELY)
    asked = list(late.select_related("account")[:ASK_LIMIT])
    trouble = _ask(ctx, asked)
    waiting = list(ready_orders(ctx.merchant).values_list("pk", flat=True)[:DECIDE_LIMIT])
    _each(ctx, waiting, lambda pk: retry_decision(ctx.merchant, pk))
    shipments = _send_waiting(ctx)
    ctx.note(_sentence(len(waiting), len(asked), shipments, _file_store_orders(ctx)))
    if trouble is not None:
        raise trouble


def _ask(ctx: JobContext, orders: Sequence[Order]) -> JetError | None:
    """Jet's trouble, which the job ends with when the other steps are done: they need no answer of Jet."""
    try:
        each(orders, lambda order: refresh_order(ctx, order))
    except JetError as trouble:
        return trouble
    return None


def _sentence(waiting: int, late: int, shipments: int, store_orders: int) -> str:
    """What waits; only what there is."""
    parts = [f"{counted(waiting, 'order')} {_wait(waiting)} for an answer"] if waiting else []
    parts += [f"{late} late"] if late else []
    parts += [f"{counted(shipments, 'shipment')} {_wait(shipments)} to be sent"] if shipments else []
    parts += [f"{counted(store_orders, 'order')} {_wait(store_orders)} for the store"] if store_orders else []
    return f"{', '.join(parts)}." if parts else "Nothing waits."


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _file_store_orders(ctx: JobContext) -> int:
    """What a failed method, or a worker that died, kept from the store. Returns how many still wait."""
    rows = orders_to_store(ctx.merchant)
    if chosen_methods(ctx.merchant).reason is not None:
        # Those that were told so already cannot move before a person has mended it.
        rows = rows.exclude(failure_reason__in=STORE_ORDER_REASONS)
    waiting = list(rows.values_list("pk", flat=True)[:DECIDE_LIMIT])
    _each(ctx, waiting, lambda pk: file_store_order(ctx.merchant, pk, job=ctx.job))
    return orders_to_store(ctx.merchant).count()


def _send_waiting(ctx: JobContext) -> int:
    if not get_options(ctx.merchant).send_tracking:
        return 0
    waiting = list(waiting_shipments(ctx.merchant).values_list("pk", flat=True)[:DECIDE_LIMIT])
    _each(ctx, waiting, lambda pk: send_waiting(ctx.merchant, pk))
    return len(waiting)


def _each(ctx: JobContext, ids: Sequence[int], work: Callable[[int], object]) -> None:
    """`each` for steps without a call of Jet, which renews the lease itself."""

    def step(pk: int) -> None:
        ctx.keep_alive()
        work(pk)

    each(ids, step)


add_schedule(
    ScheduleKind(
        name="orders.sweep",
        label="Check unanswered orders",
        interval=timedelta(minutes=5),
        job_kind="orders.sweep",
        explanation="Answers ready orders that were left over, sends shipments that wait, and makes store orders and "
        "documents that are missing.",
        fastest=timedelta(minutes=1),
        slowest=timedelta(minutes=5),
        vital="Orders that were left over are not answered, and shipments that wait are not sent.",
    )
)
