"""An open page follows what jobs do, and keeps its hands off what a person is doing."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from tests.orders.desk import Desk
from tests.orders.rows import line, make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# The idle pace of a page is 15 seconds, of a list 10.
SOON = 25_000


def address(merchant: Merchant, name: str, **kwargs: int) -> str:
    return reverse(f"orders:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def test_an_order_page_shows_that_jet_took_the_shipment(screen: Page, merchant: Merchant, desk: Desk) -> None:
    with merchant_scope(merchant):
        desk.sku("KETTLE-1", quantity=10)
        order = desk.acknowledged(("KETTLE-1", 1, 0))
    screen.goto(address(merchant, "order-ship", pk=order.pk))
    screen.get_by_label("Tracking number").fill("612999aa10ba")
    screen.get_by_role("button", name="Submit shipment").click()
    expect(screen.locator("main").get_by_text("Completed")).to_have_count(0)

    with merchant_scope(merchant):
        desk.drain()

    expect(screen.locator("main").get_by_text("Completed").first).to_be_visible(timeout=SOON)


def test_a_new_order_appears_in_an_open_list_but_never_under_a_ticked_row(
    screen: Page, merchant: Merchant, sandbox: Any
) -> None:
    with merchant_scope(merchant):
        make_order(merchant, sandbox.account, line("KETTLE-1", 1))
    screen.goto(address(merchant, "order-list"))
    rows = screen.locator("#list tbody tr")
    expect(rows).to_have_count(1)

    with merchant_scope(merchant):
        make_order(merchant, sandbox.account, line("KETTLE-1", 1))
    expect(rows).to_have_count(2, timeout=SOON)

    tick = screen.locator("[data-tick]").first
    tick.check()
    with merchant_scope(merchant):
        make_order(merchant, sandbox.account, line("KETTLE-1", 1))
        assert Order.objects.filter(merchant=merchant).count() == 3
    screen.wait_for_timeout(12_000)
    expect(tick).to_be_checked()
    expect(rows).to_have_count(2)
