"""Prices at Jet: the rule is applied when they are sent, and special prices follow the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.actions import publish
from catalog.models import Listing, Variant
from catalog.sync.special import SPECIAL_PRICES
from jetsync.models import Job, Merchant, Schedule
from jetsync.sync.client import client_for as jet_client_for
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.sync.schedules import ensure_schedules, start_due
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.sync.conftest import kettle, shop

__all__ = ["kettle", "shop"]
pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def run(shop: Merchant, drain: Callable[[], int]) -> str:
    """The schedule's turn; returns what the job says."""
    ensure_schedules(shop)
    schedule = Schedule.objects.get(merchant=shop, kind="catalog.special_prices")
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=timezone.now())
    start_due()
    drain()
    return str(Job.objects.filter(kind=SPECIAL_PRICES).latest("pk").message)


@pytest.mark.feature("FLD-07")
def test_a_special_price_begins_and_ends_by_itself_at_jet(
    shop: Merchant, sandbox: Any, kettle: Callable[..., Variant], drain: Callable[[], int]
) -> None:
    now = timezone.now()
    sku = kettle(
        "HF-1",
        price=Decimal(100),
        special_price=Decimal(90),
        special_from=now + 2 * HOUR,
        special_to=now + 5 * HOUR,
    )
    publish.upload(shop, [sku.pk], actor=SYSTEM)
    drain()
    jet = jet_client_for(current_account(shop))
    assert jet.products.get("HF-1").price == Decimal(100)
    assert run(shop, drain) == "0 prices began or ended."

    Variant.objects.filter(pk=sku.pk).update(special_from=now - timedelta(minutes=1))
    assert run(shop, drain) == "1 prices began or ended."
    assert jet.products.get("HF-1").price == Decimal(90)
    assert run(shop, drain) == "0 prices began or ended."  # twice changes nothing

    Variant.objects.filter(pk=sku.pk).update(special_to=now - timedelta(seconds=30))
    run(shop, drain)
    assert jet.products.get("HF-1").price == Decimal(100)


def test_after_a_failed_run_the_next_looks_further_back(shop: Merchant, drain: Callable[[], int]) -> None:
    now = timezone.now()
    sku = rows.make_variant(shop, price=Decimal(100), special_price=Decimal(90), special_from=now + HOUR)
    run(shop, drain)
    Variant.objects.filter(pk=sku.pk).update(special_from=now - 3 * HOUR)
    assert run(shop, drain) == "0 prices began or ended."

    Schedule.objects.filter(kind="catalog.special_prices").update(last_ok=False)
    assert run(shop, drain) == "1 prices began or ended."
    assert Listing.objects.get(variant=sku).price_target == Decimal("90.00")


def test_without_a_schedule_the_job_does_its_work_too(shop: Merchant, drain: Callable[[], int]) -> None:
    now = timezone.now()
    sku = rows.make_variant(shop, price=Decimal(100), special_price=Decimal(90), special_from=now + HOUR)
    Variant.objects.filter(pk=sku.pk).update(special_from=now - HOUR)
    enqueue(shop, SPECIAL_PRICES, "by-hand")
    drain()
    assert Listing.objects.get(variant=sku).price_target == Decimal("90.00")


@pytest.mark.feature("INV-03")
def test_the_rule_is_applied_when_sending_and_both_numbers_are_visible(
    shop: Merchant,
    client_for: Callable[..., Client],
    kettle: Callable[..., Variant],
    drain: Callable[[], int],
) -> None:
    sku = kettle("HF-1", price=Decimal(100))
    publish.upload(shop, [sku.pk], actor=SYSTEM)
    drain()
    client = client_for("owner")

    rule = {"price_rule": "increase_percent", "price_rule_amount": "5", "price_source": "special"}
    assert client.post(f"/m/{shop.slug}/catalog/pricing/", rule).status_code == 302
    drain()

    listing = Listing.objects.get(variant=sku)
    assert (listing.price_target, listing.price_sent) == (Decimal("105.00"), Decimal("105.00"))
    assert jet_client_for(current_account(shop)).products.get("HF-1").price == Decimal("105.00")
    page = client.get(f"/m/{shop.slug}/catalog/products/{sku.product_id}/").content.decode()
    card = page.split(">Price</h2>")[1].split("</section>")[0]
    assert "$100.00" in card
    assert card.count("$105.00") == 2  # for Jet, and accepted by Jet
    assert "increased by 5%" in card
