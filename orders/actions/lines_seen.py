"""What Jet shows of the items of a known order, and what has changed about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from orders.actions.answer import lines_of
from orders.actions.order_rows import insert_lines
from orders.actions.stock import follow_units
from orders.enums import HOLDING_SHIPMENTS
from orders.models import Order, OrderLine, Shipment
from orders.reading import AGREED, LineFacts, OrderFacts, told


def store_lines(order: Order, facts: OrderFacts) -> list[OrderLine]:
    """Brings a known order's items to what Jet shows and returns them all. None is removed, what Jet leaves out stays.

    Units and prices follow Jet until the first parcel or cancellation, and the pieces that are held follow the units.
    From then on parcels, invoice and refunds stand on what was agreed; the page shows Jet's beside it.
    """
    lines = lines_of(order)
    known = {line.order_item_id: line for line in lines}
    changes: list[tuple[OrderLine, dict[str, Any]]] = []
    for item in facts.lines:
        line = known.get(item.order_item_id)
        if line is None:
            continue
        if columns := _differences(line, item):
            changes.append((line, columns))
    if changes:
        _change(order, facts, changes)
    new = tuple(item for item in facts.lines if item.order_item_id not in known)
    if not new:
        return lines
    insert_lines(order.merchant, [(order, replace(facts, lines=new))])
    return lines_of(order)


def _differences(line: OrderLine, item: LineFacts) -> dict[str, Any]:
    shown = {**told(item), "raw": dict(item.raw)}
    return {name: value for name, value in shown.items() if getattr(line, name) != value}


def _change(order: Order, facts: OrderFacts, changes: Sequence[tuple[OrderLine, dict[str, Any]]]) -> None:
    touches_agreed = any(AGREED & columns.keys() for _line, columns in changes)
    keeps = AGREED if touches_agreed and _has_shipped(order, facts) else frozenset()
    written: set[str] = set()
    counted: list[OrderLine] = []
    for line, columns in changes:
        taken = {name: value for name, value in columns.items() if name not in keeps}
        for name, value in taken.items():
            setattr(line, name, value)
        written |= taken.keys()
        if "quantity" in taken:
            counted.append(line)
    if written:
        OrderLine.objects.bulk_update([line for line, _columns in changes], sorted(written))
    if counted:
        follow_units(order, counted)


def _has_shipped(order: Order, facts: OrderFacts) -> bool:
    """Something was shipped or cancelled, here or at Jet, or is on its way there."""
    held = Shipment.objects.filter(merchant=order.merchant_id, order=order, state__in=HOLDING_SHIPMENTS)
    return bool(facts.shipments) or held.exists()
