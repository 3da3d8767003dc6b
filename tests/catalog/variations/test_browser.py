"""A family made in the browser from one SKU, with scripts: wide and narrow, light and dark, no complaint."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from catalog.actions.variation import make_group
from catalog.models import Product, Variant
from jetsync.models import Merchant, User
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows
from tests.catalog.rows import SIZE
from tests.catalog.variations.families import group_of, make_family, sized, sku

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def complaints(page: Page) -> list[str]:
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


@pytest.fixture
def desk(page: Page, log_in: Callable[..., None], merchant: Merchant, owner: User) -> Page:
    with merchant_scope(merchant):
        factories.make_account(merchant)
        rows.make_taxonomy()
        rows.make_variant(merchant, sku="KET", attributes=sized("S"), main_image_url="")
    log_in(page, owner)
    return page


def url(merchant: Merchant, path: str) -> str:
    return f"/m/{merchant.slug}/catalog/{path}"


@pytest.mark.feature("VAR-05", "VAR-06", "VAR-07")
def test_one_sku_becomes_a_family(desk: Page, merchant: Merchant, complaints: list[str]) -> None:
    with merchant_scope(merchant):
        product = Product.objects.get()
    desk.goto(url(merchant, f"products/{product.pk}/"))
    desk.get_by_role("link", name="Variations", exact=True).click()
    desk.get_by_label("Base price").fill("38.50")
    for number, (value, price) in enumerate((("S", ""), ("L", "4.00"))):
        desk.locator(f"#id_option-{number}-name").fill("Size" if number == 0 else "")
        desk.locator(f"#id_option-{number}-value").fill(value)
        desk.locator(f"#id_option-{number}-price").fill(price)
    desk.get_by_role("button", name="Save options").click()
    desk.get_by_role("link", name="Make combinations").click()
    expect(desk.get_by_text("KET-L", exact=True)).to_be_visible()
    desk.get_by_role("button", name="Make 2 SKUs").click()
    expect(desk.get_by_text("2 SKUs made: KET, KET-L.").first).to_be_visible()
    desk.get_by_label("UPC of KET-L").fill("042100005264")
    desk.get_by_label("Quantity of KET-L").fill("4")
    desk.get_by_role("button", name="Save SKUs").click()
    expect(desk.get_by_text("1 SKU changed.").first).to_be_visible()
    expect(desk.locator("#group")).to_contain_text("Waits for its SKUs")

    with merchant_scope(merchant):
        child = Variant.objects.get(sku="KET-L")
    assert (str(child.price), child.quantity, child.codes) == (
        "42.50",
        4,
        [{"type": "UPC", "code": "042100005264"}],
    )
    assert complaints == []


def test_pages_fit_a_phone_in_the_dark_and_pass_the_accessibility_check(
    desk: Page, merchant: Merchant, shot: Callable[[Page, str], None]
) -> None:
    with merchant_scope(merchant):
        product = make_family(merchant, "S", "M", "L")
        bare = sku(merchant, "HF-M")
        bare.codes, bare.attributes = [], []
        bare.save()
        ids = [
            rows.make_variant(merchant, sku=name, attributes=sized("1")).pk for name in ("LOOSE-1", "LOOSE-2")
        ]
        wrong = make_group(merchant, ids, refinements=[SIZE], actor=SYSTEM)
        own, first = group_of(merchant, "HF-S"), sku(merchant, "HF-S").pk
        product.options = [{"name": "Size", "values": [{"value": "S", "price": ""}, {"value": "XL"}]}]
        product.save()
    pages = {
        "list": "variations/",
        "group": f"variations/{wrong.pk}/",
        "own": f"variations/{own.pk}/",
        "dissolve": f"variations/{own.pk}/dissolve/",
        "family": f"products/variants/{first}/variations/",
        "combinations": f"products/{product.pk}/combinations/",
        "delete": f"products/variants/{first}/delete/",
    }
    found = {}
    for scheme in ("light", "dark"):
        desk.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal
        for width in (1360, 390):
            desk.set_viewport_size({"width": width, "height": 900})
            for name, path in pages.items():
                desk.goto(url(merchant, path))
                wide = desk.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if wide > 0:
                    found[f"{name} {width}"] = f"{wide} pixels too wide"
                if (scheme, width) in {("dark", 390), ("light", 1360)}:
                    shot(desk, f"variations-{name}-{scheme}-{width}")
                    report = Axe().run(desk)
                    if report.violations_count:
                        found[f"{name} {scheme} {width}"] = report.generate_report()
    assert found == {}
