"""Addresses of the catalogue's pages, for lists, notices, messages and links from gaps."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from catalog.listing import Gap
from catalog.models import Variant
from jetsync.models import Merchant


def page_url(merchant: Merchant, name: str, **kwargs: Any) -> str:
    """A name with a namespace ("repricer:bounds") is another app's page that stands among ours."""
    return reverse(
        name if ":" in name else f"catalog:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs}
    )


def variant_url(merchant: Merchant, variant: Variant) -> str:
    """The product's page with this SKU in front."""
    return f"{page_url(merchant, 'product-detail', pk=variant.product_id)}?variant={variant.pk}"


def section_url(merchant: Merchant, variant_id: int, section: str) -> str:
    return page_url(merchant, "variant-edit", pk=variant_id, section=section)


def fix_url(merchant: Merchant, variant_id: int, gap: Gap) -> str:
    """The very input that closes the gap."""
    return f"{section_url(merchant, variant_id, gap.section)}#{gap.anchor}"


def product_list_url(merchant: Merchant, query: str = "") -> str:
    address = page_url(merchant, "product-list")
    return f"{address}?{query}" if query else address
