"""The dashboard: what is counted, where each number leads, how old it is, and who sees what."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.dashboard import product_lines
from catalog.enums import ListingStatus
from catalog.models import Listing, NodeStock
from catalog.queries.overview import status_stock
from jetsync.models import JetAccount, Merchant, Schedule
from jetsync.panel.home import cards_for
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.enums import OrderState
from orders.models import Order
from orders.queries.summary import orders_by_day
from returns.enums import ReturnStatus
from tests import factories
from tests.catalog import rows as catalog_rows
from tests.orders.rows import make_order
from tests.returns.rows import make_return

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(scoped: Merchant) -> JetAccount:
    return factories.make_account(scoped)


def complete_order(merchant: Merchant, account: JetAccount) -> Order:
    """Placed on the first of the days that the dashboard sums up, for nothing."""
    order = make_order(merchant, account)
    long_ago = timezone.now() - timedelta(days=29)
    Order.objects.filter(pk=order.pk).update(state=OrderState.COMPLETE, total=0, placed_at=long_ago)
    return order


def page_of(client: Client, at: Any) -> str:
    html = client.get(at("panel:dashboard")).content.decode()
    return re.sub(r"\s+", " ", html)


def line_of(html: str, label: str) -> tuple[str, ...]:
    """SKU count and count with inventory, from the table."""
    row = next(row for row in html.split("<tr") if re.search(rf">{label}(</a>)?</th>", row))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    return tuple(re.sub(r"<[^>]+>", "", cell).strip() for cell in cells)


@pytest.mark.feature("DSH-01", "DSH-04", "DSH-06")
def test_skus_are_counted_by_jets_status_with_and_without_inventory(
    client: Client, at: Any, scoped: Merchant, account: JetAccount
) -> None:
    statuses = (
        ListingStatus.AVAILABLE,
        ListingStatus.AVAILABLE,
        ListingStatus.UNDER_REVIEW,
        ListingStatus.ARCHIVED,
        ListingStatus.NOT_UPLOADED,
    )
    read_at = timezone.now() - timedelta(minutes=7)
    for number, status in enumerate(statuses):
        variant = catalog_rows.make_variant(scoped, sku=f"HF-{number}", quantity=5)
        Listing.objects.filter(variant=variant).update(status=status, status_read_at=read_at)
        NodeStock.objects.filter(variant=variant).update(quantity_target=0 if number == 1 else 5)
    html = page_of(client, at)
    assert line_of(html, "Total Uploaded SKUs") == ("4", "3")
    assert line_of(html, "Not Eligible for Sale") == ("1", "1")
    assert line_of(html, "Archived") == ("1", "1")
    assert line_of(html, "Excluded Category or Brand") == ("0", "0")
    assert line_of(html, "Unauthorized") == ("0", "0")
    assert line_of(html, "Eligible for Sale") == ("3", "2")
    assert line_of(html, "Missing Listing Data") == ("0", "0")
    assert line_of(html, "Under Jet Review") == ("1", "1")
    assert line_of(html, "Available for Sale") == ("2", "1")
    assert "7 minutes ago" in html
    numbers = re.findall(
        r'href="([^"]*/products/\?status=[^"]*)"><span class="num">(\d+)<', html.partition("SKU Count")[2]
    )
    assert [int(number) for _link, number in numbers] == [4, 3, 1, 1, 1, 1, 3, 2, 1, 1, 2, 1, 1, 1]
    for link, number in numbers:
        assert rows_behind(client, link) == int(number), link


@pytest.mark.feature("DSH-01")
def test_what_was_not_uploaded_is_no_part_of_a_sum(
    client: Client, at: Any, scoped: Merchant, account: JetAccount
) -> None:
    catalog_rows.make_variant(scoped, sku="HF-1", quantity=5)
    lines = product_lines(scoped, status_stock(scoped)[0])
    assert [(line.label, line.level) for line in lines if line.level < 2] == [
        ("Total Uploaded SKUs", 0),
        ("Not Eligible for Sale", 1),
        ("Eligible for Sale", 1),
        ("Not uploaded", 0),
    ]
    assert line_of(page_of(client, at), "Not uploaded") == ("1", "1")


@pytest.mark.feature("DSH-02", "DSH-05", "DSH-06")
def test_orders_and_returns_are_counted_by_status_and_lead_to_their_lists(
    client: Client, at: Any, scoped: Merchant, account: JetAccount
) -> None:
    ensure_schedules(scoped)
    fetched = timezone.now() - timedelta(minutes=4)
    Schedule.objects.filter(kind__in=("orders.fetch", "returns.fetch")).update(last_finished_at=fetched)
    for state in (OrderState.READY, OrderState.ACKNOWLEDGED, OrderState.COMPLETE, OrderState.COMPLETE):
        order = make_order(scoped, account)
        Order.objects.filter(pk=order.pk).update(
            state=state, total=Decimal("20.00"), placed_at=timezone.now()
        )
    for status in (ReturnStatus.CREATED, ReturnStatus.COMPLETED):
        make_return(complete_order(scoped, account), status=status)
    html = page_of(client, at)
    assert bar_of(html, "state=ready") == "1"
    assert bar_of(html, "state=acknowledged") == "1"
    assert bar_of(html, "state=complete") == "4"
    assert "1 open return." in html
    assert bar_of(html, "status=created") == "1"
    assert html.count("4 minutes ago") >= 2
    assert "$80.00" in html
    link = re.search(r'href="([^"]*state=complete)"', html)
    assert link is not None
    assert rows_behind(client, link[1]) == 4


@pytest.mark.feature("DSH-02", "DSH-06")
def test_bar_of_orders_leads_to_those_of_its_days_and_to_all_that_are_open(
    client: Client, at: Any, scoped: Merchant, account: JetAccount
) -> None:
    for state, days_ago in (
        (OrderState.COMPLETE, 1),
        (OrderState.COMPLETE, 31),
        (OrderState.REJECTED, 1),
        (OrderState.EXPIRED, 31),
        (OrderState.READY, 31),
    ):
        order = make_order(scoped, account)
        placed = timezone.now() - timedelta(days=days_ago)
        Order.objects.filter(pk=order.pk).update(state=state, placed_at=placed)
    bars = re.findall(
        r'<a class="bar" href="([^"]*/orders/\?[^"]*)">.*?<span class="bar-value">(\d+)<', page_of(client, at)
    )
    assert [number for _link, number in bars] == ["1", "0", "1", "1"]
    for link, number in bars:
        assert rows_behind(client, link) == int(number), link
    failed = re.search(r'href="([^"]*view=failed[^"]*)"', client.get(at("panel:home")).content.decode())
    assert failed is not None
    assert rows_behind(client, failed[1]) == 1


@pytest.mark.feature("DSH-02", "DSH-06")
def test_orders_of_each_day_and_status_lead_to_exactly_those(
    client: Client, at: Any, scoped: Merchant, account: JetAccount
) -> None:
    today = timezone.now().astimezone(scoped.zone).replace(hour=0, minute=0, second=1)
    for state, days_ago in (
        (OrderState.COMPLETE, 0),
        (OrderState.COMPLETE, 0),
        (OrderState.REJECTED, 0),
        (OrderState.EXPIRED, 0),
        (OrderState.READY, 3),
        (OrderState.COMPLETE, 31),
    ):
        order = make_order(scoped, account)
        placed = today - timedelta(days=days_ago)
        Order.objects.filter(pk=order.pk).update(state=state, total=10, placed_at=placed)
    html = page_of(client, at)

    found = re.findall(
        r'<a href="([^"]*placed_after=[^"]*placed_before=[^"]*)"><span class="num">(\d+)<', html
    )

    counts: dict[str, list[int]] = {}
    for link, number in found:
        url = link.replace("&amp;", "&")
        assert client.get(url).content.decode().count("data-href=") == int(number), url
        counts.setdefault(url.partition("placed_before=")[2][11:], []).append(int(number))
    assert counts == {
        "": [4, 1],
        "state=complete": [2],
        "view=failed": [2],
        "state=ready": [1],
        "state=sold": [2, 1],
    }
    assert 'class="column-red"' in html


def rows_behind(client: Client, link: str) -> int:
    return client.get(link.replace("&amp;", "&")).content.decode().count("data-href=")


def bar_of(html: str, query: str) -> str:
    found = re.search(rf'<a class="bar" href="[^"]*{query}">.*?<span class="bar-value">(\d+)</span>', html)
    assert found is not None, query
    return found[1]


def test_day_of_an_order_is_the_merchants_own_and_lost_orders_sell_nothing(
    scoped: Merchant, account: JetAccount
) -> None:
    zone = scoped.zone
    late = (timezone.now().astimezone(zone) - timedelta(days=3)).replace(hour=23, minute=30)
    for state, total in ((OrderState.COMPLETE, 30), (OrderState.REJECTED, 500)):
        order = make_order(scoped, account)
        Order.objects.filter(pk=order.pk).update(state=state, placed_at=late, total=total)
    days = orders_by_day(scoped, 7)
    assert len(days) == 7
    assert [(day.orders, day.sales) for day in days if day.day == late.date()] == [(1, Decimal(30))]
    assert sum(day.orders for day in days) == 1


def test_dashboard_costs_the_same_whatever_there_is(
    client: Client, at: Any, scoped: Merchant, account: JetAccount
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(at("panel:dashboard"))
        return len(captured)

    cost()
    empty = cost()
    for number in range(4):
        catalog_rows.make_variant(scoped, sku=f"HF-{number}")
        make_return(complete_order(scoped, account))
    assert cost() == empty


def test_card_is_only_for_who_may_see_its_list(scoped: Merchant) -> None:
    actor = Actor(label="Robin", rights=frozenset({Right.PRODUCTS_VIEW}))
    shown = [card.template for card in cards_for(scoped, actor, "report")]
    assert shown == ["dashboard/products.html", "dashboard/stock.html"]
