"""The demo's last weeks: every card of the dashboard has something to show, and nothing of it is new."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.enums import ListingStatus
from catalog.models import Listing, Variant
from catalog.queries.sold_out import sold_out
from jetsync.demo.past import add_past_orders
from jetsync.models import Merchant
from jetsync.panel.home import cards_for
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.models import Order
from orders.queries.clock import pulse
from orders.queries.order import failed_today
from tests import factories
from tests.catalog import rows as catalog_rows

pytestmark = pytest.mark.django_db


@pytest.mark.feature("DSH-02", "DSH-03")
def test_demo_fills_every_card_once(scoped: Merchant) -> None:
    factories.make_account(scoped)
    for number in range(8):
        catalog_rows.make_variant(scoped, sku=f"HF-{number}", quantity=5 + number)
    Listing.objects.filter(merchant=scoped).update(status=ListingStatus.AVAILABLE)

    made = add_past_orders(scoped)

    assert made == Order.objects.filter(merchant=scoped).count() > 28 * 3
    shown = {card.template.split("/")[1]: card.data for card in cards_for(scoped, owner(), "report")}
    assert shown["orders.html"]["days"]
    assert shown["sales.html"]["sales"] > 0
    assert shown["answers.html"]["period"].lost > 0
    assert len(shown["top_skus.html"]["lines"]) == 8
    assert [line.sku for line in shown["stock.html"]["out_lines"]] == ["HF-0"]
    assert shown["stock.html"]["soon_lines"]
    assert shown["given_back.html"]["returns"] > 0
    assert shown["given_back.html"]["refunds"] > 0
    assert [variant.sku for variant in sold_out(scoped)] == ["HF-0"]
    assert add_past_orders(scoped) == 0


def test_past_of_the_demo_is_no_news(scoped: Merchant) -> None:
    factories.make_account(scoped)
    catalog_rows.make_variant(scoped, sku="HF-0", quantity=5)
    Listing.objects.filter(merchant=scoped).update(status=ListingStatus.AVAILABLE)
    assert add_past_orders(scoped)
    assert pulse(scoped, timezone.now() - timedelta(hours=1)).new == 0
    assert failed_today(scoped) == 0
    assert Variant.objects.get(sku="HF-0").quantity == 0


def owner() -> Actor:
    return Actor(label="Robin", rights=frozenset(Right))
