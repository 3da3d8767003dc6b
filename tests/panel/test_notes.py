"""What the old manuals warned of stands where it matters, and Jet's documents are named without a dead link."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from catalog.enums import FileState, FileType
from catalog.models import BulkFile
from jetsync.enums import Role
from jetsync.models import JetAccount, Membership, Merchant, User
from jetsync.panel.documents import DOCUMENTS, HOST
from orders.enums import OrderState
from orders.models import Order
from tests.catalog import rows
from tests.catalog.conftest import shop  # noqa: F401 -- a fixture
from tests.factories import make_merchant
from tests.orders.rows import make_order

# What a manual warns of -> the page with the field or button, and words of ours beside it.
NOTES = {
    "images: no text in them": ("variant-images", "No text in the picture"),
    "images: main and others differ": ("variant-images", "shows something else than the main image"),
    "one category per product": ("variant-category", "One per product."),
    "one category per product, a category for many products": (
        "category-mapping",
        "a product has one category at Jet",
    ),
    "part number alone is never live": ("variant-identifiers", "Brand and part number alone never go live"),
    "fill or kill: reject": ("order-reject", "Jet closes accounts that cancel too much."),
    "fill or kill: cancel": ("order-cancel", "Jet closes accounts that cancel too much."),
    "cancel only in earnest in live mode": ("order-ship", "Keep “Cancel now” at 0 in live mode"),
    "15 minutes to acknowledge": ("options", "Jet gives 15 minutes"),
    "15 minutes at the answer": ("order-accept", "an order that nobody answers within 15 minutes"),
    "why orders are rejected": ("order-failed-empty", "a SKU is unknown, out of stock or disabled"),
    "no order came: look at the failed": ("order-list-empty", "Look at the failed orders."),
    "30 products per batch": ("options", "30 is what a file of the older extensions held at most"),
    "one error text for several products": ("file", "One text can stand for several products of the file"),
    "resubmitted becomes N/A": ("file-resubmit", "is then Resubmitted, and N/A"),
    "enable the API first": ("account", "Enable API once for a new account"),
    "scheduled runs carry everything": (
        "schedules",
        "no orders come and no stock goes while it does not run",
    ),
    "category must have the attributes": (
        "variant-family",
        "choose a Jet category that has one for each option",
    ),
    "import of categories takes time": (
        "taxonomy-import",
        "takes some minutes and goes on in the background",
    ),
}
# The field's page -> the document of Jet that it follows.
FOLLOWS = {
    "account": "token",
    "variant-identifiers": "sku",
    "variant-images": "sku",
    "variant-stock": "price",
    "price-rules": "price",
    "variant-category": "taxonomy",
    "categories": "taxonomy",
    "taxonomy-import": "taxonomy",
    "order-detail": "acknowledge",
    "order-ship": "ship",
    "file": "errors",
    "about": "releases",
}


@pytest.fixture
def pages(shop: Merchant, owner: User) -> dict[str, str]:  # noqa: F811 -- the fixture above
    account = JetAccount.objects.get()
    kettle = rows.make_variant(shop)
    ready = make_order(shop, account)
    accepted = make_order(shop, account)
    Order.objects.filter(pk=ready.pk).update(state=OrderState.READY, failure_reason="")
    Order.objects.filter(pk=accepted.pk).update(state=OrderState.ACKNOWLEDGED)
    file = BulkFile.objects.create(
        merchant=shop,
        account=account,
        file_type=FileType.MERCHANT_SKUS,
        name="skus-1",
        state=FileState.WITH_ERRORS,
        errors=["Invalid UPC Code"],
    )

    empty = make_merchant()
    Membership.objects.create(merchant=empty, user=owner, role=Role.OWNER)

    def page(name: str, of: Merchant = shop, **kwargs: object) -> str:
        return reverse(name, kwargs={"merchant_slug": of.slug, **kwargs})

    def section(name: str) -> str:
        return page("catalog:variant-edit", pk=kettle.pk, section=name)

    return {
        "variant-images": section("images"),
        "variant-category": section("category"),
        "variant-identifiers": section("identifiers"),
        "variant-stock": section("stock"),
        "variant-family": page("catalog:variant-family", pk=kettle.pk),
        "category-mapping": page("catalog:category-mapping"),
        "categories": page("catalog:jet-category-list"),
        "taxonomy-import": page("catalog:taxonomy-import"),
        "price-rules": page("catalog:price-rules"),
        "file": page("catalog:file-detail", pk=file.pk),
        "file-resubmit": page("catalog:file-resubmit", pk=file.pk),
        "order-detail": page("orders:order-detail", pk=ready.pk),
        "order-accept": page("orders:order-accept", pk=ready.pk),
        "order-reject": page("orders:order-reject", pk=ready.pk),
        "order-cancel": page("orders:order-cancel", pk=accepted.pk),
        "order-ship": page("orders:order-ship", pk=accepted.pk),
        "order-list-empty": page("orders:order-list", of=empty),
        "order-failed-empty": page("orders:order-failed", of=empty),
        "account": page("panel:account"),
        "options": page("panel:options"),
        "schedules": page("panel:schedule-list"),
        "about": page("panel:about-jet"),
    }


def words_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(unescape(response.content.decode()).split())


@pytest.mark.feature("HLP-04")
def test_what_the_manuals_warn_of_stands_where_it_matters(
    pages: dict[str, str], client: Client, owner: User
) -> None:
    client.force_login(owner)
    shown = {name: words_of(client, pages[name]) for name in {page for page, _words in NOTES.values()}}

    assert {what: words for what, (page, words) in NOTES.items() if words not in shown[page]} == {}


@pytest.mark.feature("HLP-03")
def test_documents_of_jet_are_named_where_the_field_is_and_nothing_links_to_a_site_that_is_gone(
    pages: dict[str, str], client: Client, owner: User
) -> None:
    client.force_login(owner)
    shown = {name: words_of(client, pages[name]) for name in FOLLOWS}

    lacking = {
        name: key
        for name, key in FOLLOWS.items()
        if DOCUMENTS[key].title not in shown[name]
        or DOCUMENTS[key].address not in shown[name]
        or f'href="{DOCUMENTS[key].copies_url}"' not in shown[name]
    }
    assert lacking == {}
    assert all("closed" in shown[name] or "is gone" in shown[name] for name in FOLLOWS)
    links = {link for page in shown.values() for link in re.findall(r'href="([^"]*)"', page)}
    dead = re.compile(r"(https?:)?//([a-z-]+\.)?jet\.com")
    assert [link for link in links if dead.match(link)] == []
    assert any(HOST in link for link in links)
