"""Invoices, store shipments and credit memos: made by themselves, each exactly once, and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from jetsync.actions.log import record
from jetsync.models import Job, Merchant
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.managers import bulk_create
from jetsync.wording import counted
from orders.amounts import Amounts, units_charged
from orders.enums import DocumentKind
from orders.models import Document, DocumentLine, Order, OrderLine, Shipment, StoreBook
from orders.queries.store import undocumented_shipments

NOTHING = Amounts()
ORDER_SERIES = "last_order"
# Column of the book and what stands before the number.
_SERIES: dict[DocumentKind, tuple[str, str]] = {
    DocumentKind.INVOICE: ("last_invoice", "INV-"),
    DocumentKind.SHIPMENT: ("last_shipment", "SHP-"),
    DocumentKind.CREDIT_MEMO: ("last_credit_memo", "CM-"),
}


@dataclass(frozen=True)
class DocumentItem:
    """A line of a document to be made. `order_line` None: Jet names an item that the order does not have."""

    order_line: OrderLine | None
    sku: str
    title: str
    quantity: int
    amounts: Amounts = NOTHING


def open_book(merchant: Merchant) -> None:
    """Makes the book, with the defaults, of a merchant who has none yet."""
    StoreBook.objects.get_or_create(merchant=merchant)


def take_number(merchant: Merchant, column: str) -> int:
    """The next number of a series. The merchant's book stays locked until the transaction ends, so call it last:
    nothing else is locked after it, and no two transactions can wait for each other.
    """
    book, _made = StoreBook.objects.select_for_update(of=("self",)).get_or_create(merchant=merchant)
    number: int = getattr(book, column) + 1
    StoreBook.objects.filter(merchant=merchant, pk=book.pk).update(**{column: number})
    return number


def issue_shipment_documents(order: Order, *, job: Job | None = None) -> None:
    """A store shipment and an invoice for each parcel that Jet has and that has none. The caller holds the order's
    lock, which with the unique source makes each exactly once.
    """
    shipments = undocumented_shipments(order.merchant).filter(order=order).prefetch_related("lines__line")
    for shipment in shipments:
        _issue_for(order, shipment, job)


def _issue_for(order: Order, shipment: Shipment, job: Job | None) -> None:
    rows = [row for row in shipment.lines.all() if row.quantity]
    packed = [DocumentItem(row.line, row.line.sku, row.line.title, row.quantity) for row in rows]
    billed = _billed_units(order)
    charged = [item for item in (_billed(item, billed) for item in packed) if item is not None]
    source = f"shipment-{shipment.pk}"
    made = [_issue(order, DocumentKind.SHIPMENT, source, packed, reference=str(shipment), shipment=shipment)]
    if charged:
        made.append(
            _issue(order, DocumentKind.INVOICE, source, charged, reference=str(shipment), shipment=shipment)
        )
    record(
        order.merchant,
        "orders.store_order.shipped",
        f"{_names(made)} of order {order} made for shipment {shipment}: {_units_words(packed)}"
        f"{f', ${made[-1].total:,.2f}' if charged else ''}.",
        actor=SYSTEM,
        about=order,
        new={"documents": [document.number for document in made]},
        job=job,
    )


def _billed_units(order: Order) -> dict[int | None, int]:
    """Units of each order line that stand on an invoice."""
    rows = DocumentLine.objects.filter(
        merchant=order.merchant_id, document__order=order, document__kind=DocumentKind.INVOICE
    )
    return dict(rows.values_list("order_line_id").annotate(units=Sum("quantity")))


def _billed(item: DocumentItem, billed: dict[int | None, int]) -> DocumentItem | None:
    """The part of the item that may still be billed, with what it costs; None when all of it is billed.

    The amounts are what all units up to these cost less what those before them cost: the cents of partial invoices
    add up to the line, whatever was rounded in between.
    """
    line = item.order_line
    if line is None:
        return None
    before = billed.get(line.pk, 0)
    units = min(item.quantity, line.quantity - before)
    if units <= 0:
        return None
    amounts = units_charged(line, before + units) - units_charged(line, before)
    return DocumentItem(line, item.sku, item.title, units, amounts)


def _units_words(items: Sequence[DocumentItem]) -> str:
    return counted(sum(item.quantity for item in items), "unit")


def _names(made: Sequence[Document]) -> str:
    words = " and ".join(f"{document.get_kind_display().lower()} {document}" for document in made)
    return words[0].upper() + words[1:]


def issue_credit_memo(
    order: Order, source: str, items: Sequence[DocumentItem], *, reference: str, job: Job | None = None
) -> Document | None:
    """What went back to the shopper, as a credit memo. The caller holds the lock of what `source` names.

    None when there is nothing to credit, or when this source has its memo already: twice is harmless.
    """
    credited = [item for item in items if item.quantity or item.amounts.total]
    known = Document.objects.filter(merchant=order.merchant_id, kind=DocumentKind.CREDIT_MEMO, source=source)
    if not credited or known.exists():
        return None
    memo = _issue(order, DocumentKind.CREDIT_MEMO, source, credited, reference=reference)
    record(
        order.merchant,
        "orders.store_order.credited",
        f"Credit memo {memo} of order {order} made for {reference}: ${memo.total:,.2f}.",
        actor=SYSTEM,
        about=order,
        new={"documents": [memo.number]},
        job=job,
    )
    return memo


def _issue(
    order: Order,
    kind: DocumentKind,
    source: str,
    items: Sequence[DocumentItem],
    *,
    reference: str,
    shipment: Shipment | None = None,
) -> Document:
    column, prefix = _SERIES[kind]
    total = sum((item.amounts for item in items), start=NOTHING)
    document = Document.objects.create(
        merchant=order.merchant,
        order=order,
        kind=kind,
        number=f"{prefix}{take_number(order.merchant, column)}",
        source=source,
        reference=reference[:120],
        shipment=shipment,
        units=sum(item.quantity for item in items),
        total=total.total,
        **total.parts(),
    )
    bulk_create(DocumentLine, _line_rows(document, items))
    return document


def _line_rows(document: Document, items: Sequence[DocumentItem]) -> list[DocumentLine]:
    return [
        DocumentLine(
            merchant_id=document.merchant_id,
            document=document,
            order_line=item.order_line,
            sku=item.sku[:100],
            title=item.title[:500],
            quantity=item.quantity,
            **item.amounts.parts(),
        )
        for item in items
    ]
