"""Fetching orders switched off: said wherever a merchant would wait for orders."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from jetsync.models import Merchant, Options, Schedule
from jetsync.queries.schedules import schedule_rows
from jetsync.sync.schedules import ensure_schedules
from tests.orders.pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(scoped: Merchant) -> dict[str, str]:
    ensure_schedules(scoped)
    Schedule.objects.update(last_finished_at=timezone.now(), last_ok=True)
    start = f"/m/{scoped.slug}"
    return {
        "home": f"{start}/",
        "dashboard": reverse("panel:dashboard", kwargs={"merchant_slug": scoped.slug}),
        "orders": page(scoped, "order-list"),
        "schedules": reverse("panel:schedule-list", kwargs={"merchant_slug": scoped.slug}),
    }


@pytest.mark.feature("CFG-31")
def test_fetching_that_is_switched_off_is_said_in_red_where_orders_are_awaited(
    scoped: Merchant, pages: dict[str, str], client_for: Any
) -> None:
    client = client_for("owner", scoped)
    assert all("Fetching orders is switched off" not in text_of(client, url) for url in pages.values())
    Options.objects.update_or_create(merchant=scoped, defaults={"pull_orders": False})

    for name in ("home", "dashboard", "orders"):
        html = text_of(client, pages[name])
        assert "Fetching orders is switched off" in html, name
        assert f"/m/{scoped.slug}/settings/options/#orders" in html, name
    assert "Last look at Jet" not in text_of(client, pages["orders"])
    off = [row.label for row in schedule_rows(scoped) if row.status == "schedule.off"]
    assert off == ["Fetch orders", "Refresh open orders"]
    assert text_of(client, pages["schedules"]).count("The settings switch it off") == 2
