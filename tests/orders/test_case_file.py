"""The case file: everything support needs of an order, and nothing of the shopper, whoever makes it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from django.urls import reverse

from jetsync.actions.log import record
from jetsync.models import Attempt, JetAccount, LogEntry, Merchant
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from jetsync.version import VERSION
from orders.models import Order
from tests import factories
from tests.orders.pages import page, text_of
from tests.orders.rows import line

pytestmark = pytest.mark.django_db
SECRETS = ("Zelda", "Quarry", "2015550143", "customer.jet.com", "07042", "top-secret-key")


@pytest.fixture
def order(merchant: Merchant, account: JetAccount, order_of) -> Order:
    account.api_secret = "top-secret-key"
    with merchant_scope(merchant):
        account.save()
    order: Order = order_of(
        line(), line("NOBODY-1"), buyer={"name": "Zelda Fitz"}, word_of_2031="Ring twice, Zelda"
    )
    with merchant_scope(merchant):
        Attempt.objects.create(
            merchant=merchant,
            job=enqueue(merchant, "orders.fetch", "schedule"),
            method="GET",
            path=f"/orders/withoutShipmentDetail/{order.merchant_order_id}",
            status=200,
            duration_ms=42,
            request_id="r-77",
            answer_cut=json.dumps({**order.raw, "echo": "top-secret-key"}),
        )
        record(merchant, "orders.order.x", "Zelda Fitz called.", actor=Actor(label="Una"), about=order)
    return order


def test_case_file_holds_facts_calls_and_unknown_members_of_jet(
    merchant: Merchant, order: Order, client_for
) -> None:
    response = client_for("owner").get(page(merchant, "order-case-text", pk=order.pk))
    text = response.content.decode()

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert re.fullmatch(
        rf'attachment; filename="case-{order}-\d{{8}}-\d{{4}}\.txt"', response["Content-Disposition"]
    )
    assert f"Jet order id            {order.merchant_order_id}" in text
    assert f"with jetsync {VERSION}." in text
    assert f"GET /orders/withoutShipmentDetail/{order.merchant_order_id}  200  42 ms" in text
    assert "request id r-77" in text
    assert "KETTLE-1 (item" in text
    assert re.search(r"NOBODY-1 \(item .*no such SKU here", text)
    assert (
        text.count('"word_of_2031": "Ring twice, •••"') == 2
    )  # in the call's body and in what Jet sent last
    assert "••• called. (Una; log entry" in text
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC  People", text)


@pytest.mark.parametrize("role", ["owner", "analyst"])
@pytest.mark.parametrize("name", ["order-case", "order-case-text"])
def test_case_file_tells_nothing_of_the_shopper_to_anybody(
    merchant: Merchant, order: Order, client_for, role: str, name: str
) -> None:
    assert "Zelda" in json.dumps(order.raw)

    text = text_of(client_for(role), page(merchant, name, pk=order.pk))

    assert not [secret for secret in SECRETS if secret in text]
    assert f"CASE FILE of order {order}" in text


def test_making_a_case_file_is_logged_once_per_person(merchant: Merchant, order: Order, client_for) -> None:
    una, bo = client_for("owner"), client_for("analyst")
    for client in (una, una, bo):
        text_of(client, page(merchant, "order-case", pk=order.pk))
        text_of(client, page(merchant, "order-case-text", pk=order.pk))

    with merchant_scope(merchant):
        made = LogEntry.objects.filter(action="orders.order.case_file", object_id=order.pk)
        assert {row.message for row in made} == {f"Made a case file of order {order}."}
        assert len({row.actor_id for row in made}) == made.count() == 2
    assert f"Made a case file of order {order}." in text_of(
        una, page(merchant, "order-timeline", pk=order.pk)
    )


def test_case_file_of_another_merchant_is_not_found_and_not_logged(
    merchant: Merchant, order: Order, client_for
) -> None:
    other = factories.make_merchant("Other")
    stranger = client_for("owner", of=other)
    for slug in (merchant.slug, other.slug):
        for name in ("order-case", "order-case-text"):
            url = reverse(f"orders:{name}", kwargs={"merchant_slug": slug, "pk": order.pk})
            assert stranger.get(url).status_code == 404
    with merchant_scope(merchant):
        assert not LogEntry.objects.filter(action="orders.order.case_file").exists()


def test_version_is_the_one_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
