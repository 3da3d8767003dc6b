"""A SKU that Jet sells stays on sale, whatever empties a value that Jet needs (ADR 16)."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.actions import publish, sending
from catalog.actions.assigning import assign_profile
from catalog.actions.bulk_edit import BulkChange, run_edit, start_bulk_edit
from catalog.actions.deltas import PUSH_CONTENT, dirty_content
from catalog.actions.product import update_variant
from catalog.actions.sheet import CellEdit, save_cells
from catalog.actions.targets import refresh_targets
from catalog.enums import ListingStatus, Readiness
from catalog.models import (
    CsvUpload,
    JetCategory,
    Listing,
    Product,
    SkuError,
    StoreCategory,
    TaxonomyVersion,
    Variant,
)
from catalog.pages import page_url
from jetsync.enums import JobState
from jetsync.models import Job, Merchant, Operation, OperationRow
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.profiles.shop import make_profile, text_of
from tests.catalog.publishing.steps import calls, finish, listing_of
from tests.catalog.sync.conftest import COLOR, KETTLES

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
Make = Callable[..., Variant]


def messages(sandbox: Any) -> list[Any]:
    """Bodies of the SKU messages that went to Jet."""
    return [
        json.loads(row["body"])
        for row in calls(sandbox, "PUT", "merchant-skus")
        if row["path"].endswith("HF-1")
    ]


@pytest.fixture
def on_sale(shop: Merchant, sandbox: Any, kettle: Make, drain: Callable[..., int]) -> Variant:
    """Jet sells it, and nothing is left to send."""
    variant = kettle("HF-1", mfr_part_number="K-25")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    finish(drain, sandbox)
    assert listing_of(variant).status == ListingStatus.AVAILABLE
    sandbox.control.clear_requests()
    return variant


def by_form(variant: Variant, *_others: Any) -> None:
    update_variant(variant, {"shipping_weight_pounds": None}, actor=SYSTEM)


def by_api(variant: Variant, client: Client, *_others: Any) -> None:
    address = f"/api/v1/m/{variant.merchant.slug}/catalog/variants/{variant.pk}/"
    answer = client.patch(address, {"shipping_weight_pounds": None}, content_type="application/json")
    assert answer.status_code == 200, answer.content


def by_table(variant: Variant, *_others: Any) -> None:
    saved = save_cells(
        variant.merchant,
        [CellEdit(variant.pk, "codes", "UPC 036000291452", "")],
        actor=SYSTEM,
        may_empty=True,
    )
    assert not saved.notes


def by_bulk_edit(variant: Variant, *_others: Any) -> None:
    change = BulkChange("shipping_weight_pounds", "set", "")
    operation = start_bulk_edit(variant.merchant, [variant.pk], change, title="Weight: none", actor=SYSTEM)
    assert run_edit(operation).done == 1


def by_file(_variant: Variant, _client: Client, import_csv: Callable[..., CsvUpload]) -> None:
    assert import_csv(b"sku,shipping_weight_pounds\nHF-1,\n").updated_count == 1


@pytest.mark.feature("PRD-05")
@pytest.mark.parametrize("empty", [by_form, by_api, by_table, by_bulk_edit, by_file])
def test_an_emptied_value_waits_while_price_and_quantity_go(
    sandbox: Any,
    on_sale: Variant,
    drain: Callable[..., int],
    client_for: ClientFor,
    import_csv: Callable[..., CsvUpload],
    *,
    empty: Callable[..., None],
) -> None:
    empty(on_sale, client_for("owner"), import_csv)
    drain()
    listing = listing_of(on_sale)
    assert (listing.readiness, listing.content_dirty) == (Readiness.NEVER_LIVE, True)
    on_sale.refresh_from_db()
    update_variant(on_sale, {"price": Decimal("39.00"), "quantity": 7}, actor=SYSTEM)
    finish(drain, sandbox)

    listing = listing_of(on_sale)
    assert (messages(sandbox), listing.status) == ([], ListingStatus.AVAILABLE)
    assert (listing.price_sent, rows.offered(on_sale)) == (Decimal("39.00"), {"Hoboken": 7})
    assert [json.loads(row["body"])["price"] for row in calls(sandbox, "PUT", "/price")] == [39]
    assert len(calls(sandbox, "PATCH", "/inventory")) == 1


def test_the_data_goes_once_the_gap_is_filled(
    shop: Merchant, sandbox: Any, on_sale: Variant, drain: Callable[..., int]
) -> None:
    update_variant(on_sale, {"shipping_weight_pounds": None}, actor=SYSTEM)
    drain()
    update_variant(on_sale, {"shipping_weight_pounds": Decimal(4)}, actor=SYSTEM)
    drain()

    assert [body["shipping_weight_pounds"] for body in messages(sandbox)] == [4]


def sold_by_hand(shop: Merchant, **extra: Any) -> Variant:
    """Without attributes of its own; Jet sells it as it is."""
    product = rows.make_product(shop, **extra)
    variant = rows.make_variant(shop, product, sku="HF-1", attributes=[])
    assert listing_of(variant).readiness == Readiness.READY
    rows.mark_listed(variant)
    Listing.objects.filter(variant=variant).update(status=ListingStatus.AVAILABLE)
    return variant


def waits(shop: Merchant, variant: Variant) -> bool:
    listing = listing_of(variant)
    assert (listing.readiness, listing.content_dirty) == (Readiness.NEVER_LIVE, True)
    return not dirty_content(shop).exists()


def test_a_profile_that_goes_leaves_the_sale_alone(shop: Merchant) -> None:
    profile = make_profile(shop, attributes=[{"id": COLOR, "value": "Copper", "unit": ""}])
    variant = sold_by_hand(shop, jet_node_id=KETTLES, profile=profile)

    assign_profile(shop, [variant.product_id], None, actor=SYSTEM)

    assert waits(shop, variant)


def test_a_mapping_that_changes_leaves_the_sale_alone(shop: Merchant) -> None:
    JetCategory.objects.create(
        version=TaxonomyVersion.objects.get(),
        node_id=41001004,
        name="Teapots",
        path="Kitchen > Teapots",
        level=2,
    )
    category = StoreCategory.objects.create(merchant=shop, path="Kitchen")
    rows.map_categories(shop, [category.pk], 41001004)
    variant = sold_by_hand(shop, jet_node_id=None, store_category=category)

    rows.map_categories(shop, [category.pk], KETTLES)

    assert waits(shop, variant)


@pytest.mark.parametrize(
    ("status", "goes"),
    [("under_review", False), ("uploaded", False), ("missing_data", True), ("unauthorized", True)],
)
def test_what_jet_looks_at_waits_and_what_it_does_not_sell_goes(
    shop: Merchant, kettle: Make, status: str, *, goes: bool
) -> None:
    variant = kettle("HF-1")
    rows.mark_listed(variant)
    Listing.objects.filter(variant=variant).update(status=status)

    update_variant(variant, {"shipping_weight_pounds": None}, actor=SYSTEM)

    assert dirty_content(shop).exists() is goes


def changed_while_jet_decides(shop: Merchant, kettle: Make, drain: Callable[..., int]) -> Variant:
    """Uploaded without what would make it live, then changed: the change waits for Jet's decision."""
    variant = kettle("HF-1", shipping_weight_pounds=None)
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    update_variant(variant, {"country_of_origin": "Portugal"}, actor=SYSTEM)
    drain()
    return variant


