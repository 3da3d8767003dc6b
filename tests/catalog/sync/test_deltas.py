"""The delta push: what is left out, what is taken up again, and what must never be sent twice or to the wrong node."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.actions import publish
from catalog.actions.deltas import push_deltas
from catalog.actions.errors import Refusal
from catalog.actions.files import apply_result, note_built
from catalog.actions.marks import SentContent, mark_all_refused, mark_content_sent
from catalog.actions.product import update_product, update_variant
from catalog.actions.quantity import refresh_quantities
from catalog.actions.targets import refresh_targets
from catalog.enums import ErrorCode, FileType, Step
from catalog.models import BulkFile, Listing, NodeStock, SkuError, Variant
from catalog.sync import deltas, files
from jetsync.enums import JobState
from jetsync.jet.types.files import FileRecord
from jetsync.models import FulfillmentNode, Job, Merchant, Operation, Options
from jetsync.sync.client import client_for, current_account
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM

Make = Callable[..., Variant]
Drain = Callable[[], int]


def bodies(sandbox: Any, method: str, part: str) -> list[Any]:
    return [
        json.loads(row["body"])
        for row in sandbox.control.requests()
        if row["method"] == method and part in row["path"]
    ]


@pytest.fixture
def on_jet(shop: Merchant, sandbox: Any, kettle: Make, drain: Drain) -> Variant:
    """A kettle that Jet has, with nothing left to send and an empty record of calls."""
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    sandbox.control.clear_requests()
    return variant


def test_refused_price_waits_for_a_change_and_then_goes(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    listing = Listing.objects.get(variant=on_jet)
    mark_all_refused(shop, [Refusal(listing.pk, "price_refused", "HF-1: too dear")])
    Listing.objects.filter(pk=listing.pk).update(price_sent=None)
    enqueue(shop, "catalog.push_prices", "delta")
    drain()
    assert bodies(sandbox, "PUT", "/price") == []

    Variant.objects.filter(pk=on_jet.pk).update(price=Decimal("35.00"))
    refresh_targets(shop, [on_jet.pk])
    drain()

    assert bodies(sandbox, "PUT", "/price") == [{"price": 35}]
    listing.refresh_from_db()
    assert (listing.error_code, listing.price_sent) == ("", Decimal("35.00"))


def test_refusal_of_another_step_does_not_send_the_refused_price_again(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    """A SKU shows one error, the latest; each refused step stays held back until its own value changes."""
    listing = Listing.objects.get(variant=on_jet)
    mark_all_refused(shop, [Refusal(listing.pk, "price_refused", "HF-1: too dear")])
    mark_all_refused(shop, [Refusal(listing.pk, "inventory_refused", "HF-1: too many")])
    Listing.objects.filter(pk=listing.pk).update(price_sent=None)
    enqueue(shop, "catalog.push_prices", "delta")
    drain()
    assert bodies(sandbox, "PUT", "/price") == []

    Variant.objects.filter(pk=on_jet.pk).update(quantity=7)
    refresh_targets(shop, [on_jet.pk])
    drain()

    assert len(bodies(sandbox, "PATCH", "/inventory")) == 1
    assert bodies(sandbox, "PUT", "/price") == []
    listing.refresh_from_db()
    assert (listing.error_code, listing.error_at is None) == ("price_refused", False)
    assert listing.error_message == "HF-1: Jet refused the price: HF-1: too dear"


def test_price_set_back_to_what_jet_has_ends_its_refusal(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    listing = Listing.objects.get(variant=on_jet)
    for price in ("99.00", "38.50"):
        Variant.objects.filter(pk=on_jet.pk).update(price=Decimal(price))
        refresh_targets(shop, [on_jet.pk], push=False)
        if price == "99.00":
            mark_all_refused(shop, [Refusal(listing.pk, "price_refused", "too dear")])
    push_deltas(shop)
    drain()

    assert bodies(sandbox, "PUT", "/price") == []
    assert not SkuError.objects.filter(resolved_at=None).exists()
    listing.refresh_from_db()
    assert listing.error_code == ""


def test_step_without_anything_to_send_ends_no_error(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    """The SKU leads no group, so an upload sends none: what Jet said against the group it stands in stays."""
    listing = Listing.objects.get(variant=on_jet)
    mark_all_refused(shop, [Refusal(listing.pk, "variation_refused", "HF-1 lacks attribute 101")])

    operation = publish.upload(shop, [on_jet.pk], actor=SYSTEM)
    drain()

    assert bodies(sandbox, "PUT", "/variation") == []
    assert SkuError.objects.filter(step="variation", resolved_at=None).count() == 1
    listing.refresh_from_db()
    assert listing.error_code == "variation_refused"
    row = operation.rows.get()
    assert (row.state, row.message) == ("done", "Sent: product data, price, quantity.")


def test_accepted_product_data_keep_the_refused_price_in_sight(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    listing = Listing.objects.get(variant=on_jet)
    mark_all_refused(shop, [Refusal(listing.pk, "price_refused", "too dear")])
    mark_all_refused(shop, [Refusal(listing.pk, "content_refused", "no brand")])
    Listing.objects.filter(pk=listing.pk).update(price_sent=None)

    mark_content_sent(shop, [SentContent(listing.pk, listing.content_target, None)])
    enqueue(shop, "catalog.push_prices", "delta")
    drain()

    assert bodies(sandbox, "PUT", "/price") == []
    listing.refresh_from_db()
    assert (listing.error_code, listing.error_message) == (
        "price_refused",
        "HF-1: Jet refused the price: too dear",
    )


def test_a_file_of_quantities_refused_as_a_whole_does_not_hold_back_prices(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    listing = Listing.objects.get(variant=on_jet)
    refusal = Refusal(listing.pk, ErrorCode.FILE_REFUSED, "The file is odd.", step=str(Step.INVENTORY))
    mark_all_refused(shop, [refusal])
    Listing.objects.filter(pk=listing.pk).update(price_sent=None)
    NodeStock.objects.update(quantity_sent=None)
    enqueue(shop, "catalog.push_prices", "delta")
    enqueue(shop, "catalog.push_inventory", "delta")
    drain()

    assert bodies(sandbox, "PUT", "/price") == [{"price": 38.5}]
    assert bodies(sandbox, "PATCH", "/inventory") == []
    listing.refresh_from_db()
    assert listing.error_code == "file_refused"


@pytest.mark.parametrize("refresh", [refresh_targets, refresh_quantities])
def test_refused_quantity_goes_once_it_changed(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain, refresh: Callable[..., int]
) -> None:
    listing = Listing.objects.get(variant=on_jet)
    mark_all_refused(shop, [Refusal(listing.pk, "inventory_refused", "HF-1: too many")])
    Variant.objects.filter(pk=on_jet.pk).update(quantity=7)
    refresh(shop, [on_jet.pk])
    drain()

    sent = [row["fulfillment_nodes"][0]["quantity"] for row in bodies(sandbox, "PATCH", "/inventory")]
    assert sent == [7]
    listing.refresh_from_db()
    assert listing.error_code == ""


def test_sync_of_a_refused_quantity_clears_the_error_once_jet_takes_it(
    shop: Merchant, on_jet: Variant, drain: Drain
) -> None:
    listing = Listing.objects.get(variant=on_jet)
    mark_all_refused(shop, [Refusal(listing.pk, "inventory_refused", "HF-1: too many")])

    publish.sync(shop, [on_jet.pk], actor=SYSTEM)
    drain()

    listing.refresh_from_db()
    assert listing.error_code == ""


def test_nodes_of_the_other_mode_are_never_named_to_jet(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    node = FulfillmentNode.objects.get(merchant=shop)
    account = node.account
    account.pk, account.mode = None, "live" if shop.mode == "test" else "test"
    account.save()
    other = FulfillmentNode.objects.create(
        merchant=shop, account=account, node_id="f" * 32, name="Elsewhere", zip_code="07030"
    )
    NodeStock.objects.create(
        merchant=shop, variant=on_jet, node=other, quantity_target=3, price_target=Decimal("9.00")
    )
    enqueue(shop, "catalog.push_prices", "delta")
    enqueue(shop, "catalog.push_inventory", "delta")
    drain()
    assert bodies(sandbox, "PATCH", "/inventory") + bodies(sandbox, "PUT", "/price") == []

    publish.sync(shop, [on_jet.pk], actor=SYSTEM)
    drain()

    assert bodies(sandbox, "PUT", "/price") == [{"price": 38.5}]
    named = [row["fulfillment_nodes"] for row in bodies(sandbox, "PATCH", "/inventory")]
    assert named == [[{"fulfillment_node_id": node.node_id, "quantity": 12}]]


def test_price_changed_while_archived_goes_out_with_unarchiving(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    publish.archive(shop, [on_jet.pk], actor=SYSTEM)
    drain()
    sandbox.control.clear_requests()
    Variant.objects.filter(pk=on_jet.pk).update(price=Decimal("20.00"))
    refresh_targets(shop, [on_jet.pk])
    drain()
    assert bodies(sandbox, "PUT", "/price") == []

    publish.unarchive(shop, [on_jet.pk], actor=SYSTEM)
    drain()

    assert bodies(sandbox, "PUT", "/price") == [{"price": 20}]
    assert client_for(sandbox.account).products.get_price("HF-1").price == Decimal("20.00")


def test_archiving_that_jet_refused_still_takes_the_quantity_to_zero(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    sandbox.control.fault("status", path="status/archive", method="PUT", status=400)
    publish.archive(shop, [on_jet.pk], actor=SYSTEM)
    drain()
    sandbox.control.clear_faults()
    enqueue(shop, "catalog.push_inventory", "delta")
    drain()

    sent = [row["fulfillment_nodes"][0]["quantity"] for row in bodies(sandbox, "PATCH", "/inventory")]
    assert sent == [0]


def price_file(shop: Merchant, listing: Listing, price: str, operation: Operation | None = None) -> BulkFile:
    return note_built(
        shop,
        current_account(shop),
        FileType.PRICE,
        [[listing.pk, "HF-1", price, {}]],
        operation=operation,
        byte_count=1,
        jet_file_id="e" * 32,
        upload_url="",
    )


def test_change_overtaken_by_an_older_file_is_sent_again(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file was built with 30.00, the direct call sent 38.50 meanwhile, then Jet worked through the file."""
    row = price_file(shop, Listing.objects.get(variant=on_jet), "30.00")
    done = FileRecord(jet_file_id=row.jet_file_id, status="Processed successfully")
    monkeypatch.setattr("jetsync.jet.files.FileService.get", lambda *_args: done)
    enqueue(shop, files.POLL_JOB, f"file:{row.pk}", about=row)
    drain()

    assert bodies(sandbox, "PUT", "/price") == [{"price": 38.5}]
    assert Listing.objects.get(variant=on_jet).price_dirty is False


