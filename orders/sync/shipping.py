"""Telling Jet what left and what was cancelled, exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from jetsync.actions.operation import NOT_SENT, finish_rows, refresh_progress
from jetsync.enums import RowState
from jetsync.jet import errors
from jetsync.jet.types.orders import AddressBody, ShipmentBody, ShipmentItemBody, ShippedBody
from jetsync.models import Job, OperationRow
from jetsync.sync.failures import PermanentFailure
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from orders.actions.list_rows import SHIPMENT
from orders.actions.shipment import (
    cancel_waiting,
    mark_checking,
    mark_sent,
    mark_shipment_refused,
    reclaim_units,
    take_back,
)
from orders.enums import ShipmentState
from orders.models import Shipment, ShipmentLine
from orders.queries.shipment import get_shipment
from orders.sync.reading import jet_of, refresh_order


def shipment_failed(job: Job) -> None:
    fresh = Job.objects.select_related("merchant", "operation").get(pk=job.pk, merchant=job.merchant_id)
    mark_shipment_refused(fresh)
    _end_row(fresh, RowState.FAILED, code=fresh.code, message=fresh.message, hint=fresh.hint)


def shipment_cancelled(job: Job) -> None:
    if cancel_waiting(job.merchant, int(job.key)):
        _end_row(job, RowState.CANCELLED, message=NOT_SENT)
        return
    _end_row(
        job,
        RowState.FAILED,
        code="may_have_arrived",
        message="Cancelled while Jet's answer was open: it may have arrived.",
        hint="jetsync looks at Jet within 5 minutes; the order shows what Jet has.",
    )


def _end_row(job: Job, state: RowState, **result: str) -> None:
    """The row of the list that this shipment came with, if it came with one. Rows of orders have other ids."""
    if job.operation is None:
        return
    rows = OperationRow.objects.filter(
        merchant=job.merchant_id, operation=job.operation, object_type=SHIPMENT, object_id=int(job.key)
    )
    finish_rows(job.operation, list(rows.values_list("pk", flat=True)), state, **result)
    refresh_progress(job.operation)


@handler(
    "orders.ship",
    label="Send a shipment",
    right=Right.ORDERS_SHIP,
    lease=timedelta(seconds=90),
    max_attempts=60,
    on_failure=shipment_failed,
    on_cancel=shipment_cancelled,
)
def send_shipment(ctx: JobContext) -> None:
    """Sends one shipment. Looks at Jet first when an earlier try may have arrived: the parcel may be there."""
    shipment = reclaim_units(ctx.merchant, int(ctx.job.key))
    if shipment.state != ShipmentState.SENT and (
        ctx.job.maybe_arrived or shipment.state == ShipmentState.CHECKING
    ):
        mark_checking(ctx.merchant, shipment.pk)
        shipment = _look(ctx, shipment)
    if shipment.state != ShipmentState.SENT:
        shipment = _send(ctx, shipment)
    order = mark_sent(ctx.merchant, shipment.pk, job=ctx.job)
    sentence = f"Jet has shipment {shipment}; order {order} is {order.get_state_display().lower()}."
    _end_row(ctx.job, RowState.DONE, message=sentence)
    ctx.note(sentence)


def _look(ctx: JobContext, shipment: Shipment) -> Shipment:
    """The shipment after Jet's own list was read: sent when Jet shows its id, waiting again when not."""
    refresh_order(ctx, shipment.order)
    take_back(ctx.merchant, shipment.pk)
    return get_shipment(ctx.merchant, shipment.pk)


def _send(ctx: JobContext, shipment: Shipment) -> Shipment:
    if not shipment.order.is_shippable:
        raise PermanentFailure(
            f"Order {shipment.order} is {shipment.order.get_state_display().lower()}, so Jet takes no shipment.",
            code="order_not_open",
        )
    jet, body = jet_of(ctx, shipment.order), shipped_body(shipment)
    mark_checking(ctx.merchant, shipment.pk)
    try:
        jet.orders.ship(shipment.order.merchant_order_id, body)
    except (errors.JetBadRequest, errors.JetConflict, errors.JetNotFound):
        seen = _look(ctx, shipment)
        if seen.state != ShipmentState.SENT:
            raise
        return seen
    except errors.JetError as exc:
        if not exc.may_have_arrived:
            take_back(ctx.merchant, shipment.pk)
        raise
    return shipment


def shipped_body(shipment: Shipment) -> ShippedBody:
    """The message of `PUT /orders/{id}/shipped` (protocol: orders, 3.6). A pure cancel carries only its id."""
    rows = list(
        ShipmentLine.objects.filter(merchant=shipment.merchant_id, shipment=shipment).select_related("line")
    )
    entry: ShipmentBody = {
        "alt_shipment_id": shipment.alt_shipment_id,
        "shipment_items": [_item(shipment, row) for row in rows],
    }
    if any(row.quantity for row in rows):
        _add_parcel(entry, shipment)
    body: ShippedBody = {"shipments": [entry]}
    if shipment.order.alt_order_id:
        body["alt_order_id"] = shipment.order.alt_order_id
    return body


def _add_parcel(entry: ShipmentBody, shipment: Shipment) -> None:
    entry["carrier"] = shipment.carrier
    entry["shipment_tracking_number"] = shipment.tracking_number
    if shipment.method:
        entry["response_shipment_method"] = shipment.method
    if shipment.ship_from_zip:
        entry["ship_from_zip_code"] = shipment.ship_from_zip
    if shipment.shipped_at:
        entry["response_shipment_date"] = shipment.shipped_at
    if shipment.expected_delivery_at:
        entry["expected_delivery_date"] = shipment.expected_delivery_at
    if shipment.pick_up_at:
        entry["carrier_pick_up_date"] = shipment.pick_up_at


def _item(shipment: Shipment, row: ShipmentLine) -> ShipmentItemBody:
    item: ShipmentItemBody = {
        "alt_shipment_item_id": f"{shipment.alt_shipment_id}-{row.pk}",
        "merchant_sku": row.line.sku,
        "response_shipment_sku_quantity": row.quantity,
        "response_shipment_cancel_qty": row.cancel_quantity,
    }
    if row.rma_number:
        item["RMA_number"] = row.rma_number
    if row.days_to_return:
        item["days_to_return"] = row.days_to_return
    if row.return_location:
        item["return_location"] = cast(AddressBody, row.return_location)
    return item
