"""What the product page says of a SKU at Jet, and the button that mends it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.actions import publish
from catalog.actions.marks import mark_live
from catalog.actions.product import set_offer
from catalog.actions.stock_drift import note_stock_drift
from catalog.enums import ListingStatus
from catalog.models import BulkFile, Listing, NodeStock, Variant
from catalog.queries.at_jet import compared
from catalog.queries.product import facets_of
from catalog.status_map import status_for
from catalog.status_words import UNKNOWN, status_word, sub_status_word
from jetsync.models import JetAccount
from jetsync.sync.client import client_for as jet_client_for
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.publishing.steps import calls, listing_of, make_drift

SANDBOX = Path(__file__).resolve().parents[3] / "jetsync" / "sandbox"


def sandbox_statuses() -> list[str]:
    """The words of the sandbox's ListingStatus, read from its source: nothing here imports it."""
    tree = ast.parse((SANDBOX / "models" / "sku.py").read_text())
    body = next(
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "ListingStatus"
    ).body
    return [node.value.value for node in body if isinstance(node, ast.Assign)]  # type: ignore[attr-defined]  # constants


def sandbox_sub_statuses() -> list[str]:
    """Every key of the checks in the sandbox's review."""
    tree = ast.parse((SANDBOX / "listings" / "review.py").read_text())
    function = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "missing_data"
    )
    table = next(
        node.value
        for node in function.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
    )
    return [key.value for key in table.keys if isinstance(key, ast.Constant)]


def test_a_look_compares_with_the_status_of_now(shop, kettle, sandbox, drain) -> None:
    """Two looks cross: the second to write must not date the status anew."""
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    Listing.objects.filter(variant=variant).update(status=ListingStatus.UPLOADED, jet_sub_status=[])
    before_asking = listing_of(variant)
    shown = jet_client_for(sandbox.account).products.get("HF-1")
    mark_live(shop, before_asking, shown, shown.raw)
    since = listing_of(variant).status_since
    assert since != before_asking.status_since

    mark_live(shop, before_asking, shown, shown.raw)

    assert listing_of(variant).status_since == since


def test_the_word_lists_are_found() -> None:
    assert "Under Jet Review" in sandbox_statuses()
    assert "Missing image" in sandbox_sub_statuses()
    assert len(sandbox_statuses()) >= 8
    assert len(sandbox_sub_statuses()) >= 9


@pytest.mark.feature("PRD-16", "PRD-18")
@pytest.mark.parametrize("word", sandbox_statuses())
def test_every_status_of_the_sandbox_is_explained(word: str) -> None:
    status = status_for(word)
    assert status != ListingStatus.OTHER
    assert status_word(status).meaning.endswith(".")


@pytest.mark.parametrize("word", sandbox_sub_statuses())
def test_every_sub_status_of_the_sandbox_is_explained(word: str) -> None:
    assert sub_status_word(word) is not UNKNOWN


def page_of(client: Client, shop: Any, variant: Any) -> str:
    response = client.get(f"/m/{shop.slug}/catalog/products/{variant.product_id}/?variant={variant.pk}")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.django_db
def test_a_complete_checklist_is_not_asked_to_be_filled(shop, kettle, client_for: Callable[..., Client]):
    client = client_for("owner")
    ready = page_of(client, shop, kettle("HF-1"))
    assert "The checklist is complete: upload it." in ready
    assert "Fill the checklist" not in ready
    assert "Fill the checklist, then upload it." in page_of(
        client, shop, kettle("HF-2", product={"brand": ""})
    )
    never = page_of(client, shop, kettle("HF-3", codes=[], mfr_part_number="K-3"))
    assert "Jet will not list it until the checklist is complete" in never


@pytest.mark.django_db
@pytest.mark.feature("PRD-15", "PRD-18")
def test_days_in_review_stand_beside_the_usual_span(shop, kettle, client_for: Callable[..., Client]):
    variant = kettle("HF-1")
    Listing.objects.filter(variant=variant).update(
        status="under_review",
        jet_status="Under Jet Review",
        status_since=timezone.now() - timedelta(days=3, minutes=5),
        content_sent_at=timezone.now() - timedelta(days=3, minutes=5),
    )
    page = page_of(client_for("analyst"), shop, variant)
    assert "In review for 3 days; usually it takes 7 to 14 days." in page
    assert "not yet; it is read within minutes of an upload" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "button"),
    [
        ("missing_data", "Upload again"),
        ("archived", "Un-archive"),
        ("excluded", "Archive"),
        ("unauthorized", "Archive"),
        ("available", "Read status"),
        ("other", "Read status"),
    ],
)
def test_each_status_offers_what_mends_it(
    shop, kettle, client_for: Callable[..., Client], status: str, button: str
):
    variant = kettle("HF-1")
    Listing.objects.filter(variant=variant).update(status=status, content_sent_at=timezone.now())
    page = page_of(client_for("owner"), shop, variant)
    card = page[page.index("At Jet</h2>") : page.index("Read from Jet")]
    assert button in card


