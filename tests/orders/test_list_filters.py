"""Filters of the order lists: each finds its row and leaves its neighbour, keeps its cost and uses an index."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from jetsync.models import FulfillmentNode, SavedView
from jetsync.tenancy.context import merchant_scope
from orders.enums import FailureReason, OrderState
from orders.models import Order, OrderLine
from tests import factories
from tests.orders.pages import links_of, page, text_of
from tests.orders.rows import line

pytestmark = pytest.mark.django_db


@pytest.fixture
def filtered(merchant, client_for):
    """Order pks of the list under a query, in its order."""
    client = client_for("owner")

    def ask(query: str, name: str = "order-list") -> list[int]:
        html = text_of(client, f"{page(merchant, name)}?{query}")
        return [int(link.rstrip("/").rsplit("/", 1)[1]) for link in links_of(html).split()]

    return ask


def change(order: Order, **values: Any) -> Order:
    with merchant_scope(order.merchant):
        Order.objects.filter(pk=order.pk).update(**values)
    return order


@pytest.mark.feature("ORD-02")
@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("sku=CUP-2", True),
        ("sku=CUP", False),
        ("sku=cup-2", False),
        ("sku_start=CUP", True),
        ("sku_start=UP-2", False),
    ],
)
def test_sku_is_exact_or_begins(order_of, filtered, query, hits) -> None:
    cup = order_of(line("KETTLE-1"), line("CUP-2"))
    order_of(line("POT-CUP-3"))

    assert filtered(query) == ([cup.pk] if hits else [])


@pytest.mark.feature("ORD-02")
def test_node_finds_its_orders_and_offers_only_own_nodes(merchant, order_of, filtered, client_for) -> None:
    mine, other = order_of(), order_of()
    stranger = factories.make_merchant()
    with merchant_scope(stranger):
        account = factories.make_account(stranger)
        FulfillmentNode.objects.filter(account=account).update(name="Somebody else's shed")
        theirs = FulfillmentNode.objects.filter(account=account).first()
    with merchant_scope(merchant):
        node = FulfillmentNode.objects.create(
            merchant=merchant, account=mine.account, node_id="b" * 32, name="Newark"
        )
    change(mine, node=node)

    assert filtered(f"node={node.pk}") == [mine.pk]
    html = text_of(client_for("owner"), f"{page(merchant, 'order-list')}?node={node.pk}")
    assert '<span class="chip-name">Fulfilment node</span> Newark' in html
    assert "Somebody else" not in html
    # A node of nobody here is a fault of the form, not a way to others' rows.
    assert theirs is not None
    assert set(filtered(f"node={theirs.pk}")) == {mine.pk, other.pk}


@pytest.mark.feature("ORD-02")
def test_deliver_by_means_days_of_the_store(merchant, order_of, filtered) -> None:
    late_evening = datetime(2027, 3, 5, 23, 30, tzinfo=merchant.zone)  # already the 6th in UTC
    order = change(order_of(), deliver_by=late_evening)
    change(order_of(), deliver_by=late_evening + timedelta(hours=1))

    assert filtered("deliver_by_after=2027-03-05&deliver_by_before=2027-03-05") == [order.pk]


@pytest.mark.feature("ORD-02")
def test_ship_by_tells_near_late_and_neither(order_of, filtered) -> None:
    now = timezone.now()
    late = change(order_of(status="acknowledged"), ship_by=now - timedelta(minutes=5))
    near = change(order_of(status="acknowledged"), ship_by=now + timedelta(hours=40))
    change(order_of(status="acknowledged"), ship_by=now + timedelta(days=3))
    change(order_of(status="complete"), ship_by=now - timedelta(days=3))

    assert filtered("ship_by=late") == [late.pk]
    assert filtered("ship_by=near") == [near.pk]


@pytest.mark.feature("ORD-02")
@pytest.mark.parametrize("name", ["order-list", "order-failed"])
def test_problem_is_any_or_one_reason(order_of, filtered, name) -> None:
    refused = change(order_of(), failure_reason=FailureReason.ANSWER_REFUSED)
    rejected = change(order_of(), failure_reason=FailureReason.OUT_OF_STOCK, state=OrderState.REJECTED)
    order_of()

    assert set(filtered("reason=any", name)) == {refused.pk, rejected.pk}
    assert filtered("reason=out_of_stock", name) == [rejected.pk]
    assert filtered("reason=unreadable", name) == []


def test_filters_are_kept_in_a_saved_view(merchant, order_of, client_for) -> None:
    order_of()
    client = client_for("owner")
    query = "sku=KETTLE-1&ship_by=late&reason=any&deliver_by_after=2027-03-05"
    client.post(f"{page(merchant, 'order-list')}?{query}", {"do": "save_view", "name": "Late kettles"})

    with merchant_scope(merchant):
        kept = SavedView.objects.get().query
    assert set(kept.split("&")) == set(query.split("&"))


def test_filtered_list_costs_the_same_with_one_and_three_rows(
    merchant, order_of, client_for, count_queries
) -> None:
    client, query = client_for("owner"), "sku_start=KETTLE&reason=any"
    change(order_of(), failure_reason=FailureReason.OUT_OF_STOCK)
    one = count_queries(client, f"{page(merchant, 'order-list')}?{query}")
    for _ in range(2):
        change(order_of(line(), line()), failure_reason=FailureReason.OUT_OF_STOCK)

    assert count_queries(client, f"{page(merchant, 'order-list')}?{query}") == one


@pytest.mark.parametrize(
    ("index", "find"),
    [
        ("order_line_sku", lambda m, _: OrderLine.objects.filter(merchant=m, sku="CUP-2")),
        ("order_node", lambda m, _: Order.objects.filter(merchant=m, node=5).order_by("-placed_at", "-id")),
        (
            "order_problem",
            lambda m, account: Order.objects.filter(
                merchant=m, account=account, failure_reason="out_of_stock"
            ),
        ),
    ],
)
def test_filters_have_an_index_that_begins_with_the_merchant(merchant, order_of, index, find) -> None:
    order_of(*[line(f"BOWL-{number}") for number in range(200)])
    accounts = {order_of().account_id for _ in range(40)}
    with merchant_scope(merchant), connection.cursor() as cursor:
        # Of a table with one row every index costs the same.
        cursor.execute("ANALYZE orders_order, orders_orderline")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        assert index in find(merchant, accounts.pop()).explain()


@pytest.mark.feature("VAC-01", "ORD-02")
def test_vacation_page_counts_the_orders_still_to_be_shipped_and_lists_exactly_them(
    merchant, order_of, filtered, client_for
) -> None:
    states = (OrderState.READY, OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS)
    open_ones = {change(order_of(), state=state).pk for state in states}
    for state in set(OrderState) - set(states):
        change(order_of(), state=state)
    html = text_of(client_for("owner"), reverse("catalog:vacation", kwargs={"merchant_slug": merchant.slug}))

    link = re.search(rf'href="{page(merchant, "order-list")}\?([^"]+)"', html)

    assert link is not None
    assert "3 orders are still to be shipped, vacation or not." in html
    assert set(filtered(link[1])) == open_ones
