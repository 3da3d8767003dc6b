"""The forms with scripts: steps of the category, the live example, phone and dark, no complaint of the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from catalog.actions.assigning import assign_profile
from catalog.actions.field_mapping import Mapped, save_mappings
from catalog.actions.profile import create_profile
from catalog.actions.store_field import note_fields
from catalog.models import Profile, StoreCategory, Variant
from jetsync.models import Merchant, User
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIELDS = {"material": "Copper", "_price": "38.50", "jet_asin": "B00ABCDEFG", "maker": "Finch & Sons"}


@pytest.fixture
def complaints(page: Page) -> list[str]:
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


@pytest.fixture
def stocked(merchant: Merchant) -> Merchant:
    """Three kettles without a brand, one of them with store fields and a size."""
    with merchant_scope(merchant):
        factories.make_account(merchant)
        rows.make_taxonomy()
        category = StoreCategory.objects.create(merchant=merchant, path="Kitchen > Kettles")
        for number in range(3):
            product = rows.make_product(merchant, brand="", store_category=category)
            size = [{"name": "Size", "value": "Large"}]
            data = FIELDS if number == 2 else {}
            rows.make_variant(merchant, product, sku=f"HF-{number}", data=data, options=size, attributes=[])
        note_fields(merchant, {f"field:{name}": value for name, value in FIELDS.items()})
        note_fields(merchant, {"option:Size": "Large"})
    return merchant


@pytest.fixture
def desk(page: Page, log_in: Callable[..., None], stocked: Merchant, owner: User) -> Page:
    log_in(page, owner)
    return page


def url(merchant: Merchant, path: str) -> str:
    return f"/m/{merchant.slug}/catalog/{path}"


def test_a_profile_is_made_step_by_step(
    desk: Page, merchant: Merchant, complaints: list[str], shot: Callable[[Page, str], None]
) -> None:
    desk.goto(url(merchant, "profiles/new/"))
    desk.get_by_label("Profile name").fill("Kettles")
    desk.get_by_label("Root category").select_option(str(rows.ROOT))
    desk.get_by_label("Child category").select_option(str(rows.MIDDLE))
    desk.get_by_label("Sub category").select_option(str(rows.LEAF))
    expect(desk.get_by_label("Fixed value of Color")).to_be_visible()
    desk.get_by_label("Fixed value of Color").select_option("Copper")
    desk.get_by_label("Store field for Size").select_option("option:Size")
    desk.get_by_role("button", name="Pick by example: Brand").click()
    expect(desk.get_by_role("heading", name="Fields of HF-2")).to_be_visible()
    shot(desk, "profile-pick")
    desk.get_by_role("link", name="field maker", exact=True).click()
    expect(desk.get_by_label("Profile name")).to_have_value("Kettles")
    expect(desk.get_by_label("Store field for Brand")).to_have_value("field:maker")
    expect(desk.get_by_label("Fixed value of Color")).to_have_value("Copper")
    shot(desk, "profile-form")
    desk.get_by_role("button", name="Save profile").first.click()
    expect(desk.locator("h1")).to_contain_text("Kettles")
    expect(desk.get_by_text("Profile “Kettles” is made.").first).to_be_visible()
    desk.get_by_role("button", name="Assign profile").click()
    shot(desk, "profile-assign")
    desk.get_by_role("button", name="Assign profile").click()
    expect(desk.get_by_text("Done: Assign profile Kettles to 3 products.").first).to_be_visible()
    with merchant_scope(merchant):
        profile = Profile.objects.get()
    desk.goto(url(merchant, f"profiles/{profile.pk}/"))
    expect(desk.get_by_text("from profile Kettles, field maker")).to_be_visible()
    shot(desk, "profile-detail")
    desk.goto(url(merchant, "profiles/"))
    shot(desk, "profile-list")
    assert complaints == []


def test_search_finds_a_category_while_typing(desk: Page, merchant: Merchant, complaints: list[str]) -> None:
    desk.goto(url(merchant, "profiles/new/"))
    desk.get_by_label("Search Jet's categories").press_sequentially("kettl")
    desk.get_by_label("Found").select_option(str(rows.LEAF))

    expect(desk.get_by_label("Fixed value of Color")).to_be_visible()
    assert complaints == []


def test_the_example_follows_what_is_chosen(
    desk: Page, merchant: Merchant, complaints: list[str], shot: Callable[[Page, str], None]
) -> None:
    desk.goto(url(merchant, "fields/?part=texts"))
    line = desk.locator("tr", has=desk.get_by_label("Store field for Brand"))
    expect(line).to_contain_text("nothing")

    desk.get_by_label("Store field for Brand").select_option("field:maker")
    expect(line).to_contain_text("Finch & Sons")
    expect(line).to_contain_text("from the field mapping, field maker")
    desk.get_by_label("Fixed text for Title").fill("Another title")
    desk.get_by_label("Fixed text for Title").blur()
    expect(desk.locator("#mapping-rows")).to_contain_text("The product has a value of its own.")
    shot(desk, "field-mapping")
    desk.get_by_role("button", name="Save", exact=True).first.click()

    expect(desk.get_by_text("Mapping of 2 fields saved. It applies to 3 products.").first).to_be_visible()
    assert complaints == []


def test_store_fields_of_a_sku(desk: Page, merchant: Merchant, shot: Callable[[Page, str], None]) -> None:
    with merchant_scope(merchant):
        kettle = Variant.objects.get(sku="HF-2")
    desk.goto(url(merchant, f"products/variants/{kettle.pk}/fields/"))
    desk.get_by_label("Name", exact=True).fill("season")
    desk.get_by_label("Value", exact=True).fill("Winter")
    shot(desk, "store-fields")
    desk.get_by_role("button", name="Save").click()

    expect(desk.get_by_label("Value of season")).to_have_value("Winter")


def test_pages_fit_a_phone_in_the_dark_and_pass_the_accessibility_check(
    desk: Page, merchant: Merchant, shot: Callable[[Page, str], None]
) -> None:
    with merchant_scope(merchant):
        values = {"name": "Kettles", "jet_node_id": rows.LEAF, "specifics": {"brand": {"value": "Harrow"}}}
        profile = create_profile(merchant, values, actor=SYSTEM)
        kettle = Variant.objects.get(sku="HF-2")
        assign_profile(merchant, [kettle.product_id], profile, actor=SYSTEM)
        save_mappings(merchant, {"bullet1": Mapped(source="field:material")}, actor=SYSTEM)
    pages: dict[str, Any] = {
        "list": "profiles/",
        "form": f"profiles/{profile.pk}/edit/",
        "detail": f"profiles/{profile.pk}/",
        "delete": f"profiles/{profile.pk}/delete/",
        "pick": "profiles/pick/?for=spec_brand_source",
        "mapping": "fields/",
        "fields": f"products/variants/{kettle.pk}/fields/",
        "product": f"products/{kettle.product_id}/",
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
                    shot(desk, f"profiles-{name}-{scheme}-{width}")
                    report = Axe().run(desk)
                    if report.violations_count:
                        found[f"{name} {scheme} {width}"] = report.generate_report()
    assert found == {}
