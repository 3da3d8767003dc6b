"""Reads of the store's side of orders: methods, store orders, documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from jetsync.queries.settings import account_in_use
from orders.enums import (
    SHIPPABLE_STATES,
    STORE_ORDER_REASONS,
    DocumentKind,
    FailureReason,
    MethodKind,
    ShipmentState,
)
from orders.models import Document, Order, Shipment, ShipmentLine, StoreBook, StoreMethod, StoreOrder
from orders.models.store import DEFAULT_PAYMENT, DEFAULT_SHIPPING

DEFAULT_METHODS: dict[str, str] = {MethodKind.PAYMENT: DEFAULT_PAYMENT, MethodKind.SHIPPING: DEFAULT_SHIPPING}


@dataclass(frozen=True)
class ShownMethod:
    """`is_own`: entered by the merchant, so it can be removed; the defaults can only be switched off."""

    name: str
    is_on: bool
    is_own: bool


def get_book(merchant: Merchant) -> StoreBook:
    """The merchant's book; an unsaved one with the defaults for one who has none yet."""
    return StoreBook.objects.filter(merchant=merchant).first() or StoreBook(merchant=merchant)


def store_methods(merchant: Merchant) -> dict[str, list[ShownMethod]]:
    """By kind: the default first, then the merchant's own in the order they were entered. One query."""
    rows = list(StoreMethod.objects.filter(merchant=merchant))
    return {kind: _of_kind(kind, [row for row in rows if row.kind == kind]) for kind in MethodKind.values}


def _of_kind(kind: str, rows: Sequence[StoreMethod]) -> list[ShownMethod]:
    default = DEFAULT_METHODS[kind]
    is_on = next((row.is_on for row in rows if row.name == default), True)
    own = [ShownMethod(row.name, row.is_on, is_own=True) for row in rows if row.name != default]
    return [ShownMethod(default, is_on, is_own=False), *own]


@dataclass(frozen=True)
class ChosenMethods:
    """What a new store order gets. `reason` is set when one of them cannot be used, with `message` saying why."""

    payment: str
    shipping: str
    reason: FailureReason | None = None
    message: str = ""


def chosen_methods(merchant: Merchant) -> ChosenMethods:
    """The chosen methods, and what stands against them. Two queries."""
    book, offered = get_book(merchant), store_methods(merchant)
    wanted = (
        (MethodKind.PAYMENT, book.payment_method, FailureReason.PAYMENT_METHOD),
        (MethodKind.SHIPPING, book.shipping_method, FailureReason.SHIPPING_METHOD),
    )
    for kind, name, reason in wanted:
        problem = _problem(kind, name, offered[kind])
        if problem:
            return ChosenMethods(book.payment_method, book.shipping_method, reason, problem)
    return ChosenMethods(book.payment_method, book.shipping_method)


def _problem(kind: MethodKind, name: str, offered: Sequence[ShownMethod]) -> str:
    found = next((method for method in offered if method.name == name), None)
    if found is not None and found.is_on:
        return ""
    why = "is switched off" if found else "is not among your methods any more"
    return (
        f"The {kind.label.lower()} “{name}” for imported orders {why}, so the order is not in the store yet."
    )


def store_order_of(order: Order) -> StoreOrder | None:
    return StoreOrder.objects.filter(merchant=order.merchant_id, order=order).first()


def undocumented_shipments(merchant: Merchant) -> QuerySet[Shipment]:
    """Parcels that Jet has, of store orders, without their documents, oldest first. Pure cancels need none."""
    units = ShipmentLine.objects.filter(merchant=merchant, shipment=OuterRef("pk"), quantity__gt=0)
    made = Document.objects.filter(merchant=merchant, kind=DocumentKind.SHIPMENT, shipment=OuterRef("pk"))
    store_orders = StoreOrder.objects.filter(merchant=merchant, order=OuterRef("order"))
    return Shipment.objects.filter(
        Exists(units), ~Exists(made), Exists(store_orders), merchant=merchant, state=ShipmentState.SENT
    ).order_by("pk")


def orders_to_store(merchant: Merchant) -> QuerySet[Order]:
    """Orders whose store order, or a document of it, is still to be made, oldest first.

    Orders that were complete before store orders were kept stay without one.
    """
    stored = StoreOrder.objects.filter(merchant=merchant, order=OuterRef("pk"))
    waiting = Q(state__in=SHIPPABLE_STATES) | Q(failure_reason__in=STORE_ORDER_REASONS)
    parcels = undocumented_shipments(merchant).filter(order__state__in=SHIPPABLE_STATES).values("order_id")
    return (
        Order.objects.filter(waiting, merchant=merchant)
        .filter(~Exists(stored) | Q(pk__in=parcels))
        .order_by("pk")
    )


def all_documents(merchant: Merchant) -> QuerySet[Document]:
    """Documents of orders of the merchant's current mode."""
    return Document.objects.filter(merchant=merchant, order__account=account_in_use(merchant))


def documents_of(order: Order) -> QuerySet[Document]:
    """In the order in which they were made."""
    return Document.objects.filter(merchant=order.merchant_id, order=order).order_by("pk")


def get_document(merchant: Merchant, pk: int) -> Document:
    """One document with its lines, its order and the store order. Raises NotFound."""
    document = (
        Document.objects.filter(merchant=merchant, pk=pk)
        .select_related("order", "order__store_order", "shipment")
        .prefetch_related("lines")
        .first()
    )
    if document is None:
        raise NotFound(f"There is no document {pk}.", hint="It may belong to another merchant.")
    return document
