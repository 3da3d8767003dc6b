"""Reads of the connection, of what is exported, and of what ShipStation reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from jetsync.exceptions import NotFound, StateConflict
from jetsync.ids import parse_id
from jetsync.models import Merchant
from orders.enums import HOLDING_SHIPMENTS, SHIPPABLE_STATES, OrderState, ShipmentSource
from orders.models import (
    Order,
    OrderLine,
    ShipmentLine,
    ShipStationCall,
    ShipStationCarrier,
    ShipStationConnection,
    ShipStationNotice,
)
from orders.queries.order import all_orders
from orders.shipstation.carriers import Rule
from orders.shipstation.words import OPEN_NOTICES, NoticeState, ShippedStatus, StatusWord


class TwoOrdersMeant(StateConflict):
    """The id and the number of a report name different orders."""

    code = "shipstation_two_orders"


def get_connection(merchant: Merchant) -> ShipStationConnection:
    """The merchant's connection; an unsaved one with the defaults before anything was set up."""
    found = ShipStationConnection.objects.filter(merchant=merchant).first()
    return found or ShipStationConnection(merchant=merchant)


def carrier_rules(merchant: Merchant) -> QuerySet[ShipStationCarrier]:
    return ShipStationCarrier.objects.filter(merchant=merchant)


def rules_of(merchant: Merchant) -> list[Rule]:
    rows = carrier_rules(merchant).values_list("carrier", "service", "jet_carrier")
    return [Rule(*row) for row in rows]


def calls_of(merchant: Merchant) -> QuerySet[ShipStationCall]:
    return ShipStationCall.objects.filter(merchant=merchant)


def notices_of(merchant: Merchant) -> QuerySet[ShipStationNotice]:
    return ShipStationNotice.objects.filter(merchant=merchant)


def get_notice(merchant: Merchant, pk: int) -> ShipStationNotice:
    """One report with its order. Raises NotFound."""
    found = notices_of(merchant).select_related("order", "order__account", "shipment").filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no report {pk} of ShipStation.")
    return found


def waiting_notices(merchant: Merchant) -> QuerySet[ShipStationNotice]:
    """Reports that a person has to look at. One without tracking number waits while its order can be shipped."""
    needs = Q(state=NoticeState.NEEDS_TRACKING, order__state__in=SHIPPABLE_STATES)
    return notices_of(merchant).filter(needs | Q(state=NoticeState.REFUSED))


def waiting_notices_of(order: Order) -> list[ShipStationNotice]:
    rows = ShipStationNotice.objects.filter(merchant=order.merchant_id, order=order, state__in=OPEN_NOTICES)
    return list(rows.order_by("pk"))


def find_reported_order(merchant: Merchant, order_id: str, order_number: str) -> Order | None:
    """The order that ShipStation means: by our own id if it gives one, else by the number we exported.

    Orders of both modes: a parcel that left has left, whatever mode the panel works in now. Raises TwoOrdersMeant when
    both lead to an order and not to the same: what is told to Jet cannot be taken back.
    """
    orders = Order.objects.filter(merchant=merchant).select_related("account")
    number = parse_id(order_id)
    by_id = orders.filter(pk=number).first() if number else None
    if not order_number:
        return by_id
    if by_id is not None and order_number.lower() in {
        by_id.reference_order_id.lower(),
        by_id.merchant_order_id,
    }:
        return by_id
    named = orders.filter(Q(reference_order_id=order_number) | Q(merchant_order_id=order_number.lower()))
    by_number = named.order_by(Case(When(account__mode=merchant.mode, then=0), default=1), "-pk").first()
    if by_id is not None and by_number is not None:
        raise TwoOrdersMeant(
            f"OrderID {order_id} is order {by_id}, and OrderNumber {order_number} is order {by_number}.",
            hint="Nothing was shipped. Enter the parcel at the order that it belongs to.",
        )
    return by_id or by_number


# --- the export ---------------------------------------------------------------------------------------------


def _reported_units() -> Subquery:
    """Units of one line (the outer row) that are shipped, cancelled or on their way to Jet."""
    rows = ShipmentLine.objects.filter(line=OuterRef("pk"), shipment__state__in=HOLDING_SHIPMENTS)
    return Subquery(
        rows.order_by().values("line").annotate(n=Sum(F("quantity") + F("cancel_quantity"))).values("n"),
        output_field=IntegerField(),
    )


def _held(order: OuterRef, **filters: int) -> QuerySet[ShipmentLine]:
    return ShipmentLine.objects.filter(
        shipment__order=order, shipment__state__in=HOLDING_SHIPMENTS, **filters
    )


