"""The way to live over the API: the same steps, lock and share as on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Listing
from jetsync.enums import Mode
from jetsync.models import Merchant
from tests import factories
from tests.activation.conftest import SKU, Stage


@pytest.fixture
def call(stage: Stage, client_for: Any) -> Callable[..., Any]:
    client: Client = client_for("manager")

    def send(name: str = "activation-list", **data: Any) -> Any:
        url = reverse(f"api:{name}", kwargs={"merchant_slug": stage.merchant.slug})
        if name == "activation-list":
            return client.get(url)
        return client.post(url, data, content_type="application/json")

    return send


@pytest.mark.feature("API-01", "API-02")
def test_steps_are_read_and_run(stage: Stage, call: Any) -> None:
    state = call().json()
    assert (state["mode"], state["may_go_live"], state["sku"], len(state["steps"])) == (
        "test",
        False,
        SKU,
        11,
    )
    assert call("activation-run", step="order_ship").status_code == 409
    assert call("activation-run", step="nonsense").status_code == 404
    refused = call("activation-run", sku="NOBODY")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["sku"])
    for step in ("product_sku", "product_price"):
        assert call("activation-run", step=step).status_code == 202
        stage.work()
    state = call().json()
    price = next(step for step in state["steps"] if step["key"] == "product_price")
    assert (price["state"], price["evidence"]["path"]) == ("ok", f"/merchant-skus/{SKU}/price")
    assert (len(state["open_steps"]), state["running_operation"]) == (9, None)
    first = call("activation-run", sku=SKU.lower())
    assert call().json()["sku"] == SKU
    assert first.status_code == 202
    assert call("activation-run").json() == first.json()
    assert call().json()["running_operation"] == first.json()["operation"]


@pytest.mark.feature("API-07", "API-09")
def test_switch_is_locked_then_begins_with_a_share(stage: Stage, call: Any) -> None:
    locked = call("activation-switch", mode="live")
    assert (locked.status_code, locked.json()["code"]) == (409, "live_locked")
    assert "Complete Return" in locked.json()["message"]
    factories.open_live(stage.merchant)
    missing = call("activation-switch", mode="live", share=100)
    assert (missing.status_code, missing.json()["code"]) == (409, "live_keys_missing")
    stage.control.add_account("live-user", "live-secret", is_live=True)
    account = factories.make_account(
        stage.merchant,
        stage.sandbox.server.api_url,
        mode=Mode.LIVE,
        api_user="live-user",
        api_secret="live-secret",
    )
    node = stage.control.account("live-user")["nodes"][0]
    account.nodes.update(node_id=node)
    assert call("activation-switch", mode="live", share=0).status_code == 400
    answer = call("activation-switch", mode="live", share=100)
    assert (answer.status_code, answer.json()["mode"]) == (202, "live")
    stage.work()
    assert Listing.objects.get().content_sent_at is not None
    assert call("activation-switch", mode="live").json()["code"] == "already_live"
    assert call("activation-widen", share=100).status_code == 400
    assert call("activation-switch", mode="test").json() == {"operation": None, "mode": "test"}
    assert Merchant.objects.get(pk=stage.merchant.pk).mode == Mode.TEST


def test_who_may_not_change_settings_may_not_run_or_switch(stage: Stage, client_for: Any) -> None:
    client: Client = client_for("fulfilment")
    for name in ("activation-run", "activation-switch", "activation-widen"):
        url = reverse(f"api:{name}", kwargs={"merchant_slug": stage.merchant.slug})
        assert (
            client.post(url, {"mode": "live", "share": 5}, content_type="application/json").status_code == 403
        )
    url = reverse("api:activation-list", kwargs={"merchant_slug": stage.merchant.slug})
    assert client.get(url).status_code == 403
