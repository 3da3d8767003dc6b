"""The order page: what each role sees, and what its buttons do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jetsync.panel.palette import search
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import rights_of
from orders.models import Order
from tests import factories
from tests.orders.pages import line_pk, links_of, page, text_of
from tests.orders.rows import line

pytestmark = pytest.mark.django_db


def test_detail_costs_the_same_with_more_lines(merchant, order_of, client_for, count_queries) -> None:
    client = client_for("owner")
    small, large = order_of(line()), order_of(line(), line(), line())
    one = count_queries(client, page(merchant, "order-detail", pk=small.pk))

    assert count_queries(client, page(merchant, "order-detail", pk=large.pk)) == one


def test_items_show_the_pictures_of_their_products(merchant, order_of, client_for) -> None:
    order = order_of(line("KETTLE-1"), line("UNKNOWN-9"))
    html = text_of(client_for("owner"), page(merchant, "order-detail", pk=order.pk))
    items = html.split("Items of order")[-1].split("</table>")[0]
    assert items.count('<img class="thumb" src="https://img.example.com/kettle/1.jpg" alt=""') == 1
    assert items.count("thumb-none") == 1


def test_without_the_right_no_page_tells_the_buyer(merchant, order_of, client_for) -> None:
    order = order_of(line(), buyer={"name": "Zelda Fitz"}, status="acknowledged")
    client = client_for("analyst")
    list_page, detail = page(merchant, "order-list"), page(merchant, "order-detail", pk=order.pk)

    for address in (list_page, detail):
        html = text_of(client, address)
        assert "Z••• F•••" in html
        for secret in ("Zelda", "Quarry", "2015550143", "customer.jet.com"):
            assert secret not in html
        assert "Zelda" in text_of(client_for("fulfilment"), address)
    for query in ("q=zelda", "customer=zelda"):
        assert links_of(text_of(client, f"{list_page}?{query}")) == ""


def test_palette_finds_orders_for_those_who_may(merchant, order_of, owner) -> None:
    order = order_of(line(), buyer={"name": "Zelda Fitz"})
    full = member_actor(owner, rights_of("owner"))
    masked = member_actor(owner, rights_of("analyst"))
    with merchant_scope(merchant):
        by_name = [hit for hit in search(merchant, full, "zelda") if hit.group == "Orders"]
        blind = [hit for hit in search(merchant, masked, "zelda") if hit.group == "Orders"]
        by_id = [hit for hit in search(merchant, masked, str(order)) if hit.group == "Orders"]

    assert [(hit.label, hit.hint) for hit in by_name] == [(f"Order {order}", "Ready · Zelda Fitz")]
    assert blind == []
    assert [hit.hint for hit in by_id] == ["Ready · Z••• F•••"]


@pytest.mark.feature("ORD-11")
def test_detail_shows_everything_about_the_order(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    html = text_of(client_for("owner"), page(merchant, "order-detail", pk=order.pk))

    for words in (
        "Acknowledged",
        "Hoboken",
        "FedEx Ground",
        "Standard",
        "48 Quarry Lane",
        "$90.44",
        "imported from Jet",
        order.merchant_order_id,
        order.customer_reference_order_id,
        "&quot;order_items&quot;",
    ):
        assert words in html, words


@pytest.mark.feature("ORD-06")
def test_accept_and_reject_from_the_page(merchant, order_of, client_for) -> None:
    client = client_for("fulfilment")
    first, second = order_of(), order_of()
    said = client.post(page(merchant, "order-accept", pk=first.pk), follow=True)
    item = f"item-{line_pk(merchant, second)}"
    refused = client.post(
        page(merchant, "order-reject", pk=second.pk),
        {"answer": "rejected - item level error", item: "fulfillable"},
    )
    client.post(
        page(merchant, "order-reject", pk=second.pk), {"answer": "rejected - fraud", item: "fulfillable"}
    )

    assert f"Order {first} is accepted; Jet is being told." in said.content.decode()
    assert refused.status_code == 400
    with merchant_scope(merchant):
        assert Order.objects.get(pk=first.pk).planned_answer == "accepted"
        assert Order.objects.get(pk=second.pk).planned_answer == "rejected - fraud"


def test_accept_of_what_cannot_be_delivered_asks_once_more(merchant, order_of, client_for) -> None:
    order = order_of(line("GHOST-1"))
    client, address = client_for("owner"), page(merchant, "order-accept", pk=order.pk)

    assert client.post(address).status_code == 400
    assert client.post(address, {"despite_problems": "on"}).status_code == 302
    with merchant_scope(merchant):
        assert Order.objects.get(pk=order.pk).planned_answer == "accepted"


def test_analyst_sees_no_way_to_act(merchant, order_of, client_for) -> None:
    ready, shippable = order_of(), order_of(status="acknowledged")
    client = client_for("analyst")
    html = text_of(client, page(merchant, "order-list"))

    assert page(merchant, "order-accept", pk=ready.pk) not in html
    assert page(merchant, "order-ship", pk=shippable.pk) not in html
    for name, order in (("order-accept", ready), ("order-reject", ready), ("order-ship", shippable)):
        assert client.post(page(merchant, name, pk=order.pk)).status_code == 403
    assert client.post(page(merchant, "order-fetch")).status_code == 403


def test_another_merchants_order_does_not_exist(merchant, order_of, client_for) -> None:
    order = order_of()
    other = factories.make_merchant()
    client = client_for("owner", of=other)
    for name in ("order-detail", "order-ship", "order-accept", "order-reject", "order-cancel"):
        assert client.get(page(other, name, pk=order.pk)).status_code == 404
        assert client.get(page(merchant, name, pk=order.pk)).status_code == 404


def test_home_shows_what_waits_and_what_is_near(merchant, order_of, client_for) -> None:
    ready = order_of()
    order_of(status="acknowledged", ready_at=timezone.now() - timedelta(days=5))
    html = text_of(client_for("owner"), reverse("panel:home", kwargs={"merchant_slug": merchant.slug}))

    assert page(merchant, "order-detail", pk=ready.pk) in html
    assert "data-countdown" in html
    assert "1 due within 2 days" in html
