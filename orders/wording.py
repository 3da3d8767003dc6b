"""Sentences about problems, and Jet's words for them. Pure: pages, jobs and the API say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from jetsync.jet.words.orders import AcknowledgementStatus, ItemAcknowledgement
from jetsync.jet.words.shipping import ResponseMethod
from jetsync.wording import counted
from orders.enums import FAILURE_HINTS, FailureReason
from orders.models import Order, OrderLine

# Jet has a word for an unknown SKU and one for "no pieces"; a disabled product is the second kind to Jet.
ITEM_WORDS: dict[str, str] = {
    FailureReason.SKU_UNKNOWN: ItemAcknowledgement.INVALID_MERCHANT_SKU,
    FailureReason.OUT_OF_STOCK: ItemAcknowledgement.NO_INVENTORY,
    FailureReason.PRODUCT_DISABLED: ItemAcknowledgement.NO_INVENTORY,
}

# Of the orders that hold a SKU's pieces so many are named.
HOLDERS_NAMED = 3
# Of several problems the order shows the one that needs the most work first.
_WEIGHT = (FailureReason.SKU_UNKNOWN, FailureReason.PRODUCT_DISABLED, FailureReason.OUT_OF_STOCK)


def item_word(problem: str) -> str:
    """Jet's item status for a line with this problem ("" = none)."""
    return ITEM_WORDS.get(problem, ItemAcknowledgement.FULFILLABLE)


def main_problem(problems: Mapping[int, FailureReason]) -> FailureReason | None:
    return next((reason for reason in _WEIGHT if reason in problems.values()), None)


def problem_sentence(lines: Sequence[OrderLine], problems: Mapping[int, FailureReason]) -> str:
    """ "KETTLE-1: SKU not in the store. CUP-2: Out of stock." """
    named = [f"{line.sku}: {problems[line.pk].label}." for line in lines if line.pk in problems]
    return " ".join(named)[:500]


def held_sentence(sku: str, holders: Sequence[tuple[int, str]]) -> str:
    """Who has the pieces, as `(pieces, order)`: "TIM-PZ-500: pieces are held, 1 by order 3197."

    "" for nobody.
    """
    if not holders:
        return ""
    parts = [f"{pieces} by order {order}" for pieces, order in holders[:HOLDERS_NAMED]]
    more = (
        f" and by {counted(len(holders) - HOLDERS_NAMED, 'more order')}"
        if len(holders) > HOLDERS_NAMED
        else ""
    )
    return f"{sku}: pieces are held, {', '.join(parts)}{more}."


def cancel_words(lines: Iterable[OrderLine]) -> str:
    """What Jet asks to cancel, SKU by SKU: "Do not ship 1 of TIM-PZ-1000 (ship 2)." """
    parts = []
    for line in lines:
        if line.cancel_requested:
            rest = max(0, line.quantity - line.cancel_requested)
            parts.append(f"{line.cancel_requested} of {line.sku}" + (f" (ship {rest})" if rest else ""))
    return f"Do not ship {', '.join(parts) or 'them'}."


def hint_for(reason: str) -> str:
    return FAILURE_HINTS.get(reason, "")


def answer_label(answer: str) -> str:
    """Plain words for `acknowledgement_status`."""
    return ANSWER_LABELS.get(answer, answer)


ANSWER_LABELS: dict[str, str] = {
    AcknowledgementStatus.ACCEPTED: "Accepted",
    AcknowledgementStatus.REJECTED_ITEM_LEVEL_ERROR: "Some items cannot be delivered",
    AcknowledgementStatus.REJECTED_SHIP_FROM_LOCATION_NOT_AVAILABLE: "The warehouse cannot ship",
    AcknowledgementStatus.REJECTED_SHIPPING_METHOD_NOT_SUPPORTED: "The shipping method is not offered",
    AcknowledgementStatus.REJECTED_UNFULFILLABLE_ADDRESS: "Cannot deliver to this address",
    AcknowledgementStatus.REJECTED_FRAUD: "Suspected fraud",
    AcknowledgementStatus.REJECTED_OTHER: "Another reason",
}


def method_code(requested: str) -> str:
    """The run-together code for a spaced method name ("FedEx Ground" -> "FedExGround"), "" when there is none."""
    squeezed = requested.replace(" ", "").casefold()
    return next((str(word) for word in ResponseMethod if word.value.casefold() == squeezed), "")


def jet_words_of(row: Order) -> str:
    """Jet's own words for what failed: the order's answer and the items'."""
    return jet_words(row, list(row.lines.all()))


def jet_words(order: Order, lines: Sequence[OrderLine]) -> str:
    """The same for lines that were read already."""
    words = [order.planned_answer or order.acknowledgement_status]
    words += [line.planned_status or line.ack_status for line in lines]
    named = dict.fromkeys(word for word in words if word and word not in {"fulfillable", "accepted"})
    return ", ".join(named)


def way_of_shipment(shipment: object, *, is_sent: bool) -> str:
    """`is_sent` is the store's switch “Send shipments to Jet”."""
    if is_sent:
        return f"{shipment} is on its way to Jet."
    return f"{shipment} is stored; it waits until “Send shipments to Jet” is switched on."
