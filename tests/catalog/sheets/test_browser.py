"""The editor in a table with its script: keyboard, pasted block, the word of the server, one save."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from catalog.models import Variant
from jetsync.models import Merchant, Options, User
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASTE = """([cell, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const paste = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.getElementById(cell).dispatchEvent(paste);
}"""


def test_cells_are_walked_pasted_judged_and_saved(
    merchant: Merchant,
    owner: User,
    page: Page,
    log_in: Callable[[Page, User], None],
    shot: Callable[[Page, str], None],
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    with merchant_scope(merchant):
        factories.make_account(merchant)
        rows.make_taxonomy()
        Options.objects.update_or_create(merchant=merchant, defaults={"price_step_percent": 1000})
        pks = [rows.make_variant(merchant, sku=f"HF-{n}", price=Decimal(5), quantity=1).pk for n in range(3)]
    first, second, third = (f"c-{pk}-price" for pk in pks)
    log_in(page, owner)
    page.goto(f"/m/{merchant.slug}/catalog/products/table/?columns=price&columns=quantity")

    page.locator(f"[id='{first}']").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"[id='{second}']")).to_be_focused()
    page.evaluate(PASTE, [second, "7.5\t3\r\nabc\t4\r\n9\t9\r\n"])

    expect(page.locator(f"[id='{second}']")).to_have_value("7.5")
    expect(page.locator(f"[id='note-{third}']")).to_contain_text("Price “abc” is not a number.")
    expect(page.locator("[data-sheet-count]")).to_have_text("4 changed, 1 cannot be stored")
    assert Axe().run(page).response["violations"] == []
    shot(page, "sheet-editor")
    page.locator(f"[id='{third}']").fill("8")
    expect(page.locator(f"[id='note-{third}']")).to_have_text("")
    page.locator(f"[id='{first}']").fill("6")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("5 cells stored.")).to_be_visible()
    with merchant_scope(merchant):
        stored = list(Variant.objects.order_by("sku").values_list("price", "quantity"))
    assert stored == [(Decimal("6.00"), 1), (Decimal("7.50"), 3), (Decimal("8.00"), 4)]
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "sheet-editor-phone")
    assert complaints == []


def test_rows_pasted_beyond_the_page_are_counted(
    merchant: Merchant, owner: User, page: Page, log_in: Callable[[Page, User], None]
) -> None:
    with merchant_scope(merchant):
        factories.make_account(merchant)
        first = rows.make_variant(merchant, sku="HF-1", price=Decimal(5)).pk
    log_in(page, owner)
    page.goto(f"/m/{merchant.slug}/catalog/products/table/?columns=price")

    page.evaluate(PASTE, [f"c-{first}-price", "5.1\n5.2\n5.3"])

    told = page.locator("[data-sheet-left]")
    expect(told).to_contain_text("2 rows did not fit and will not be stored.")
    expect(page.locator("[data-sheet-count]")).to_have_text("1 changed")
    expect(told).to_contain_text("2 rows did not fit")
