"""Packing slips and pick lists: what stands on paper, and what never does."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jetsync.models import ReturnLocation
from jetsync.tenancy.context import merchant_scope
from orders.actions.shipment import mark_sent, ship_order
from tests.orders.pages import page, text_of
from tests.orders.rows import line, parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def printed(merchant, client_for):
    """The page that a button over ticked orders leads to."""

    def print_page(bulk: str, *orders, role: str = "owner") -> str:
        ticked = {"bulk": bulk, "ids": [order.pk for order in orders]}
        response = client_for(role).post(page(merchant, "order-list"), ticked, follow=True)
        assert response.status_code == 200
        return response.content.decode()

    return print_page


def test_slip_holds_what_is_left_and_no_contacts(merchant, account, order_of, client_for, actor) -> None:
    order = order_of(line(quantity=3), line("CUP-2", 1), status="acknowledged")
    with merchant_scope(merchant):
        ReturnLocation.objects.create(
            merchant=merchant,
            account=account,
            return_id="R1",
            address1="9 Dock Street",
            city="Hoboken",
            state="NJ",
            zip_code="07030",
            is_default=True,
        )
        shipment = ship_order(order, parcel(order, 1), actor=actor)
        mark_sent(merchant, shipment.pk)
    client, address = client_for("owner"), page(merchant, "order-slip", pk=order.pk)

    html = text_of(client, address)

    assert merchant.name.replace("&", "&amp;") in html
    assert "9 Dock Street" in html
    assert "48 Quarry Lane" in html
    assert "2 <small>of 3 ordered</small>" in html
    assert "CUP-2" in html
    assert "Announce it at Jet first" in html
    for hidden in ("2015550143", "@customer.jet.com", "24.99", "<script"):
        assert hidden not in html, hidden
    assert "24.99" in text_of(client, f"{address}?prices=1")


def test_completed_order_has_a_slip_per_parcel_with_its_number(merchant, order_of, client_for, actor) -> None:
    order = order_of(line(quantity=4), status="acknowledged")
    with merchant_scope(merchant):
        for units, cancelled, number in ((2, 0, "612999AA10BA"), (1, 1, "B2")):
            data = parcel(order, units, cancelled, tracking_number=number, confirms_cancel=True)
            mark_sent(merchant, ship_order(order, data, actor=actor).pk)
        order.refresh_from_db()
        assert order.state == "complete"

    html = text_of(client_for("owner"), page(merchant, "order-slip", pk=order.pk))

    assert html.count('<article class="sheet">') == 2
    for units, number in ((2, "612999AA10BA"), (1, "B2")):
        (slip,) = [part for part in html.split('<article class="sheet">')[1:] if number in part]
        assert f"{units} <small>of 4 ordered</small>" in slip
    assert f"{order.placed_at:%Y}" in html


def test_slip_masks_the_shopper_for_those_who_may_not_see_buyers(merchant, order_of, client_for) -> None:
    order = order_of(status="acknowledged")
    html = text_of(client_for("analyst"), page(merchant, "order-slip", pk=order.pk))
    assert "Ida Marsh" not in html
    assert "48 Quarry Lane" not in html
    assert "you do not have the right to see buyers" in html


def test_many_slips_are_a_page_each_and_leave_out_what_is_not_packed(printed, order_of) -> None:
    packed = [order_of(status="acknowledged"), order_of(line("CUP-2"), status="acknowledged")]
    html = printed("slips", *packed, order_of())
    assert html.count('<article class="sheet">') == 2
    assert "1 chosen order left out: not acknowledged, or nothing to pack." in html


def test_pick_list_sums_pieces_by_node_and_sku(printed, order_of) -> None:
    first = order_of(line(quantity=3, cancel=1), line("CUP-2", 1), status="acknowledged")
    second, ready = order_of(line(quantity=2), status="acknowledged"), order_of(line(quantity=9))

    html = printed("pick", first, second, ready)

    assert "5 pieces for 3 chosen orders" in html
    assert f'<strong>4</strong></td><td class="orders">{first} (2), {second} (2)' in html
    assert f'<strong>1</strong></td><td class="orders">{first}</td>' in html
    assert str(ready) not in html


def test_pages_without_a_selection_and_strangers_orders_are_not_found(merchant, order_of, client_for) -> None:
    order_of(status="acknowledged")
    client = client_for("owner")
    for name in ("order-slips", "order-pick"):
        assert client.get(page(merchant, name)).status_code == 404
        assert client.get(page(merchant, name), {"selection": "987654321"}).status_code == 404
    assert client.get(page(merchant, "order-slip", pk=987654321)).status_code == 404


def test_paper_costs_the_same_for_one_and_three_orders(printed, order_of) -> None:
    orders = [order_of(line(), line("CUP-2"), status="acknowledged") for _ in range(3)]
    for bulk in ("slips", "pick"):
        counts = []
        for part in (orders[:1], orders):
            with CaptureQueriesContext(connection) as queries:
                printed(bulk, *part)
            counts.append(len(queries))
        assert counts[0] == counts[1], bulk
