"""Shipping and cancelling units: checked and stored here, sent by the job `orders.ship`, recorded here again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.enums import Priority
from jetsync.exceptions import StateConflict
from jetsync.jet.words.orders import OrderStatus
from jetsync.models import Job, Merchant, Operation
from jetsync.queries.settings import get_options
from jetsync.resting import check_not_resting
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.managers import bulk_create
from jetsync.wording import counted
from orders.actions.fetch import read_again
from orders.actions.states import NO_FAILURE, change_state, completed_columns, failure_columns
from orders.actions.stock import settle_units
from orders.actions.store import follow_store
from orders.actions.telling import tell_failed
from orders.enums import FailureReason, OrderState, ShipmentSource, ShipmentState
from orders.models import Order, Shipment, ShipmentLine
from orders.queries.job import Work, was_cancelled
from orders.queries.line import LineCount, line_counts
from orders.queries.order import lock_order
from orders.queries.parcels import orders_of_numbers
from orders.validators import LineInput, ShipmentInput, check_shipment
from orders.wording import hint_for

SWITCHED_OFF = "sending shipments to Jet is switched off."


def check_shippable(order: Order) -> None:
    """Raises StateConflict with the reason why nothing can be shipped or cancelled."""
    if order.is_shippable:
        return
    hint = (
        "Accept the order first." if order.state == OrderState.READY else "Shipped orders cannot be changed."
    )
    raise StateConflict(
        f"Order {order} is {order.get_state_display().lower()}; only acknowledged orders can be shipped.",
        hint=hint,
    )


@transaction.atomic
def ship_order(
    order: Order,
    data: ShipmentInput,
    *,
    actor: Actor,
    source: ShipmentSource = ShipmentSource.HERE,
    operation: Operation | None = None,
) -> Shipment:
    """Stores one shipment (or cancel message) and enqueues it. Units on their way count as gone.

    Raises InvalidInput with the fields at fault, StateConflict when the order is not open for shipping or the store rests.
    """
    order = lock_order(order.merchant, order.pk)
    if source != ShipmentSource.HERE or actor == SYSTEM:
        # A program tells what has happened; nobody is there to ask, and it waits with a store that rests.
        data = replace(data, confirms_late=True, confirms_tracking=True)
    else:
        check_not_resting(order.merchant)
    check_shippable(order)
    check_shipment(data, order, line_counts(order), other_order=_other_order(order, data))
    shipment = _store(order, data, actor, source)
    order.save(update_fields=["updated_at"])  # its open units changed: who asks for changes must see it
    job = send_shipment(shipment, operation=operation)
    record(
        order.merchant,
        "orders.shipment.created",
        _created_sentence(order, data, is_sent=job is not None),
        actor=actor,
        about=order,
        new={"alt_shipment_id": shipment.alt_shipment_id, "tracking": shipment.tracking_number},
        job=job,
        operation=operation,
    )
    return shipment


def _other_order(order: Order, data: ShipmentInput) -> str:
    """Another order whose parcel carries the number; "" when there is none, or nobody is to be asked."""
    number = data.tracking_number.strip()
    if data.confirms_tracking or not number:
        return ""
    found = orders_of_numbers(order.merchant, {number})[number]
    return next((name for pk, name in found.items() if pk != order.pk), "")


def _created_sentence(order: Order, data: ShipmentInput, *, is_sent: bool) -> str:
    shipped = sum(line.quantity for line in data.lines)
    cancelled = sum(line.cancel_quantity for line in data.lines)
    parts = [f"{shipped} shipped"] if shipped else []
    parts += [f"{cancelled} cancelled"] if cancelled else []
    told = f"Shipment of order {order}: {' and '.join(parts)}"
    return f"{told}, on its way to Jet." if is_sent else f"{told}; it waits: {SWITCHED_OFF}"


def _store(order: Order, data: ShipmentInput, actor: Actor, source: ShipmentSource) -> Shipment:
    shipment = Shipment.objects.create(
        merchant=order.merchant,
        order=order,
        source=source,
        carrier=data.carrier if data.ships else "",
        method=data.method if data.ships else "",
        tracking_number=data.tracking_number.strip(),
        shipped_at=data.shipped_at,
        expected_delivery_at=data.expected_delivery_at,
        pick_up_at=data.pick_up_at,
        ship_from_zip=data.ship_from_zip,
        created_by=actor.label[:150],
    )
    # Known only now: the id names our own row, so that a second send of it is recognisable at Jet.
    shipment.alt_shipment_id = f"{order}-{shipment.pk}"
    shipment.save(update_fields=["alt_shipment_id"])
    filled = [line for line in data.lines if not line.is_empty]
    bulk_create(ShipmentLine, [_line_row(shipment, line) for line in filled])
    return shipment


def _line_row(shipment: Shipment, line: LineInput) -> ShipmentLine:
    wants = line.wants_location and line.quantity > 0
    return ShipmentLine(
        merchant_id=shipment.merchant_id,
        shipment=shipment,
        line_id=line.line_id,
        quantity=line.quantity,
        cancel_quantity=line.cancel_quantity,
        rma_number=(line.rma_number or _new_rma(shipment)) if wants else "",
        days_to_return=line.days_to_return if wants else None,
        return_location=dict(line.return_location) if wants and line.return_location else None,
    )


def _new_rma(shipment: Shipment) -> str:
    """Short enough to be written on a parcel, random enough not to be guessed."""
    return f"RMA-{shipment.pk}-{secrets.token_hex(2).upper()}"


def send_shipment(shipment: Shipment, *, operation: Operation | None = None) -> Job | None:
    """The job that tells Jet; None while sending is switched off, then the sweep sends it later."""
    if not get_options(shipment.merchant).send_tracking:
        return None
    return enqueue(
        shipment.merchant,
        "orders.ship",
        str(shipment.pk),
        priority=Priority.NOW,
        about=shipment.order,
        operation=operation,
    )


def cancel_input(counts: Sequence[LineCount]) -> ShipmentInput:
    """A message that ships nothing and cancels all that is left."""
    lines = [LineInput(count.line.pk, cancel_quantity=count.remaining) for count in counts if count.remaining]
    return ShipmentInput(lines=tuple(lines), confirms_cancel=True)


@transaction.atomic
def cancel_rest(order: Order, *, actor: Actor, operation: Operation | None = None) -> Shipment:
    """Cancels every unit that is neither shipped nor cancelled. The caller has asked for confirmation."""
    order = lock_order(order.merchant, order.pk)
    check_shippable(order)
    data = cancel_input(line_counts(order))
    if not data.lines:
        raise StateConflict(f"Every unit of order {order} is shipped, cancelled or on its way to Jet.")
    return ship_order(order, data, actor=actor, operation=operation)


@transaction.atomic
def resend_shipment(shipment: Shipment, *, actor: Actor) -> Shipment:
    """Sends a refused shipment again, if its units are still free. Raises StateConflict for any other."""
    waiting = _locked(shipment.merchant, shipment.pk)
    if waiting.state != ShipmentState.REFUSED:
        raise StateConflict(
            f"Shipment {waiting} of order {waiting.order} is not refused: {waiting.get_state_display().lower()}.",
            hint="Only a shipment that Jet refused, or whose job was cancelled, can be sent again.",
        )
    check_not_resting(waiting.merchant)
    shipment = reclaim_units(shipment.merchant, shipment.pk)
    job = send_shipment(shipment)
    record(
        shipment.merchant,
        "orders.shipment.resent",
        resent_sentence(shipment, is_sent=job is not None),
        actor=actor,
        about=shipment.order,
        job=job,
    )
    return shipment


def resent_sentence(shipment: Shipment, *, is_sent: bool) -> str:
    if is_sent:
        return f"Shipment {shipment} of order {shipment.order} is sent again."
    return f"Shipment {shipment} of order {shipment.order} waits: {SWITCHED_OFF}"


@transaction.atomic
def reclaim_units(merchant: Merchant, pk: int) -> Shipment:
    """Takes the units of a refused shipment back into it. Raises StateConflict when they are gone meanwhile."""
    shipment = _locked(merchant, pk)
    if shipment.state != ShipmentState.REFUSED:
        return shipment
    check_shippable(shipment.order)
    left = {count.line.pk: count.remaining for count in line_counts(shipment.order)}
    for row in shipment.lines.select_related("line"):
        if row.quantity + row.cancel_quantity > left.get(row.line_id, 0):
            free = counted(left.get(row.line_id, 0), "unit")
            raise StateConflict(
                f"Shipment {shipment}: {row.line.sku} has only {free} left.",
                hint="Other shipments have taken them meanwhile. Enter a new shipment.",
            )
    shipment.state, shipment.failure_message, shipment.failure_hint = ShipmentState.QUEUED, "", ""
    shipment.save(update_fields=["state", "failure_message", "failure_hint"])
    shipment.order.save(update_fields=["updated_at"])
    return shipment


def _locked(merchant: Merchant, pk: int) -> Shipment:
    """The shipment below its order's lock. Everything about shipments is decided under that one lock."""
    order_id = Shipment.objects.values_list("order_id", flat=True).get(merchant=merchant, pk=pk)
    order = lock_order(merchant, order_id)
    shipment = Shipment.objects.get(merchant=merchant, pk=pk)
    shipment.order = order
    return shipment


