"""The page of the activation: its steps, their evidence, and who may press what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.models import Activation, Operation
from tests.activation.conftest import SKU, Stage


@pytest.fixture
def at(stage: Stage) -> Callable[..., str]:
    return lambda name, **kwargs: reverse(
        f"panel:{name}", kwargs={"merchant_slug": stage.merchant.slug, **kwargs}
    )


@pytest.mark.feature("API-01", "API-02")
def test_page_runs_the_rehearsal_and_shows_state_time_and_evidence(
    stage: Stage, at: Any, client_for: Any
) -> None:
    client: Client = client_for("manager")
    before = client.get(at("activation")).content.decode()
    assert before.count("Not run") == 11
    assert "Enable all APIs" in before
    answer = client.post(at("activation-run"), follow=True)
    assert f"Go-live rehearsal with SKU {SKU}: started." in answer.content.decode()
    client.post(at("activation-run"))
    assert Operation.objects.count() == 1
    stage.work()
    after = client.get(at("activation")).content.decode()
    assert "11 of 11 steps are ok" in after
    assert 'Evidence <span class="visually-hidden">of Send Price</span>' in after
    assert f"PUT /merchant-skus/{SKU}/price" in after
    assert "Test order" in after


def test_a_failed_step_leads_to_its_cause(stage: Stage, at: Any, client_for: Any) -> None:
    client: Client = client_for("manager")
    link = f'href="/m/{stage.merchant.slug}/help/work-content-refused/"'
    assert link not in client.get(at("activation")).content.decode()
    stage.control.fault("status", path="/price$", method="PUT", status=400)
    client.post(at("activation-run"))
    stage.work()

    failed = client.get(at("activation")).content.decode()
    assert failed.count(link) == 2  # above all steps, and at the step

    stage.control.clear_faults()
    client.post(at("activation-run"))
    stage.work()
    assert link not in client.get(at("activation")).content.decode()


def test_step_is_sent_alone_from_the_page(stage: Stage, at: Any, client_for: Any) -> None:
    client: Client = client_for("manager")
    answer = client.post(at("activation-step", key="product_sku"), follow=True)
    assert "Send Merchant SKU: started." in answer.content.decode()
    answer = client.post(at("activation-step", key="order_ship"), follow=True)
    assert "is running" in answer.content.decode()
    stage.work()
    assert stage.states() == {"product_sku": "ok"}


def test_product_of_the_rehearsal_is_chosen_with_a_clear_refusal(
    stage: Stage, at: Any, client_for: Any
) -> None:
    client: Client = client_for("manager")
    answer = client.post(at("activation"), {"sku": "NOBODY"})
    assert answer.status_code == 400
    assert "There is no SKU “NOBODY” among your products." in answer.content.decode()
    assert client.post(at("activation"), {"sku": SKU}).status_code == 302
    assert Activation.objects.get().sku == SKU


def test_staff_that_only_looks_may_not_press(stage: Stage, at: Any, client_for: Any) -> None:
    for role in ("fulfilment", "analyst"):
        client: Client = client_for(role)
        assert client.get(at("activation")).status_code == 403
        assert client.post(at("activation-run")).status_code == 403
        assert client.post(at("activation-step", key="product_sku")).status_code == 403
    assert Operation.objects.count() == 0
