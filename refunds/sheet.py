"""What a file of refunds holds: one row per item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch

from jetsync.models import Merchant
from jetsync.panel.list_sheets import Sheet, SheetColumn, moment
from jetsync.tenancy.actor import Actor
from orders.privacy import shown_buyer
from refunds.models import Refund, RefundLine
from returns.money import PARTS
from returns.sheet import confirmed_columns, shown_notes


@dataclass(frozen=True)
class RefundRow:
    """`line` is None for a refund without items, which still has its row."""

    parent: Refund
    line: RefundLine | None = None


def refund_rows(merchant: Merchant, ids: Sequence[int]) -> Iterator[RefundRow]:
    """Two queries, whatever the number of refunds."""
    lines = RefundLine.objects.filter(merchant=merchant)
    found = (
        Refund.objects.filter(merchant=merchant)
        .select_related("order")
        .defer("raw", "order__raw")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .in_bulk(list(ids))
    )
    for refund in (found[pk] for pk in ids if pk in found):
        yield from [RefundRow(refund, line) for line in refund.lines.all()] or [RefundRow(refund)]


def _of_refund(heading: str, name: str) -> SheetColumn:
    return SheetColumn(heading, attrgetter(f"parent.{name}"))


def _of_line(heading: str, get: Callable[[Any], Any]) -> SheetColumn:
    return SheetColumn(heading, lambda row: "" if row.line is None else get(row.line))


def refund_columns(actor: Actor, zone: tzinfo) -> list[SheetColumn]:
    return [
        _of_refund("Refund", "alt_refund_id"),
        _of_refund("Refund id at Jet", "refund_authorization_id"),
        _of_refund("Order", "reference_order_id"),
        _of_refund("Order id at Jet", "merchant_order_id"),
        SheetColumn("Status", lambda row: row.parent.get_status_display()),
        _of_refund("Status at Jet", "jet_status"),
        *moment("Date added", attrgetter("parent.created_at"), zone),
        *moment("Sent", attrgetter("parent.sent_at"), zone),
        _of_refund("Made by", "created_by"),
        *confirmed_columns(zone),
        _of_line("Order item id", attrgetter("order_item_id")),
        _of_line("SKU", attrgetter("sku")),
        _of_line("Title", attrgetter("title")),
        _of_line("Reason", attrgetter("reason")),
        _of_line("Feedback", attrgetter("feedback")),
        _of_line("Notes for Jet", lambda line: shown_notes(line.notes, actor)),
        _of_line("Quantity returned", attrgetter("quantity_returned")),
        _of_line("Quantity refunded", attrgetter("quantity_refunded")),
        *(_of_line(f"{label} (USD)", attrgetter(name)) for name, label in PARTS.items()),
        _of_line("Total (USD)", attrgetter("amounts.total")),
        _of_refund("What went wrong", "failure_message"),
        SheetColumn("Customer", lambda row: shown_buyer(row.parent.order, actor) if row.parent.order else ""),
    ]


REFUND_SHEET = Sheet("refunds", refund_columns, refund_rows)
