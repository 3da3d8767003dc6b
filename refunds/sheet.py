"""What a file of refunds holds: one row per item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from operator import attrgetter

from jetsync.models import Merchant
from jetsync.panel.list_sheets import Sheet, SheetColumn, moment
from jetsync.tenancy.actor import Actor
from refunds.models import Refund, RefundLine
from returns.money import PARTS
from returns.sheet import (
    ItemRow,
    confirmed_columns,
    item_rows,
    of_line,
    of_parent,
    shopper_column,
    shown_notes,
)


def refund_rows(merchant: Merchant, ids: Sequence[int]) -> Iterator[ItemRow]:
    return item_rows(
        Refund.objects.filter(merchant=merchant), RefundLine.objects.filter(merchant=merchant), ids
    )


def refund_columns(actor: Actor, zone: tzinfo) -> list[SheetColumn]:
    return [
        of_parent("Refund", "alt_refund_id"),
        of_parent("Refund id at Jet", "refund_authorization_id"),
        of_parent("Order", "reference_order_id"),
        of_parent("Order id at Jet", "merchant_order_id"),
        SheetColumn("Status", lambda row: row.parent.get_status_display()),
        of_parent("Status at Jet", "jet_status"),
        *moment("Date added", attrgetter("parent.created_at"), zone),
        *moment("Sent", attrgetter("parent.sent_at"), zone),
        of_parent("Made by", "created_by"),
        *confirmed_columns(zone),
        of_line("Order item id", attrgetter("order_item_id")),
        of_line("SKU", attrgetter("sku")),
        of_line("Title", attrgetter("title")),
        of_line("Reason", attrgetter("reason")),
        of_line("Feedback", attrgetter("feedback")),
        of_line("Notes for Jet", lambda line: shown_notes(line.notes, actor)),
        of_line("Quantity returned", attrgetter("quantity_returned")),
        of_line("Quantity refunded", attrgetter("quantity_refunded")),
        *(of_line(f"{label} (USD)", attrgetter(name)) for name, label in PARTS.items()),
        of_line("Total (USD)", attrgetter("amounts.total")),
        of_parent("What went wrong", "failure_message"),
        shopper_column(actor),
    ]


REFUND_SHEET = Sheet("refunds", refund_columns, refund_rows)
