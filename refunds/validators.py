"""Rules of a new refund, one place for page and API. Raises InvalidInput with fields, StateConflict for the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.resting import check_not_resting
from orders.enums import OrderState
from orders.models import Order
from refunds.pages import refund_url
from refunds.queries import unreadable_of
from refunds.wording import are_goods_missing, feedback_choices, reason_choices
from returns.ledgers import LineLedger
from returns.money import Amounts, Movement
from returns.pages import return_url
from returns.queries import blocking_return
from returns.validators import NOTHING, field_of


@dataclass(frozen=True)
class LineInput:
    """What is refunded of one order line."""

    line_id: int
    quantity_returned: int = 0
    quantity_refunded: int = 0
    reason: str = ""
    feedback: str = ""
    notes: str = ""
    amounts: Amounts = NOTHING


def check_order(order: Order) -> None:
    """Raises StateConflict when the order cannot be refunded: not completed, a return stands in the way, the store rests."""
    check_not_resting(order.merchant)
    if order.account.mode != order.merchant.mode:
        mode = order.account.get_mode_display()
        raise StateConflict(
            f"Order {order} belongs to {mode} mode.",
            hint=f"Switch to {mode} mode under Settings, Jet account.",
        )
    if order.state != OrderState.COMPLETE:
        raise StateConflict(
            f"Order {order} is {order.get_state_display().lower()}; only completed orders can be refunded.",
            hint="Ship or cancel what is left of it first.",
        )
    found = blocking_return(order)
    if found is not None:
        found.merchant = order.merchant
        raise StateConflict(
            f"Order {order} has the return {found}, so it cannot be refunded as well.",
            hint="Answer the return instead.",
            hint_url=return_url(found),
            code="order_has_return",
        )
    unread = unreadable_of(order)
    if unread is not None:
        raise StateConflict(
            f"Order {order} has the refund {unread}, made elsewhere, that could not be read: nobody knows its amount.",
            hint="Wait until it is read, or look at it in Jet's partner portal.",
            hint_url=refund_url(unread),
            code="refund_unreadable",
        )


def check_lines(
    order: Order, lines: Sequence[LineInput], ledgers: Mapping[int, LineLedger], *, at: datetime
) -> None:
    """All faults at once. `at` (aware) decides which feedback words Jet takes."""
    faults: dict[str, list[str]] = {}
    seen: set[int] = set()
    for given in lines:
        ledger = ledgers.get(given.line_id)
        if ledger is None or given.line_id in seen:
            why = "is named twice" if ledger is not None else "is not part of the order"
            faults.setdefault("lines", []).append(f"Line {given.line_id} {why}.")
        else:
            faults |= _line_faults(given, ledger, at)
        seen.add(given.line_id)
    if not lines:
        faults["lines"] = ["Choose at least one item to refund."]
    if faults:
        first = next(iter(faults.values()))[0]
        raise InvalidInput(
            f"The refund of order {order} is not complete: {first}",
            hint="Correct the marked fields.",
            fields=faults,
        )


def _line_faults(given: LineInput, row: LineLedger, at: datetime) -> dict[str, list[str]]:
    movement = Movement(given.quantity_returned, given.quantity_refunded, given.amounts)
    faults = dict(row.ledger.problems(movement, goods_missing=are_goods_missing(given.reason)))
    if not faults and given.quantity_refunded < 1:
        faults["quantity_refunded"] = ["Refund at least one unit, or take the item out."]
    if not faults and given.amounts.is_zero:
        faults["principal"] = ["Nothing would be refunded. Give an amount, or take the item out."]
    if given.reason not in dict(reason_choices()):
        faults["reason"] = ["Choose a refund reason."]
    if given.feedback not in dict(feedback_choices(at)):
        faults["feedback"] = ["Choose a refund feedback."]
    return {
        field_of(row.line.pk, name): [f"{row.line.sku}: {text}" for text in texts]
        for name, texts in faults.items()
    }
