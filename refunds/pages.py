"""Addresses of the refund pages, for notices and messages."""

from __future__ import annotations

from django.urls import reverse

from jetsync.models import Merchant
from refunds.models import Refund


def refund_url(refund: Refund) -> str:
    return reverse("refunds:refund-detail", kwargs={"merchant_slug": refund.merchant.slug, "pk": refund.pk})


def refund_list_url(merchant: Merchant, query: str = "") -> str:
    address = reverse("refunds:refund-list", kwargs={"merchant_slug": merchant.slug})
    return f"{address}?{query}" if query else address


def new_refund_url(merchant: Merchant, order_pk: int) -> str:
    return reverse("refunds:refund-create", kwargs={"merchant_slug": merchant.slug, "pk": order_pk})