def test_file_refused_as_a_whole_is_not_made_again_at_once(
    shop: Merchant, sandbox: Any, on_jet: Variant, drain: Drain
) -> None:
    listing = Listing.objects.get(variant=on_jet)
    Listing.objects.filter(pk=listing.pk).update(price_sent=None)
    row = price_file(shop, listing, "38.50")
    assert apply_result(row, "Processed with errors", 1, ["the file is odd"]) == (0, 1)
    enqueue(shop, "catalog.push_prices", "delta")
    drain()

    assert bodies(sandbox, "PUT", "/price") == []
    job = Job.objects.get(kind="catalog.push_prices", state=JobState.QUEUED)
    assert job.not_before > timezone.now()
    SkuError.objects.update(created_at=F("created_at") - files.SLOW_POLL * 13)
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now())
    drain()
    assert bodies(sandbox, "PUT", "/price") == [{"price": 38.5}]
    assert Listing.objects.get(pk=listing.pk).error_code == ""


def test_refusals_of_a_file_cost_the_same_for_two_and_five_skus(shop: Merchant, kettle: Make) -> None:
    def queries(count: int) -> int:
        skus = [f"HF-{count}-{number}" for number in range(count)]
        listings = [Listing.objects.get(variant=kettle(sku)) for sku in skus]
        operation = publish.sync(shop, [row.variant_id for row in listings], actor=SYSTEM)
        row = price_file(shop, listings[0], "38.50", operation)
        row.manifest = [[listing.pk, sku, "38.50", {}] for listing, sku in zip(listings, skus, strict=True)]
        row.save(update_fields=["manifest"])
        with CaptureQueriesContext(connection) as seen:
            texts = [f"{sku}: too dear" for sku in skus]
            assert apply_result(row, "Processed with errors", count, texts) == (0, count)
        words = operation.rows.order_by("pk").values_list("state", "code", "message")
        assert list(words) == [
            ("failed", "price_refused", f"{sku}: Jet refused the price: too dear") for sku in skus
        ]
        return len(seen)

    queries(1)  # the first notice of a kind is made, later ones join it
    assert queries(2) == queries(5)


