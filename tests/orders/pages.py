"""Addresses and readings that the tests of the order pages share."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from orders.models import Order


def page(merchant: Merchant, name: str, **kwargs: int) -> str:
    return reverse(f"orders:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def links_of(html: str) -> str:
    return " ".join(re.findall(r'data-href="([^"]+)"', html))


def line_pk(merchant: Merchant, order: Order) -> int:
    with merchant_scope(merchant):
        return order.lines.get().pk


def ship_data(merchant: Merchant, order: Order, **values: object) -> dict[str, object]:
    pk = line_pk(merchant, order)
    today = timezone.now().date()
    return {
        "carrier": "FedEx",
        "method": "FedExGround",
        "tracking_number": "612999aa10ba",
        "shipped_at": (today + timedelta(days=1)).isoformat(),
        "expected_delivery_at": (today + timedelta(days=5)).isoformat(),
        "pick_up_at": (today + timedelta(days=1)).isoformat(),
        "ship_from_zip": "07030",
        f"line-{pk}-quantity": 3,
        f"line-{pk}-cancel_quantity": 0,
        **values,
    }