def test_what_waited_goes_when_jet_decides_against_the_sku(
    shop: Merchant, sandbox: Any, kettle: Make, drain: Callable[..., int]
) -> None:
    variant = changed_while_jet_decides(shop, kettle, drain)
    assert len(messages(sandbox)) == 1
    finish(drain, sandbox)

    assert listing_of(variant).status == ListingStatus.MISSING_DATA
    assert [body.get("country_of_origin") for body in messages(sandbox)] == [None, "Portugal"]


def test_what_waited_goes_when_a_page_shows_jets_decision_first(
    shop: Merchant, sandbox: Any, kettle: Make, drain: Callable[..., int], client_for: ClientFor
) -> None:
    variant = changed_while_jet_decides(shop, kettle, drain)
    sandbox.control.advance(600)

    client_for("owner").post(page_url(shop, "variant-at-jet", pk=variant.pk))
    assert listing_of(variant).status == ListingStatus.MISSING_DATA
    drain()

    assert [body.get("country_of_origin") for body in messages(sandbox)] == [None, "Portugal"]


@pytest.mark.parametrize("way", ["direct", "files"])
def test_an_upload_leaves_it_out_unless_told_otherwise(
    shop: Merchant,
    sandbox: Any,
    on_sale: Variant,
    drain: Callable[..., int],
    client_for: ClientFor,
    *,
    way: str,
) -> None:
    update_variant(on_sale, {"shipping_weight_pounds": None}, actor=SYSTEM)
    client, address = client_for("owner"), f"/api/v1/m/{shop.slug}/catalog/bulk/"
    asked = {"do": "upload", "skus": ["HF-1"], "way": way}

    client.post(address, asked, content_type="application/json")
    finish(drain, sandbox)

    row = OperationRow.objects.latest("pk")
    assert (row.state, row.code, listing_of(on_sale).status) == ("skipped", "ends_sale", "available")
    assert row.message.startswith("Jet sells it as it was sent, and may not as it is now: Shipping weight is")
    refused = client.post(
        address, {**asked, "do": "sync", "may_end_sale": True}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["fields"]) == (400, {"may_end_sale": ["Leave it out."]})

    client.post(address, {**asked, "may_end_sale": True}, content_type="application/json")
    finish(drain, sandbox)

    assert listing_of(on_sale).content_dirty is False
    assert listing_of(on_sale).status == ListingStatus.MISSING_DATA


