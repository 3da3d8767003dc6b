"""Jet's refund object as plain facts. Reads anything, never raises. Source: orders.md section 6.2."""

from __future__ import annotations

from dataclasses import dataclass

from orders.reading import records, text
from returns.money import Amounts
from returns.reading import Json, amounts_of, entries_by_item, first_text, units_of


@dataclass(frozen=True)
class RefundLineFacts:
    """One item, whatever the number of Jet's entries for it."""

    order_item_id: str
    quantity_returned: int
    quantity_refunded: int
    reason: str
    feedback: str
    notes: str
    amounts: Amounts


@dataclass(frozen=True)
class RefundFacts:
    refund_authorization_id: str
    alt_refund_id: str
    status: str
    merchant_order_id: str
    reference_order_id: str
    lines: tuple[RefundLineFacts, ...]
    raw: Json


def read_refund(raw: Json) -> RefundFacts:
    """Everything jetsync models of a refund, from the answer of `GET /refunds/state/{id}`."""
    return RefundFacts(
        refund_authorization_id=text(raw, "refund_authorization_id", 64),
        alt_refund_id=text(raw, "alt_refund_id", 100),
        status=text(raw, "refund_status", 100),
        merchant_order_id=text(raw, "merchant_order_id", 64),
        reference_order_id=text(raw, "reference_order_id", 64)
        or text(raw, "reference_merchant_order_id", 64),
        lines=tuple(
            _read_line(item_id, entries)
            for item_id, entries in entries_by_item(records(raw, "items")).items()
        ),
        raw=raw,
    )


def _read_line(item_id: str, entries: list[Json]) -> RefundLineFacts:
    return RefundLineFacts(
        order_item_id=item_id,
        quantity_returned=units_of(entries, "total_quantity_returned"),
        quantity_refunded=units_of(entries, "order_return_refund_qty"),
        reason=first_text(entries, "refund_reason", 120),
        feedback=first_text(entries, "refund_feedback", 120),
        notes=first_text(entries, "notes", 500),
        amounts=amounts_of(entries, "refund_amount"),
    )