def test_sku_that_jet_shows_after_all_loses_its_error(shop: Merchant, on_jet: Variant, drain: Drain) -> None:
    listing = Listing.objects.get(variant=on_jet)
    mark_all_refused(shop, [Refusal(listing.pk, "unknown_at_jet", "HF-1: Jet does not know this SKU (yet).")])

    publish.read_status(shop, [on_jet.pk], actor=SYSTEM)
    drain()

    listing.refresh_from_db()
    assert (listing.error_code, listing.error_message, listing.error_at) == ("", "", None)


@pytest.mark.parametrize("edit_sends_images", [True, False])
def test_more_direct_calls_than_a_file_holds_leave_none_behind(
    shop: Merchant, sandbox: Any, kettle: Make, drain: Drain, *, edit_sends_images: bool
) -> None:
    """Both numbers are the merchant's: up to three by direct calls, above that in files of two."""
    Options.objects.update(
        direct_upload_limit=3, skus_per_file=2, sync_on_edit=True, edit_sends_images=edit_sends_images
    )
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    publish.upload(shop, [row.pk for row in variants], actor=SYSTEM)
    drain()
    rows_of = Variant.objects.filter(pk__in=[row.pk for row in variants])
    rows_of.update(price=Decimal("41.00"), quantity=3, country_of_origin="Portugal")
    refresh_targets(shop, [row.pk for row in variants])
    drain()

    listings = Listing.objects.filter(variant__in=variants)
    assert set(listings.values_list("price_sent", "content_dirty")) == {(Decimal("41.00"), False)}
    stock = NodeStock.objects.filter(variant__in=variants)
    assert set(stock.values_list("quantity_sent", flat=True)) == {3}


