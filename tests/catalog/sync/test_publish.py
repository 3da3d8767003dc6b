"""Uploading, syncing and archiving against the sandbox over real HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.actions import publish, sending
from catalog.actions.targets import refresh_targets
from catalog.enums import FileState, ListingStatus
from catalog.file_errors import sort_errors
from catalog.models import BulkFile, Listing, NodeStock, Variant
from jetsync.actions.operation import can_retry, cancel_operation, retry_failed, undo_operation
from jetsync.enums import JobState, OperationState, RowState
from jetsync.exceptions import InvalidInput, SettingsMissing
from jetsync.models import JetAccount, Job, LogEntry, Operation, OperationRow, Options
from jetsync.sync.client import client_for
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.publishing.steps import calls, finish, listing_of, spoil


def due_now():
    Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())


@pytest.mark.feature("PRD-06", "BUL-04")
def test_direct_upload_sends_content_price_and_stock(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    operation = publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()

    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.failed) == (OperationState.DONE, 1, 0)
    shown = client_for(sandbox.account).products.get("HF-1")
    assert shown.product_title == variant.product.title
    assert shown.price == Decimal("38.50")
    assert [row.quantity for row in shown.inventory_by_fulfillment_node] == [12]
    listing = listing_of(variant)
    assert (listing.content_dirty, listing.price_dirty, listing.status) == (
        False,
        False,
        ListingStatus.UPLOADED,
    )
    assert NodeStock.objects.get(variant=variant).quantity_dirty is False
    assert LogEntry.objects.filter(action="catalog.upload.sent", object_id=variant.pk).count() == 1


@pytest.mark.feature("BUL-05", "PRD-05")
def test_product_that_is_not_ready_is_left_out_with_its_gap_and_stops_nobody(shop, sandbox, kettle, drain):
    sound, broken = kettle("HF-1"), kettle("HF-2", product={"brand": ""})
    operation = publish.upload(shop, [sound.pk, broken.pk], actor=SYSTEM)
    drain()

    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.failed, operation.skipped) == (
        OperationState.DONE,
        1,
        0,
        1,
    )
    assert operation.message == "1 product is not ready: it was left out, with the reason."
    row = OperationRow.objects.get(label="HF-2")
    assert (row.state, row.code) == (RowState.SKIPPED, "not_ready")
    assert "brand" in row.message.lower()
    assert calls(sandbox, "PUT", "HF-2") == []
    assert can_retry(operation) is False


class Killed(BaseException):
    """Stands for a worker that is gone: nothing after it runs."""


@pytest.mark.feature("BUL-03", "BUL-05")
@pytest.mark.parametrize("limit", [30, 2])
def test_a_large_set_is_made_ready_by_its_job_batch_by_batch(
    shop, sandbox, kettle, drain, *, monkeypatch, limit
):
    """The request only freezes the set; a worker that dies between two batches loses and doubles nothing."""
    monkeypatch.setattr(sending, "PREPARED_AT_ONCE", 2)
    Options.objects.update(direct_upload_limit=limit)
    variants = [
        kettle(f"HF-{number}", product={"brand": "" if number == 3 else "HF"}) for number in range(1, 6)
    ]
    Variant.objects.filter(sku="HF-5").update(price=Decimal("41.00"))
    operation = publish.upload(shop, [row.pk for row in variants], actor=SYSTEM)
    assert set(operation.rows.values_list("state", flat=True)) == {RowState.WAITING}
    assert not Listing.objects.filter(is_wanted=True).exists()

    job = Job.objects.get(operation=operation)
    run_job(job.pk)
    assert Listing.objects.filter(is_wanted=True).count() == 2
    with monkeypatch.context() as patch:
        patch.setattr(publish, "skip_unready", die)
        with pytest.raises(Killed):
            run_job(job.pk)
    assert calls(sandbox, "PUT", "merchant-skus") == calls(sandbox, "POST", "files/uploaded") == []
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)  # as the reaper frees it
    finish(drain, sandbox)

    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.skipped) == (OperationState.DONE, 4, 1)
    assert "prepared" not in operation.data
    wanted = Listing.objects.filter(is_wanted=True).values_list("variant__sku", flat=True)
    assert sorted(wanted) == ["HF-1", "HF-2", "HF-4", "HF-5"]
    assert client_for(sandbox.account).products.get_price("HF-5").price == Decimal("41.00")


def die(*_args, **_more):
    raise Killed


@pytest.mark.feature("PRD-06")
def test_refusal_by_jet_is_kept_at_the_sku_in_jets_words(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    sandbox.control.fault("status", path="merchant-skus/HF-1$", method="PUT", status=400)
    operation = publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    sandbox.control.clear_faults()

    operation.refresh_from_db()
    assert (operation.state, operation.failed) == (OperationState.FAILED, 1)
    listing = listing_of(variant)
    assert listing.error_code == "content_refused"
    assert listing.error_message.startswith("HF-1: Jet refused the content")

    again = retry_failed(operation, actor=SYSTEM)
    drain()
    again.refresh_from_db()
    assert again.state == OperationState.DONE
    assert listing_of(variant).error_code == ""


def test_passing_trouble_is_tried_again_and_nothing_is_lost(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    sandbox.control.fault("status", path="merchant-skus", method="PUT", status=503, remaining=3)
    operation = publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    job = Job.objects.get(operation=operation)
    assert (job.state, job.failure_end) == (JobState.QUEUED, "retry")
    sandbox.control.clear_faults()
    due_now()
    drain()
    operation.refresh_from_db()
    assert operation.state == OperationState.DONE


@pytest.mark.feature("PRD-07", "BUL-06", "BUL-07")
def test_upload_by_files_in_order_with_errors_brought_to_the_sku(by_files, sandbox, kettle, drain):
    variants = [kettle(f"HF-{number}") for number in range(1, 4)]
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    finish(drain, sandbox)

    operation.refresh_from_db()
    assert (operation.state, operation.done) == (OperationState.DONE, 3)
    kinds = list(BulkFile.objects.order_by("pk").values_list("file_type", "sku_count", "state"))
    assert kinds == [
        ("MerchantSKUs", 2, "done"), ("MerchantSKUs", 1, "done"),
        ("Price", 2, "done"), ("Price", 1, "done"),
        ("Inventory", 2, "done"), ("Inventory", 1, "done"),
    ]  # fmt: skip
    jet = client_for(sandbox.account)
    for variant in variants:
        shown = jet.products.get(variant.sku)
        assert (shown.price, [row.quantity for row in shown.inventory_by_fulfillment_node]) == (
            Decimal("38.50"),
            [12],
        )
        listing = listing_of(variant)
        assert (listing.content_dirty, listing.price_dirty) == (False, False)
        assert listing.content_sent_body["product_title"] == variant.product.title


@pytest.mark.feature("PRD-07", "REJ-07", "BUL-05")
def test_one_refused_sku_of_a_file_stops_no_other(by_files, sandbox, kettle, drain, monkeypatch):
    variants = [kettle(f"HF-{number}") for number in range(1, 4)]
    spoil(monkeypatch, "HF-2")
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    finish(drain, sandbox)

    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.failed) == (OperationState.PARTLY, 2, 1)
    row = OperationRow.objects.get(label="HF-2")
    assert row.state == RowState.FAILED
    assert row.message.startswith("HF-2: Jet refused the content")
    assert listing_of(variants[1]).error_code == "content_refused"
    assert BulkFile.objects.filter(state=FileState.WITH_ERRORS).count() == 1
    skus = {entry[1] for file in BulkFile.objects.filter(file_type="Price") for entry in file.manifest}
    assert skus == {"HF-1", "HF-3"}


def test_lost_answer_to_the_announcement_sends_no_second_file(by_files, sandbox, kettle, drain):
    variants = [kettle(f"HF-{number}") for number in range(1, 4)]
    sandbox.control.fault("lost_answer", path="files/uploaded", method="POST", remaining=1)
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    finish(drain, sandbox)
    operation.refresh_from_db()
    assert operation.state == OperationState.DONE
    assert BulkFile.objects.filter(file_type="MerchantSKUs").count() == 2


def test_upload_that_broke_is_made_again(by_files, sandbox, kettle, drain):
    variants = [kettle(f"HF-{number}") for number in range(1, 4)]
    sandbox.control.fault("status", path="/blob/", method="PUT", status=403, remaining=1)
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    finish(drain, sandbox)
    operation.refresh_from_db()
    assert (operation.state, operation.done) == (OperationState.DONE, 3)


def test_file_left_half_way_by_a_dead_worker_is_found_out(by_files, sandbox, kettle, drain):
    """The worker died after the announcement and before it could write that down: no second file is sent."""
    variants = [kettle(f"HF-{number}") for number in range(1, 3)]
    operation = publish.upload(by_files, [row.pk for row in variants] + [kettle("HF-3").pk], actor=SYSTEM)
    run_job(Job.objects.get(kind="catalog.publish_files").pk)
    BulkFile.objects.update(state=FileState.BUILDING, sent_at=None)
    Job.objects.filter(kind="catalog.poll_file").delete()
    OperationRow.objects.update(data={}, state=RowState.WAITING)
    finish(drain, sandbox)
    operation.refresh_from_db()
    assert (operation.state, operation.done) == (OperationState.DONE, 3)
    assert BulkFile.objects.filter(file_type="MerchantSKUs").count() == 2


@pytest.mark.parametrize("point", ["note_announced", "mark_step", "enqueue"])
def test_worker_killed_around_the_announcement_sends_the_file_once(
    by_files, sandbox, kettle, drain, *, monkeypatch, point
):
    """Wherever it dies behind the announcement, the next run finds the file and asks Jet for it."""
    from catalog.sync import files

    variants = [kettle(f"HF-{number}") for number in range(1, 4)]
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    job = Job.objects.get(kind="catalog.publish_files")
    with monkeypatch.context() as patch:
        owner = {"enqueue": files, "mark_step": files.file_rows}.get(point, files.file_actions)
        patch.setattr(owner, point, die)
        with pytest.raises(Killed):
            run_job(job.pk)
    assert len(calls(sandbox, "POST", "files/uploaded")) == 1
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)  # as the reaper frees it
    finish(drain, sandbox)

    operation.refresh_from_db()
    assert (operation.state, operation.done) == (OperationState.DONE, 3)
    sent = [entry[1] for file in BulkFile.objects.filter(file_type="MerchantSKUs") for entry in file.manifest]
    assert sorted(sent) == ["HF-1", "HF-2", "HF-3"]


def test_announcement_that_never_arrived_is_sent_again(by_files, sandbox, kettle, drain):
    variants = [kettle(f"HF-{number}") for number in range(1, 4)]
    sandbox.control.fault("status", path="files/uploaded", method="POST", status=503, remaining=1)
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    finish(drain, sandbox)
    operation.refresh_from_db()
    assert (operation.state, operation.done) == (OperationState.DONE, 3)


@pytest.mark.feature("INV-03")
def test_changed_price_is_one_call_of_the_newest_value(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    sandbox.control.clear_requests()
    for price in ("40.00", "41.00", "42.50"):
        Variant.objects.filter(pk=variant.pk).update(price=Decimal(price))
        refresh_targets(shop, [variant.pk])
    drain()

    assert [row["body"] for row in calls(sandbox, "PUT", "/price")] == ['{"price":42.5}']
    assert client_for(sandbox.account).products.get_price("HF-1").price == Decimal("42.50")
    assert drain() == 0


@pytest.mark.feature("INV-01")
def test_changed_stock_goes_out_at_once_and_only_once(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    sandbox.control.clear_requests()
    Variant.objects.filter(pk=variant.pk).update(quantity=5)
    refresh_targets(shop, [variant.pk])
    drain()
    assert len(calls(sandbox, "PATCH", "/inventory")) == 1
    refresh_targets(shop, [variant.pk])
    assert drain() == 0
    assert len(calls(sandbox, "PATCH", "/inventory")) == 1


def test_broker_emptied_between_change_and_send_loses_nothing(shop, sandbox, kettle, drain):
    """No message is ever delivered in this test (see conftest): the rows alone carry the work."""
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    from jetsync.sync.client import shared_redis

    shared_redis().flushall()
    drain()
    assert listing_of(variant).content_dirty is False


@pytest.mark.feature("PRD-09", "PRD-10")
def test_archive_and_unarchive(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    operation = publish.archive(shop, [variant.pk], actor=SYSTEM)
    drain()
    jet = client_for(sandbox.account)
    assert (jet.products.get("HF-1").is_archived, listing_of(variant).status) == (
        True,
        ListingStatus.ARCHIVED,
    )
    assert NodeStock.objects.get(variant=variant).quantity_target == 0

    operation.refresh_from_db()
    undo_operation(operation, actor=SYSTEM)
    drain()
    shown = jet.products.get("HF-1")
    assert (shown.is_archived, [row.quantity for row in shown.inventory_by_fulfillment_node]) == (False, [12])
    assert listing_of(variant).archived_dirty is False


@pytest.mark.feature("PRD-12", "PRD-16")
def test_status_is_read_with_jets_words(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    sandbox.control.advance(3600)
    publish.read_status(shop, [variant.pk], actor=SYSTEM)
    drain()
    listing = listing_of(variant)
    assert (listing.status, listing.jet_status) == (ListingStatus.AVAILABLE, "Available for Purchase")
    assert listing.price_live == Decimal("38.50")
    assert NodeStock.objects.get(variant=variant).quantity_live == 12


def test_wrong_keys_end_the_operation_with_the_way_out(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    JetAccount.objects.update(api_secret="")
    with pytest.raises(SettingsMissing):
        publish.upload(shop, [variant.pk], actor=SYSTEM)
    account = JetAccount.objects.get()
    account.api_secret = "wrong"
    account.save()
    operation = publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    operation.refresh_from_db()
    assert operation.state == OperationState.FAILED
    assert "refused the API keys" in operation.message


def test_cancelled_before_sending_sends_nothing(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    operation = publish.upload(shop, [variant.pk], actor=SYSTEM)
    cancel_operation(operation, actor=SYSTEM)
    sandbox.control.clear_requests()
    drain()
    assert calls(sandbox, "PUT", "merchant-skus") == []
    assert Operation.objects.get(pk=operation.pk).state == OperationState.CANCELLED


def test_nothing_selected_says_so(shop, sandbox):
    with pytest.raises(InvalidInput, match="No product is selected"):
        publish.upload(shop, [], actor=SYSTEM)


def test_errors_are_sorted_to_their_skus():
    said = sort_errors(
        ["A-1", "B:2"],
        ["A-1: Invalid UPC", "SKU 'A-1' has no title", "B:2: too dear", "the file is odd"],
    )
    assert said.by_sku == {"A-1": ["Invalid UPC", "SKU 'A-1' has no title"], "B:2": ["too dear"]}
    assert said.rest == ["the file is odd"]


@pytest.mark.feature("REJ-07")
def test_an_error_of_a_child_is_sorted_to_the_child_and_its_parent():
    said = sort_errors(
        ["A", "B"],
        [
            "A-S: merchant sku unavailable",
            "B: SKU B-S differs from the parent",
            "No brand on 'A-M'.",
            "Z: odd",
        ],
        {"A-S": "A", "A-M": "A", "B-S": "B"},
    )
    assert said.by_child == {"A-S": ["merchant sku unavailable"], "A-M": ["No brand on 'A-M'."]}
    assert said.by_sku == {
        "A": ["A-S: merchant sku unavailable", "No brand on 'A-M'."],
        "B": ["SKU B-S differs from the parent"],
    }
    assert said.rest == ["Z: odd"]
