"""A new store at the screen: keys, one press that exercises every API, then live with a share of the SKUs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from catalog.models import Listing
from jetsync.enums import Mode
from jetsync.models import Merchant, User
from jetsync.tenancy.context import merchant_scope
from tests.catalog.rows import make_product, make_taxonomy, make_variant
from tests.factories import make_member, make_merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter_keys(page: Page, sandbox: Any, user: str) -> None:
    page.get_by_label("API address").fill(sandbox.server.api_url)
    page.get_by_label("API user").fill(user)
    page.get_by_label("Secret").fill(f"{user}-secret")
    page.get_by_role("button", name="Validate and save").click()


def check_accessible(page: Page) -> None:
    serious = [
        (rule["id"], node["html"][:200])
        for rule in Axe().run(page).response["violations"]
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]
    assert serious == []


@pytest.mark.feature("API-01", "API-02", "API-07", "API-09")
def test_new_store_goes_from_test_keys_to_live(
    page: Page,
    sandbox: Any,
    work: Callable[[], None],
    log_in: Callable[[Page, User], None],
    shot: Callable[[Page, str], None],
) -> None:
    shop = make_merchant("Mira Wares")
    at = f"/m/{shop.slug}/settings"
    sandbox.control.add_account("mira", "mira-secret")
    sandbox.control.add_account("mira-live", "mira-live-secret", is_live=True)
    log_in(page, make_member(shop, "owner"))

    page.goto(f"{at}/activation/")
    expect(page.get_by_text("Jet has not accepted the test keys yet.").first).to_be_visible()
    page.get_by_role("link", name="Enter keys").click()
    enter_keys(page, sandbox, "mira")
    expect(page.get_by_text("Keys accepted by Jet").first).to_be_visible()
    with merchant_scope(shop):
        make_taxonomy()
        for number in range(1, 5):
            make_variant(shop, make_product(shop), sku=f"MW-{number}", quantity=5)

    page.goto(f"{at}/activation/live/")
    expect(page.get_by_text("Live is locked: 11 steps with the test keys are open.")).to_be_visible()
    expect(page.get_by_role("button", name="Go live now")).to_be_disabled()
    check_accessible(page)
    page.goto(f"{at}/activation/")
    page.get_by_role("button", name="Enable all APIs").click()
    expect(page.get_by_text("Go-live rehearsal with SKU MW-1: started.").first).to_be_visible()
    with merchant_scope(shop):
        work()
    expect(page.get_by_text("11 of 11 steps are ok")).to_be_visible()  # the page follows by itself
    page.get_by_text("Evidence of Ship order").click()
    expect(page.get_by_text(re.compile(r"PUT /orders/\w+/shipped")).first).to_be_visible()
    shot(page, "20-activation")
    check_accessible(page)

    page.get_by_role("link", name="Go live…").click()
    enter_keys(page, sandbox, "mira-live")
    expect(page.get_by_text("Jet is asked about them once more")).to_be_visible()
    shot(page, "21-go-live")
    page.get_by_label("Share of the ready SKUs").fill("50")
    page.get_by_role("button", name="Go live now").click()
    expect(page.get_by_text("2 SKUs held back, not archived.")).to_be_visible()
    check_accessible(page)
    with merchant_scope(shop):
        work()
        assert Listing.objects.exclude(content_sent_at=None).count() == 2
    assert Merchant.objects.get(pk=shop.pk).mode == Mode.LIVE
