"""A packer's day in the browser: an order accepted and shipped in two parcels, and a list of scanned numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from orders.models import Order, Shipment
from tests.orders.desk import Desk
from tests.orders.rows import line, make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

UPS = "1Z5R89390357567127"
USPS = "9400111206206406260787"
FEDEX = "986578788855"


def address(merchant: Merchant, name: str, **kwargs: int) -> str:
    return reverse(f"orders:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def check_page(screen: Page) -> None:
    """Nothing serious for axe, and no scrolling sideways on a phone."""
    found = Axe().run(screen).response["violations"]
    assert [row["id"] for row in found if row["impact"] in {"serious", "critical"}] == []
    screen.set_viewport_size({"width": 390, "height": 844})
    assert screen.evaluate("document.scrollingElement.scrollWidth") <= 391
    screen.set_viewport_size({"width": 1360, "height": 900})


def accept(screen: Page, merchant: Merchant, desk: Desk, order: Order) -> None:
    screen.goto(address(merchant, "order-accept", pk=order.pk))
    screen.get_by_role("button", name="Accept", exact=True).click()
    expect(screen.locator(".toast-success")).to_contain_text("is accepted")
    settle(merchant, desk)


def settle(merchant: Merchant, desk: Desk) -> None:
    with merchant_scope(merchant):
        desk.drain()


def submit(screen: Page) -> None:
    screen.get_by_role("button", name="Submit shipment").click()


def scan(screen: Page, text: str) -> Locator:
    number = screen.get_by_label("Tracking number", exact=True)
    number.fill(text)
    number.press("Enter")
    return number


@pytest.mark.timeout(240)
@pytest.mark.feature("SHP-01", "SHP-07", "SHP-11", "SHP-13")
def test_ready_order_is_completed_in_two_parcels_with_a_cancelled_unit(
    screen: Page, merchant: Merchant, desk: Desk
) -> None:
    with merchant_scope(merchant):
        desk.options(auto_acknowledge=False)
        for sku in ("KETTLE-1", "CUP-2"):
            desk.sku(sku, quantity=20)
        (order_id,) = desk.buy(("KETTLE-1", 3, 0), ("CUP-2", 2, 0))
        order = desk.import_order(order_id)
        kettle, cup = (order.lines.get(sku=sku).pk for sku in ("KETTLE-1", "CUP-2"))
    accept(screen, merchant, desk, order)

    # Two of three kettles and one of two cups; the label holds the shopper's zip before the number.
    screen.goto(address(merchant, "order-ship", pk=order.pk))
    screen.locator(f"[name=line-{kettle}-quantity]").fill("2")
    screen.locator(f"[name=line-{cup}-quantity]").fill("1")
    expect(scan(screen, f"42078745{USPS}")).to_have_value(USPS)
    expect(screen.get_by_label("Shipping carrier used")).to_have_value("USPS")
    expect(screen.get_by_text("USPS, guessed from the tracking number.")).to_be_visible()
    expect(screen.get_by_role("button", name="Submit shipment")).to_be_focused()
    submit(screen)
    expect(screen.locator(".toast-success")).to_contain_text("is on its way to Jet.")
    settle(merchant, desk)
    assert desk.at_jet(order)["status"] == "inprogress"

    # The last kettle, and the broken cup is cancelled. A carrier that was chosen stays.
    screen.goto(address(merchant, "order-ship", pk=order.pk))
    screen.get_by_label("Shipping carrier used").select_option("FedEx")
    scan(screen, UPS)
    expect(screen.get_by_text(f"{UPS} looks like a number of UPS, not of FedEx.")).to_be_visible()
    expect(screen.get_by_label("Shipping carrier used")).to_have_value("FedEx")
    scan(screen, FEDEX)
    screen.locator(f"[name=line-{cup}-quantity]").fill("0")
    screen.locator(f"[name=line-{cup}-cancel_quantity]").fill("1")
    submit(screen)
    screen.get_by_label("Yes, cancel more units than the shopper asked for").check()
    submit(screen)
    expect(screen.locator(".toast-success")).to_contain_text("is on its way to Jet.")
    settle(merchant, desk)

    told = desk.at_jet(order)
    sent = [(one["carrier"], one["shipment_tracking_number"]) for one in told["shipments"]]
    assert (told["status"], sent) == ("complete", [("USPS", USPS), ("FedEx", FEDEX)])
    screen.reload()
    expect(screen.locator("main").get_by_text("Completed").first).to_be_visible()
    expect(screen.get_by_role("link", name="Ship", exact=True)).to_have_count(0)


@pytest.mark.timeout(120)
def test_numbers_are_scanned_one_after_the_other_and_looked_through(
    screen: Page, merchant: Merchant, desk: Desk, shot: Callable[[Page, str], None]
) -> None:
    with merchant_scope(merchant):
        orders = [make_order(merchant, desk.account, line(), status="acknowledged") for _ in range(2)]
    screen.goto(f"{address(merchant, 'order-list')}?view=ship")
    for order in orders:
        screen.locator(f"input[name=ids][value='{order.pk}']").check()
    screen.get_by_role("button", name="Ship", exact=True).click()

    fields = screen.locator("[data-scan]")
    expect(fields.first).to_be_focused()
    check_page(screen)
    for at, goes_to in ((0, fields.nth(1)), (1, screen.get_by_role("button", name="Look through"))):
        fields.nth(at).fill(UPS)
        fields.nth(at).press("Enter")
        expect(goes_to).to_be_focused()
    shot(screen, "ship-many-scan")
    screen.keyboard.press("Enter")

    expect(screen.get_by_text("1 to be shipped, 1 cannot be, 0 shipped before")).to_be_visible()
    check_page(screen)
    shot(screen, "ship-many-look")
    screen.get_by_role("button", name="Ship 1 parcel").click()
    expect(screen.get_by_role("heading", name="Ship 2 parcels")).to_be_visible()
    with merchant_scope(merchant):
        desk.drain()
        assert sorted(Shipment.objects.values_list("tracking_number", flat=True)) == [UPS]
