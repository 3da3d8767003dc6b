"""What the tests of publishing do again and again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from catalog.actions.errors import Refusal
from catalog.actions.marks import mark_all_refused
from catalog.actions.variation_targets import recount_groups
from catalog.models import Listing, NodeStock, Variant
from catalog.sync.bodies import ContentMessage, content_messages
from jetsync.enums import JobState
from jetsync.models import Job, Merchant


def listing_of(variant: Variant) -> Listing:
    return Listing.objects.get(variant=variant)


def calls(sandbox: Any, method: str, part: str) -> list[dict[str, Any]]:
    return [row for row in sandbox.control.requests() if row["method"] == method and part in row["path"]]


def finish(drain: Callable[..., int], sandbox: Any) -> None:
    """Runs jobs, waiting ones too, and lets the sandbox work until nothing is left to do."""
    for _ in range(30):
        Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
        if not drain():
            return
        sandbox.control.advance(60)


def make_drift(variant: Variant, price: str = "99.00") -> Listing:
    """Jet took the SKU as it is, and shows another price since."""
    now = timezone.now()
    Listing.objects.filter(variant=variant).update(
        content_sent=F("content_target"),
        content_sent_at=now - timedelta(hours=1),
        price_sent=F("price_target"),
        price_sent_at=now - timedelta(hours=1),
        price_live=Decimal(price),
        price_live_at=now,
        status_read_at=now,
        status="available",
    )
    NodeStock.objects.filter(variant=variant).update(
        quantity_sent=F("quantity_target"), quantity_sent_at=now - timedelta(hours=1)
    )
    recount_groups(variant.merchant, [variant.pk])
    return listing_of(variant)


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


def spoil(monkeypatch: pytest.MonkeyPatch, *skus: str) -> None:
    """These SKUs leave with a multipack quantity that our checks would not let pass and Jet refuses."""

    def spoiled(*args: Any, **how: Any) -> list[ContentMessage]:
        messages = content_messages(*args, **how)
        for message in messages:
            if message.sku in skus:
                message.payload["multipack_quantity"] = 999
        return messages

    for module in ("calls", "files"):
        monkeypatch.setattr(f"catalog.sync.{module}.content_messages", spoiled)


def refuse(shop: Merchant, variants: list[Variant], words: str = "Invalid UPC Code") -> None:
    mark_all_refused(
        shop,
        [
            Refusal(listing_of(row).pk, "content_refused", f"{row.sku}: {words}", sku=row.sku, words=(words,))
            for row in variants
        ],
    )