def with_status_words(orders: QuerySet[Order], shipped_status: str) -> QuerySet[Order]:
    """Annotates `status_word`, a StatusWord: what the order is called towards ShipStation.

    An order all of whose units have left is called what the merchant chose, although Jet has not answered yet.
    """
    word = Case(
        *_status_cases(shipped_status), default=Value(StatusWord.IN_PROGRESS), output_field=CharField()
    )
    return orders.annotate(status_word=word)


def _status_cases(shipped_status: str) -> list[When]:
    """The first that holds decides."""
    open_lines = (
        OrderLine.objects.filter(order=OuterRef("pk"))
        .annotate(reported=Coalesce(_reported_units(), 0))
        .filter(reported__lt=Greatest("quantity", "cancel_requested"))
    )
    outer = OuterRef("pk")
    has_shipped, has_cancelled = (
        Exists(_held(outer, quantity__gt=0)),
        Exists(_held(outer, cancel_quantity__gt=0)),
    )
    is_open = Exists(open_lines)
    no_address = Q(ship_to_address1="") | Q(ship_to_city="") | Q(ship_to_zip="")
    whens = [
        When(state__in=(OrderState.REJECTED, OrderState.EXPIRED), then=Value(StatusWord.CANCELLED)),
        When(state__in=(OrderState.CREATED, OrderState.FAILED), then=Value(StatusWord.ON_HOLD)),
        When(Q(state=OrderState.COMPLETE) & has_cancelled & ~has_shipped, then=Value(StatusWord.CANCELLED)),
        When(state=OrderState.COMPLETE, then=Value(StatusWord.COMPLETE)),
        When(
            Q(state__in=SHIPPABLE_STATES) & ~is_open & has_cancelled & ~has_shipped,
            then=Value(StatusWord.CANCELLED),
        ),
    ]
    if shipped_status != ShippedStatus.AS_AT_JET:
        word = StatusWord(shipped_status)
        whens.append(When(Q(state__in=SHIPPABLE_STATES) & ~is_open & has_shipped, then=Value(word)))
    whens += [
        When(no_address, then=Value(StatusWord.ON_HOLD)),
        When(state=OrderState.READY, then=Value(StatusWord.READY)),
        When(state=OrderState.ACKNOWLEDGED, then=Value(StatusWord.ACKNOWLEDGED)),
    ]
    return whens


def exportable_orders(
    merchant: Merchant, connection: ShipStationConnection, start: datetime, end: datetime
) -> QuerySet[Order]:
    """Orders of the merchant's mode that changed in [start, end) and whose status is exported, oldest change first."""
    changed = all_orders(merchant).filter(updated_at__gte=start, updated_at__lt=end)
    words = with_status_words(changed, connection.shipped_status)
    return words.filter(Q(("status_word__in", connection.export_statuses))).order_by("updated_at", "pk")


@dataclass
class LineUnits:
    """Of one line: `cancelled`, and `elsewhere`, shipped without ShipStation; both include what Jet has not answered."""

    cancelled: int = 0
    elsewhere: int = 0


def units_of(orders: Iterable[Order]) -> dict[int, LineUnits]:
    """By line id, for the lines of these orders that have any. One query."""
    found: dict[int, LineUnits] = defaultdict(LineUnits)
    rows = (
        ShipmentLine.objects.filter(
            shipment__order__in=[order.pk for order in orders], shipment__state__in=HOLDING_SHIPMENTS
        )
        .values("line_id", "shipment__source")
        .annotate(shipped=Sum("quantity"), gone=Sum("cancel_quantity"))
        .order_by()
    )
    for row in rows:
        units = found[row["line_id"]]
        units.cancelled += row["gone"]
        if row["shipment__source"] != ShipmentSource.SHIPSTATION:
            units.elsewhere += row["shipped"]
    return found


def with_contents(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With all that an exported order shows; two more queries whatever their number."""
    lines = OrderLine.objects.select_related("variant")
    return orders.select_related("node").prefetch_related(Prefetch("lines", queryset=lines))


def exported_order(merchant: Merchant, connection: ShipStationConnection, pk: int) -> Order | None:
    """One order of either mode as the export would show it, whatever its status."""
    orders = Order.objects.filter(merchant=merchant, pk=pk)
    return with_contents(with_status_words(orders, connection.shipped_status)).first()


def newest_orders(merchant: Merchant, limit: int) -> Sequence[Order]:
    return list(all_orders(merchant).order_by("-placed_at", "-pk")[:limit])
