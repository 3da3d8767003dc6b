"""Refunds a merchant starts: what is still refundable, the refund itself and its way to the shopper's card."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from jetsync.sandbox import processing
from jetsync.sandbox.clock import now
from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.marketplace.messages import RefundableLine, RefundedItem
from jetsync.sandbox.marketplace.money import Amounts, paid_for
from jetsync.sandbox.marketplace.words import OrderStatus, RefundStatus, ReturnStatus
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.order import EventKind, Order, OrderEvent, OrderItem
from jetsync.sandbox.models.refund import Refund, RefundItem
from jetsync.sandbox.models.return_ import ReturnItem
from jetsync.sandbox.switches import Switches

REJECTED = (RefundStatus.REJECTED_CARD, RefundStatus.REJECTED_POLICY)
OPEN = (RefundStatus.CREATED, RefundStatus.PROCESSING)
BATCH = 500


def refundable_lines(order: Order) -> list[RefundableLine]:
    return [_refundable(item) for item in order.items.all()]


def check_refundable(order: Order) -> None:
    """Refunds are for orders that are through. Raises Refused."""
    if order.status != OrderStatus.COMPLETE:
        raise Refused(f"The order is in the state '{order.status}', not 'complete'.")


def create_refund(order: Order, alt_refund_id: str, items: Iterable[RefundedItem], at: datetime) -> Refund:
    """Start a refund. Raises Refused when the merchant used the id before."""
    if Refund.objects.filter(merchant_id=order.merchant_id, alt_refund_id=alt_refund_id).exists():
        raise Refused(f"A refund '{alt_refund_id}' exists already. Path: alt_refund_id")
    refund = Refund.objects.create(
        merchant_id=order.merchant_id, order=order, alt_refund_id=alt_refund_id, created_at=at
    )
    lines = {item.order_item_id: item for item in order.items.all()}
    for item in items:
        RefundItem.objects.create(
            parent=refund,
            order_item=lines[item.order_item_id],
            quantity=item.refunded,
            amounts=item.amounts.as_json(),
            data={"order_item_id": item.order_item_id} | item.data,
        )
    payload = {"alt_refund_id": alt_refund_id, "refund_authorization_id": refund.refund_id}
    OrderEvent.note(order, EventKind.REFUND_CREATED, at, payload, key=alt_refund_id)
    return refund


def start_processing(refund: Refund, at: datetime) -> None:
    refund.status = RefundStatus.PROCESSING
    refund.processing_at = at
    refund.save(update_fields=["status", "processing_at"])
    OrderEvent.note(refund.order, EventKind.REFUND_PROCESSING, at, {"alt_refund_id": refund.alt_refund_id})


def accept(refund: Refund, at: datetime) -> None:
    """The shopper has the money. Raises Refused for a decided refund."""
    _close(refund, RefundStatus.ACCEPTED, EventKind.REFUND_ACCEPTED, at)


def reject(refund: Refund, status: RefundStatus, at: datetime) -> None:
    """Jet or the bank says no. Raises Refused for a decided refund."""
    _close(refund, status, EventKind.REFUND_REJECTED, at)


def decide(refund: Refund, status: RefundStatus, at: datetime) -> None:
    """Move a refund by hand to any later state. Raises Refused."""
    if status == RefundStatus.ACCEPTED:
        accept(refund, at)
    elif status in REJECTED:
        reject(refund, status, at)
    elif status == RefundStatus.PROCESSING and refund.status == RefundStatus.CREATED:
        start_processing(refund, at)
    else:
        raise Refused(f"A refund in the state '{refund.status}' cannot become '{status.value}'.")


def refund_record(refund: Refund) -> dict[str, Any]:
    """F2: the refund object."""
    return {
        "refund_authorization_id": refund.refund_id,
        "alt_refund_id": refund.alt_refund_id,
        "refund_status": refund.status,
        "merchant_order_id": refund.order.merchant_order_id,
        "reference_order_id": refund.order.reference_order_id,
        "reference_merchant_order_id": refund.order.reference_order_id,
        "alt_order_id": refund.order.alt_order_id,
        "items": [item.data for item in refund.items.all()],
    }


def with_status(merchant: MerchantAccount, word: str) -> QuerySet[Refund]:
    """F3: `rejected` names both kinds, a full text its own; without regard to case. Raises Refused (404)."""
    folded = word.casefold()
    statuses = [status for status in RefundStatus if status.value.casefold() == folded]
    if folded == "rejected":
        statuses = list(REJECTED)
    if not statuses:
        raise Refused(f"There is no refund status '{word}'.", status=404)
    return merchant.refunds.filter(status__in=statuses).order_by("created_at", "pk")


@processing.register
def move_on() -> None:
    """`created` to `processing` to `accepted`, each after the delay of `refund_step_seconds`."""
    waiting = Refund.objects.filter(status__in=OPEN)
    for merchant_pk in waiting.order_by().values_list("merchant_id", flat=True).distinct():
        merchant = MerchantAccount.objects.get(pk=merchant_pk)
        delay = Switches.of(merchant)["refund_step_seconds"]
        if delay >= 0:
            _move_all(merchant, timedelta(seconds=delay))


def _move_all(merchant: MerchantAccount, wait: timedelta) -> None:
    rows = merchant.refunds.select_related("order")
    fresh = rows.filter(status=RefundStatus.CREATED, created_at__lte=now() - wait)
    while fresh.exists():
        with transaction.atomic():
            for refund in fresh.order_by("created_at")[:BATCH]:
                start_processing(refund, refund.created_at + wait)
    started = rows.filter(status=RefundStatus.PROCESSING, processing_at__lte=now() - wait)
    while started.exists():
        with transaction.atomic():
            for refund in started.order_by("processing_at")[:BATCH]:
                accept(refund, (refund.processing_at or now()) + wait)


def _close(refund: Refund, status: RefundStatus, kind: EventKind, at: datetime) -> None:
    if refund.status not in OPEN:
        raise Refused(f"The refund is in the state '{refund.status}'.")
    refund.status = status
    refund.closed_at = at
    refund.save(update_fields=["status", "closed_at"])
    OrderEvent.note(
        refund.order, kind, at, {"alt_refund_id": refund.alt_refund_id, "refund_status": status.value}
    )


def _refundable(item: OrderItem) -> RefundableLine:
    units = min(item.shipped, item.quantity)
    alive = RefundItem.objects.filter(order_item=item).exclude(parent__status__in=REJECTED)
    given = Amounts()
    for row in alive:
        given += Amounts.from_json(row.amounts)
    return RefundableLine(
        order_item_id=item.order_item_id,
        alt_order_item_id=item.alt_order_item_id,
        paid_units=units,
        refunded_units=sum(row.quantity for row in alive),
        paid=paid_for(item, units),
        refunded=given,
        is_under_return=_is_under_return(item),
    )


def _is_under_return(item: OrderItem) -> bool:
    """Does a return cover the line? One that the merchant refused, completing it with nothing, does not."""
    for row in ReturnItem.objects.filter(order_item=item).select_related("parent"):
        is_refused = row.parent.status == ReturnStatus.COMPLETED and not (
            row.refunded and Amounts.from_json(row.refunded).total
        )
        if not is_refused:
            return True
    return False
