"""The dashboard's SKUs: what sold most, what is sold out and what soon will be; by the rule of the sales."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.enums import ListingStatus
from catalog.models import Listing, NodeStock, Product, Variant
from catalog.slots import stock_parts
from jetsync.models import JetAccount, Merchant
from jetsync.panel.home import cards_for
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from orders.enums import OrderState, ShipmentState
from orders.models import Order, OrderLine, Shipment, ShipmentLine
from orders.queries.skus_sold import best_sellers, running_out
from orders.queries.summary import orders_by_day
from tests import factories
from tests.catalog import rows as catalog_rows
from tests.orders import rows
from tests.orders.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(scoped: Merchant) -> JetAccount:
    return factories.make_account(scoped)


def sell(
    account: JetAccount,
    *units: tuple[str, int],
    cancel: int = 0,
    state: str = OrderState.COMPLETE,
    days_ago: int = 1,
) -> Order:
    """A line per (SKU, ordered); `cancel` units of each were cancelled. A unit is $10.00 and $1.00 of shipping."""
    order = rows.make_order(account.merchant, account, *(rows.line(sku, number) for sku, number in units))
    shipment = Shipment.objects.create(
        merchant=account.merchant,
        order=order,
        source="here",
        state=ShipmentState.SENT,
        alt_shipment_id=f"S{order.pk}",
    )
    for line in order.lines.order_by("pk"):
        OrderLine.objects.filter(pk=line.pk).update(
            base_price=10, shipping_cost=1, item_tax=line.quantity * Decimal("0.40"), shipping_tax=0
        )
        ShipmentLine.objects.create(
            merchant=account.merchant,
            shipment=shipment,
            line=line,
            quantity=line.quantity - cancel,
            cancel_quantity=cancel,
        )
    Order.objects.filter(pk=order.pk).update(
        state=state,
        total=sum(number for _sku, number in units) * Decimal("11.40"),
        placed_at=timezone.now() - timedelta(days=days_ago),
        failure_reason="",
    )
    return order


def shown(merchant: Merchant, client: Any) -> str:
    return re.sub(r"\s+", " ", text_of(client, f"/m/{merchant.slug}/dashboard/"))


def card_of(html: str, title: str) -> str:
    """The HTML of the card with this title."""
    return next(part for part in html.split('<section class="card') if f'card-title">{title}</h2>' in part)


@pytest.mark.feature("DSH-03")
def test_best_sellers_count_as_the_sales_do(
    scoped: Merchant, account: JetAccount, django_assert_num_queries: Any
) -> None:
    sell(account, ("CUP", 5), ("POT", 1))
    sell(account, ("CUP", 4), cancel=3)
    sell(account, ("KETTLE", 7), days_ago=29)
    sell(account, ("GONE", 50), cancel=50)
    sell(account, ("LOST", 40), state=OrderState.REJECTED)
    sell(account, ("OLD", 30), days_ago=30)

    with django_assert_num_queries(2):
        found = best_sellers(scoped, 30, most=10)

    assert [(row.sku, row.units, row.sales) for row in found] == [
        ("KETTLE", 7, Decimal("79.80")),
        ("CUP", 6, Decimal("68.40")),
        ("POT", 1, Decimal("11.40")),
    ]
    assert sum(row.sales for row in found) == sum(day.sales for day in orders_by_day(scoped, 30))


def test_sku_whose_units_were_cancelled_makes_room_for_the_next(
    scoped: Merchant, account: JetAccount
) -> None:
    sell(account, ("HIGH", 9), cancel=8)
    sell(account, ("MIDDLE", 5))
    sell(account, ("LOW", 3))
    assert [row.sku for row in best_sellers(scoped, 30, most=2)] == ["MIDDLE", "LOW"]


def test_best_sellers_of_others_stay_theirs(scoped: Merchant, account: JetAccount) -> None:
    sell(account, ("CUP", 5))
    other = factories.make_merchant()
    factories.make_account(other)
    assert [row.sku for row in best_sellers(scoped, 30, most=2)] == ["CUP"]
    with merchant_scope(other):
        assert best_sellers(other, 30, most=2) == []


@pytest.mark.feature("DSH-03", "DSH-06")
def test_top_sku_leads_to_its_product_and_its_orders(
    scoped: Merchant, account: JetAccount, client_for: Any
) -> None:
    variant = catalog_rows.make_variant(scoped, sku="CUP-1", quantity=5, title="A blue cup")
    sell(account, ("CUP-1", 2))
    sell(account, ("CUP-1", 1))
    sell(account, ("ELSEWHERE", 1))
    client = client_for("owner", scoped)
    card = card_of(shown(scoped, client), "Top SKUs")

    assert f"?variant={variant.pk}" in card
    assert "$34.20" in card
    link = re.search(r'href="([^"]*sku=CUP-1[^"]*)"><span class="num">3</span>', card)
    assert link is not None
    assert text_of(client, link[1].replace("&amp;", "&")).count("data-href=") == 2
    assert "ELSEWHERE" in card


def test_product_behind_a_top_sku_is_only_for_who_may_see_products(
    scoped: Merchant, account: JetAccount
) -> None:
    catalog_rows.make_variant(scoped, sku="CUP-1", quantity=5)
    sell(account, ("CUP-1", 2))
    actor = Actor(label="Robin", rights=frozenset({Right.ORDERS_VIEW}))
    (card,) = [
        card for card in cards_for(scoped, actor, "report") if card.template == "dashboard/top_skus.html"
    ]
    assert [(line.sku, line.url, line.left) for line in card.data["lines"]] == [("CUP-1", "", None)]


def sellable(merchant: Merchant, sku: str, quantity: int, status: str = ListingStatus.AVAILABLE) -> Variant:
    variant = catalog_rows.make_variant(merchant, sku=sku, quantity=quantity)
    Listing.objects.filter(variant=variant).update(status=status)
    return variant


@pytest.mark.feature("DSH-04")
def test_sold_out_is_what_jet_sells_with_nothing_left_and_opens_exactly_those(
    scoped: Merchant, account: JetAccount, client_for: Any
) -> None:
    sellable(scoped, "OUT-QUIET", 0)
    sellable(scoped, "OUT-LOVED", 0)
    sellable(scoped, "IN-STOCK", 3)
    sellable(scoped, "OUT-IN-REVIEW", 0, ListingStatus.UNDER_REVIEW)
    Variant.objects.filter(pk=sellable(scoped, "OUT-SWITCHED-OFF", 0).pk).update(sells_on_jet=False)
    Listing.objects.filter(variant=sellable(scoped, "OUT-ARCHIVED", 0)).update(archived_target=True)
    disabled = sellable(scoped, "OUT-DISABLED", 0)
    Product.objects.filter(pk=disabled.product_id).update(is_active=False)
    sell(account, ("OUT-LOVED", 2), ("IN-STOCK", 9))
    client = client_for("owner", scoped)
    card = card_of(shown(scoped, client), "Stock-outs")

    link = re.search(
        r'href="([^"]*stock=out)"><strong><span class="num">2</span></strong> SKUs sold out', card
    )

    assert link is not None
    listed = text_of(client, link[1])
    assert [
        sku for sku in ("OUT-QUIET", "OUT-LOVED", "IN-STOCK", "OUT-IN-REVIEW") if f">{sku}<" in listed
    ] == [
        "OUT-QUIET",
        "OUT-LOVED",
    ]
    assert listed.count("data-href=") == 2
    assert "OUT-LOVED" in card
    assert "OUT-QUIET" not in card
    assert "IN-STOCK" not in card.partition("present pace")[0]


@pytest.mark.feature("DSH-04")
def test_what_runs_out_within_a_week_is_named_with_its_pace(
    scoped: Merchant, account: JetAccount, django_assert_num_queries: Any
) -> None:
    fast = sellable(scoped, "FAST", 10)
    exact = sellable(scoped, "EXACT", 7)
    for sku in ("SLOW", "CANCELLED"):
        sellable(scoped, sku, 8)
    sellable(scoped, "EMPTY", 0)
    sellable(scoped, "REVIEW", 1, ListingStatus.UNDER_REVIEW)
    sell(account, ("FAST", 60), ("EXACT", 30), ("SLOW", 30), ("EMPTY", 50), ("REVIEW", 50))
    sell(account, ("CANCELLED", 40), cancel=39)
    # Orders of this kind hold nothing back: what is left is what was counted.
    NodeStock.objects.filter(variant=fast).update(quantity_target=10)

    with django_assert_num_queries(3):
        found = running_out(scoped, 30, within=7)

    assert [(pace.variant_id, pace.units, pace.left, pace.per_day, pace.days_left) for pace in found] == [
        (fast.pk, 60, 10, 2.0, 5.0),
        (exact.pk, 30, 7, 1.0, 7.0),
    ]


@pytest.mark.feature("DSH-04", "DSH-06")
def test_number_of_what_runs_out_opens_exactly_those(
    scoped: Merchant, account: JetAccount, client_for: Any
) -> None:
    for sku, units in (("FAST", 60), ("SLOW", 1)):
        variant = sellable(scoped, sku, 10)
        sell(account, (sku, units))
        NodeStock.objects.filter(variant=variant).update(quantity_target=10)
    client = client_for("owner", scoped)

    link = re.search(
        r'href="([^"]*stock=soon)"><strong><span class="num">1</span></strong> SKU</a> gone within',
        shown(scoped, client),
    )

    assert link is not None
    listed = text_of(client, link[1])
    assert listed.count("data-href=") == 1
    assert ">FAST<" in listed
    # Whoever may not see orders learns nothing of them by the filter.
    assert stock_parts(Actor(label="Robin", rights=frozenset({Right.PRODUCTS_VIEW}))) == []


def test_stock_outs_tell_who_may_not_see_orders_nothing_of_them(
    scoped: Merchant, account: JetAccount
) -> None:
    sellable(scoped, "OUT-LOVED", 0)
    sell(account, ("OUT-LOVED", 2))
    actor = Actor(label="Robin", rights=frozenset({Right.PRODUCTS_VIEW}))
    (card,) = [card for card in cards_for(scoped, actor, "report") if card.template == "dashboard/stock.html"]
    assert card.data["out"] == 1
    assert "out_lines" not in card.data
    assert "soon_lines" not in card.data