@pytest.mark.django_db
@pytest.mark.feature("SIM-08", "SIM-09")
def test_sync_with_jet_sends_everything_and_sync_only_price_and_stock(
    shop, sandbox, kettle, drain, client_for: Callable[..., Client]
):
    variant = kettle("HF-1")
    client = client_for("owner")
    address = f"/m/{shop.slug}/catalog/products/variants/{variant.pk}/publish/"
    assert "Sync with Jet" in page_of(client, shop, variant)
    assert client.post(address, {"do": "everything"}).status_code == 302
    drain()
    parts = [
        row["path"].rpartition("HF-1")[2]
        for row in sandbox.control.requests()
        if row["method"] in {"PUT", "PATCH"}
    ]
    assert parts == ["", "/price", "/inventory"]

    sandbox.control.clear_requests()
    client.post(address, {"do": "sync"})
    drain()
    parts = [
        row["path"].rpartition("HF-1")[2]
        for row in sandbox.control.requests()
        if row["method"] in {"PUT", "PATCH"}
    ]
    assert parts == ["/price", "/inventory"]

    sandbox.control.clear_requests()
    set_offer(variant, {"quantity": 4}, actor=SYSTEM)
    drain()
    assert [row["path"].rpartition("HF-1")[2] for row in calls(sandbox, "PATCH", "HF-1")] == ["/inventory"]


@pytest.mark.django_db
@pytest.mark.feature("PRD-11")
def test_the_sync_button_says_what_it_sends(shop, kettle, client_for: Callable[..., Client]):
    kettle("HF-1")
    client = client_for("owner")
    response = client.post(f"/m/{shop.slug}/catalog/products/", {"bulk": "sync", "scope": "all"})
    page = client.get(response.url).content.decode()
    assert "Only price and quantity are sent. Other changes need an upload." in page


@pytest.mark.django_db
@pytest.mark.feature("PRD-14")
def test_data_on_jet_is_read_on_opening_with_its_time(
    shop, sandbox, kettle, drain, client_for: Callable[..., Client]
):
    variant = kettle("HF-1")
    client = client_for("manager")
    address = f"/m/{shop.slug}/catalog/products/variants/{variant.pk}/at-jet/"
    assert "Jet does not know this SKU" in client.get(address).content.decode()
    assert "Data on Jet" in page_of(client, shop, variant)

    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    page = client.get(address).content.decode()
    assert "Jet was not read yet" in page
    assert f'hx-post="{address}?live=1"' in page
    part = client.post(f"{address}?live=1").content.decode()
    assert "<html" not in part
    for words in (
        "standard_product_codes",
        "036000291452, UPC",
        "jet_browse_node_id",
        "In step",
        "merchant_sku_id",
        "$38.50",
    ):
        assert words in part
    assert 'hx-post="' not in part
    assert listing_of(variant).status_read_at is not None
    before = len(calls(sandbox, "GET", "merchant-skus/HF-1"))
    client.post(f"{address}?live=1")
    assert len(calls(sandbox, "GET", "merchant-skus/HF-1")) == before  # read less than a minute ago

    assert client.post(address).status_code == 302
    assert len(calls(sandbox, "GET", "merchant-skus/HF-1")) == before + 1


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?live=1"])
def test_who_may_only_look_reads_nothing_from_jet(  # noqa: PLR0917 -- fixtures
    shop, sandbox, kettle, drain, client_for: Callable[..., Client], query: str
):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    client = client_for("analyst")
    address = f"/m/{shop.slug}/catalog/products/variants/{variant.pk}/at-jet/"
    sandbox.control.clear_requests()

    page = client.get(f"{address}{query}")
    refused = client.post(f"{address}{query}")

    assert (page.status_code, refused.status_code) == (200, 403)
    text = page.content.decode()
    assert "Jet was not read yet" in text
    assert "hx-post=" not in text
    assert "You do not have the right" in text
    assert sandbox.control.requests() == []
    assert listing_of(variant).status_read_at is None


