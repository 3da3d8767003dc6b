"""Returns: how one is opened, answered by the merchant and finished. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from jetsync.sandbox import processing
from jetsync.sandbox.clock import now
from jetsync.sandbox.dice import shared as dice
from jetsync.sandbox.http import net_time
from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.marketplace.messages import CompletedItem, Completion, ReturnedLine
from jetsync.sandbox.marketplace.money import Amounts, cents, paid_for
from jetsync.sandbox.marketplace.words import RETURN_REASONS, RefundStatus, ReturnStatus
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.order import EventKind, Order, OrderEvent, OrderItem
from jetsync.sandbox.models.refund import RefundItem
from jetsync.sandbox.models.return_ import Return, ReturnItem
from jetsync.sandbox.switches import Switches

CARRIERS = ("FedEx", "UPS", "USPS")
BATCH = 500


def returnable_units(item: OrderItem) -> int:
    """Units shipped and neither sent back nor refunded yet."""
    back = ReturnItem.objects.filter(order_item=item).aggregate(total=Sum("quantity"))["total"] or 0
    alive = RefundItem.objects.filter(order_item=item).exclude(
        parent__status__in=(RefundStatus.REJECTED_CARD, RefundStatus.REJECTED_POLICY)
    )
    refunded = alive.aggregate(total=Sum("quantity"))["total"] or 0
    return max(0, min(item.shipped, item.quantity) - back - refunded)


def open_return(
    order: Order,
    at: datetime,
    *,
    quantities: Mapping[str, int] | None = None,
    reason: str | None = None,
    refund_without_return: bool = False,
) -> Return:
    """The shopper opens a return of `{order_item_id: units}`, or of everything that can go back.

    Raises Refused when nothing of it was shipped, or not that many units.
    """
    lines = []
    for item in order.items.all():
        possible = returnable_units(item)
        units = possible if quantities is None else quantities.get(item.order_item_id, 0)
        if units > possible:
            raise Refused(f"{item.merchant_sku}: {possible} units can be returned, not {units}.")
        if units:
            lines.append((item, units))
    if not lines:
        raise Refused("The order holds no shipped unit that could be returned.")
    opened = _new_return(order, at, refund_without_return=refund_without_return)
    for item, units in lines:
        ReturnItem.objects.create(
            parent=opened,
            order_item=item,
            quantity=units,
            reason=reason or dice.choice(RETURN_REASONS),
            requested=paid_for(item, units).as_json(),
        )
    OrderEvent.note(order, EventKind.RETURN_CREATED, at, {"return_url": opened.url})
    return opened


def complete_return(opened: Return, message: Completion, at: datetime) -> None:
    """The merchant's answer. Raises Refused when there was one before."""
    if opened.status != ReturnStatus.CREATED:
        raise Refused(f"The return is in the state '{opened.status}' and was completed before.")
    items = {item.order_item.order_item_id: item for item in opened.items.select_related("order_item")}
    for answer in message.items:
        item = items[answer.order_item_id]
        item.refunded_quantity = answer.refunded
        item.refunded = answer.amounts.as_json()
        item.save(update_fields=["refunded_quantity", "refunded"])
    opened.status = ReturnStatus.IN_PROGRESS
    opened.answered_at = at
    opened.agree_to_return_charge = message.agrees
    opened.return_charge_feedback = message.feedback
    opened.reported = [{"order_item_id": answer.order_item_id} | answer.data for answer in message.items]
    opened.save()
    payload = {"return_url": opened.url, "items": opened.reported}
    OrderEvent.note(opened.order, EventKind.RETURN_ANSWERED, at, payload, key=opened.return_id)


def finish_return(opened: Return, at: datetime) -> None:
    """Jet is through with it."""
    if opened.status != ReturnStatus.IN_PROGRESS:
        raise Refused(f"The return is in the state '{opened.status}'.")
    opened.status = ReturnStatus.COMPLETED
    opened.completed_at = at
    opened.save(update_fields=["status", "completed_at"])
    OrderEvent.note(opened.order, EventKind.RETURN_COMPLETED, at, {"return_url": opened.url})


def complete_as_jet(opened: Return, at: datetime) -> None:
    """Jet completes for a merchant who did not answer: everything requested is refunded. Raises Refused."""
    if opened.status != ReturnStatus.CREATED:
        raise Refused(f"The return is in the state '{opened.status}'.")
    for item in opened.items.select_related("order_item"):
        item.refunded_quantity = item.quantity
        item.refunded = item.requested
        item.save(update_fields=["refunded_quantity", "refunded"])
    opened.status = ReturnStatus.IN_PROGRESS
    opened.agree_to_return_charge = True
    opened.reported = [_jets_answer(item) for item in opened.items.select_related("order_item")]
    opened.save()
    finish_return(opened, at)


