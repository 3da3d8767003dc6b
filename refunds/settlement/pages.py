"""Addresses of the settlement pages, for notices and messages."""

from __future__ import annotations

from django.urls import reverse

from jetsync.models import Merchant
from refunds.models import SettlementReport


def settlement_url(report: SettlementReport) -> str:
    return reverse(
        "refunds:settlement-detail", kwargs={"merchant_slug": report.merchant.slug, "pk": report.pk}
    )


def settlement_list_url(merchant: Merchant) -> str:
    return reverse("refunds:settlement-list", kwargs={"merchant_slug": merchant.slug})
