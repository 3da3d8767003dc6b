"""Switch, limits, breaker and simulator over the API: as the pages, with their rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Variant
from jetsync.models import Job, Merchant
from jetsync.tenancy.actor import SYSTEM
from repricer.actions.offers import FETCH, store_figures
from repricer.actions.rules import set_rule
from repricer.models import RepricerSetting
from tests.repricer.conftest import offers

JSON = {"content_type": "application/json"}


def url(merchant: Merchant, name: str) -> str:
    return reverse(f"api:repricer-{name}", kwargs={"merchant_slug": merchant.slug})


@pytest.mark.feature("REP-01")
def test_switch_and_limits_are_read_and_changed(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    for_sale("HF-1", offers("38.50", "36.25"))
    client, address = client_for("owner"), url(plain_shop, "setting")
    assert client.get(address).json()["is_on"] is False
    assert RepricerSetting.objects.count() == 0

    given = {"is_on": True, "step_percent": 5, "passes_once": True}
    answer = client.patch(address, given, **JSON).json()

    row = RepricerSetting.objects.get()
    assert (row.is_on, row.step_percent, row.share_percent, row.passes_once) == (True, 5, 50, True)
    assert (answer["is_on"], answer["step_percent"]) == (True, 5)
    assert Job.objects.filter(kind=FETCH).count() == 1


@pytest.mark.parametrize(
    "given",
    [
        *({"step_percent": 0}, {"share_percent": 101}, {"always_allowed": -1}, {"always_allowed": 100_001}),
        *({"passes_once": True}, {"passes_once": True, "is_on": False}, {"is_on": "maybe"}),
    ],
)
def test_setting_that_breaks_a_rule_is_refused(
    plain_shop: Merchant, client_for: Callable[..., Client], given: dict[str, Any]
) -> None:
    answer = client_for("owner").patch(url(plain_shop, "setting"), given, **JSON)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) <= set(given)
    assert RepricerSetting.objects.count() == 0


@pytest.mark.parametrize("role", ["fulfilment", "analyst"])
def test_setting_is_changed_with_the_right_of_its_page(
    plain_shop: Merchant, client_for: Callable[..., Client], role: str
) -> None:
    client = client_for(role)
    assert client.get(url(plain_shop, "setting")).status_code == 200
    assert client.patch(url(plain_shop, "setting"), {"is_on": True}, **JSON).status_code == 403
    assert client.post(url(plain_shop, "resume"), {}, **JSON).status_code == 403
    assert RepricerSetting.objects.count() == 0


def test_repricer_that_the_breaker_stopped_goes_on(
    plain_shop: Merchant, client_for: Callable[..., Client]
) -> None:
    client = client_for("owner")
    assert client.post(url(plain_shop, "resume"), {}, **JSON).status_code == 409
    RepricerSetting.objects.create(
        merchant=plain_shop, is_on=True, frozen_at=timezone.now(), frozen_reason="Too many"
    )
    assert client.get(url(plain_shop, "setting")).json()["frozen_reason"] == "Too many"

    answer = client.post(url(plain_shop, "resume"), {"passes_once": True}, **JSON).json()

    assert (answer["frozen_at"], answer["frozen_reason"], answer["passes_once"]) == (None, "", True)


def test_simulator_replays_with_the_limits_given(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    variant = for_sale("HF-1")
    set_rule(
        variant,
        {"min_price": Decimal(30), "max_price": Decimal(45), "bid": Decimal("0.05")},
        actor=SYSTEM,
    )
    store_figures(plain_shop, {variant.pk: offers("38.50", "36.25")}, now=timezone.now() - timedelta(days=3))
    client, address = client_for("analyst"), url(plain_shop, "simulation")

    found = client.get(address).json()
    assert (found["total"], found["limits"]["step_percent"]) == (1, 10)
    (sku,) = found["skus"]
    assert (sku["sku"], sku["first"], sku["price"]) == ("HF-1", "38.50", "36.20")

    slow = client.get(f"{address}?step_percent=1").json()
    assert slow["limits"]["step_percent"] == 1
    assert slow["skus"][0]["changes"] > sku["changes"]
    assert client.get(f"{address}?step_percent=0").status_code == 400