def requested_lines(opened: Return) -> list[ReturnedLine]:
    return [
        ReturnedLine(
            order_item_id=item.order_item.order_item_id,
            alt_order_item_id=item.order_item.alt_order_item_id,
            quantity=item.quantity,
            requested=Amounts.from_json(item.requested),
        )
        for item in opened.items.select_related("order_item")
    ]


def full_completion(opened: Return) -> Completion:
    """The answer that gives the shopper all he asked for, as the portal's button sends it."""
    items = tuple(
        CompletedItem(
            line.order_item_id,
            line.quantity,
            line.quantity,
            line.requested,
            {
                "total_quantity_returned": line.quantity,
                "order_return_refund_qty": line.quantity,
                "refund_amount": line.requested.as_json(),
            },
        )
        for line in requested_lines(opened)
    )
    return Completion(agrees=True, feedback=None, items=items)


def return_record(opened: Return) -> dict[str, Any]:
    """R2: the return object; `items` stays empty until the merchant answered."""
    order = opened.order
    record: dict[str, Any] = {
        "merchant_return_authorization_id": opened.return_id,
        "reference_return_authorization_id": opened.reference_id,
        "return_status": opened.status,
        "refund_without_return": opened.refund_without_return,
        "merchant_order_id": order.merchant_order_id,
        "reference_order_id": order.reference_order_id,
        "alt_order_id": order.alt_order_id,
        "return_date": net_time(opened.opened_at, zulu=True),
        "shipping_carrier": opened.shipping_carrier,
        "tracking_number": opened.tracking_number,
        "merchant_return_charge": float(opened.return_charge),
        "return_location": opened.return_location,
        "return_merchant_SKUs": [_requested(item) for item in opened.items.select_related("order_item")],
        "items": opened.reported,
    }
    if opened.completed_at is not None:
        record["completed_date"] = net_time(opened.completed_at, zulu=True)
    if opened.agree_to_return_charge is not None:
        record["agree_to_return_charge"] = opened.agree_to_return_charge
    if opened.return_charge_feedback:
        record["return_charge_feedback"] = opened.return_charge_feedback
    return record


@processing.register
def finish_answered() -> None:
    """`inprogress` to `completed by merchant` after the delay of the switch."""
    _step(
        Return.objects.filter(status=ReturnStatus.IN_PROGRESS), "answered_at", "return_processing_seconds", 1
    )


@processing.register
def complete_late() -> None:
    """Jet completes returns nobody answered, where the switch `return_answer_days` asks for it."""
    _step(Return.objects.filter(status=ReturnStatus.CREATED), "opened_at", "return_answer_days", 86400)


def _step(rows: Any, since: str, switch: str, unit_seconds: int) -> None:
    """Move every return whose time is up; a negative delay (or zero days) waits for ever."""
    act = finish_return if since == "answered_at" else complete_as_jet
    for merchant_pk in rows.order_by().values_list("merchant_id", flat=True).distinct():
        merchant = MerchantAccount.objects.get(pk=merchant_pk)
        delay = Switches.of(merchant)[switch]
        if delay < 0 or (act is complete_as_jet and delay == 0):
            continue
        wait = timedelta(seconds=delay * unit_seconds)
        due = rows.filter(merchant=merchant, **{f"{since}__lte": now() - wait}).select_related("order")
        while due.exists():
            with transaction.atomic():
                for opened in due.order_by(since)[:BATCH]:
                    act(opened, getattr(opened, since) + wait)


def _new_return(order: Order, at: datetime, *, refund_without_return: bool) -> Return:
    number = order.returns.count() + 1
    charge = Decimal(0) if refund_without_return else Decimal(dice.randint(450, 999)) / 100
    return Return.objects.create(
        merchant_id=order.merchant_id,
        order=order,
        reference_id=f"{order.reference_order_id}-{number:02d}",
        refund_without_return=refund_without_return,
        opened_at=at,
        shipping_carrier=dice.choice(CARRIERS),
        tracking_number=str(dice.randrange(10**11, 10**12)),
        return_charge=cents(charge),
        return_location=_return_locations(order),
    )


def _return_locations(order: Order) -> list[dict[str, str]]:
    keys = ("address1", "address2", "city", "state", "zip_code")
    return [{key: getattr(place, key) for key in keys} for place in order.merchant.return_locations.all()[:1]]


def _requested(item: ReturnItem) -> dict[str, Any]:
    return {
        "order_item_id": item.order_item.order_item_id,
        "alt_order_item_id": item.order_item.alt_order_item_id,
        "merchant_sku": item.order_item.merchant_sku,
        "merchant_sku_title": item.order_item.product_title,
        "return_quantity": item.quantity,
        "reason": item.reason,
        "requested_refund_amount": item.requested,
    }


def _jets_answer(item: ReturnItem) -> dict[str, Any]:
    return {
        "order_item_id": item.order_item.order_item_id,
        "total_quantity_returned": item.quantity,
        "order_return_refund_qty": item.quantity,
        "refund_amount": item.requested,
    }
