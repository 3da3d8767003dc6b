"""Shipping the parcels of a list: an operation with a row per parcel, each shipped once and with its own end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from catalog.bulk import update_rows
from jetsync.actions.operation import RowSpec, finish_rows, mark_running, refresh_progress, start_operation
from jetsync.enums import Priority, RowState
from jetsync.exceptions import DomainError
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.queries.settings import get_options
from jetsync.resting import check_not_resting
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind, retry_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.actions.list_rows import ORDER, follow_shipment
from orders.actions.shipment import ship_order
from orders.models import Shipment
from orders.parcel_check import Parcel, judge_parcels
from orders.parcels import ParcelRow
from orders.proposal import ParcelFacts, parcel_input
from orders.queries.order import lock_order
from orders.queries.parcels import has_number
from orders.validators import LineInput

SHIP_MANY = "orders.ship_many"

operation_kind(SHIP_MANY, right=Right.ORDERS_SHIP)


@transaction.atomic
def ship_many(
    merchant: Merchant,
    rows: Sequence[ParcelRow],
    *,
    actor: Actor,
    ship_on: date | None = None,
    shares: bool = False,
    confirms_tracking: bool = False,
) -> Operation:
    """Judges the rows once more and starts shipping those that can be; the others end at once with their reason.

    A row per parcel (an order and a tracking number). Sent twice, the second list finds every number on its order and
    skips it. `shares`: one number may stand on several orders. `confirms_tracking`: the doubtful numbers are
    right as they stand.
    """
    check_not_resting(merchant)
    confirmed = {"shares": shares, "confirms_tracking": confirms_tracking}
    parcels = judge_parcels(merchant, rows, ship_on=ship_on, **confirmed)
    specs = [_spec(parcel) for parcel in parcels]
    title = f"Ship {counted(len(parcels), 'parcel')}"
    data = {"ship_on": ship_on.isoformat() if ship_on else "", **confirmed}
    operation = start_operation(merchant, SHIP_MANY, title, actor=actor, rows=specs, data=data)
    mark_running(operation)
    ends = [
        _unready_end(row, parcel)
        for row, parcel in zip(_rows(operation), parcels, strict=True)
        if not parcel.is_ready
    ]
    update_rows(OperationRow, merchant, ("state", "code", "message", "hint"), ends, touch="updated_at")
    if any(parcel.is_ready for parcel in parcels):
        enqueue(merchant, SHIP_MANY, str(operation.pk), priority=Priority.NOW, operation=operation)
    return refresh_progress(operation)


def _rows(operation: Operation) -> list[OperationRow]:
    return list(
        OperationRow.objects.filter(merchant=operation.merchant_id, operation=operation).order_by("pk")
    )


def _spec(parcel: Parcel) -> RowSpec:
    facts = parcel.facts
    return RowSpec(
        ORDER,
        parcel.order.pk if parcel.order else None,
        parcel.label,
        line=parcel.rows[0].line,
        data={
            "given": [row.given() for row in parcel.rows],
            "lines": [row.line for row in parcel.rows],
            "carrier": facts.carrier,
            "method": facts.method,
            "tracking_number": facts.tracking_number,
            "units": [[line.line_id, line.quantity] for line in facts.lines],
        },
    )


def _unready_end(row: OperationRow, parcel: Parcel) -> dict[str, object]:
    if parcel.is_done:
        end = (RowState.SKIPPED.value, "already_shipped", _already(parcel), "")
    else:
        end = (RowState.FAILED.value, "not_shippable", parcel.fault, parcel.hint)
    state, code, message, hint = end
    return {"id": row.pk, "state": state, "code": code, "message": message[:1000], "hint": hint[:500]}


def _already(parcel: Parcel) -> str:
    return f"Order {parcel.order} was shipped with this number already."


@transaction.atomic
def ship_row(operation: Operation, pk: int, *, actor: Actor) -> None:
    """Ships the parcel of one row, once: the row's lock and the order's decide. What a rule forbids ends the row."""
    row = OperationRow.objects.select_for_update(of=("self",)).get(merchant=operation.merchant_id, pk=pk)
    if row.state != RowState.WAITING:
        return
    try:
        with transaction.atomic():
            shipment = _ship(operation, row, actor)
    except DomainError as refused:
        finish_rows(
            operation, [pk], RowState.FAILED, code=refused.code, message=refused.message, hint=refused.hint
        )
        return
    if shipment is None:
        finish_rows(
            operation,
            [pk],
            RowState.SKIPPED,
            code="already_shipped",
            message="The order was shipped with this number already.",
        )
        return
    follow_shipment(row, shipment)


def _ship(operation: Operation, row: OperationRow, actor: Actor) -> Shipment | None:
    order = lock_order(operation.merchant, int(row.object_id or 0))
    data = row.data
    if has_number(order, data["tracking_number"]):
        return None
    facts = ParcelFacts(
        data["carrier"],
        data["method"],
        data["tracking_number"],
        [LineInput(line, quantity) for line, quantity in data["units"]],
    )
    parcel = parcel_input(
        order, get_options(operation.merchant), facts, timezone.now(), ship_on=_ship_on(operation)
    )
    return ship_order(order, parcel, actor=actor, operation=operation)


def _ship_on(operation: Operation) -> date | None:
    text = operation.data.get("ship_on")
    return date.fromisoformat(text) if text else None


@retry_with(SHIP_MANY)
def _retry(operation: Operation, actor: Actor) -> Operation:
    """The failed rows as they were given, judged anew: what was wrong may have been mended meanwhile."""
    rows = [
        ParcelRow(line, **_fields(given))
        for row in _rows(operation)
        if row.state == RowState.FAILED
        for line, given in zip(row.data["lines"], row.data["given"], strict=True)
    ]
    return ship_many(
        operation.merchant,
        rows,
        actor=actor,
        ship_on=_ship_on(operation),
        shares=bool(operation.data.get("shares")),
        confirms_tracking=bool(operation.data.get("confirms_tracking")),
    )


def _fields(given: dict[str, str]) -> dict[str, str]:
    return {name.removesuffix(" number"): value for name, value in given.items()}
