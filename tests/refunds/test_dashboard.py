"""Money given back on the dashboard: by day, with the lists behind it, and for whom."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from jetsync.panel.home import cards_for
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from tests import factories
from tests.refunds.test_daily import refund_of
from tests.returns.rows import make_order, make_return


@pytest.fixture
def account(scoped):
    return factories.make_account(scoped)


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def given_by_return(account, days, **values):
    order = make_order(account.merchant, account, placed_at=days_ago(50))
    returned = make_return(
        order,
        return_date=days_ago(days + 1),
        **{"completed_date": days_ago(days), "status": "completed", **values},
    )
    returned.lines.update(principal="24.99", shipping_cost="3.50")
    return returned


def card_of(client, merchant):
    html = client.get(reverse("panel:dashboard", kwargs={"merchant_slug": merchant.slug})).content.decode()
    cards = re.sub(r"\s+", " ", html).split('<section class="card')
    return next(card for card in cards if 'card-title">Given back</h2>' in card)


@pytest.mark.feature("DSH-03", "DSH-05", "DSH-06")
def test_each_number_of_money_given_back_leads_to_exactly_its_rows(scoped, account, client_for):
    for days in (2, 2, 9):
        given_by_return(account, days)
    given_by_return(account, 2, completed_date=None, status="created")
    given_by_return(account, 35)
    order = make_order(scoped, account, placed_at=days_ago(50))
    refund_of(order, days_ago(2))
    refund_of(order, days_ago(35))
    refund_of(order, days_ago(2), status="rejected")
    refund_of(order, days_ago(2), status="created", send_state="waiting")
    client = client_for("owner", scoped)
    card = card_of(client, scoped)

    links = re.findall(r'<a href="([^"]+)"><span class="num">(\d+)</span>', card)

    assert [int(number) for _link, number in links] == [3, 1, 2, 1, 1]
    for link, number in links:
        listed = client.get(link.replace("&amp;", "&")).content.decode()
        assert listed.count("data-href=") == int(number), link
    assert "$95.97</span></strong> given back" in card  # 3 x 28.49 and 10.50
    assert "$85.47" in card


def test_nothing_given_back_is_said_in_words(scoped, account, client_for):
    assert "Nothing given back in the last 30 days" in card_of(client_for("owner", scoped), scoped)


@pytest.mark.parametrize("right", [Right.REFUNDS_VIEW, Right.RETURNS_VIEW])
def test_sum_of_both_is_only_for_who_may_see_both(scoped, account, right):
    given_by_return(account, 2)
    seen = cards_for(scoped, Actor(label="Robin", rights=frozenset({right})), "report")
    assert "dashboard/given_back.html" not in [card.template for card in seen]
    both = Actor(label="Robin", rights=frozenset({Right.REFUNDS_VIEW, Right.RETURNS_VIEW}))
    (card,) = [c for c in cards_for(scoped, both, "report") if c.template == "dashboard/given_back.html"]
    assert card.data["total"] == Decimal("28.49")