@pytest.mark.django_db
def test_data_on_jet_says_when_jet_cannot_be_read(
    shop, sandbox, kettle, drain, client_for: Callable[..., Client]
):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    JetAccount.objects.update(api_url="http://127.0.0.1:1/api")
    part = client_for("owner").post(f"/m/{shop.slug}/catalog/products/variants/{variant.pk}/at-jet/?live=1")
    assert part.status_code == 200
    assert "What was read before is shown." in part.content.decode()


@pytest.mark.django_db
@pytest.mark.feature("PRD-14")
def test_differences_are_shown_for_every_facet(
    shop, sandbox, kettle, drain, client_for: Callable[..., Client]
):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    jet = jet_client_for(sandbox.account)
    jet.products.put("HF-1", {**listing_of(variant).content_sent_body, "brand": "Finch"})
    jet.products.set_inventory("HF-1", {sandbox.node_id: 7})
    client = client_for("owner")
    page = client.post(
        f"/m/{shop.slug}/catalog/products/variants/{variant.pk}/at-jet/?live=1"
    ).content.decode()
    for words in (
        "Variation group",
        "Shipping exceptions",
        "Return exception",
        "Archived",
        "Finch",
        "Differs",
    ):
        assert words in page
    assert NodeStock.objects.get(variant=variant).quantity_live == 7


@pytest.mark.django_db
@pytest.mark.feature("PRD-19")
def test_the_grid_counts_files_with_errors_and_leads_there(shop, kettle, client_for: Callable[..., Client]):
    client = client_for("analyst")
    address = f"/m/{shop.slug}/catalog/products/"
    kettle("HF-1")
    assert "with errors</a>" not in client.get(address).content.decode()
    BulkFile.objects.create(
        merchant=shop,
        account=JetAccount.objects.get(),
        file_type="Price",
        name="Price-1.json",
        state="failed",
    )
    page = client.get(address).content.decode()
    assert "1 uploaded file with errors" in page
    assert "/catalog/files/?only=rejected" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("drift=any", {"HF-1"}),
        ("drift=price", {"HF-1"}),
        ("drift=quantity", set()),
        ("node=41001003", {"HF-1", "HF-2"}),
        ("node=5", set()),
        ("group=none", {"HF-1", "HF-2"}),
        ("group=parent", set()),
        ("gap=blocks:brand:nothing", set()),
    ],
)
def test_grid_filters_of_publishing(
    shop, kettle, client_for: Callable[..., Client], query: str, found: set[str]
):
    make_drift(kettle("HF-1"))
    kettle("HF-2")
    page = client_for("analyst").get(f"/m/{shop.slug}/catalog/products/?{query}").content.decode()
    assert {sku for sku in ("HF-1", "HF-2") if f">{sku}<" in page} == found


@pytest.mark.django_db
@pytest.mark.feature("PRD-12", "PRD-14")
def test_value_that_jet_was_not_read_for_since_is_not_called_in_step(
    shop, kettle, client_for: Callable[..., Client]
):
    """Jet accepted 23 just now; 27 is what it showed six minutes ago."""
    variant = kettle("HF-1", quantity=23)
    rows.mark_listed(variant)
    now = timezone.now()
    Listing.objects.update(price_sent_at=now, content_sent_body={"brand": "HF"}, live_body={"brand": "Other"})
    Listing.objects.update(price_live=Decimal("38.50"), price_live_at=now - timedelta(minutes=6))
    NodeStock.objects.update(quantity_sent_at=now, quantity_live=27)
    NodeStock.objects.update(quantity_live_at=now - timedelta(minutes=6))
    Listing.objects.update(status_read_at=now - timedelta(minutes=6))

    def states() -> dict[str, str]:
        return {row.label: row.state for row in facets_of(shop, Variant.objects.get(pk=variant.pk))}

    node = f"Quantity at {NodeStock.objects.get().node.name}"
    assert states() == {"Product data": "unread", "Price": "same", "Archived": "same", node: "unread"}
    members = {row.label: row.state for row in compared(shop, Variant.objects.get(pk=variant.pk))}
    assert (members[node], members["brand"]) == ("unread", "waiting")
    assert "Sent, not read back yet" in page_of(client_for("analyst"), shop, variant)

    NodeStock.objects.update(quantity_live_at=timezone.now())
    Listing.objects.update(status_read_at=timezone.now())
    note_stock_drift(shop)
    assert states() == {"Product data": "same", "Price": "same", "Archived": "same", node: "differs"}
