"""The order page leads to what came back and what was paid back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.actions.log import record
from jetsync.models import Attempt, Merchant
from jetsync.tenancy.actor import SYSTEM, member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from orders.models import Order
from orders.queries.history import order_history
from orders.related import related_to
from refunds.enums import RefundStatus
from refunds.models import Refund, RefundLine
from refunds.pages import refund_url
from returns.enums import ReturnStatus, SendState
from returns.pages import return_url
from tests import factories
from tests.returns.rows import make_order, make_return

pytestmark = pytest.mark.django_db


def make_refund(order: Order, number: int) -> Refund:
    refund = Refund.objects.create(
        merchant=order.merchant,
        account=order.account,
        order=order,
        alt_refund_id=f"{order}-R{number}",
        status=RefundStatus.ACCEPTED,
        send_state=SendState.SENT,
    )
    RefundLine.objects.create(
        merchant=order.merchant,
        parent=refund,
        order_item_id="a",
        principal=Decimal("9.99"),
        tax=Decimal("0.51"),
    )
    return refund


@pytest.fixture
def order(merchant: Merchant) -> Order:
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        return make_order(merchant, account)


def html_of(client: Client, order: Order) -> str:
    address = reverse("orders:order-detail", kwargs={"merchant_slug": order.merchant.slug, "pk": order.pk})
    return client.get(address).content.decode()


def test_an_order_without_any_shows_no_card(order, client_for) -> None:
    assert "After the sale" not in html_of(client_for("owner"), order)


def test_the_page_counts_and_links_them_with_status_and_amount(merchant, order, client_for) -> None:
    with merchant_scope(merchant):
        waiting = make_return(order)
        settled = make_return(order, status=ReturnStatus.COMPLETED)
        settled.lines.update(quantity_refunded=1, principal=Decimal("24.99"), shipping_cost=Decimal("3.50"))
        refund = make_refund(order, 1)
        other = make_refund(make_order(merchant, order.account), 1)

    html = html_of(client_for("owner"), order)

    assert '<a href="#related">2 returns</a>' in html
    assert '<a href="#related">1 refund</a>' in html
    for row in (waiting, settled):
        assert f'href="{return_url(row)}"' in html
    assert f'href="{refund_url(refund)}"' in html
    assert refund_url(other) not in html
    for words in ("$28.49", "$10.50", "Created", "Completed", "Accepted"):
        assert words in html


def test_only_what_the_member_may_open_is_named(merchant, order, owner) -> None:
    with merchant_scope(merchant):
        make_return(order)
        make_refund(order, 1)
        shown = {
            name: [group.kind.noun for group in related_to(order, member_actor(owner, frozenset(rights)))]
            for name, rights in {
                "both": {Right.RETURNS_VIEW, Right.REFUNDS_VIEW},
                "refunds": {Right.REFUNDS_VIEW},
                "none": {Right.ORDERS_VIEW},
            }.items()
        }

    assert shown == {"both": ["return", "refund"], "refunds": ["refund"], "none": []}


def test_more_of_them_cost_no_more_queries(merchant, order, client_for, count_queries) -> None:
    client = client_for("owner")
    address = reverse("orders:order-detail", kwargs={"merchant_slug": merchant.slug, "pk": order.pk})
    with merchant_scope(merchant):
        make_return(order)
        make_refund(order, 1)
    one = count_queries(client, address)
    with merchant_scope(merchant):
        for number in range(2, 5):
            make_return(order)
            make_refund(order, number)

    assert count_queries(client, address) == one


def test_time_line_of_the_order_tells_of_its_returns_and_refunds_to_who_may_see_them(
    merchant, order, client_for, owner, count_queries
) -> None:
    client = client_for("owner")
    address = reverse("orders:order-timeline", kwargs={"merchant_slug": merchant.slug, "pk": order.pk})
    with merchant_scope(merchant):
        returned, refund = make_return(order), make_refund(order, 1)
        stranger = make_refund(make_order(merchant, order.account), 7)
        for row, words in (
            (returned, "Answered it."),
            (refund, "Paid it back."),
            (stranger, "Not this one."),
        ):
            record(merchant, "x.y.z", words, actor=SYSTEM, about=row)
        paths = [
            f"/returns/{returned.merchant_return_authorization_id}/complete",
            f"/refunds/{order.merchant_order_id}/{refund.alt_refund_id}",
            f"/refunds/{stranger.merchant_order_id}/{stranger.alt_refund_id}",
        ]
        for path in paths:
            Attempt.objects.create(merchant=merchant, method="PUT", path=path, status=204)

    html = client.get(address).content.decode()

    for words in (
        "Answered it.",
        "Paid it back.",
        f'href="{return_url(returned)}"',
        f'href="{refund_url(refund)}"',
    ):
        assert words in html
    assert [path in html for path in paths] == [True, True, False]
    assert "Not this one." not in html
    with merchant_scope(merchant):
        blind = order_history(order, member_actor(owner, frozenset({Right.ORDERS_VIEW})))
        full = order_history(order, member_actor(owner, frozenset({Right.ORDERS_VIEW, Right.REFUNDS_VIEW})))
    told = [
        [event.title for event in history.events if event.about or event.calls] for history in (blind, full)
    ]
    assert told == [[], ["Call", "Paid it back."]]

    one = count_queries(client, address)
    with merchant_scope(merchant):
        make_return(order)
        make_refund(order, 2)
    assert count_queries(client, address) == one
