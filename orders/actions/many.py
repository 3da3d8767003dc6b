"""Acts on many orders at once: an operation with a row per order, each with its own end."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction

from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_rows, mark_running, refresh_progress, start_operation
from jetsync.enums import Priority, RowState
from jetsync.exceptions import DomainError, InvalidInput, StateConflict
from jetsync.models import Job, Merchant, Operation, OperationRow
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import Actor
from orders.actions.answer import accept_order, reject_order
from orders.actions.list_rows import ORDER, follow_shipment
from orders.actions.shipment import cancel_rest
from orders.models import Order
from orders.queries.order import all_orders
from orders.wording import answer_label, counted

ACKNOWLEDGE, REJECT, REFRESH = "orders.acknowledge", "orders.reject", "orders.refresh"
CANCEL = "orders.cancel"
# Orders are answered in one transaction, about 5 ms each; a longer one would keep the urgent fetch waiting. Reading so
# many again takes Jet's patience for some minutes.
MOST_AT_ONCE = 1_000


@transaction.atomic
def acknowledge_many(merchant: Merchant, order_ids: Iterable[int], *, actor: Actor) -> Operation:
    """Accepts the ready ones among these orders, each with its own result row.

    An order that the store cannot deliver fails with the reason and is left for a person: a bulk click never
    oversells. Orders that are not ready are skipped.
    """
    orders = _orders(merchant, order_ids)
    operation = _start(merchant, ACKNOWLEDGE, f"Acknowledge {counted(len(orders), 'order')}", orders, actor)
    for order in orders:
        _one(operation, order, lambda order: accept_order(order, actor=actor, operation=operation))
    return refresh_progress(operation)


@transaction.atomic
def reject_many(merchant: Merchant, order_ids: Iterable[int], *, answer: str, actor: Actor) -> Operation:
    """Rejects the ready ones among these orders with one of Jet's words, each with its own result row.

    Items get the word that fits what was found about them (`item_word`). "Item level error" therefore fails for an
    order whose items can all be delivered. Orders that are not ready are skipped. Raises InvalidInput for more than
    MOST_AT_ONCE.
    """
    orders = _orders(merchant, check_few(order_ids))
    title = f"Reject {counted(len(orders), 'order')}: {answer_label(answer)}"
    operation = _start(merchant, REJECT, title, orders, actor)
    for order in orders:
        _one(
            operation,
            order,
            lambda order: reject_order(order, answer=answer, items=None, actor=actor, operation=operation),
        )
    return refresh_progress(operation)


@transaction.atomic
def cancel_many(merchant: Merchant, order_ids: Iterable[int], *, actor: Actor) -> Operation:
    """Cancels all that is left of the open ones among these orders; a row ends when Jet has its cancellation.

    Orders that are not open for shipping, or have nothing left, are skipped. Raises InvalidInput for more than
    MOST_AT_ONCE. The caller has asked for confirmation.
    """
    orders = _orders(merchant, check_few(order_ids))
    operation = _start(merchant, CANCEL, f"Cancel {counted(len(orders), 'order')}", orders, actor)
    rows = {
        row.object_id: row
        for row in OperationRow.objects.filter(merchant=merchant, operation=operation, object_type=ORDER)
    }
    for order in orders:
        _one(
            operation,
            order,
            lambda order: follow_shipment(
                rows[order.pk], cancel_rest(order, actor=actor, operation=operation)
            ),
        )
    return refresh_progress(operation)


@transaction.atomic
def refresh_many(merchant: Merchant, order_ids: Iterable[int], *, actor: Actor) -> Operation:
    """Has these orders read again from Jet by one job, whatever their state; a result row per order.

    Raises SettingsMissing without API keys and InvalidInput for more than MOST_AT_ONCE.
    """
    current_account(merchant)
    orders = _orders(merchant, check_few(order_ids))
    operation = _start(merchant, REFRESH, f"Fetch {counted(len(orders), 'order')} again", orders, actor)
    if orders:
        enqueue(merchant, "orders.refresh_many", str(operation.pk), operation=operation)
    return refresh_progress(operation)


@transaction.atomic
def refresh_now(order: Order, *, actor: Actor) -> Job:
    """Asks Jet for this one order at once. Raises SettingsMissing without API keys."""
    current_account(order.merchant)
    job = enqueue(order.merchant, REFRESH, str(order.pk), priority=Priority.NOW, about=order)
    record(
        order.merchant,
        "orders.order.refresh_asked",
        f"Asked Jet for order {order}.",
        actor=actor,
        about=order,
        job=job,
    )
    return job


def check_few(order_ids: Iterable[int]) -> list[int]:
    """The ids, or InvalidInput when they are too many for one operation."""
    ids = list(order_ids)
    if len(ids) > MOST_AT_ONCE:
        raise InvalidInput(
            f"At most {MOST_AT_ONCE:,} orders can be handled at once; {len(ids):,} are selected.",
            hint="Filter the list and select fewer.",
        )
    return ids


def _orders(merchant: Merchant, order_ids: Iterable[int]) -> list[Order]:
    return list(all_orders(merchant).filter(pk__in=list(order_ids)).order_by("pk"))


def _start(merchant: Merchant, kind: str, title: str, orders: list[Order], actor: Actor) -> Operation:
    rows = [RowSpec(ORDER, order.pk, str(order)) for order in orders]
    operation = start_operation(merchant, kind, title, actor=actor, rows=rows)
    mark_running(operation)
    return operation


def _one(operation: Operation, order: Order, act: Callable[[Order], object]) -> None:
    """Skips what is in no state for it; what a rule forbids fails, and a person has to look."""
    try:
        with transaction.atomic():
            act(order)
    except DomainError as refused:
        is_late = isinstance(refused, StateConflict) and refused.code != "order_has_problems"
        state = RowState.SKIPPED if is_late else RowState.FAILED
        rows = OperationRow.objects.filter(
            merchant=operation.merchant_id, operation=operation, object_type=ORDER, object_id=order.pk
        )
        finish_rows(
            operation,
            list(rows.values_list("pk", flat=True)),
            state,
            code=refused.code,
            message=refused.message,
            hint=refused.hint,
        )
