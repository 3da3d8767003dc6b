"""The portal in a real browser: every page on desktop and phone, light and dark, checked for accessibility."""

from __future__ import annotations

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.sandbox.market import USER, Market

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The suite's one browser: Playwright allows one per thread."""
    return chromium


def fill(market: Market) -> list[str]:
    """A shop with a bit of everything; returns the pages to look at, below the account's address."""
    market.add_live_sku("KETTLE-1")
    market.add_sku("PLAIN-1")
    order_id, refunded_id = market.complete("KETTLE-1", 3), market.complete("KETTLE-1", 1)
    market.generate(("KETTLE-1", 2, 1))
    return_url = market.get(f"returns/generate/{order_id}")["url"]
    item = {
        "order_item_id": market.order(refunded_id)["order_items"][0]["order_item_id"],
        "total_quantity_returned": 0,
        "order_return_refund_qty": 1,
        "refund_reason": "Package never arrived",
        "refund_amount": {"principal": 24.99, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
    }
    assert market.call("POST", f"refunds/{refunded_id}/R-1", {"items": [item]}).status_code == 201
    report_url = market.control.call("POST", "settlement/close", user=USER)["url"]
    market.control.fault("latency", path="/nowhere", seconds=1, user=USER)
    return [
        "",
        "keys",
        "nodes",
        "return-locations",
        "products",
        "orders",
        f"orders/{order_id}",
        "orders/generator",
        "returns",
        return_url.replace("/returns/state", "returns"),
        "returns/generator",
        "refunds",
        "settlement",
        report_url.replace("/settlement/report", "settlement"),
        "faults",
        "clock",
        "switches",
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_every_page_is_accessible_and_fits_the_screen(
    market: Market, browser: Browser, scheme: str, width: int
) -> None:
    pages = fill(market)
    merchant_id = market.control.account(USER)["merchant_id"]
    # The checker injects its script, which the page's own policy forbids.
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]  # one of playwright's literals
        viewport={"width": width, "height": 900},
        bypass_csp=True,
    )
    page = context.new_page()
    found = {}
    for path in pages:
        page.goto(f"{market.server.url}/portal/{merchant_id}/test/{path}")
        violations = [violation["id"] for violation in Axe().run(page).response["violations"]]
        overflow = page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        if violations or overflow:
            found[path] = (violations, overflow)
    context.close()

    assert found == {}


def test_the_page_loads_nothing_that_its_policy_forbids(market: Market, browser: Browser) -> None:
    merchant_id = market.control.account(USER)["merchant_id"]
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto(f"{market.server.url}/portal/{merchant_id}/test/clock")
    page.get_by_role("button", name="1 hour").click()
    page.get_by_role("status").wait_for()
    page.close()

    assert complaints == []
