"""Addresses of the repricer's pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from jetsync.models import Merchant


def page_url(merchant: Merchant, name: str, **kwargs: Any) -> str:
    return reverse(f"repricer:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})
