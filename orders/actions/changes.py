"""What somebody changed at Jet by hand, or Jet itself, on an order that we know: kept in the log and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from jetsync.actions.log import record
from jetsync.enums import NoticeLevel
from jetsync.jet.words.orders import ExceptionState
from jetsync.models import Job
from jetsync.tenancy.actor import SYSTEM
from orders.actions.telling import tell_changed
from orders.enums import OrderState
from orders.models import Order
from orders.reading import LineFacts, OrderFacts, read_order, told

# Of the shopper only that something changed is written down: the log is read by more people than may see buyers.
_PERSONAL = {
    "buyer_name": "the buyer",
    "buyer_phone": "the buyer",
    **dict.fromkeys(("ship_to_name", "ship_to_phone", "ship_to_address1", "ship_to_address2"), "the address"),
    **dict.fromkeys(("ship_to_city", "ship_to_state", "ship_to_zip"), "the address"),
}
_PLAIN = {
    "node_ref": "the fulfilment node",
    "ship_by": "ship by",
    "deliver_by": "deliver by",
    "request_carrier": "the requested carrier",
    "request_method": "the requested method",
    "request_service_level": "the requested service level",
}
_AGREED = {
    "quantity": "units of",
    "base_price": "the price of",
    "item_tax": "the tax on",
    "shipping_cost": "the shipping cost of",
    "shipping_tax": "the shipping tax on",
}
# Ends that are told with their own reason.
_TOLD_ENDS = frozenset({OrderState.REJECTED, OrderState.EXPIRED})


def note_changes(order: Order, facts: OrderFacts, *, job: Job | None) -> None:
    """Call with the locked order as it was stored, before `facts` are written over it.

    Nothing is said about an order that could never be read before.
    """
    if not order.raw:
        return
    personal = {label for name, label in _PERSONAL.items() if _differs(order, facts.fields, name)}
    plain = {name: label for name, label in _PLAIN.items() if _differs(order, facts.fields, name)}
    items, old, new = _items(read_order(order.raw).lines, facts.lines)
    words = [*sorted(personal), *plain.values(), *items]
    if words:
        old |= {name: _stored(getattr(order, name)) for name in plain}
        new |= {name: _stored(facts.fields[name]) for name in plain}
        _tell(order, f"Jet changed order {order}: {', '.join(words)}.", old, new, job=job)
    if facts.state() not in _TOLD_ENDS:
        _note_exception(order, str(facts.fields["exception_state"]), job=job)


def _differs(order: Order, fields: Mapping[str, Any], name: str) -> bool:
    """What Jet leaves out has not changed, and what was empty before has only come to light."""
    old, new = getattr(order, name), fields[name]
    return old not in ("", None) and new not in ("", None) and old != new


def _stored(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _items(
    before: Sequence[LineFacts], seen: Sequence[LineFacts]
) -> tuple[list[str], dict[str, Any], dict[str, Any]]:
    """Words about items, with what stood and what Jet shows. Its last answer is compared, so each is told once."""
    known = {line.order_item_id: line for line in before}
    words: list[str] = []
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for facts in seen:
        line = known.pop(facts.order_item_id, None)
        if line is None:
            words.append(f"item {facts.sku} is new")
            continue
        stood, shown = told(line), told(facts)
        for name, label in _AGREED.items():
            if name in stood and name in shown and stood[name] != shown[name]:
                words.append(f"{label} {facts.sku}")
                old[words[-1]], new[words[-1]] = _stored(stood[name]), _stored(shown[name])
    words += [f"item {line.sku} is gone" for line in known.values()] if seen else []
    return words, old, new


def _tell(order: Order, message: str, old: dict[str, Any], new: dict[str, Any], *, job: Job | None) -> None:
    record(
        order.merchant,
        "orders.order.changed_at_jet",
        message,
        actor=SYSTEM,
        about=order,
        old=old,
        new=new,
        job=job,
    )
    title, body = f"Order {order} was changed at Jet", f"{message} Look at it before you ship."
    tell_changed(order, "changed_at_jet", title, body=body)


def _note_exception(order: Order, word: str, *, job: Job | None) -> None:
    """Jet's mark on an order, a word we know or one nobody has seen yet."""
    if word in ("", order.exception_state):
        return
    message = f"Jet marks order {order}: “{word}”."
    record(
        order.merchant,
        "orders.order.exception",
        message,
        actor=SYSTEM,
        about=order,
        old={"exception_state": order.exception_state},
        new={"exception_state": word},
        job=job,
    )
    if word != ExceptionState.RESOLVED:
        tell_changed(order, "exception", f"Jet marked an exception on order {order}", body=message)


def note_elsewhere(order: Order, message: str) -> None:
    """Somebody answered or shipped the order at Jet itself or through another program; the log has it already."""
    title = f"Order {order} was handled outside jetsync"
    tell_changed(order, "elsewhere", title, body=message, level=NoticeLevel.INFO)
