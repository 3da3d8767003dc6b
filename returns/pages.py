"""Addresses of the return pages, for notices and messages."""

from __future__ import annotations

from django.urls import reverse

from jetsync.models import Merchant
from returns.models import Return


def return_url(returned: Return) -> str:
    return reverse(
        "returns:return-detail", kwargs={"merchant_slug": returned.merchant.slug, "pk": returned.pk}
    )


def return_list_url(merchant: Merchant, query: str = "") -> str:
    address = reverse("returns:return-list", kwargs={"merchant_slug": merchant.slug})
    return f"{address}?{query}" if query else address
