"""Jet's refund object as plain facts. Reads anything, never raises. Source: orders.md section 6.2."""

from __future__ import annotations

from dataclasses import dataclass

from orders.reading import records, text, units
from returns.money import Amounts
from returns.reading import Json, read_amounts


@dataclass(frozen=True)
class RefundLineFacts:
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
        lines=tuple(_read_line(item) for item in records(raw, "items")),
        raw=raw,
    )


def _read_line(item: Json) -> RefundLineFacts:
    return RefundLineFacts(
        order_item_id=text(item, "order_item_id", 64),
        quantity_returned=units(item, "total_quantity_returned"),
        quantity_refunded=units(item, "order_return_refund_qty"),
        reason=text(item, "refund_reason", 120),
        feedback=text(item, "refund_feedback", 120),
        notes=text(item, "notes", 500),
        amounts=read_amounts(item, "refund_amount"),
    )
