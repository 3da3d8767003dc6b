"""Addresses of the ShipStation pages, and the one that is typed into ShipStation."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from jetsync.models import Merchant
from orders.models import ShipStationNotice


def page_url(merchant: Merchant, name: str, **kwargs: object) -> str:
    return reverse(f"orders:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def notice_url(notice: ShipStationNotice) -> str:
    return page_url(notice.merchant, "shipstation-notice", pk=notice.pk)


def carriers_url(merchant: Merchant) -> str:
    return page_url(merchant, "shipstation-carriers")


def store_url(merchant: Merchant) -> str:
    """What ShipStation calls; it puts its query behind it."""
    return f"{settings.BASE_URL.rstrip('/')}{reverse('shipstation', kwargs={'shop': merchant.slug})}/"