def test_a_dry_run_shows_both_and_the_second_can_be_held_to(
    shop: Merchant, sandbox: Any, on_sale: Variant, drain: Callable[..., int], client_for: ClientFor
) -> None:
    update_variant(on_sale, {"shipping_weight_pounds": None}, actor=SYSTEM)
    client, address = client_for("owner"), f"/api/v1/m/{shop.slug}/catalog/bulk/"
    asked: dict[str, Any] = {"do": "upload", "skus": ["HF-1"]}

    def post(path: str, **more: Any) -> Any:
        return client.post(f"{address}{path}", {**asked, **more}, content_type="application/json")

    kept, sent = post("dry-run/").json(), post("dry-run/", may_end_sale=True).json()

    assert (kept["sent"], kept["left_out_count"], sent["sent"], sent["left_out_count"]) == (0, 1, 1, 0)
    [content] = [call for call in sent["skus"][0]["calls"] if call["step"] == "content"]
    assert [change["member"] for change in content["changes"]] == ["shipping_weight_pounds"]
    assert post("", may_end_sale=True, expects=sent["expects"]).status_code == 202
    finish(drain, sandbox)
    assert len(messages(sandbox)) == 1


@pytest.mark.parametrize(
    ("way", "words"), [("direct", "Sent: price, quantity."), ("files", "Accepted by Jet.")]
)
@pytest.mark.parametrize("lacks", [{"shipping_weight_pounds": None}, {"main_image_url": ""}])
def test_a_gap_opened_after_the_press_keeps_the_data_back(
    shop: Merchant,
    sandbox: Any,
    on_sale: Variant,
    drain: Callable[..., int],
    *,
    way: str,
    words: str,
    lacks: dict[str, Any],
) -> None:
    Variant.objects.filter(pk=on_sale.pk).update(country_of_origin="Portugal")
    operation = publish.upload(shop, [on_sale.pk], actor=SYSTEM, way=sending.Way(way))
    Variant.objects.filter(pk=on_sale.pk).update(**lacks)
    refresh_targets(shop, [on_sale.pk], push=False)
    finish(drain, sandbox)

    operation.refresh_from_db()
    assert (operation.done, messages(sandbox)) == (1, [])
    kept = "Product data was kept back: a gap was opened after the sending had begun."
    assert OperationRow.objects.get(operation=operation).message == f"{words} {kept}"
    assert not [row for row in sandbox.control.requests() if "MerchantSKUs" in (row["body"] or "")]
    assert listing_of(on_sale).status == ListingStatus.AVAILABLE


