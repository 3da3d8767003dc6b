"""What was sold: without rejected orders and cancelled units, in the same words wherever a sum stands."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from jetsync.models import JetAccount, Merchant
from jetsync.tenancy.context import merchant_scope
from orders.enums import OrderState, ShipmentState
from orders.models import Order, Shipment, ShipmentLine
from orders.queries.sales import with_shipped_units
from orders.queries.summary import orders_by_day
from refunds.daily.queries import count_days
from tests import factories
from tests.downloads import csv_rows
from tests.orders import rows
from tests.orders.pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(scoped: Merchant) -> JetAccount:
    return factories.make_account(scoped)


def order_of(account: JetAccount, *units: tuple[int, int, int], state: str = OrderState.COMPLETE) -> Order:
    """A line per (ordered, shipped, cancelled), each unit at $10.00 with $1.00 of shipping and $0.50 of taxes."""
    order = rows.make_order(
        account.merchant,
        account,
        *(rows.line(f"SKU-{at}", ordered) for at, (ordered, _s, _c) in enumerate(units)),
    )
    shipment = Shipment.objects.create(
        merchant=account.merchant,
        order=order,
        source="here",
        state=ShipmentState.SENT,
        alt_shipment_id=f"S{order.pk}",
    )
    for line, (ordered, shipped, cancelled) in zip(order.lines.order_by("pk"), units, strict=True):
        prices = {"base_price": 10, "shipping_cost": 1, "item_tax": ordered * Decimal("0.40")}
        type(line).objects.filter(pk=line.pk).update(**prices, shipping_tax=ordered * Decimal("0.10"))
        ShipmentLine.objects.create(
            merchant=account.merchant,
            shipment=shipment,
            line=line,
            quantity=shipped,
            cancel_quantity=cancelled,
        )
    total = sum(ordered for ordered, _s, _c in units) * Decimal("11.50")
    Order.objects.filter(pk=order.pk).update(
        state=state, total=total, placed_at=timezone.now(), failure_reason=""
    )
    return Order.objects.get(pk=order.pk)


@pytest.mark.feature("DSH-02")
def test_sum_and_count_are_of_the_same_orders_and_without_cancelled_units(
    scoped: Merchant, account: JetAccount
) -> None:
    order_of(account, (2, 2, 0))
    order_of(account, (3, 1, 2))
    order_of(account, (4, 0, 4))
    order_of(account, (2, 2, 0), state=OrderState.REJECTED)
    today = timezone.now().astimezone(scoped.zone).date()

    (day,) = [day for day in orders_by_day(scoped, 2) if day.day == today]
    counted = count_days(scoped, account, today, today)[today]

    assert (day.orders, day.sales) == (2, Decimal("34.50"))
    assert (counted.orders, counted.sales) == (2, Decimal("34.50"))


def test_unit_on_its_way_to_be_cancelled_counts_and_a_refused_one_not(
    scoped: Merchant, account: JetAccount
) -> None:
    order_of(account, (2, 0, 1), state=OrderState.ACKNOWLEDGED)
    Shipment.objects.update(state=ShipmentState.QUEUED)
    assert sum(day.sales for day in orders_by_day(scoped, 2)) == Decimal("11.50")
    Shipment.objects.update(state=ShipmentState.REFUSED)
    assert sum(day.sales for day in orders_by_day(scoped, 2)) == Decimal("23.00")


@pytest.mark.feature("ORD-03")
def test_order_page_says_what_was_charged_after_cancelling(
    scoped: Merchant, account: JetAccount, client_for: Any
) -> None:
    order = order_of(account, (3, 1, 2))
    html = text_of(client_for("owner", scoped), page(scoped, "order-detail", pk=order.pk))

    for words in (
        "Total as ordered",
        "$34.50",
        "Cancelled units",
        "$23.00",
        "Total charged to the shopper",
        "$11.50",
    ):
        assert words in html


@pytest.mark.feature("SHP-08")
def test_wholly_cancelled_order_is_called_so_and_not_offered_for_a_refund(
    scoped: Merchant, account: JetAccount, client_for: Any
) -> None:
    gone, partly = order_of(account, (2, 0, 2), (1, 0, 1)), order_of(account, (2, 1, 1))
    client = client_for("owner", scoped)

    listed = text_of(client, page(scoped, "order-list"))
    assert listed.count("Every unit was cancelled; nothing was shipped or charged.") == 1
    assert "Every unit was cancelled; nothing" in text_of(client, page(scoped, "order-detail", pk=gone.pk))
    assert "Every unit was cancelled; nothing" not in text_of(
        client, page(scoped, "order-detail", pk=partly.pk)
    )
    with merchant_scope(scoped):
        assert list(with_shipped_units(Order.objects.filter(merchant=scoped))) == [partly]
        assert set(Order.objects.values_list("pk", flat=True)) == {gone.pk, partly.pk}


@pytest.mark.feature("ORD-02")
def test_wholly_cancelled_orders_have_a_tab_of_their_own(
    scoped: Merchant, account: JetAccount, client_for: Any
) -> None:
    gone, partly, done = (order_of(account, units) for units in ((2, 0, 2), (2, 1, 1), (1, 1, 0)))
    order_of(account, (2, 0, 2), state=OrderState.IN_PROGRESS)
    Shipment.objects.filter(order=order_of(account, (1, 0, 1))).update(state=ShipmentState.REFUSED)
    client, address = client_for("owner", scoped), page(scoped, "order-list")

    def listed(view: str) -> set[str]:
        return {row["Order"] for row in csv_rows(client, f"{address}?view={view}&download=csv")}

    assert listed("cancelled") == {str(gone)}
    assert {str(partly), str(done)} <= listed("done")
    assert str(gone) not in listed("done")
    assert re.search(r"Cancelled\s*<span[^>]*>1</span>", text_of(client, address))


@pytest.mark.feature("ORD-01")
def test_list_says_how_many_of_the_first_sku(scoped: Merchant, account: JetAccount, client_for: Any) -> None:
    order_of(account, (1, 0, 0), (3, 0, 0), (1, 0, 0), state=OrderState.ACKNOWLEDGED)
    html = text_of(client_for("owner", scoped), page(scoped, "order-list"))

    assert "1 x SKU-0" in html
    assert "and 2 more SKUs, 5 units in all" in html


@pytest.mark.feature("DSH-02", "ORD-02")
def test_sum_of_sales_leads_to_exactly_its_orders(
    scoped: Merchant, account: JetAccount, client_for: Any
) -> None:
    sold = [order_of(account, units) for units in ((2, 2, 0), (3, 1, 2))]
    order_of(account, (4, 0, 4))
    order_of(account, (2, 2, 0), state=OrderState.REJECTED)
    client = client_for("owner", scoped)
    html = re.sub(r"\s+", " ", text_of(client, f"/m/{scoped.slug}/dashboard/"))

    link = re.search(r'sold in <a href="([^"]+)"><span class="num">2</span> orders', html)

    assert link is not None
    listed = csv_rows(client, f"{link[1].replace('&amp;', '&')}&download=csv")
    assert {row["Order"] for row in listed} == {str(order) for order in sold}
    assert "$34.50" in html