@transaction.atomic
def send_waiting(merchant: Merchant, pk: int) -> None:
    """For the sweep: sends a shipment that was left lying. One whose job a person cancelled gives its units back."""
    shipment = _locked(merchant, pk)
    if shipment.state not in {ShipmentState.QUEUED, ShipmentState.CHECKING}:
        return
    work = Work("orders.ship", Order, shipment.order_id, key=pk)
    is_on_the_wire = shipment.state == ShipmentState.CHECKING  # then Jet is asked first, cancelled or not
    if is_on_the_wire or not was_cancelled(merchant, work):
        send_shipment(shipment)
        return
    _give_back(shipment)


@transaction.atomic
def cancel_waiting(merchant: Merchant, pk: int) -> bool:
    """A person cancelled its job: the units are free again. False for one that may have arrived: it keeps them."""
    shipment = _locked(merchant, pk)
    if shipment.state == ShipmentState.QUEUED:
        _give_back(shipment)
    return shipment.state == ShipmentState.REFUSED


def _give_back(shipment: Shipment) -> None:
    shipment.state = ShipmentState.REFUSED
    shipment.failure_message, shipment.failure_hint = "Its job was cancelled before it was sent.", ""
    shipment.save(update_fields=["state", "failure_message", "failure_hint"])
    shipment.order.save(update_fields=["updated_at"])
    record(
        shipment.merchant,
        "orders.shipment.cancelled",
        f"Shipment {shipment} of order {shipment.order} was cancelled before it was sent.",
        actor=SYSTEM,
        about=shipment.order,
    )


