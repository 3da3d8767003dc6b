"""One time line per order: everything that happened, with what was sent and answered."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.actions.log import record
from jetsync.models import Attempt, Job, Mail, Merchant
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import merchant_scope
from orders.actions.many import refresh_now
from orders.actions.shipment import ship_order
from orders.models import Order
from tests import factories
from tests.orders.desk import Desk
from tests.orders.pages import page, text_of
from tests.orders.rows import line, parcel

pytestmark = pytest.mark.django_db
SECRETS = ("Zelda", "Quarry", "2015550143", "customer.jet.com", "07042")


def titles(html: str) -> list[str]:
    found = re.findall(r'<p class="timeline-title">(.*?)</p>', html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", title.split(" <span")[0]).strip() for title in found]


def make_call(merchant: Merchant, order: Order, **values: object) -> Attempt:
    defaults = {
        "method": "GET",
        "path": f"/orders/withoutShipmentDetail/{order.merchant_order_id}",
        "status": 200,
        "answer_cut": json.dumps(order.raw),
        **values,
    }
    return Attempt.objects.create(merchant=merchant, **defaults)


@pytest.fixture
def seen(merchant: Merchant, order_of) -> Order:
    """Imported, read by a fetch, refreshed by a person, told by mail; a stranger's order beside it."""
    order = order_of(line(), buyer={"name": "Zelda Fitz"}, gift_note="From Zelda, 48 Quarry Lane")
    other = order_of(line())
    with merchant_scope(merchant):
        make_call(merchant, order, job=enqueue(merchant, "orders.fetch", "schedule"))
        make_call(merchant, other, job=Job.objects.get(kind="orders.fetch"))
        refresh = enqueue(merchant, "orders.refresh", str(order.pk), about=order)
        make_call(merchant, order, job=refresh, status=500, error="server: Zelda Fitz is unknown")
        record(merchant, "orders.order.x", "Called Zelda Fitz.", actor=Actor(label="Una"), about=order)
        Mail.objects.create(
            merchant=merchant,
            kind="orders.new",
            to="una@example.com",
            subject="New order",
            text="",
            html="",
            message_id="m1",
            named=[["orders.order", order.pk, "Order"]],
        )
    return order


def test_timeline_merges_calls_decisions_people_and_mails(
    merchant: Merchant, seen: Order, client_for
) -> None:
    client, url = client_for("owner"), page(merchant, "order-timeline", pk=seen.pk)

    shown = titles(text_of(client, url))

    assert sorted(shown) == sorted(
        [
            f"Order {seen} imported from Jet as ready.",
            "Answer an order before its window closes",
            "A mail is to be written: New orders",
            "Fetch orders",
            "Read an order again",
            "Called Zelda Fitz.",
            "Mail: New order",
        ]
    )
    assert titles(text_of(client, f"{url}?kind=people")) == ["Called Zelda Fitz."]
    assert titles(text_of(client, f"{url}?kind=calls&result=ok")) == ["Fetch orders"]
    assert titles(text_of(client, f"{url}?kind=calls&result=bad")) == ["Read an order again"]
    assert titles(text_of(client, f"{url}?kind=decisions")) == [shown[-1]]
    assert "Nothing of this kind" in text_of(client, f"{url}?kind=parcels")


def test_timeline_and_bodies_hide_the_shopper_without_the_right(
    merchant: Merchant, seen: Order, client_for
) -> None:
    with merchant_scope(merchant):
        calls = [
            page(merchant, "order-call", pk=seen.pk, call=pk)
            for pk in Attempt.objects.filter(path__endswith=seen.merchant_order_id).values_list(
                "pk", flat=True
            )
        ]
    addresses = [
        page(merchant, "order-timeline", pk=seen.pk),
        page(merchant, "order-detail", pk=seen.pk),
        *calls,
    ]
    allowed, analyst = client_for("fulfilment"), client_for("analyst")

    assert len(calls) == 2
    for address in addresses:
        assert "Zelda" in text_of(allowed, address)
        html = text_of(analyst, address)
        assert not [secret for secret in SECRETS if secret in html], address
    assert "Stovetop kettle" in text_of(analyst, calls[0])


def test_a_call_opens_as_a_part_and_as_a_page(merchant: Merchant, seen: Order, client_for) -> None:
    with merchant_scope(merchant):
        call = Attempt.objects.filter(path__endswith=seen.merchant_order_id).earliest("pk")
    url, client = page(merchant, "order-call", pk=seen.pk, call=call.pk), client_for("owner")

    assert url in text_of(client, page(merchant, "order-timeline", pk=seen.pk))
    assert "<html" in text_of(client, url)
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "withoutShipmentDetail" not in part
    assert "merchant_order_id" in part


