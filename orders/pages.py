"""Addresses of the order pages, for notices and messages."""

from __future__ import annotations

from django.urls import reverse

from jetsync.models import Merchant
from orders.models import Document, Order


def order_url(order: Order) -> str:
    return order_page(order.merchant, order.pk)


def order_page(merchant: Merchant, pk: int) -> str:
    return reverse("orders:order-detail", kwargs={"merchant_slug": merchant.slug, "pk": pk})


def document_url(document: Document) -> str:
    return reverse("orders:document", kwargs={"merchant_slug": document.merchant.slug, "pk": document.pk})


def store_settings_url(merchant: Merchant) -> str:
    return reverse("orders:store-orders", kwargs={"merchant_slug": merchant.slug})


def order_list_url(merchant: Merchant, query: str = "") -> str:
    address = reverse("orders:order-list", kwargs={"merchant_slug": merchant.slug})
    return f"{address}?{query}" if query else address


def failed_orders_url(merchant: Merchant, query: str = "") -> str:
    address = reverse("orders:order-failed", kwargs={"merchant_slug": merchant.slug})
    return f"{address}?{query}" if query else address
