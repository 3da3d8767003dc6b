"""What a call leaves behind: the times and the last error on the connection, and with logging a line in the list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.actions.retention import History, keep_history
from jetsync.enums import NoticeLevel
from jetsync.exceptions import DomainError
from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from orders.models import Order, ShipStationCall, ShipStationConnection
from orders.pages import order_url
from orders.shipstation.words import CallAction

LEFT_OUT = "orders.shipstation.left_out"
CALLS_FOR = timedelta(days=30)
# Strangers may knock; more than one line a minute about it helps nobody.
REFUSALS_EVERY = timedelta(minutes=1)


@dataclass
class CallRecord:
    """Filled while a call is answered."""

    action: CallAction = CallAction.OTHER
    status: int = 200
    orders: int = 0
    about: str = ""
    message: str = ""
    columns: dict[str, Any] = field(default_factory=dict)


def note_call(connection: ShipStationConnection, call: CallRecord, duration_ms: int) -> None:
    """One update, and one row while logging is on."""
    now = timezone.now()
    columns = dict(call.columns)
    if call.status < 400:  # noqa: PLR2004 -- HTTP
        columns |= {"last_export_at": now} if call.action == CallAction.EXPORT else {}
        columns |= {"last_notice_at": now} if call.action == CallAction.NOTICE else {}
    else:
        columns |= {"last_error_at": now, "last_error": call.message[:500]}
    ShipStationConnection.objects.filter(pk=connection.pk, merchant=connection.merchant_id).update(**columns)
    if connection.keeps_log:
        _keep(connection, call, duration_ms)


def note_refusal(connection: ShipStationConnection, message: str) -> None:
    """Wrong user name or key. The merchant sees it, because a wrong key in ShipStation is the usual reason."""
    now = timezone.now()
    quiet = Q(last_error_at=None) | Q(last_error_at__lt=now - REFUSALS_EVERY)
    told = ShipStationConnection.objects.filter(
        quiet, pk=connection.pk, merchant=connection.merchant_id
    ).update(last_error_at=now, last_error=message)
    if told and connection.keeps_log:
        _keep(connection, CallRecord(status=401, message=message), 0)


def note_left_out(merchant: Merchant, order: Order, reason: DomainError) -> None:
    """An order that cannot be exported: told once per order and reason, however often it is asked for."""
    known = LogEntry.objects.filter(
        merchant=merchant, action=LEFT_OUT, object_type=order._meta.label_lower, object_id=order.pk
    )
    if known.filter(message=reason.message[:500]).exists():
        return
    order.merchant = merchant  # its address names it
    record(merchant, LEFT_OUT, reason.message, actor=SYSTEM, about=order)
    notify(
        merchant,
        f"orders.shipstation_left_out.{order.pk}",
        f"Order {order} was not given to ShipStation",
        level=NoticeLevel.WARNING,
        body=f"{reason.message} {reason.hint}",
        url=order_url(order),
    )


def _keep(connection: ShipStationConnection, call: CallRecord, duration_ms: int) -> None:
    ShipStationCall.objects.create(
        merchant_id=connection.merchant_id,
        action=call.action,
        status=call.status,
        orders=call.orders,
        duration_ms=duration_ms,
        about=call.about[:200],
        message=call.message[:500],
    )


def _old_calls(now: Any) -> QuerySet[ShipStationCall]:
    return ShipStationCall.objects.filter(created_at__lt=now - CALLS_FOR)


keep_history(History("shipstation_calls", _old_calls))
