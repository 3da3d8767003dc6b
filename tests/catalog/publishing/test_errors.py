"""Refusals of direct calls and files become rows, end with the next acceptance, and can be cleared."""

from __future__ import annotations

import pytest

from catalog.actions import publish
from catalog.actions.errors import clear_errors
from catalog.actions.marks import mark_all_refused
from catalog.actions.targets import refresh_targets
from catalog.enums import ListingStatus
from catalog.models import BulkFile, SkuError, Variant
from jetsync.models import Job, LogEntry
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.publishing.steps import finish, listing_of, spoil


def open_errors() -> list[tuple[str, str, str, bool]]:
    rows = SkuError.objects.filter(resolved_at=None).order_by("pk").select_related("listing__variant")
    return [(row.listing.variant.sku, row.step, row.group_label, row.file_id is not None) for row in rows]


@pytest.mark.feature("REJ-07", "BUL-05")
def test_refusals_of_calls_and_files_form_one_group(by_files, sandbox, kettle, drain, monkeypatch):
    """One bad SKU never stops the others, by direct calls and by files."""
    spoil(monkeypatch, "HF-2", "HF-4")
    first = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    direct = [kettle(f"HF-{number}") for number in (4, 5)]
    publish.upload(by_files, [row.pk for row in first], actor=SYSTEM)
    publish.upload(by_files, [row.pk for row in direct], actor=SYSTEM)
    finish(drain, sandbox)

    assert sorted(open_errors()) == [
        ("HF-2", "content", "Multipack quantity is too high", True),
        ("HF-4", "content", "Multipack quantity is too high", False),
    ]
    assert SkuError.objects.values("group_key").distinct().count() == 1
    taken = [listing_of(row).content_sent_at is not None for row in (*first, *direct)]
    assert taken == [True, False, True, False, True]

    monkeypatch.undo()
    publish.upload(by_files, [row.pk for row in direct], actor=SYSTEM)
    finish(drain, sandbox)
    assert [row[0] for row in open_errors()] == ["HF-2"]


def test_a_second_refusal_replaces_the_first(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    sandbox.control.fault("status", path="merchant-skus/HF-1$", method="PUT", status=400, remaining=2)
    for _ in range(2):
        publish.upload(shop, [variant.pk], actor=SYSTEM)
        drain()

    assert SkuError.objects.count() == 2
    assert len(open_errors()) == 1


def test_refusals_are_written_with_constant_queries(shop, sandbox, kettle, django_assert_num_queries):
    from catalog.actions.errors import Refusal

    variants = [kettle(f"HF-{number}") for number in range(1, 4)]
    rows = [
        Refusal(listing_of(row).pk, "price_refused", "too dear", words=("too dear", "and too high"))
        for row in variants
    ]
    with django_assert_num_queries(5):  # savepoint and its release, listings, earlier errors, new errors
        mark_all_refused(shop, rows)

    assert SkuError.objects.filter(resolved_at=None).count() == 6


@pytest.mark.feature("REJ-08")
def test_clearing_ends_the_errors_and_is_logged(shop, sandbox, kettle, drain, actor):
    variant = kettle("HF-1")
    sandbox.control.fault("status", path="merchant-skus/HF-1$", method="PUT", status=400, remaining=1)
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    ids = list(SkuError.objects.values_list("pk", flat=True))

    assert clear_errors(shop, ids, actor=actor) == 1
    assert clear_errors(shop, ids, actor=actor) == 0
    assert open_errors() == []
    assert listing_of(variant).error_code == ""
    entry = LogEntry.objects.get(action="catalog.errors.cleared")
    assert entry.new == {"errors": 1}
    assert BulkFile.objects.count() == 0


def test_a_sku_that_jet_shows_at_last_is_no_error_any_more(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    publish.read_status(shop, [variant.pk], actor=SYSTEM)
    drain()
    assert [(sku, label) for sku, _step, label, _file in open_errors()] == [
        ("HF-1", "Jet does not know the SKU")
    ]

    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    publish.read_status(shop, [variant.pk], actor=SYSTEM)
    drain()
    assert open_errors() == []


def test_a_sku_unknown_to_jet_says_so_under_its_code_until_jet_shows_it(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    sandbox.control.fault("status", path="merchant-skus/HF-1/price$", method="PUT", status=404, remaining=1)

    operation = publish.sync(shop, [variant.pk], actor=SYSTEM)
    drain()

    words = "HF-1: Jet does not know this SKU (yet)."
    hint = "Upload the product first. After a bulk file it can take Jet a minute; then try again."
    row, listing = operation.rows.get(), listing_of(variant)
    assert (row.code, row.message, row.hint) == ("unknown_at_jet", words, hint)
    assert (listing.error_code, listing.error_message, listing.error_hint) == ("unknown_at_jet", words, hint)
    assert open_errors() == [("HF-1", "price", "Jet does not know the SKU", False)]

    publish.read_status(shop, [variant.pk], actor=SYSTEM)
    drain()
    assert (open_errors(), listing_of(variant).error_code) == ([], "")


@pytest.mark.feature("PRD-15", "PRD-17")
def test_status_is_read_soon_after_an_upload(shop, sandbox, kettle, drain):
    """Not Uploaded, Uploaded, Under Jet Review, live: without waiting for the schedule."""
    variant = kettle("HF-1")
    seen = [listing_of(variant).status]
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    seen.append(listing_of(variant).status)
    job = Job.objects.get(kind="catalog.status_soon")
    assert 50 <= (job.not_before - job.created_at).total_seconds() <= 61

    Job.objects.filter(pk=job.pk).update(not_before=job.created_at)
    drain()
    seen.append(listing_of(variant).status)
    job.refresh_from_db()
    assert job.state == "queued"
    sandbox.control.advance(3600)
    Job.objects.filter(pk=job.pk).update(not_before=job.created_at)
    drain()
    seen.append(listing_of(variant).status)

    assert seen == [
        ListingStatus.NOT_UPLOADED,
        ListingStatus.UPLOADED,
        ListingStatus.UNDER_REVIEW,
        ListingStatus.AVAILABLE,
    ]
    job.refresh_from_db()
    assert job.state == "done"


def test_the_note_counts_one_quantity(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    Variant.objects.filter(pk=variant.pk).update(quantity=5)
    refresh_targets(shop, [variant.pk])
    drain()
    assert Job.objects.get(kind="catalog.push_inventory").message == "1 quantity sent."
