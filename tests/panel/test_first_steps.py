"""The first hour: a store is made, and the checklist leads to what it needs and ticks itself off."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.models import FulfillmentNode, JetAccount, Membership, Merchant, ReturnLocation
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db


def steps_of(client: Client, merchant: Merchant) -> dict[str, str]:
    """Label -> address of each step that is still open."""
    html = client.get(reverse("panel:home", args=[merchant.slug])).content.decode()
    part = html.partition("Set-up:")[2].partition("</section>")[0]
    found = {}
    for item in part.split("<li")[1:]:
        label = re.search(
            r"(Enter Jet API keys|Name a fulfilment node|Add a return location|Import products)", item
        )
        link = re.search(r'<a class="[^"]*" href="([^"]+)"', item)
        if label and link and "is-done" not in item.partition(">")[0]:
            found[label[1]] = link[1]
    return found


@pytest.mark.feature("GEN-06")
def test_checklist_leads_to_each_step_and_ticks_itself_off(client_for: Any, merchant: Merchant) -> None:
    client = client_for("owner")
    open_steps = steps_of(client, merchant)
    assert list(open_steps) == [
        "Enter Jet API keys",
        "Name a fulfilment node",
        "Add a return location",
        "Import products",
    ]
    for address in open_steps.values():
        assert client.get(address).status_code == 200
    assert "partner portal" in client.get(reverse("panel:home", args=[merchant.slug])).content.decode()

    factories.make_account(merchant)
    with merchant_scope(merchant):
        JetAccount.objects.update(validation=JetAccount.Validation.OK)
        assert FulfillmentNode.objects.exists()
    assert list(steps_of(client, merchant)) == ["Add a return location", "Import products"]
    with merchant_scope(merchant):
        account = JetAccount.objects.get()
        ReturnLocation.objects.create(
            merchant=merchant,
            account=account,
            return_id="d" * 32,
            address1="9 Dock Street",
            city="Hoboken",
            state="NJ",
            zip_code="07030",
            is_default=True,
        )
    assert list(steps_of(client, merchant)) == ["Import products"]
    with merchant_scope(merchant):
        rows.make_variant(merchant)
    assert steps_of(client, merchant) == {}


def test_checklist_has_no_link_to_what_the_role_may_not_do(client_for: Any, merchant: Merchant) -> None:
    html = client_for("analyst").get(reverse("panel:home", args=[merchant.slug])).content.decode()
    part = html.partition("Set-up:")[2].partition("</section>")[0]
    assert "Enter Jet API keys" in part
    assert "<a " not in part


@pytest.mark.feature("GEN-07")
def test_new_store_is_made_in_the_panel_and_starts_with_the_checklist(db: None) -> None:
    user = factories.make_user("robin@example.com")
    client = Client()
    client.force_login(user)
    answer = client.post(reverse("merchant-new"), {"name": "Harrow & Finch", "time_zone": "America/New_York"})
    assert answer.status_code == 302, answer.content.decode()
    merchant = Merchant.objects.get()
    assert Membership.objects.get(user=user).merchant == merchant
    assert "Enter Jet API keys" in steps_of(client, merchant)