def test_calls_of_other_orders_and_merchants_are_not_found(
    merchant: Merchant, seen: Order, client_for
) -> None:
    with merchant_scope(merchant):
        foreign = Attempt.objects.exclude(path__endswith=seen.merchant_order_id).get()
        own = Attempt.objects.filter(path__endswith=seen.merchant_order_id).earliest("pk")
    other = factories.make_merchant("Other")
    stranger = client_for("owner", of=other)

    assert (
        client_for("owner").get(page(merchant, "order-call", pk=seen.pk, call=foreign.pk)).status_code == 404
    )
    for name, more in (("order-timeline", {}), ("order-call", {"call": own.pk})):
        assert stranger.get(page(merchant, name, pk=seen.pk, **more)).status_code == 404
        theirs = reverse(f"orders:{name}", kwargs={"merchant_slug": other.slug, "pk": seen.pk, **more})
        assert stranger.get(theirs).status_code == 404


def test_timeline_costs_the_same_with_a_longer_history(
    merchant: Merchant, seen: Order, order_of, client_for, count_queries
) -> None:
    client: Client = client_for("owner")
    url = page(merchant, "order-timeline", pk=seen.pk)
    before, earlier = count_queries(client, url), len(titles(text_of(client, url)))
    with merchant_scope(merchant):
        for number in range(60):
            make_call(
                merchant,
                seen,
                job=enqueue(merchant, "orders.refresh", f"again-{number}", about=seen),
            )
            record(merchant, "orders.order.x", f"Line {number}", actor=SYSTEM, about=seen)

    assert count_queries(client, url) == before
    html = text_of(client, url)
    assert len(titles(html)) == 50
    assert 'rel="next"' in html
    assert len(titles(text_of(client, f"{url}?page=3"))) == 2 * 60 + earlier - 2 * 50


def test_timeline_tells_a_real_order_from_the_fetch_to_the_read(desk: Desk, client_for) -> None:
    desk.sku("KETTLE-1", quantity=10)
    (order_id,) = desk.buy(("KETTLE-1", 3, 0))
    desk.fetch()
    desk.drain()
    order = desk.order(order_id)
    refresh_now(order, actor=SYSTEM)
    desk.drain()

    html = text_of(client_for("owner"), page(desk.merchant, "order-timeline", pk=order.pk))

    calls = re.findall(r'<span class="code">(\w+ /orders/\S+)</span>', html)
    read = f"GET /orders/withoutShipmentDetail/{order_id}"
    assert sorted(calls) == sorted([read, read, f"PUT /orders/{order_id}/acknowledge"])


def test_parcels_stand_with_what_became_of_them(desk: Desk, client_for) -> None:
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 3, 0))
    desk.market.ship(order.merchant_order_id, "KETTLE-1", 1)
    refresh_now(order, actor=SYSTEM)
    desk.drain()
    ship_order(desk.reload(order), parcel(order, 1), actor=SYSTEM)
    client, url = client_for("owner"), page(desk.merchant, "order-timeline", pk=order.pk)

    waiting = titles(text_of(client, f"{url}?kind=parcels&result=open"))
    desk.drain()

    assert len(waiting) == 1
    assert waiting[0].endswith(": waiting to be sent")
    html = text_of(client, f"{url}?kind=parcels&result=ok")
    assert [title.split(": ")[1] for title in titles(html)] == ["sent to Jet", "sent to Jet"]
    assert "Seen at Jet · FedEx · 612999aa10ba" in html
    assert "Entered here" in html


def test_log_list_hides_the_shopper_and_its_search_does_not_betray_him(
    merchant, order_of, client_for, count_queries
) -> None:
    """A sentence that names the shopper is the order page's too; the log must not be the way round."""
    order, other = order_of(status="acknowledged"), order_of(status="acknowledged")
    with merchant_scope(merchant):
        for one in (order, other):
            said = "Ida Marsh of 48 Quarry Lane called."
            record(merchant, "orders.order.noted", said, actor=SYSTEM, about=one, new={"who": "Ida Marsh"})
        record(merchant, "catalog.product.changed", "Marsh mallow changed", actor=SYSTEM, about=merchant)
    owner, analyst = client_for("owner"), client_for("analyst")
    url = reverse("panel:log-list", kwargs={"merchant_slug": merchant.slug})

    assert text_of(owner, url).count("Ida Marsh of 48 Quarry Lane called.") == 2
    hidden = text_of(analyst, url)
    assert hidden.count("••• of ••• called.") == 2
    assert "Ida M" not in hidden
    assert "Quarry" not in hidden

    assert "Quarry" in text_of(owner, f"{url}?q=quarry")
    assert "called." not in text_of(analyst, f"{url}?q=quarry")
    assert "Marsh mallow changed" in text_of(analyst, f"{url}?q=marsh")
    assert "called." not in text_of(analyst, f"{url}?q=marsh")
    assert "called." in text_of(analyst, f"{url}?q={order}")
