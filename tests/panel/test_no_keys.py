"""A store without API keys: pages whose work needs Jet say so and lead to the keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.models import JetAccount, Merchant
from jetsync.tenancy.context import merchant_scope
from tests import factories

pytestmark = pytest.mark.django_db
PAGES = (
    "catalog:product-list",
    "catalog:mass-upload",
    "catalog:vacation",
    "repricer:repricer",
    "repricer:sales-data",
)


@pytest.mark.feature("CFG-13")
@pytest.mark.parametrize("name", PAGES)
def test_page_names_missing_keys_and_leads_to_them(
    name: str, merchant: Merchant, client_for: Callable[..., Client]
) -> None:
    client = client_for("owner")
    address = reverse(name, kwargs={"merchant_slug": merchant.slug})
    enter = (
        f'<a href="{reverse("panel:account", kwargs={"merchant_slug": merchant.slug})}">Enter the keys</a>'
    )
    words = "There are no API keys for test mode"

    for make in (lambda: None, lambda: factories.make_account(merchant, api_secret="")):
        make()
        html = client.get(address).content.decode()
        assert words in html
        assert enter in html
    with merchant_scope(merchant):
        JetAccount.objects.update(api_secret="secret-1234567")
    assert words not in client.get(address).content.decode()