@pytest.mark.feature("CFG-16")
def test_wanted_change_is_found_behind_any_number_of_unwanted_ones(
    shop: Merchant, sandbox: Any, kettle: Make, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures wait for an upload here; a file holds two SKUs, and three with new pictures stand in front."""
    monkeypatch.setattr(deltas, "CONTENT_BATCH", 2)
    variants = [kettle(f"HF-{number}") for number in range(1, 6)]
    publish.upload(shop, [row.pk for row in variants], actor=SYSTEM)
    drain()
    sandbox.control.clear_requests()
    Options.objects.update(edit_sends_images=False, skus_per_file=2)
    for variant in variants[:3]:
        update_variant(
            variant, {"main_image_url": f"https://img.example/{variant.sku}-new.jpg"}, actor=SYSTEM
        )
    for variant in variants[3:]:
        update_product(variant.product, {"title": f"Kettle {variant.sku}"}, actor=SYSTEM)
    drain()

    sent = {row["path"].split("/")[3] for row in sandbox.control.requests() if row["method"] == "PUT"}
    assert sent == {"HF-4", "HF-5"}
    dirty = Listing.objects.filter(content_dirty=True).values_list("variant__sku", flat=True)
    assert sorted(dirty) == ["HF-1", "HF-2", "HF-3"]
