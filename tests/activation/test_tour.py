"""What is offered in test mode only: generators and the tour. What the checklist and the key form say of the activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from jetsync.activation.generators import order_generator_url, return_generator_url
from jetsync.enums import Mode
from jetsync.models import Activation, JetAccount, Merchant
from orders.enums import OrderState, ShipmentState
from orders.models import Order, Shipment, ShipmentLine
from tests import factories
from tests.activation.conftest import SKU, Stage
from tests.orders.rows import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(merchant: Merchant) -> Callable[..., str]:
    return lambda name, **kwargs: reverse(name, kwargs={"merchant_slug": merchant.slug, **kwargs})


@pytest.mark.feature("API-10")
def test_tour_leads_through_a_test_order_and_ticks_itself(stage: Stage, at: Any, client_for: Any) -> None:
    client: Client = client_for("owner")

    def ticked() -> int:
        return client.get(at("orders:tour")).content.decode().count("check-item is-done")

    page = client.get(at("orders:tour")).content.decode()
    assert "No SKU is uploaded yet." in page
    assert ticked() == 0
    stage.send_all()
    page = client.get(at("orders:tour")).content.decode()
    assert f"In the order generator choose {SKU}" in page
    assert f'href="{escape(order_generator_url(stage.merchant))}"' in page
    stage.control.generate_orders(user="demo-user", count=1, sku=SKU, quantity=1, cancel_quantity=0)
    client.post(at("orders:order-fetch"))
    stage.work()
    order = Order.objects.get()
    page = client.get(at("orders:tour")).content.decode()
    assert ticked() == 3
    assert f'href="{at("orders:order-detail", pk=order.pk)}"' in page
    Order.objects.update(state=OrderState.COMPLETE)
    assert ticked() == 4
    assert "was accepted and shipped." in client.get(at("orders:tour")).content.decode()


@pytest.mark.feature("API-10")
@pytest.mark.parametrize("state", [OrderState.COMPLETE, OrderState.REJECTED])
def test_tour_passes_over_a_test_order_that_ended_without_a_parcel(
    merchant: Merchant, scoped: Merchant, at: Any, client_for: Any, state: str
) -> None:
    order = make_order(scoped, factories.make_account(scoped), status="acknowledged")
    Order.objects.update(state=state)
    gone = Shipment.objects.create(merchant=scoped, order=order, state=ShipmentState.SENT)
    line = order.lines.get()
    ShipmentLine.objects.create(merchant=scoped, shipment=gone, line=line, cancel_quantity=line.quantity)
    page = client_for("owner").get(at("orders:tour")).content.decode()
    assert page.count("check-item is-done") == 0
    assert "Begin with the generator" in page


@pytest.mark.feature("API-02", "GEN-06")
def test_account_page_leads_to_the_sandbox_that_gives_keys(
    merchant: Merchant, scoped: Merchant, at: Any, client_for: Any, settings: Any
) -> None:
    settings.SANDBOX_URL = "http://sandbox:8090"
    settings.SANDBOX_PORTAL_URL = "http://127.0.0.1:8090"
    page = client_for("owner").get(at("panel:account")).content.decode()
    assert '<a href="http://127.0.0.1:8090/">partner portal</a>' in page
    live = client_for("owner").get(at("panel:go-live")).content.decode()
    assert '<a href="http://127.0.0.1:8090/">partner portal</a>' in live
    factories.make_account(scoped, "http://sandbox:8090/api")
    assert order_generator_url(scoped).startswith("http://127.0.0.1:8090/testapi?")
    JetAccount.objects.update(api_url="https://jet.example.com/api")
    assert "partner portal</a>" not in client_for("owner").get(at("panel:account")).content.decode()


@pytest.mark.feature("API-10", "API-11")
def test_tour_and_generators_are_hidden_in_live_mode(merchant: Merchant, at: Any, client_for: Any) -> None:
    factories.make_account(merchant)
    client: Client = client_for("owner")
    pages = ("orders:order-list", "returns:return-list", "panel:activation")
    test_words = ("Test order", "Return generator", "Tour of a test order")
    shown = [client.get(at(name)).content.decode() for name in pages]
    assert [word in text for word, text in zip(test_words, shown, strict=True)] == [True] * 3
    assert shown[2].count("/testapi") == 2
    Merchant.objects.filter(pk=merchant.pk).update(mode=Mode.LIVE)
    hidden = [client.get(at(name)).content.decode() for name in pages]
    assert [word in text for word, text in zip(test_words, hidden, strict=True)] == [False] * 3
    assert "/testapi" not in "".join(hidden)
    answer = client.get(at("orders:tour"), follow=True)
    assert answer.redirect_chain == [(at("orders:order-list"), 302)]
    assert "in test mode only" in answer.content.decode()


@pytest.mark.feature("API-11")
def test_generators_are_those_of_the_address_of_the_test_keys(scoped: Merchant) -> None:
    assert order_generator_url(scoped) == "https://partner.jet.com/testapi"
    account = factories.make_account(scoped, "https://jet.example.com/api")
    named = f"?user={account.api_user}&for=returns"
    assert return_generator_url(scoped) == f"https://jet.example.com/testapi{named}"
    account.jet_merchant_id = "e" * 32
    account.save()
    assert order_generator_url(scoped) == f"https://jet.example.com/portal/{'e' * 32}/test/orders/generator"


@pytest.mark.feature("API-08", "GEN-06")
def test_checklist_and_prerequisites_lead_to_the_activation(
    merchant: Merchant, scoped: Merchant, at: Any, client_for: Any
) -> None:
    client: Client = client_for("owner")
    home = client.get(at("panel:home")).content.decode()
    assert "Enable the APIs with the test keys" in home
    assert f'href="{at("panel:activation")}"' in home
    assert f'href="{at("panel:go-live")}"' in home
    checks = {row.check.key: row.finding for row in client.get(at("panel:prerequisites")).context["checks"]}
    assert (checks["activation"].state, checks["activation"].url_name) == ("missing", "panel:activation")
    page = client.get(at("panel:activation")).content.decode()
    assert "Jet has not accepted the test keys yet." in page
    assert not Activation.objects.exists()  # looking writes nothing
    factories.open_live(merchant)
    checks = {row.check.key: row.finding for row in client.get(at("panel:prerequisites")).context["checks"]}
    assert checks["activation"].state == "ok"


@pytest.mark.feature("API-12")
def test_key_form_names_the_three_values_and_which_is_not_the_node_id(
    merchant: Merchant, at: Any, client_for: Any
) -> None:
    text = client_for("owner").get(at("panel:account")).content.decode()
    assert "Sandbox API Keys" in text
    labels = [text.index(f">{label}") for label in ("API user", "Secret", "Merchant Id")]
    assert labels == sorted(labels)
    assert "It is not the fulfilment node id" in text
