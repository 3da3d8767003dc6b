"""Deleting the store in the browser: what is named before, the banner while it waits, keeping it, and who gets there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jetsync.actions.merchant import create_token, start_support
from jetsync.models import JetAccount, Merchant, StoreDeletion
from jetsync.panel import counting
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from orders.enums import OrderState
from orders.models import Order
from tests import factories
from tests.catalog.rows import make_variant, mark_listed
from tests.orders.rows import make_order

At = Callable[..., str]
ClientFor = Callable[..., Client]
BANNER = "is deleted on"


@pytest.fixture
def open_store(merchant: Merchant) -> Merchant:
    """With an order that waits at Jet, one to ship, one that is through, and a listing."""
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        for state in (OrderState.READY, OrderState.ACKNOWLEDGED, OrderState.COMPLETE):
            order = make_order(merchant, account)
            due = timezone.now() + timedelta(minutes=14)
            Order.objects.filter(pk=order.pk).update(
                state=state, failure_reason="", ack_due_at=due, reference_order_id=f"ORD-{state}"
            )
        mark_listed(make_variant(merchant))
    return merchant


def test_an_owner_sees_what_is_open_and_deletes_by_typing_the_name(
    client_for: ClientFor, open_store: Merchant, at: At
) -> None:
    client = client_for("owner")
    page = client.get(at("panel:store-delete")).content.decode()
    assert "1 order ready at Jet without an answer" in page
    assert "Order ORD-ready" in page
    assert "answer by" in page
    assert "1 order accepted and not shipped in full" in page
    assert "Order ORD-acknowledged" in page
    assert "ORD-complete" not in page
    assert "1 listing open at Jet" in page
    assert "Archive them by a vacation" in page

    wrong = client.post(at("panel:store-delete"), {"name": "Harrow"})
    assert wrong.status_code == 400
    assert "“Harrow” is not the name of this store" in wrong.content.decode()
    assert StoreDeletion.objects.count() == 0
    done = client.post(at("panel:store-delete"), {"name": "Harrow & Finch"}, follow=True).content.decode()

    assert StoreDeletion.objects.get().store_number == open_store.pk
    assert "This store is going to be deleted" in done
    assert "Order ORD-ready" in done
    for name in ("panel:home", "orders:order-list", "catalog:product-list", "panel:log-list"):
        assert BANNER in client.get(at(name)).content.decode(), name
    again = client.post(at("panel:store-delete"), {"name": "Harrow & Finch"})
    assert again.status_code == 409

    kept = client.post(at("panel:store-keep"), follow=True).content.decode()
    assert "is kept. Everything that rested goes on." in kept
    assert BANNER not in client.get(at("panel:home")).content.decode()


def test_the_list_behind_the_orders_to_ship_names_those_shipped_in_part(
    client_for: ClientFor, open_store: Merchant, at: At
) -> None:
    with merchant_scope(open_store):
        part = make_order(open_store, JetAccount.objects.get())
        Order.objects.filter(pk=part.pk).update(state=OrderState.IN_PROGRESS, reference_order_id="ORD-part")
    client = client_for("owner")
    page = client.get(at("panel:store-delete")).content.decode()
    assert "2 orders accepted and not shipped in full" in page
    (link,) = re.findall(r'href="([^"]+state=shippable[^"]*)"', page)

    listed = client.get(link).content.decode()

    named = {name for name in ("ORD-ready", "ORD-acknowledged", "ORD-complete", "ORD-part") if name in listed}
    assert named == {"ORD-acknowledged", "ORD-part"}


def test_a_large_table_is_counted_up_to_a_bound(
    client_for: ClientFor, open_store: Merchant, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every look at the page and every wrong name counts each table of the store."""
    monkeypatch.setattr(counting, "COUNT_LIMIT", 2)

    page = client_for("owner").get(at("panel:store-delete")).content.decode()

    assert re.search(r"more than \d+ rows in \d+ tables", page)
    assert re.search(r'data-label="What">orders</td>.*?data-label="Rows">2\+<', page)


def test_other_members_read_the_banner_and_cannot_act(
    client_for: ClientFor, merchant: Merchant, at: At
) -> None:
    client_for("owner").post(at("panel:store-delete"), {"name": merchant.name})

    for role in ("manager", "fulfilment", "analyst"):
        client = client_for(role)
        page = client.get(at("panel:home")).content.decode()
        assert BANNER in page
        assert "Keep this store" not in page
        assert client.get(at("panel:store-delete")).status_code == 403
        assert client.post(at("panel:store-keep")).status_code == 403
    assert StoreDeletion.objects.get().kept_at is None


def test_support_and_tokens_do_not_reach_it(
    merchant: Merchant, actor: Actor, at: At, client_for: ClientFor
) -> None:
    staff = factories.make_user(is_staff=True)
    start_support(merchant, staff=staff, reason="Looks at prices")
    support = Client()
    support.force_login(staff)
    with merchant_scope(merchant):
        _row, secret = create_token(merchant, "all", frozenset(Right), actor=actor)
    headers = {"Authorization": f"Bearer {secret}"}

    assert support.post(at("panel:store-delete"), {"name": merchant.name}).status_code == 403
    token = Client().post(at("panel:store-delete"), {"name": merchant.name}, headers=headers)
    assert (token.status_code, "/accounts/login/" in token["Location"]) == (302, True)
    assert StoreDeletion.objects.count() == 0
    client_for("owner").post(at("panel:store-delete"), {"name": merchant.name})
    assert support.post(at("panel:store-keep")).status_code == 403
    assert Client().post(at("panel:store-keep"), headers=headers).status_code == 302
    assert StoreDeletion.objects.get().kept_at is None


def test_a_page_that_asks_jet_says_that_the_store_rests(
    client_for: ClientFor, merchant: Merchant, at: At
) -> None:
    factories.make_account(merchant, validation="ok")
    client = client_for("owner")
    client.post(at("panel:store-delete"), {"name": merchant.name})

    page = client.post(at("panel:node-import", mode="test"), follow=True).content.decode()

    assert "nothing is sent to Jet or fetched" in page