@pytest.mark.parametrize("way", ["direct", "files"])
def test_a_new_sku_whose_gap_was_opened_after_the_press_is_left_out(
    shop: Merchant, sandbox: Any, kettle: Make, drain: Callable[..., int], *, way: str
) -> None:
    """Jet has nothing of it: its price and quantity would be refused as of a SKU that Jet does not know."""
    variants = [kettle("HF-1"), kettle("HF-2")]
    operation = publish.upload(shop, [row.pk for row in variants], actor=SYSTEM, way=sending.Way(way))
    Product.objects.filter(pk=variants[0].product_id).update(brand="")
    finish(drain, sandbox)

    row, other = OperationRow.objects.filter(operation=operation).order_by("pk")
    words = "Not sent: a gap was opened after the sending had begun."
    assert (row.state, row.code, row.message, other.state) == ("skipped", "not_ready", words, "done")
    assert not SkuError.objects.exists()
    assert listing_of(variants[0]).error_code == ""
    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.skipped) == ("done", 1, 1)


def test_gaps_that_nobody_noted_yet_do_not_make_the_job_go_round(
    by_files: Merchant, sandbox: Any, kettle: Make, drain: Callable[..., int]
) -> None:
    """More than go by direct calls: no file can be made of them, and the job must not look again and again."""
    variants = [kettle(f"HF-{number}", mfr_part_number="K-25") for number in (1, 2, 3)]
    publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    finish(drain, sandbox)
    for variant in variants:
        update_variant(variant, {"country_of_origin": "Portugal"}, actor=SYSTEM)
    Variant.objects.update(shipping_weight_pounds=None)  # past the actions, so the listings do not know
    assert dirty_content(by_files).count() == 3
    finish(drain, sandbox)

    assert not Job.objects.filter(kind=PUSH_CONTENT, state=JobState.QUEUED).exists()
    assert set(Listing.objects.values_list("readiness", "content_dirty")) == {(Readiness.NEVER_LIVE, True)}
    assert set(Listing.objects.values_list("status", flat=True)) == {ListingStatus.AVAILABLE}


def test_the_buttons_of_the_page_ask_first(
    shop: Merchant, sandbox: Any, on_sale: Variant, drain: Callable[..., int], client_for: ClientFor
) -> None:
    update_variant(on_sale, {"shipping_weight_pounds": None}, actor=SYSTEM)
    client = client_for("owner")

    asks = client.post(page_url(shop, "publish-one", pk=on_sale.pk), {"do": "everything"}, follow=True)

    assert "is sold by Jet as it was sent. It is left out, unless you tick below" in text_of(asks)
    assert not Operation.objects.filter(kind="catalog.upload", data__has_key="may_end_sale").exists()
    address = asks.redirect_chain[-1][0]
    client.post(address, {"may_end_sale": "on"})
    finish(drain, sandbox)
    assert listing_of(on_sale).status == ListingStatus.MISSING_DATA


def test_home_and_a_tab_count_what_waits(
    shop: Merchant, on_sale: Variant, drain: Callable[..., int], client_for: ClientFor
) -> None:
    update_variant(on_sale, {"main_image_url": ""}, actor=SYSTEM)
    client = client_for("owner")

    assert "Changes wait" in text_of(client.get(f"/m/{shop.slug}/"))
    assert "HF-1" in text_of(client.get(f"{page_url(shop, 'product-list')}?part=kept"))
    update_variant(on_sale, {"main_image_url": "https://img.example.com/kettle/2.jpg"}, actor=SYSTEM)
    assert "HF-1" not in text_of(client.get(f"{page_url(shop, 'product-list')}?part=kept"))
