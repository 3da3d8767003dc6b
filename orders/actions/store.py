"""A Jet order becomes an order of the store: when it is accepted, with the merchant's methods and a number of his own."""

from __future__ import annotations

from django.db import transaction

from jetsync.actions.log import record
from jetsync.enums import NoticeLevel
from jetsync.jet.words.orders import AcknowledgementStatus
from jetsync.models import Job, Merchant
from jetsync.queries.settings import get_options
from jetsync.tenancy.actor import SYSTEM
from orders.actions.documents import ORDER_SERIES, issue_shipment_documents, take_number
from orders.actions.states import NO_FAILURE, failure_columns
from orders.actions.telling import tell_failed
from orders.enums import STORE_ORDER_REASONS, STORE_ORDER_STATES, OrderState
from orders.models import Order, StoreOrder
from orders.pages import order_list_url
from orders.queries.order import lock_order
from orders.queries.store import ChosenMethods, chosen_methods, store_order_of
from orders.wording import hint_for


@transaction.atomic
def file_store_order(merchant: Merchant, pk: int, *, job: Job | None = None) -> Order:
    """Makes what is still to be made of an order's store side; any number of times makes it once.

    An order that is being accepted gets its store order before Jet is told, so that Jet hears its number. Nothing
    here keeps an order from its answer: a method that is not available shows on the order once Jet has the yes.
    """
    order = lock_order(merchant, pk)
    if order.state in STORE_ORDER_STATES:
        follow_store(order, job=job)
    elif _is_being_accepted(order) and store_order_of(order) is None:
        methods = chosen_methods(merchant)
        if methods.reason is None:
            _open(order, methods, job)
    return order


def _is_being_accepted(order: Order) -> bool:
    return order.state == OrderState.READY and order.planned_answer == AcknowledgementStatus.ACCEPTED


def follow_store(order: Order, *, job: Job | None = None) -> None:
    """Store order and documents of an order that Jet has a yes to. The caller holds the order's lock.

    Call it last in its transaction: it ends with the merchant's number series (take_number).
    """
    if order.state not in STORE_ORDER_STATES:
        return
    if store_order_of(order) is None:
        methods = chosen_methods(order.merchant)
        if methods.reason is not None:
            _note_failure(order, methods, job)
            return
        _open(order, methods, job)
    issue_shipment_documents(order, job=job)


def _open(order: Order, methods: ChosenMethods, job: Job | None) -> None:
    number = str(take_number(order.merchant, ORDER_SERIES))
    StoreOrder.objects.create(
        merchant=order.merchant,
        order=order,
        number=number,
        customer_email=get_options(order.merchant).customer_email,
        payment_method=methods.payment,
        shipping_method=methods.shipping,
    )
    columns = NO_FAILURE if order.failure_reason in STORE_ORDER_REASONS else {}
    if not order.alt_order_id:  # another program may have told Jet its own number, which then stays
        columns = {**columns, "alt_order_id": number}
    for name, value in columns.items():
        setattr(order, name, value)
    order.save(update_fields=[*columns, "updated_at"])
    record(
        order.merchant,
        "orders.store_order.created",
        f"Order {order} is store order {number}, paid by “{methods.payment}”, shipped by “{methods.shipping}”.",
        actor=SYSTEM,
        about=order,
        new={"number": number},
        job=job,
    )


def _note_failure(order: Order, methods: ChosenMethods, job: Job | None) -> None:
    """Keeps the reason, unless a heavier one stands there; told once. The order itself goes on at Jet."""
    reason = methods.reason
    if reason is None or (order.failure_reason and order.failure_reason not in STORE_ORDER_REASONS):
        return
    columns = failure_columns(reason, methods.message, hint_for(reason))
    if all(getattr(order, name) == value for name, value in columns.items()):
        return
    for name, value in columns.items():
        setattr(order, name, value)
    order.save(update_fields=[*columns, "updated_at"])
    message = f"Order {order} is not in the store yet. {methods.message}"
    record(order.merchant, "orders.store_order.failed", message, actor=SYSTEM, about=order, job=job)
    tell_failed(
        order,
        f"orders.{reason.value}",
        "Orders wait for their store order",
        body=f"Order {order}: {methods.message}",
        level=NoticeLevel.WARNING,
        url=order_list_url(order.merchant, f"reason={reason.value}"),
    )
