"""The order pages in a real browser against the sandbox: ship a part and cancel a unit, a view, the columns."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from tests.orders.desk import Desk
from tests.orders.rows import line, make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def address(merchant: Merchant, name: str, **kwargs: int) -> str:
    return reverse(f"orders:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def test_one_unit_is_cancelled_and_the_rest_shipped(screen: Page, merchant: Merchant, desk: Desk) -> None:
    with merchant_scope(merchant):
        kettle = desk.sku("KETTLE-1", quantity=10)
        order = desk.acknowledged(("KETTLE-1", 3, 0))
        pk = order.lines.get().pk

    screen.goto(address(merchant, "order-detail", pk=order.pk))
    screen.get_by_role("link", name="Ship", exact=True).first.click()
    screen.locator(f"[name=line-{pk}-quantity]").fill("2")
    screen.locator(f"[name=line-{pk}-cancel_quantity]").fill("1")
    screen.get_by_label("Tracking number").fill("612999aa10ba")
    screen.get_by_role("button", name="Submit shipment").click()
    expect(screen.get_by_text("Cancelling lowers your performance", exact=True)).to_be_visible()
    expect(screen.get_by_label("Tracking number")).to_have_value("612999aa10ba")
    screen.get_by_label("Yes, cancel more units than the shopper asked for").check()
    screen.get_by_role("button", name="Submit shipment").click()
    expect(screen.locator(".toast-success")).to_contain_text("is on its way to Jet.")

    with merchant_scope(merchant):
        desk.drain()
        kettle.refresh_from_db()
    (told,) = desk.at_jet(order)["shipments"]
    (item,) = told["shipment_items"]
    assert (item["response_shipment_sku_quantity"], item["response_shipment_cancel_qty"]) == (2, 1)
    assert (desk.at_jet(order)["status"], kettle.quantity) == ("complete", 8)

    screen.reload()
    expect(screen.get_by_text("2 shipped 1 cancelled")).to_be_visible()
    expect(screen.get_by_role("link", name="Ship", exact=True)).to_have_count(0)


def test_methods_follow_the_carrier(screen: Page, merchant: Merchant, desk: Desk) -> None:
    with merchant_scope(merchant):
        order = make_order(merchant, desk.account, line(), status="acknowledged")
    screen.goto(address(merchant, "order-ship", pk=order.pk))
    method = screen.get_by_label("Shipping method")
    expect(method).to_have_value("FedExGround")
    assert offered(method) == ["Any carrier", "FedEx"]

    screen.get_by_label("Shipping carrier used").select_option("UPS SurePost")

    expect(method).to_have_value("")
    assert offered(method) == ["Any carrier", "UPS"]


def offered(method: Locator) -> list[str]:
    """The groups of which something can be chosen."""
    script = "field => [...field.querySelectorAll('optgroup:not([hidden])')].map(group => group.label)"
    return sorted(method.evaluate(script))


@pytest.fixture
def two(merchant: Merchant, desk: Desk) -> tuple[Order, Order]:
    """One that waits for its answer and one to be shipped."""
    with merchant_scope(merchant):
        desk.options(auto_acknowledge=False)
        ready = make_order(merchant, desk.account, line("KETTLE-1"))
        return ready, make_order(merchant, desk.account, line("CUP-2"), status="acknowledged")


def test_a_view_is_saved_opened_and_deleted(
    screen: Page, merchant: Merchant, two: tuple[Order, Order]
) -> None:
    ready, shippable = two
    screen.goto(f"{address(merchant, 'order-list')}?q=CUP-2")
    screen.locator("summary", has_text="Views").click()
    screen.get_by_label("Save this view as").fill("Cups to pack")
    screen.get_by_role("button", name="Save view").click()
    expect(screen.locator(".toast-success")).to_have_text("View “Cups to pack” is saved for you.")

    screen.goto(address(merchant, "order-list"))
    expect(screen.locator("#list").get_by_text(str(ready)).first).to_be_visible()
    screen.locator("summary", has_text="Views").click()
    screen.get_by_role("link", name="Cups to pack").first.click()
    expect(screen.locator("#list").get_by_text(str(shippable)).first).to_be_visible()
    expect(screen.locator("#list").get_by_text(str(ready))).to_have_count(0)

    screen.locator("summary", has_text="Views").click()
    screen.get_by_role("button", name="Delete Cups to pack").click()
    expect(screen.get_by_role("link", name="Cups to pack")).to_have_count(0)


def test_chosen_columns_of_the_orders_stay(
    screen: Page, merchant: Merchant, two: tuple[Order, Order]
) -> None:
    ready, _shippable = two
    screen.goto(address(merchant, "order-list"))
    expect(screen.get_by_role("columnheader", name="Merchant Order Id")).to_have_count(0)
    screen.locator("summary", has_text="Columns").click()
    screen.locator("[name=columns][value=customer]").uncheck()
    screen.locator(".form-check", has_text="Merchant Order Id").click()
    screen.get_by_role("button", name="Use these").click()

    for _ in range(2):
        expect(screen.get_by_role("columnheader", name="Merchant Order Id")).to_be_visible()
        expect(screen.get_by_role("columnheader", name="Customer")).to_have_count(0)
        expect(screen.get_by_text(ready.merchant_order_id).first).to_be_visible()
        screen.goto(address(merchant, "order-list"))
