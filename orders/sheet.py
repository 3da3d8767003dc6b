"""What a file of orders holds: one row per item, with its order, what left, and for those who may the shopper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch

from jetsync.models import Merchant
from jetsync.panel.list_sheets import Sheet, SheetColumn, moment
from jetsync.tenancy.actor import Actor
from orders.amounts import Amounts, line_charged
from orders.enums import OrderState
from orders.methods import method_label
from orders.models import Order, OrderLine, Shipment, ShipmentLine
from orders.privacy import address_columns, shown_buyer
from orders.queries.line import LineCount, counted_units
from orders.wording import answer_label, jet_words_of

_DATES = {
    "Placed": "placed_at",
    "Ready": "ready_at",
    "Answer by": "ack_due_at",
    "Ship by": "ship_by",
    "Deliver by": "deliver_by",
    "Completed": "completed_at",
    "Date modified": "updated_at",
}
_ADDRESS = ("Ship to", "Address 1", "Address 2", "City", "State", "Zip", "Phone")


@dataclass(frozen=True)
class OrderRow:
    """One row of the file. An order that could not be read has no items, and still its row."""

    order: Order
    line: OrderLine | None = None
    count: LineCount | None = None
    charged: Amounts | None = None
    parcels: Sequence[Shipment] = field(default_factory=tuple)
    is_first: bool = True


def order_rows(merchant: Merchant, ids: Sequence[int]) -> Iterator[OrderRow]:
    """Three queries, whatever the number of orders."""
    parcels = ShipmentLine.objects.filter(merchant=merchant).select_related("shipment").defer("shipment__raw")
    lines = (
        OrderLine.objects.filter(merchant=merchant)
        .defer("raw")
        .prefetch_related(Prefetch("shipment_lines", queryset=parcels))
    )
    found = (
        Order.objects.filter(merchant=merchant)
        .select_related("node")
        .defer("raw")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .in_bulk(list(ids))
    )
    for pk in ids:
        if pk in found:  # deleted since the list was read
            yield from _rows_of(found[pk])


def _rows_of(order: Order) -> Iterator[OrderRow]:
    lines = list(order.lines.all())
    if not lines:
        yield OrderRow(order)
    for at, line in enumerate(lines):
        sent = list(line.shipment_lines.all())
        parcels = [row.shipment for row in sent if row.quantity]
        yield OrderRow(order, line, counted_units(line, sent), line_charged(line), parcels, is_first=at == 0)


def _of_order(heading: str, name: str) -> SheetColumn:
    return SheetColumn(heading, attrgetter(f"order.{name}"))


def _of_line(heading: str, get: Callable[[Any], Any]) -> SheetColumn:
    return SheetColumn(heading, lambda row: "" if row.line is None else get(row))


def _joined(name: str) -> Callable[[OrderRow], str]:
    """The different values of an item's parcels."""
    return lambda row: ", ".join(dict.fromkeys(filter(None, (getattr(one, name) for one in row.parcels))))


def order_columns(actor: Actor, zone: tzinfo) -> list[SheetColumn]:
    dates = [
        column
        for heading, name in _DATES.items()
        for column in moment(heading, attrgetter(f"order.{name}"), zone)
    ]
    return [*_state_columns(), *dates, *_item_columns(), *_shipping_columns(), *_buyer_columns(actor)]


def _jet_status(row: OrderRow) -> str:
    """Jet's word as last read; one that is older than the state beside it says so."""
    word, state = row.order.jet_status, row.order.state
    is_older = word == OrderState.READY and state not in (OrderState.READY, OrderState.CREATED)
    return f"{word} (when last read)" if is_older else word


def _state_columns() -> list[SheetColumn]:
    return [
        _of_order("Order", "reference_order_id"),
        _of_order("Order id at Jet", "merchant_order_id"),
        _of_order("Store order id", "alt_order_id"),
        SheetColumn("Status", lambda row: row.order.get_state_display()),
        SheetColumn("Status at Jet", _jet_status),
        SheetColumn("Answer", lambda row: answer_label(row.order.acknowledgement_status)),
        SheetColumn("Problem", lambda row: row.order.get_failure_reason_display()),
        SheetColumn("Jet's words", lambda row: jet_words_of(row.order)),
        _of_order("What happened", "failure_message"),
        _of_order("What to do", "failure_hint"),
    ]


def _item_columns() -> list[SheetColumn]:
    parts = {
        "Price": "principal",
        "Tax": "tax",
        "Shipping cost": "shipping_cost",
        "Shipping tax": "shipping_tax",
    }
    return [
        _of_line("Order item id", attrgetter("line.order_item_id")),
        _of_line("SKU", attrgetter("line.sku")),
        _of_line("Title", attrgetter("line.title")),
        _of_line("Quantity", attrgetter("line.quantity")),
        _of_line("Shipped", attrgetter("count.shipped")),
        _of_line("Cancelled", attrgetter("count.cancelled")),
        _of_line("Left to ship or cancel", attrgetter("count.remaining")),
        _of_line("Price per unit (USD)", attrgetter("line.base_price")),
        *(
            _of_line(f"{heading} of all units (USD)", attrgetter(f"charged.{name}"))
            for heading, name in parts.items()
        ),
        _of_line("Item total (USD)", attrgetter("charged.total")),
        _once("Order total (USD)", attrgetter("total")),
        _once("Jet's fees for the order (USD)", attrgetter("fees")),
    ]


def _once(heading: str, get: Callable[[Order], Decimal | None]) -> SheetColumn:
    """An amount of the whole order, in the row of its first item only: adding up the column doubles nothing."""
    return SheetColumn(heading, lambda row: get(row.order) if row.is_first else None)


def _shipping_columns() -> list[SheetColumn]:
    return [
        SheetColumn("Node", lambda row: row.order.node.name if row.order.node else row.order.node_ref),
        _of_order("Service level asked for", "request_service_level"),
        _of_order("Carrier asked for", "request_carrier"),
        _of_order("Method asked for", "request_method"),
        SheetColumn("Carrier", _joined("carrier")),
        SheetColumn(
            "Method", lambda row: ", ".join(dict.fromkeys(method_label(one.method) for one in row.parcels))
        ),
        SheetColumn("Tracking number", _joined("tracking_number")),
    ]


def _address_part(actor: Actor, at: int) -> Callable[[OrderRow], str]:
    return lambda row: address_columns(row.order, actor)[at]


def _buyer_columns(actor: Actor) -> list[SheetColumn]:
    """Masked exactly as on the order page for those who may not see shoppers."""
    return [
        SheetColumn("Customer", lambda row: shown_buyer(row.order, actor)),
        *(SheetColumn(heading, _address_part(actor, at)) for at, heading in enumerate(_ADDRESS)),
    ]


ORDER_SHEET = Sheet("orders", order_columns, order_rows)
FAILED_SHEET = Sheet("failed-orders", order_columns, order_rows)
