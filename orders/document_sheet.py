"""What a file of documents holds: one row per item, with its document, order and amounts."""

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
from orders.models import Document, DocumentLine, StoreOrder
from orders.privacy import shown_buyer

_PARTS = {
    "Price": "principal",
    "Tax": "tax",
    "Shipping cost": "shipping_cost",
    "Shipping tax": "shipping_tax",
}


@dataclass(frozen=True)
class DocumentRow:
    """`store_order` is None for a credit memo of an order that never became one."""

    document: Document
    store_order: StoreOrder | None
    line: DocumentLine


def document_rows(merchant: Merchant, ids: Sequence[int]) -> Iterator[DocumentRow]:
    """Two queries, whatever the number of documents."""
    lines = DocumentLine.objects.filter(merchant=merchant)
    found = (
        Document.objects.filter(merchant=merchant)
        .select_related("order", "order__store_order")
        .defer("order__raw")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .in_bulk(list(ids))
    )
    for document in (found[pk] for pk in ids if pk in found):
        store_order = getattr(document.order, "store_order", None)
        yield from (DocumentRow(document, store_order, line) for line in document.lines.all())


def _of_store_order(name: str) -> Callable[[DocumentRow], Any]:
    return lambda row: getattr(row.store_order, name) if row.store_order else ""


def document_columns(actor: Actor, zone: tzinfo) -> list[SheetColumn]:
    return [
        SheetColumn("Kind", lambda row: row.document.get_kind_display()),
        SheetColumn("Number", attrgetter("document.number")),
        *moment("Date", attrgetter("document.issued_at"), zone),
        SheetColumn("Made for", attrgetter("document.reference")),
        SheetColumn("Store order", _of_store_order("number")),
        SheetColumn("Order", attrgetter("document.order.reference_order_id")),
        SheetColumn("Order id at Jet", attrgetter("document.order.merchant_order_id")),
        SheetColumn("Payment method", _of_store_order("payment_method")),
        SheetColumn("Shipping method", _of_store_order("shipping_method")),
        SheetColumn("SKU", attrgetter("line.sku")),
        SheetColumn("Title", attrgetter("line.title")),
        SheetColumn("Quantity", attrgetter("line.quantity")),
        *(SheetColumn(f"{label} (USD)", attrgetter(f"line.{name}")) for label, name in _PARTS.items()),
        SheetColumn("Item total (USD)", attrgetter("line.amounts.total")),
        SheetColumn("Document total (USD)", attrgetter("document.total")),
        SheetColumn("Customer", lambda row: shown_buyer(row.document.order, actor)),
    ]


DOCUMENT_SHEET = Sheet("documents", document_columns, document_rows)
