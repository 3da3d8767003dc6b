"""The main job as a merchant walks it: sign up, keys, CSV, mapping, upload, order, shipment, return, refund."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from catalog.actions.taxonomy import import_taxonomy
from catalog.models import Listing
from jetsync.demo.catalogue import TAXONOMY
from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from refunds.models import Refund
from returns.models import Return

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

HEADER = (
    "sku,product_title,multipack_quantity,brand,main_image_url,store_category,shipping_weight_pounds,"
    "product_description,manufacturer,mfr_part_number,bullet1,standard_product_code_type1,standard_product_code1,"
    "attribute_id1,attribute_value1"
)
KETTLE = (
    "{sku},{title},1,Harrow & Finch,https://img.example.com/{sku}.jpg,Kitchen > Kettles,3.25,A kettle,Harrow,{sku},"
    "Whistles,UPC,{code},101,Copper"
)
ROWS = [
    KETTLE.format(sku="HF-1", title="Copper Whistling Kettle", code="036000291452"),
    KETTLE.format(sku="HF-2", title="Steel Whistling Kettle", code="042007100017"),
    KETTLE.format(sku="HF-3", title="Kettle with a wrong code", code="12345"),
]


@pytest.fixture
def csv_files(tmp_path: Path) -> tuple[Path, Path]:
    products, prices = tmp_path / "products.csv", tmp_path / "prices.csv"
    products.write_text("\n".join([HEADER, *ROWS]) + "\n")
    prices.write_text("sku,price,inventory\nHF-1,38.50,12\nHF-2,34.00,9\n")
    return products, prices


class Walk:
    """The merchant at the screen; `work` lets the workers and Jet do their part."""

    def __init__(
        self, page: Page, sandbox: Any, work: Callable[[], None], shot: Callable[[Page, str], None]
    ) -> None:
        self.page, self.sandbox, self._work, self._shot = page, sandbox, work, shot
        self.slug = ""

    def work(self) -> None:
        with merchant_scope(Merchant.objects.get(slug=self.slug)):
            self._work()

    def open(self, path: str) -> None:
        self.page.goto(f"/m/{self.slug}/{path}")

    def picture(self, name: str) -> None:
        self._shot(self.page, name)

    def press(self, name: str | re.Pattern[str], *, role: str = "button") -> None:
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def sign_up(self) -> None:
        self.page.goto("/accounts/signup/")
        self.page.fill("input[name=email]", "robin@example.com")
        self.page.fill("input[name=password1]", "copper-kettle-77")
        self.page.fill("input[name=password2]", "copper-kettle-77")
        self.page.locator("main form button[type=submit], form button[type=submit]").first.click()
        expect(self.page).to_have_url(re.compile("merchants/new"))
        self.page.get_by_label("Store name").fill("Harrow Test Shop")
        self.press("Create store")
        self.slug = "harrow-test-shop"
        expect(self.page).to_have_url(re.compile(f"/m/{self.slug}/"))
        self.picture("01-first-run")

    def enter_keys(self) -> None:
        self.open("settings/jet/")
        self.page.get_by_label("API address").fill(self.sandbox.server.api_url)
        self.page.get_by_label("API user").fill("demo-user")
        self.page.get_by_label("Secret").fill("wrong")
        self.press("Validate and save")
        expect(self.page.get_by_text("Jet refused the API keys").first).to_be_visible()
        self.page.get_by_label("Secret").fill("demo-secret")
        self.press("Validate and save")
        expect(self.page.get_by_text("Keys accepted by Jet").first).to_be_visible()
        expect(self.page.get_by_text(self.sandbox.node_id).first).to_be_visible()
        self.picture("02-jet-account")

    def import_csv(self, products: Path, prices: Path) -> None:
        for kind, path, name in (
            ("products", products, "03-import"),
            ("price_inventory", prices, "04-prices"),
        ):
            self.open("catalog/csv/upload/")
            choice = self.page.locator(f"[name=kind][value={kind}]")
            if choice.count():
                choice.check()
            else:
                self.page.locator("select[name=kind]").select_option(kind)
            self.page.set_input_files("input[type=file]", path)
            self.press("Upload")
            self.work()
            self.page.reload()
            self.picture(f"{name}-preview")
            self.press(re.compile("^Import"))
            self.work()
            self.page.reload()
            self.picture(name)
            if kind == "products":
                expect(self.page.get_by_text("HF-3").first).to_be_visible()

    def map_category(self) -> None:
        self.open("catalog/categories/?jet=41001003")
        self.page.get_by_label("Kitchen > Kettles").check()
        self.pick("Kitchen & Dining", "Cookware", "Tea Kettles")
        self.press("Map ticked")
        expect(self.page.get_by_text("Category Id on Jet: 41001003").first).to_be_visible()
        self.picture("05-mapping")

    def pick(self, *names: str) -> None:
        for name in names:
            self.page.locator("#map").get_by_role("button", name=name).or_(
                self.page.locator("#map").get_by_label(name, exact=False)
            ).first.click()
            self.page.wait_for_timeout(400)

    def upload(self) -> None:
        self.work()
        self.open("catalog/products/")
        expect(self.page.get_by_text("HF-1").first).to_be_visible()
        for box in self.page.locator("tbody input[type=checkbox]").all():
            box.check()
        self.press(re.compile("^Upload"))
        self.picture("06-confirm-upload")
        self.press("Upload to Jet")
        self.work()
        self.page.reload()
        expect(self.page.get_by_text("Done").first).to_be_visible()
        self.picture("07-operation")
        self.sandbox.control.advance(3600)
        self.work()

    def follow_an_order(self) -> None:
        self.sandbox.control.generate_orders(
            user="demo-user", count=2, sku="HF-1", quantity=2, cancel_quantity=0
        )
        self.open("orders/")
        self.press("Fetch orders")
        self.work()
        self.open("orders/")
        expect(self.page.locator("tbody").get_by_text("Acknowledged").first).to_be_visible()
        self.picture("08-orders")


def test_main_job(
    page: Page,
    sandbox: Any,
    work: Callable[[], None],
    shot: Callable[[Page, str], None],
    csv_files: tuple[Path, Path],
) -> None:
    import_taxonomy(TAXONOMY, "small")
    walk = Walk(page, sandbox, work, shot)
    walk.sign_up()
    walk.enter_keys()
    walk.import_csv(*csv_files)
    walk.map_category()
    walk.upload()
    merchant = Merchant.objects.get(slug=walk.slug)
    with merchant_scope(merchant):
        assert set(Listing.objects.exclude(content_sent_at=None).values_list("variant__sku", flat=True)) == {
            "HF-1",
            "HF-2",
        }
    walk.follow_an_order()
    ship_and_return(walk, merchant)
    refund(walk, merchant)


def ship_and_return(walk: Walk, merchant: Merchant) -> None:
    page = walk.page
    with merchant_scope(merchant):
        first, second = Order.objects.order_by("pk")
    for order, number in ((first, "1Z999AA10123456784"), (second, "1Z999AA10123456793")):
        walk.open(f"orders/{order.pk}/ship/")
        page.locator("[name=carrier]").first.fill("UPS") if page.locator(
            "input[name=carrier]"
        ).count() else page.locator("select[name=carrier]").select_option("UPS")
        page.locator("input[name=tracking_number]").fill(number)
        walk.picture("09-ship")
        walk.press("Submit shipment")
        walk.work()
    walk.open(f"orders/{first.pk}/")
    expect(page.get_by_text("Completed").first).to_be_visible()
    walk.picture("10-order-completed")
    walk.sandbox.control.call("POST", "returns/generate", user="demo-user", order_id=first.merchant_order_id)
    walk.open("returns/")
    walk.press("Fetch returns")
    walk.work()
    with merchant_scope(merchant):
        returned = Return.objects.get()
    walk.open(f"returns/{returned.pk}/")
    walk.picture("11-return")
    page.locator("input[type=radio]").first.check()
    walk.press("Submit return")
    walk.work()
    walk.open(f"returns/{returned.pk}/")
    walk.picture("12-return-settled")
    with merchant_scope(merchant):
        assert Return.objects.get().jet_status in {"inprogress", "completed by merchant"}
    assert walk.sandbox.control.counts()["return_complete"]["total"] == 1


def refund(walk: Walk, merchant: Merchant) -> None:
    page = walk.page
    with merchant_scope(merchant):
        order = Order.objects.order_by("pk").last()
    assert order is not None
    walk.open(f"refunds/new/{order.pk}/")
    walk.picture("13-refund")
    chosen = page.locator("input[type=checkbox][name$=is_chosen]").first
    if not chosen.is_checked():
        chosen.check()
    page.locator("[name$=quantity_returned]").first.fill("2")
    page.locator("[name$=quantity_refunded]").first.fill("2")
    page.locator("select[name$=reason]").first.select_option(index=1)
    page.locator("select[name$=feedback]").first.select_option(index=1)
    walk.press("Create refund")
    walk.picture("13b-refund-sent")
    walk.work()
    with merchant_scope(merchant):
        assert Refund.objects.get().refund_authorization_id
    walk.open("refunds/")
    walk.picture("14-refunds")
    assert walk.sandbox.control.counts()["refund"] == {"total": 1, "distinct": 1}
