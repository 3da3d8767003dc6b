"""Every page of a living store: it opens, axe finds nothing serious, and a phone need not scroll sideways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from catalog.models import (
    AttributeMapping,
    BulkFile,
    CategoryMapping,
    CsvUpload,
    JetCategory,
    Product,
    Profile,
    ShippingException,
    SkuError,
    StoreField,
    TaxonomyVersion,
    Variant,
    VariationGroup,
)
from jetsync.actions.mail import post_mail, write_due
from jetsync.models import FulfillmentNode, Job, Mail, Membership, Merchant, Operation, ReturnLocation
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from orders.enums import OrderState
from orders.models import Order, ShipStationNotice
from orders.shipstation.connecting import note_unknown_carrier, renew_key
from refunds.models import Refund
from returns.models import Return
from tests.e2e.conftest import LivingShop
from tests.factories import make_member
from tests.permissions.test_matrix import PANEL_PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PUBLIC = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
ACCOUNT = ("/accounts/email/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/")
# Answers of these are parts of a page, files or steps that only a POST takes.
PARTS = {"panel:palette", "panel:bell", "panel:badges", "catalog:category-picker", "catalog:csv-template"} | {
    "panel:mail-frame",
    "panel:mail-preview-frame",
}


def objects() -> dict[str, Any]:
    """Url name prefix -> (model, filter) of an object that such a page can show."""
    return {
        "panel:operation": Operation.objects.all(),
        "panel:job": Job.objects.all(),
        "panel:mail": Mail.objects.all(),
        "panel:return-location": ReturnLocation.objects.all(),
        "panel:node": FulfillmentNode.objects.all(),
        "panel:member": Membership.objects.all(),
        "catalog:product": Product.objects.all(),
        "catalog:product-profile": Variant.objects.all(),
        "catalog:variant-create": Product.objects.all(),
        "catalog:profile": Profile.objects.all(),
        "catalog:group": VariationGroup.objects.all(),
        "catalog:group-form": Product.objects.filter(kind="variable"),
        "catalog:shipping-exception": ShippingException.objects.all(),
        "catalog:shipping-exceptions": Variant.objects.all(),
        "catalog:shipping-exception-new": Variant.objects.all(),
        "catalog:return-exception": Variant.objects.all(),
        "catalog:variant": Variant.objects.all(),
        "catalog:file": BulkFile.objects.all(),
        "catalog:csv": CsvUpload.objects.all(),
        "catalog:mapping": CategoryMapping.objects.all(),
        "catalog:taxonomy": TaxonomyVersion.objects.all(),
        "catalog:attribute-values": AttributeMapping.objects.all(),
        "orders:order-ship": Order.objects.filter(state=OrderState.ACKNOWLEDGED),
        "orders:order-cancel": Order.objects.filter(state=OrderState.ACKNOWLEDGED),
        "orders:order": Order.objects.all(),
        "orders:shipstation-notice": ShipStationNotice.objects.all(),
        "returns:": Return.objects.all(),
        "refunds:refund-create": Order.objects.filter(state=OrderState.COMPLETE),
        "refunds:": Refund.objects.all(),
        "repricer:sku": Variant.objects.filter(sales_data__isnull=False),
        "repricer:bounds": Variant.objects.all(),
        "repricer:profile-bounds": Profile.objects.all(),
    }


def furnish(merchant: Merchant) -> None:
    """What the demo's life does not bring about by itself: a profile, a mapping, an exception, a refusal."""
    post_mail(merchant, "orders.new", about=Order.objects.first())
    write_due(merchant, kinds=["orders.new"])
    variant = Variant.objects.order_by("pk").first()
    assert variant is not None
    profile = Profile.objects.create(
        merchant=merchant, name="Kitchen", specifics={"brand": {"value": "Harrow"}}
    )
    Product.objects.filter(pk=variant.product_id).update(profile=profile)
    Variant.objects.filter(pk=variant.pk).update(data={"material": "Copper"})
    StoreField.objects.get_or_create(
        merchant=merchant, kind="field", name="material", defaults={"sample": "Copper"}
    )
    AttributeMapping.objects.get_or_create(
        merchant=merchant, source="field:material", attribute_id=119, defaults={"attribute_name": "Color"}
    )
    node = FulfillmentNode.objects.filter(merchant=merchant).first()
    assert node is not None
    ShippingException.objects.create(
        merchant=merchant, variant=variant, node=node, service_level="Standard", exception_type="exclusive"
    )
    renew_key(merchant, actor=SYSTEM)
    note_unknown_carrier(merchant, "RoyalMail")
    order = Order.objects.order_by("pk").first()
    assert order is not None
    ShipStationNotice.objects.create(
        merchant=merchant,
        order=order,
        key="a" * 64,
        state="needs_tracking",
        message="ShipStation shipped it without a tracking number. Jet needs one.",
    )
    SkuError.objects.create(
        merchant=merchant,
        listing=variant.listing,
        step="content",
        code="content_refused",
        message=f"{variant.sku}: Jet refused the content: Invalid UPC",
        field="codes",
        group_key="a" * 40,
        group_label="Invalid UPC",
    )


