"""Addresses and readings that the tests of the order pages share."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.enums import JobState
from jetsync.models import Job, Merchant
from jetsync.sync.runner import run_job
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


def headings_of(html: str) -> list[str]:
    """The words of the heading cells of a list, from left to right."""
    cells = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def run_decisions(merchant: Merchant) -> None:
    """The worker comes to the lists of orders that were accepted, rejected or cancelled together."""
    with merchant_scope(merchant):
        for pk in Job.objects.filter(kind="orders.decide_many", state=JobState.QUEUED).values_list(
            "pk", flat=True
        ):
            run_job(pk)


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
