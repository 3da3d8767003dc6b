"""The settings page of store orders."""

from __future__ import annotations

import pytest
from django.test import Client

from jetsync.enums import Role
from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from orders.actions.states import failure_columns
from orders.enums import FailureReason, MethodKind
from orders.models import Order, StoreMethod
from orders.models.store import DEFAULT_PAYMENT, DEFAULT_SHIPPING
from orders.queries.store import get_book
from tests.factories import make_member
from tests.orders.pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(merchant: Merchant) -> Client:
    client = Client()
    client.force_login(make_member(merchant, Role.OWNER))
    return client


def filled(**values: object) -> dict[str, object]:
    return {
        "payment_method": DEFAULT_PAYMENT,
        "shipping_method": DEFAULT_SHIPPING,
        "payment-0-on": "on",
        "shipping-0-on": "on",
        "new_payment": "",
        "new_shipping": "",
        **values,
    }


@pytest.mark.feature("CFG-29", "CFG-30")
def test_page_shows_the_defaults_with_their_hints(merchant, account, owner) -> None:
    html = text_of(owner, page(merchant, "store-orders"))
    assert "Payment method for imported orders" in html
    assert DEFAULT_PAYMENT in html
    assert "your store must not ask for it again" in html


@pytest.mark.feature("CFG-29")
def test_new_method_is_entered_then_chosen_then_switched_off(merchant, account, owner) -> None:
    url = page(merchant, "store-orders")
    owner.post(url, filled(new_payment="House account"))
    owner.post(url, filled(**{"payment_method": "House account", "payment-1-on": "on"}))
    with merchant_scope(merchant):
        assert get_book(merchant).payment_method == "House account"

    answer = owner.post(url, filled(payment_method="House account"), follow=True)

    html = answer.content.decode()
    assert "“House account” for imported orders is switched off" in html
    assert "Jet is answered in time all the same" in html
    with merchant_scope(merchant):
        assert list(StoreMethod.objects.values_list("kind", "name", "is_on")) == [
            (MethodKind.PAYMENT, "House account", False)
        ]


def test_chosen_method_cannot_be_removed(merchant, account, owner) -> None:
    url = page(merchant, "store-orders")
    owner.post(url, filled(new_payment="House account"))
    owner.post(url, filled(**{"payment_method": "House account", "payment-1-on": "on"}))
    answer = owner.post(
        url, filled(**{"payment_method": "House account", "payment-1-on": "on", "payment-1-remove": "on"})
    )
    assert answer.status_code == 400
    assert "Choose another before you remove it." in answer.content.decode()
    with merchant_scope(merchant):
        assert StoreMethod.objects.filter(name="House account").exists()


def test_role_that_may_only_look_changes_nothing(merchant, account) -> None:
    client = Client()
    client.force_login(make_member(merchant, Role.ANALYST))
    answer = client.post(page(merchant, "store-orders"), filled(new_payment="Mine"))
    assert answer.status_code == 403
    with merchant_scope(merchant):
        assert not StoreMethod.objects.exists()


@pytest.mark.feature("FAI-04")
def test_failed_order_offers_the_page_as_its_fix(merchant, account, owner, order_of) -> None:
    order = order_of(status="acknowledged")
    with merchant_scope(merchant):
        columns = failure_columns(FailureReason.PAYMENT_METHOD, "It is off.", "Switch it on.")
        Order.objects.filter(pk=order.pk).update(**columns)
    html = text_of(owner, page(merchant, "order-failed"))
    assert "Pick payment method" in html
    assert f'href="{page(merchant, "store-orders")}"' in html
    assert "Payment method not available" in html
