"""Acts on many orders at once: an operation with a row per order, each with its own end.

Accepting, rejecting and cancelling are decided row by row by the job DECIDE: an order is a transaction of its own, so
that a long list holds no locks, and what was decided stands whatever happens to the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_rows, mark_running, refresh_progress, start_operation
from jetsync.enums import Priority, RowState
from jetsync.exceptions import DomainError, InvalidInput, NotAllowed, StateConflict
from jetsync.jet.words.orders import AcknowledgementStatus
from jetsync.models import Job, Merchant, Operation, OperationRow
from jetsync.resting import check_not_resting
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right, lack_of
from jetsync.wording import counted
from orders.actions.answer import accept_order, reject_order
from orders.actions.fetch import read_again
from orders.actions.list_rows import ORDER, follow_shipment
from orders.actions.shipment import cancel_rest
from orders.enums import OrderState
from orders.models import Order
from orders.queries.order import all_orders, get_order
from orders.wording import answer_label

ACKNOWLEDGE, REJECT, REFRESH = "orders.acknowledge", "orders.reject", "orders.refresh"
CANCEL = "orders.cancel"
DECIDE = "orders.decide_many"
# What cannot be taken back is not done to more by one press, and reading so many again takes Jet's patience for some
# minutes.
MOST_AT_ONCE = 1_000

operation_kind(ACKNOWLEDGE, right=Right.ORDERS_ACKNOWLEDGE)
operation_kind(REJECT, right=Right.ORDERS_ACKNOWLEDGE)
operation_kind(REFRESH, right=Right.ORDERS_FETCH)
operation_kind(CANCEL, right=Right.ORDERS_SHIP)


def acknowledge_many(merchant: Merchant, order_ids: Iterable[int], *, actor: Actor) -> Operation:
    """Accepts the ready ones among these orders, any number, each with its own result row.

    An order that the store cannot deliver fails with the reason and is left for a person: a bulk click never
    oversells. Orders that are not ready are skipped.
    """
    orders = _orders(merchant, order_ids)
    return _decide(merchant, ACKNOWLEDGE, f"Acknowledge {counted(len(orders), 'order')}", orders, actor)


def reject_many(merchant: Merchant, order_ids: Iterable[int], *, answer: str, actor: Actor) -> Operation:
    """Rejects the ready ones among these orders with one of Jet's words, each with its own result row.

    Items get the word that fits what was found about them (`item_word`). "Item level error" therefore fails for an
    order whose items can all be delivered. Orders that are not ready are skipped. Raises InvalidInput for more than
    MOST_AT_ONCE.
    """
    orders = _orders(merchant, check_few(order_ids))
    title = f"Reject {counted(len(orders), 'order')}: {answer_label(answer)}"
    return _decide(merchant, REJECT, title, orders, actor, answer=answer)


def cancel_many(merchant: Merchant, order_ids: Iterable[int], *, actor: Actor) -> Operation:
    """Cancels all that is left of the open ones among these orders; a row ends when Jet has its cancellation.

    One that is ready is rejected, which takes the right to answer orders. Others, and those of which nothing is left,
    are skipped. Raises InvalidInput for more than MOST_AT_ONCE. The caller has asked for confirmation.
    """
    orders = _orders(merchant, check_few(order_ids))
    may_reject = actor.may(Right.ORDERS_ACKNOWLEDGE)
    title = f"Cancel {counted(len(orders), 'order')}"
    return _decide(merchant, CANCEL, title, orders, actor, may_reject=may_reject)


@transaction.atomic
def _decide(
    merchant: Merchant, kind: str, title: str, orders: list[Order], actor: Actor, **data: Any
) -> Operation:
    check_not_resting(merchant)
    operation = _start(merchant, kind, title, orders, actor, **data)
    if orders:
        enqueue(merchant, DECIDE, str(operation.pk), priority=Priority.NOW, operation=operation)
    return refresh_progress(operation)


@transaction.atomic
def decide_row(operation: Operation, pk: int, *, actor: Actor) -> None:
    """Does what the operation says to the order of one row, once: the row's lock and the order's decide.

    Skips what is in no state for it; what a rule forbids fails, and a person has to look.
    """
    row = OperationRow.objects.select_for_update(of=("self",)).get(merchant=operation.merchant_id, pk=pk)
    if row.state != RowState.WAITING:
        return
    try:
        with transaction.atomic():
            _ACTS[operation.kind](operation, row, actor)
    except DomainError as refused:
        is_late = isinstance(refused, StateConflict) and refused.code != "order_has_problems"
        state = RowState.SKIPPED if is_late else RowState.FAILED
        finish_rows(operation, [pk], state, code=refused.code, message=refused.message, hint=refused.hint)


def _follow_answer(row: OperationRow) -> None:
    """The job that tells Jet ends the row."""
    OperationRow.objects.filter(merchant=row.merchant_id, pk=row.pk).update(
        state=RowState.SENT, updated_at=timezone.now()
    )


def _accept(operation: Operation, row: OperationRow, actor: Actor) -> None:
    accept_order(get_order(operation.merchant, int(row.object_id or 0)), actor=actor, operation=operation)
    _follow_answer(row)


def _reject(operation: Operation, row: OperationRow, actor: Actor) -> None:
    order = get_order(operation.merchant, int(row.object_id or 0))
    answer = operation.data.get("answer") or AcknowledgementStatus.REJECTED_OTHER
    reject_order(order, answer=answer, items=None, actor=actor, operation=operation)
    _follow_answer(row)


def _cancel(operation: Operation, row: OperationRow, actor: Actor) -> None:
    order = get_order(operation.merchant, int(row.object_id or 0))
    if order.state != OrderState.READY:
        follow_shipment(row, cancel_rest(order, actor=actor, operation=operation))
    elif operation.data.get("may_reject"):
        _reject(operation, row, actor)
    else:
        raise NotAllowed(
            f"Order {order} is ready: to cancel it is to reject it. {lack_of(Right.ORDERS_ACKNOWLEDGE)}",
            hint="Ask somebody who may answer orders.",
        )


_ACTS: dict[str, Callable[[Operation, OperationRow, Actor], None]] = {
    ACKNOWLEDGE: _accept,
    REJECT: _reject,
    CANCEL: _cancel,
}


@transaction.atomic
def refresh_many(merchant: Merchant, order_ids: Iterable[int], *, actor: Actor) -> Operation:
    """Has these orders read again from Jet by one job, whatever their state; a result row per order.

    Raises SettingsMissing without API keys and InvalidInput for more than MOST_AT_ONCE.
    """
    check_not_resting(merchant)
    current_account(merchant)
    orders = _orders(merchant, check_few(order_ids))
    operation = _start(merchant, REFRESH, f"Fetch {counted(len(orders), 'order')} again", orders, actor)
    if orders:
        key = str(operation.pk)
        enqueue(merchant, "orders.refresh_many", key, priority=Priority.NOW, operation=operation)
    return refresh_progress(operation)


@transaction.atomic
def refresh_now(order: Order, *, actor: Actor) -> Job:
    """Asks Jet for this one order at once. Raises SettingsMissing without API keys."""
    check_not_resting(order.merchant)
    current_account(order.merchant)
    job = read_again(order, priority=Priority.NOW)
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
    """With what their names need."""
    rows = all_orders(merchant).filter(pk__in=list(order_ids)).order_by("pk")
    return list(rows.only("merchant_id", "reference_order_id", "merchant_order_id"))


def _start(
    merchant: Merchant,
    kind: str,
    title: str,
    orders: list[Order],
    actor: Actor,
    **data: Any,
) -> Operation:
    rows = [RowSpec(ORDER, order.pk, str(order)) for order in orders]
    operation = start_operation(merchant, kind, title, actor=actor, rows=rows, data=data)
    mark_running(operation)
    return operation