@transaction.atomic
def mark_checking(merchant: Merchant, pk: int) -> None:
    """Written before the call: whatever happens to the worker or the line, the next try looks at Jet first."""
    Shipment.objects.filter(merchant=merchant, pk=pk, state=ShipmentState.QUEUED).update(
        state=ShipmentState.CHECKING
    )


@transaction.atomic
def take_back(merchant: Merchant, pk: int) -> None:
    """The call surely had no effect at Jet: the shipment waits again as if it had not been tried."""
    Shipment.objects.filter(merchant=merchant, pk=pk, state=ShipmentState.CHECKING).update(
        state=ShipmentState.QUEUED
    )


@transaction.atomic
def mark_sent(merchant: Merchant, pk: int, *, job: Job | None = None) -> Order:
    """Jet took the shipment. The order's state follows from the units, then its documents. Twice is harmless."""
    shipment = _locked(merchant, pk)
    order = shipment.order
    if shipment.state != ShipmentState.SENT:
        shipment.state, shipment.sent_at = ShipmentState.SENT, timezone.now()
        shipment.failure_message = shipment.failure_hint = ""
        shipment.save(update_fields=["state", "sent_at", "failure_message", "failure_hint"])
        settle_units(order, shipment.lines.select_related("line"))
        record(
            merchant,
            "orders.shipment.sent",
            f"Jet has shipment {shipment} of order {order}.",
            actor=SYSTEM,
            about=order,
            job=job,
        )
    order.seen_at = timezone.now()
    order.save(update_fields=["seen_at"])
    _follow_units(order, job)
    follow_store(order, job=job)
    return order


def _follow_units(order: Order, job: Job | None) -> None:
    counts = line_counts(order)
    is_done = all(count.is_accounted for count in counts)
    new = OrderState.COMPLETE if is_done else OrderState.IN_PROGRESS
    word = OrderStatus.COMPLETE if is_done else OrderStatus.INPROGRESS
    if not order.is_shippable or order.state == new:
        return
    sentence = (
        f"Order {order} is complete: nothing is left." if is_done else f"Order {order} is partly shipped."
    )
    change_state(
        order,
        new,
        sentence,
        actor=SYSTEM,
        job=job,
        jet_status=word,
        **NO_FAILURE,
        **completed_columns(new),
    )
    if is_done:
        read_again(order)  # the sweep looks at open orders only; nothing else would bring what Jet made of it


@transaction.atomic
def mark_shipment_refused(job: Job) -> None:
    """The job gave up: the shipment keeps Jet's words and gives its units back.

    One whose arrival is unknown keeps its units: were they shipped again, Jet would count them twice. The sweep looks
    at Jet and goes on.
    """
    shipment = _locked(job.merchant, int(job.key))
    if shipment.state == ShipmentState.SENT:
        return
    order = shipment.order
    hint = "jetsync looks at Jet every 5 minutes before it sends it again."
    if shipment.state != ShipmentState.CHECKING:
        shipment.state = ShipmentState.REFUSED
        hint = job.hint or hint_for(FailureReason.SHIPMENT_REFUSED)
    shipment.failure_message, shipment.failure_hint = job.message[:500], hint[:500]
    shipment.save(update_fields=["state", "failure_message", "failure_hint"])
    for name, value in failure_columns(FailureReason.SHIPMENT_REFUSED, job.message, hint).items():
        setattr(order, name, value)
    order.save(update_fields=["failure_reason", "failure_message", "failure_hint", "updated_at"])
    record(
        order.merchant,
        "orders.shipment.refused",
        f"Shipment {shipment} of order {order} did not get through: {job.message}",
        actor=SYSTEM,
        about=order,
        job=job,
    )
    tell_failed(
        order,
        f"orders.shipment_refused.{shipment.pk}",
        f"Order {order}: a shipment did not get through",
        body=job.message,
    )