def candidates(shop: LivingShop) -> list[tuple[str, str]]:
    """(url name, address) of everything that a GET of the owner might open as a page: only asking tells."""
    found: list[tuple[str, str]] = []
    known = objects()
    others = {
        "mode": "test",
        "section": "details",
        "kind": "products",
        "slug": "start",
        "key": SkuError.objects.values_list("group_key", flat=True).first() or "none",
        "node_id": JetCategory.objects.order_by("-level").values_list("node_id", flat=True).first(),
    }
    for name, _callback, args in PANEL_PAGES:
        values: dict[str, Any] = {"merchant_slug": shop.merchant.slug}
        if "pk" in args:
            prefix = max((key for key in known if name.startswith(key)), key=len, default="")
            row = known[prefix].order_by("-pk").first() if prefix else None
            if row is None:
                continue
            values["pk"] = row.pk
        values |= {key: value for key, value in others.items() if key in args}
        if name.startswith("panel:mail-") and "kind" in values:
            values["kind"] = "orders.new"
        if not args - set(values) and name not in PARTS:  # else about an object that this store has none of
            found.append((name, reverse(name, kwargs=values)))
    return found


def addresses(shop: LivingShop) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """((url name, address) of every page that a GET of the owner opens with 200 and HTML, pages that crash)."""
    client = Client(raise_request_exception=False)
    broken: dict[str, Any] = {}
    client.force_login(shop.owner)
    found: list[tuple[str, str]] = []
    for name, address in candidates(shop):
        response = client.get(address)
        if response.status_code >= 500:
            broken[name] = response.status_code
        is_page = response.status_code == 200 and "html" in response.get("Content-Type", "")
        if is_page and b"<!doctype" in response.content[:200].lower():
            found.append((name, address))
        response.close()  # downloads hold a file open
    return found, broken


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{row['id']}: {row['nodes'][0]['target']}"
        for row in found
        if row["impact"] in {"serious", "critical"}
    ]


@pytest.mark.timeout(900)
def test_every_page_opens_and_is_accessible(
    living_shop: LivingShop, page: Page, log_in: Callable[..., None]
) -> None:
    with merchant_scope(living_shop.merchant):
        furnish(living_shop.merchant)
        pages, faults = addresses(living_shop)
    assert len(pages) >= 60
    log_in(page, living_shop.owner)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text) if message.type == "error" else None)
    for name, address in pages:
        page.set_viewport_size({"width": 1360, "height": 900})
        page.goto(address)
        if found := serious(page):
            faults[name] = found
        page.set_viewport_size({"width": 390, "height": 844})
        if (width := page.evaluate("document.scrollingElement.scrollWidth")) > 391:
            faults[f"{name} (phone)"] = f"{width} px wide"
    assert faults == {}
    assert [text for text in messages if "favicon" not in text] == []


@pytest.mark.timeout(300)
def test_pages_of_the_account_are_accessible(
    merchant: Merchant, page: Page, log_in: Callable[..., None]
) -> None:
    Merchant.objects.filter(pk=merchant.pk).update(requires_second_factor=True)
    member = make_member(merchant, "fulfilment")
    UserSession.objects.create(
        user=member, ip="203.0.113.7", session_key="another", user_agent="Firefox/140.0"
    )
    log_in(page, member)
    faults: dict[str, Any] = {}
    for address in (*ACCOUNT, f"/m/{merchant.slug}/"):
        page.set_viewport_size({"width": 1360, "height": 900})
        page.goto(address)
        if found := serious(page):
            faults[address] = found
        page.set_viewport_size({"width": 390, "height": 844})
        if (width := page.evaluate("document.scrollingElement.scrollWidth")) > 391:
            faults[f"{address} (phone)"] = f"{width} px wide"
    assert page.url.endswith(f"/second-factor/{merchant.slug}/?next=%2Fm%2F{merchant.slug}%2F")
    assert faults == {}


@pytest.mark.timeout(300)
def test_public_pages_are_accessible(page: Page) -> None:
    faults = {}
    for address in PUBLIC:
        page.goto(address)
        if found := serious(page):
            faults[address] = found
    assert faults == {}
