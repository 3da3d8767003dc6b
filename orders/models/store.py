"""The store's side of an order: the store order, its documents, the store's own methods and number series."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils import timezone

from jetsync.tenancy.managers import TenantModel
from orders.amounts import ZERO, Amounts
from orders.enums import DocumentKind, MethodKind

DEFAULT_PAYMENT = "Jet.com (paid by marketplace)"
DEFAULT_SHIPPING = "Jet.com"
# The number before the first one of every series.
SERIES_START = 1_000_000


def _money_field() -> models.DecimalField[Decimal, Decimal]:
    return models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)


class StoreBook(TenantModel):
    """One per merchant: what new store orders are given, and the last number of each series."""

    payment_method = models.CharField(max_length=100, default=DEFAULT_PAYMENT)
    shipping_method = models.CharField(max_length=100, default=DEFAULT_SHIPPING)
    last_order = models.PositiveIntegerField(default=SERIES_START)
    last_invoice = models.PositiveIntegerField(default=SERIES_START)
    last_shipment = models.PositiveIntegerField(default=SERIES_START)
    last_credit_memo = models.PositiveIntegerField(default=SERIES_START)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant"], name="store_book_once")]

    def __str__(self) -> str:
        return f"Book of merchant {self.merchant_id}"


class StoreMethod(TenantModel):
    """A payment or shipping method of the merchant's own store. The two defaults exist without a row until they are
    switched off (orders.queries.store).
    """

    kind = models.CharField(max_length=8, choices=MethodKind.choices)
    name = models.CharField(max_length=100)
    is_on = models.BooleanField("switched on", default=True)

    class Meta:
        ordering = ("kind", "pk")
        constraints = [models.UniqueConstraint(fields=["merchant", "kind", "name"], name="store_method_once")]

    def __str__(self) -> str:
        return self.name


class StoreOrder(TenantModel):
    """What a Jet order is in the store. The methods are copies: switching one off later changes no order.

    `customer_email` is the option's address (Jet gives none), empty when the merchant set none.
    """

    order = models.OneToOneField("orders.Order", on_delete=models.CASCADE, related_name="store_order")
    number = models.CharField(max_length=20)
    customer_email = models.EmailField(blank=True, default="")
    payment_method = models.CharField(max_length=100)
    shipping_method = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "order"], name="store_order_once"),
            models.UniqueConstraint(fields=["merchant", "number"], name="store_order_number"),
        ]

    def __str__(self) -> str:
        return self.number


class Document(TenantModel):
    """An invoice, a store shipment or a credit memo; never changed once made. Money is USD, zero on a shipment.

    `source` names what it was made for ("shipment-12", "return-5"), so that nothing is made twice.
    """

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=12, choices=DocumentKind.choices)
    number = models.CharField(max_length=20)
    source = models.CharField(max_length=40)
    reference = models.CharField("made for", max_length=120, blank=True, default="")
    shipment = models.ForeignKey(
        "orders.Shipment", on_delete=models.SET_NULL, null=True, related_name="documents"
    )
    units = models.PositiveIntegerField(default=0)
    principal = _money_field()
    tax = _money_field()
    shipping_cost = _money_field()
    shipping_tax = _money_field()
    total = _money_field()
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "kind", "number"], name="document_number"),
            models.UniqueConstraint(fields=["merchant", "kind", "source"], name="document_once"),
        ]
        indexes = [
            models.Index(fields=["merchant", "order"], name="document_order"),
            models.Index(fields=["merchant", "-issued_at", "-id"], name="document_recent"),
            models.Index(fields=["merchant", "kind", "-issued_at", "-id"], name="document_kind"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amounts(self) -> Amounts:
        return Amounts(self.principal, self.tax, self.shipping_cost, self.shipping_tax)

    @property
    def taxes(self) -> Decimal:
        """On goods and shipping together, as paper shows it."""
        return self.tax + self.shipping_tax


class DocumentLine(TenantModel):
    """One item of a document. Title and SKU are copies, as they were when the document was made."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(
        "orders.OrderLine", on_delete=models.SET_NULL, null=True, related_name="document_lines"
    )
    sku = models.CharField("SKU", max_length=100, blank=True, default="")
    title = models.CharField(max_length=500, blank=True, default="")
    quantity = models.PositiveIntegerField(default=0)
    principal = _money_field()
    tax = _money_field()
    shipping_cost = _money_field()
    shipping_tax = _money_field()

    class Meta:
        ordering = ("pk",)
        indexes = [models.Index(fields=["merchant", "order_line"], name="document_line_line")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    @property
    def amounts(self) -> Amounts:
        return Amounts(self.principal, self.tax, self.shipping_cost, self.shipping_tax)

    @property
    def taxes(self) -> Decimal:
        """On goods and shipping together, as paper shows it."""
        return self.tax + self.shipping_tax
