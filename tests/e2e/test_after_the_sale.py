"""In the browser: a rejected order, returns answered in three ways, and a refund that the money guard stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from refunds.models import Refund
from returns.models import Return
from tests.orders.desk import Desk
from tests.returns.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(sandbox: Any, merchant: Merchant) -> Iterator[Shop]:
    shop = Shop(merchant, sandbox.account, sandbox.server)
    yield shop
    shop.market.close()
    sandbox.control.switch(user="demo-user", return_processing_seconds=None, refund_step_seconds=None)


def address(merchant: Merchant, name: str, **kwargs: int) -> str:
    return reverse(name, kwargs={"merchant_slug": merchant.slug, **kwargs})


def look(screen: Page, shot: Callable[[Page, str], None], name: str) -> None:
    """Nothing serious for axe, no scrolling sideways on a phone, and pictures in light, dark and small."""
    for scheme in ("light", "dark"):
        screen.emulate_media(color_scheme=scheme)
        shot(screen, f"{name}-{scheme}")
        found = Axe().run(screen).response["violations"]
        assert [row["id"] for row in found if row["impact"] in {"serious", "critical"}] == []
    screen.emulate_media(color_scheme="light")
    screen.set_viewport_size({"width": 390, "height": 844})
    assert screen.evaluate("document.scrollingElement.scrollWidth") <= 391
    shot(screen, f"{name}-phone")
    screen.set_viewport_size({"width": 1360, "height": 900})


@pytest.mark.timeout(180)
@pytest.mark.feature("ORD-06")
def test_rejected_order_is_told_to_jet_and_its_story_can_be_read_and_copied(
    screen: Page, merchant: Merchant, desk: Desk, shot: Callable[[Page, str], None]
) -> None:
    with merchant_scope(merchant):
        desk.options(auto_acknowledge=False)
        desk.sku("KETTLE-1", quantity=5)
        (order_id,) = desk.buy(("KETTLE-1", 1, 0))
        desk.fetch()
        order = desk.order(order_id)
    screen.goto(address(merchant, "orders:order-reject", pk=order.pk))
    screen.get_by_label("Reason").select_option("rejected - other")
    screen.get_by_role("button", name="Reject", exact=True).click()
    expect(screen.locator(".toast-success")).to_contain_text(f"Order {order} is rejected")
    with merchant_scope(merchant):
        desk.drain()
    assert desk.at_jet(order)["acknowledgement_status"] == "rejected - other"

    screen.goto(address(merchant, "orders:order-detail", pk=order.pk))
    expect(screen.locator("main").get_by_text("Rejected by you").first).to_be_visible()
    screen.get_by_role("link", name="All of it, with bodies").click()
    put = screen.locator("details", has_text=f"PUT /orders/{order_id}/acknowledge")
    put.locator("summary").click()
    expect(put.get_by_text('"rejected - other"').first).to_be_visible()
    look(screen, shot, "order-timeline")
    screen.get_by_role("navigation", name="What is shown").get_by_role("link", name="People").click()
    expect(screen.locator(".timeline-item")).to_have_count(1)

    screen.context.grant_permissions(["clipboard-read", "clipboard-write"])
    screen.get_by_role("link", name="Case file").click()
    screen.get_by_role("button", name="Copy", exact=True).click()
    expect(screen.locator(".is-copied")).to_have_count(1)
    copied = screen.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"CASE FILE of order {order}")
    assert '"rejected - other"' in copied
    assert [value for value in (order.buyer_name, order.ship_to_address1) if value and value in copied] == []
    look(screen, shot, "case-file")
    with screen.expect_download() as download:
        screen.get_by_role("link", name="Download .txt").click()
    assert download.value.suggested_filename.startswith(f"case-{order}-")


def answer(screen: Page, merchant: Merchant, returned: Return, **fields: str) -> None:
    """Fills the form of the return's only line and submits it."""
    screen.goto(address(merchant, "returns:return-detail", pk=returned.pk))
    screen.get_by_label("No, I dispute" if "dispute" in fields else "Yes, I pay").check()
    for name, value in fields.items():
        field = screen.locator(
            "[name=return_charge_feedback]" if name == "dispute" else f"[name$=-{name}]"
        ).first
        tag = field.evaluate("element => element.tagName")
        field.select_option(label=value) if tag == "SELECT" else field.fill(value)
    screen.get_by_role("button", name="Submit return").click()
    expect(screen.locator(".toast-success")).to_be_visible()


@pytest.mark.timeout(240)
def test_returns_are_accepted_refused_and_refunded_in_part(
    screen: Page, merchant: Merchant, shop: Shop, drain: Callable[[], int]
) -> None:
    with merchant_scope(merchant):
        whole, none, part = (shop.returned(shop.order(2)) for _ in range(3))

    answer(screen, merchant, whole)
    answer(
        screen,
        merchant,
        none,
        dispute="Fraud",
        quantity_refunded="0",
        principal="0",
        tax="0",
        shipping_cost="0",
        shipping_tax="0",
        feedback="Restocking fee",
    )
    answer(
        screen,
        merchant,
        part,
        quantity_refunded="1",
        principal="10.00",
        tax="0",
        shipping_cost="0",
        shipping_tax="0",
        feedback="Restocking fee",
    )

    with merchant_scope(merchant):
        drain()
        told = [shop.at_jet(returned)["agree_to_return_charge"] for returned in (whole, none, part)]
        given = {
            row.pk: sum(line.settled.total for line in row.lines.all())
            for row in Return.objects.prefetch_related("lines")
        }
        asked = sum(line.requested.total for line in whole.lines.all())
    assert told == [True, False, True]
    assert given[whole.pk] == asked
    assert given[none.pk] == 0
    assert given[part.pk] == 10 < asked
    assert shop.effects("return_complete") == 3


@pytest.mark.timeout(180)
def test_money_guard_stops_a_refund_of_more_than_was_paid(
    screen: Page, merchant: Merchant, shop: Shop, drain: Callable[[], int]
) -> None:
    with merchant_scope(merchant):
        order: Order = shop.order(2)
    screen.goto(address(merchant, "refunds:refund-create", pk=order.pk))
    for name, value in (("reason", 1), ("feedback", 1)):
        screen.locator(f"[name$=-{name}]").select_option(index=value)
    principal = screen.locator("[name$=-principal]")
    possible = principal.input_value()
    principal.fill("999.00")

    screen.get_by_role("button", name="Create refund").click()

    expect(screen.locator("main")).to_contain_text(possible)
    expect(screen.locator(".invalid-feedback, .field-error, [aria-invalid=true]").first).to_be_visible()
    with merchant_scope(merchant):
        assert not Refund.objects.exists()
    assert shop.effects("refund") == 0

    screen.locator("[name$=-principal]").fill(possible)
    screen.get_by_role("button", name="Create refund").click()
    expect(screen.locator(".toast-success")).to_be_visible()
    with merchant_scope(merchant):
        drain()
    assert shop.effects("refund") == 1
    screen.goto(address(merchant, "refunds:refund-create", pk=order.pk))
    expect(screen.get_by_text("Nothing is left to refund")).to_be_visible()
