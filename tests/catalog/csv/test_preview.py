"""The check before an import: what it counts and shows, that nothing is written, and that the import agrees with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.actions import csv_check
from catalog.actions.csv_check import run_check
from catalog.actions.csv_import import run_import
from catalog.actions.csv_upload import (
    cancel_upload,
    forget_files,
    resume_import,
    start_import,
)
from catalog.enums import CsvKind, CsvState
from catalog.models import CsvUpload, StoreCategory, Variant
from jetsync.actions.job import cancel as cancel_job
from jetsync.actions.operation import cancel_operation
from jetsync.enums import OperationState
from jetsync.exceptions import StateConflict
from jetsync.models import Job, Merchant, Operation
from jetsync.tenancy.actor import Actor
from tests.catalog.conftest import csv_bytes
from tests.catalog.csv.test_products import GOOD, failures, stored

pytestmark = pytest.mark.django_db
UploadCsv = Callable[..., CsvUpload]
TABLE = [
    GOOD,
    {**GOOD, "sku": "HF-2", "brand": "Ostley"},
    {**GOOD, "sku": "HF-3", "product_title": "A new kettle of iron"},
    {**GOOD, "sku": "HF-4", "brand": ""},
]


@pytest.fixture
def checked(
    import_csv: Callable[..., CsvUpload], upload_csv: UploadCsv, drain: Callable[..., int]
) -> CsvUpload:
    """One SKU as before, one changed, one new and one wrong."""
    import_csv([GOOD, {**GOOD, "sku": "HF-2"}])
    upload = upload_csv(TABLE, preview=True)
    drain()
    upload.refresh_from_db()
    return upload


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("xlsx", "Excel workbook"), ("gb18030", "GB18030")],
)
def test_how_a_file_was_read_is_said_in_words_that_people_know(encoding: str, words: str) -> None:
    assert CsvUpload(encoding=encoding).read_as == words


@pytest.mark.feature("CSV-01")
def test_the_check_counts_and_shows_differences_and_writes_nothing(checked: CsvUpload) -> None:
    found = checked.preview

    assert (checked.state, checked.operation) == (CsvState.CHECKED, None)
    assert (found["new"], found["changed"], found["unchanged"], found["wrong"]) == (1, 1, 1, 1)
    assert found["columns"] == {"brand": 1}
    assert found["changed_rows"] == [
        {"line": 3, "sku": "HF-2", "cells": [{"column": "brand", "old": "Harrow & Finch", "new": "Ostley"}]}
    ]
    assert found["new_rows"] == [{"line": 4, "sku": "HF-3", "title": "A new kettle of iron"}]
    [wrong] = found["wrong_rows"]
    assert (wrong["line"], wrong["sku"]) == (5, "HF-4")
    assert wrong["problems"][0]["message"] == "brand is empty."
    assert wrong["problems"][0]["rule"] == "required"
    assert sorted(Variant.objects.values_list("sku", flat=True)) == ["HF-2", "HF-KET-25"]
    assert stored("HF-2").product.brand == "Harrow & Finch"


def test_the_import_does_what_the_check_said(
    checked: CsvUpload, actor: Actor, drain: Callable[..., int]
) -> None:
    start_import(checked, actor=actor)
    drain()
    checked.refresh_from_db()

    counts = (checked.created_count, checked.updated_count, checked.unchanged_count, checked.failed_count)
    assert counts == (1, 1, 1, 1)
    assert checked.state == CsvState.DONE
    assert failures(checked) == [(5, "brand: brand is empty.")]
    assert stored("HF-2").product.brand == "Ostley"
    assert "moved" not in checked.preview


def test_what_changed_between_check_and_import_is_named(
    checked: CsvUpload, actor: Actor, drain: Callable[..., int]
) -> None:
    from catalog.actions.product import update_product

    update_product(stored("HF-2").product, {"brand": "Larkmoor"}, actor=actor)

    start_import(checked, actor=actor)
    drain()
    checked.refresh_from_db()

    assert checked.preview["moved"] == ["HF-2"]
    assert stored("HF-2").product.brand == "Ostley"


def test_importing_twice_and_cancelling_late_are_refused(checked: CsvUpload, actor: Actor) -> None:
    start_import(checked, actor=actor)

    with pytest.raises(StateConflict, match="it is being imported"):
        start_import(checked, actor=actor)
    with pytest.raises(StateConflict, match="it is being imported"):
        cancel_upload(checked, actor=actor)
    assert Operation.objects.filter(kind="catalog.csv_import").count() == 2


def test_a_cancelled_file_is_never_imported(checked: CsvUpload, actor: Actor) -> None:
    cancel_upload(checked, actor=actor)

    with pytest.raises(StateConflict, match="it is cancelled"):
        start_import(checked, actor=actor)
    assert Variant.objects.count() == 2


def test_a_check_that_was_cancelled_stops(upload_csv: UploadCsv, actor: Actor) -> None:
    upload = upload_csv(TABLE, preview=True)

    run_check(upload, lambda: cancel_upload(upload, actor=actor) and None)

    upload.refresh_from_db()
    assert (upload.state, upload.preview) == (CsvState.CANCELLED, {})


def test_a_check_whose_file_is_gone_says_so(upload_csv: UploadCsv, drain: Callable[..., int]) -> None:
    upload = upload_csv(TABLE, preview=True)
    upload.file.storage.delete(upload.file.name)

    drain()

    upload.refresh_from_db()
    assert upload.state == CsvState.CANCELLED
    assert upload.preview["note"] == "The check stopped: The uploaded file is gone. Nothing was imported."


class Killed(BaseException):
    """Stands for a worker that is gone."""


@pytest.mark.django_db(transaction=True)
def test_a_killed_check_goes_on_and_counts_nothing_twice(
    upload_csv: UploadCsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_check, "BATCH", 2)
    upload = upload_csv([{**GOOD, "sku": f"HF-{n}"} for n in range(7)], preview=True)
    beats = 0

    def heartbeat() -> None:
        nonlocal beats
        beats += 1
        if beats == 3:
            raise Killed

    with pytest.raises(Killed):
        run_check(upload, heartbeat)
    half = CsvUpload.objects.get(pk=upload.pk)
    assert (half.state, half.preview["rows_done"]) == (CsvState.CHECKING, 4)

    run_check(half)

    done = CsvUpload.objects.get(pk=upload.pk)
    assert (done.state, done.preview["new"]) == (CsvState.CHECKED, 7)


@pytest.mark.parametrize("way", ["operation", "job"])
def test_an_import_that_is_cancelled_while_it_waits_has_ended(
    upload_csv: UploadCsv, drain: Callable[..., int], actor: Actor, way: str
) -> None:
    upload = upload_csv(TABLE)

    if way == "operation":
        cancel_operation(Operation.objects.get(), actor=actor)
    else:
        cancel_job(Job.objects.get(kind="catalog.import_csv"), actor=actor)
    drain()

    upload.refresh_from_db()
    operation = Operation.objects.get()
    assert (upload.state, upload.finished_at is None) == (CsvState.CANCELLED, False)
    assert (operation.state, operation.message) == (OperationState.CANCELLED, "No rows. Stopped on request.")
    assert not Variant.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_import_cancelled_after_its_worker_died_counts_and_sends_what_was_stored(
    shop: Merchant,
    import_csv: UploadCsv,
    upload_csv: UploadCsv,
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from catalog.actions import csv_import

    table = [{**GOOD, "sku": f"HF-{n}"} for n in range(6)]
    import_csv(table)
    monkeypatch.setattr(csv_import, "BATCH", 2)
    pushed: list[Merchant] = []
    monkeypatch.setattr(csv_import, "push_deltas", pushed.append)
    upload = upload_csv([{**row, "brand": "Ostley"} for row in table])
    beats = 0

    def heartbeat() -> None:
        nonlocal beats
        beats += 1
        if beats == 2:
            raise Killed

    with pytest.raises(Killed):
        run_import(upload, heartbeat)
    operation = upload.operation
    assert operation is not None

    ended = cancel_operation(operation, actor=actor)

    upload.refresh_from_db()
    assert (upload.state, upload.rows_done) == (CsvState.CANCELLED, 2)
    assert (ended.state, ended.done, ended.total) == (OperationState.CANCELLED, 2, 6)
    assert ended.message == "2 changed. Stopped on request."
    assert pushed == [shop]
    assert resume_import(upload, actor=actor).state == CsvState.IMPORTING


def test_a_check_that_is_cancelled_among_the_jobs_has_ended(upload_csv: UploadCsv, actor: Actor) -> None:
    upload = upload_csv(TABLE, preview=True)

    cancel_job(Job.objects.get(kind="catalog.check_csv"), actor=actor)

    upload.refresh_from_db()
    assert (upload.state, upload.preview["note"]) == (
        CsvState.CANCELLED,
        "The check was cancelled. Nothing was imported.",
    )


def test_a_stopped_import_is_resumed_behind_its_last_row(
    shop: Merchant, upload_csv: UploadCsv, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalog.actions import csv_import

    monkeypatch.setattr(csv_import, "BATCH", 2)
    table = [{**GOOD, "sku": f"HF-{n}", "brand": "" if n == 1 else "Harrow"} for n in range(6)]
    upload = upload_csv(table)
    beats = 0

    def heartbeat() -> None:
        nonlocal beats
        beats += 1
        if beats == 2:
            cancel_operation(Operation.objects.get(), actor=actor)

    half = run_import(upload, heartbeat)
    assert (half.rows_done, half.state) == (2, CsvState.CANCELLED)

    again = resume_import(half, actor=actor)
    done = run_import(again)

    assert (done.created_count, done.failed_count, done.rows_done) == (5, 1, 6)
    assert failures(done) == [(3, "brand: brand is empty.")]
    operation = done.operation
    assert operation is not None
    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.failed) == (OperationState.PARTLY, 5, 1)
    with pytest.raises(StateConflict):
        resume_import(done, actor=actor)


def test_files_are_deleted_long_after_their_import_and_results_stay(
    shop: Merchant, import_csv: Callable[..., CsvUpload]
) -> None:
    from datetime import timedelta

    old, fresh = import_csv([{**GOOD, "brand": ""}]), import_csv([GOOD])
    ended = old.finished_at
    assert ended is not None
    CsvUpload.objects.filter(pk=old.pk).update(finished_at=ended - timedelta(days=91))
    storage, name = old.file.storage, old.file.name

    assert (forget_files(shop), forget_files(shop)) == (1, 0)

    old.refresh_from_db()
    fresh.refresh_from_db()
    assert (bool(old.file), bool(fresh.file), storage.exists(name)) == (False, True, False)
    assert failures(old) == [(2, "brand: brand is empty.")]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def post_file(client: Client, shop: Merchant, table: Sequence[Mapping[str, str]], **values: str) -> Any:
    file = SimpleUploadedFile("kettles.csv", csv_bytes(table))
    return client.post(url(shop, "csv/upload/"), {"kind": "products", "level": "new", "file": file, **values})


def test_the_page_shows_the_preview_and_its_buttons_import_or_cancel(
    shop: Merchant,
    client_for: Callable[..., Client],
    drain: Callable[..., int],
    import_csv: Callable[..., Any],
) -> None:
    import_csv([GOOD, {**GOOD, "sku": "HF-2"}])
    client = client_for("owner")
    address = post_file(client, shop, TABLE).headers["Location"]
    waiting = client.get(address).content.decode()
    drain()
    page = client.get(address).content.decode()
    answer = client.post(f"{address}import/now/")
    drain()
    result = client.get(address).content.decode()

    assert "The file is being checked. Nothing is stored yet." in waiting
    assert "Import 2 rows" in page
    assert "<del>Harrow &amp; Finch</del>" in page
    assert "<ins>Ostley</ins>" in page
    assert "brand is empty." in page
    cause = f'href="/m/{shop.slug}/help/value-required/"'
    assert (cause in page, cause in result) == (True, True)
    assert answer.headers["Location"] == address
    assert "1 added, 1 changed, 1 as before, 1 failed." in result


def test_a_viewer_may_look_but_not_import(
    shop: Merchant, client_for: Callable[..., Client], checked: CsvUpload
) -> None:
    analyst = client_for("analyst")

    assert analyst.get(url(shop, f"csv/{checked.pk}/")).status_code == 200
    assert analyst.post(url(shop, f"csv/{checked.pk}/import/now/")).status_code == 403
    checked.refresh_from_db()
    assert checked.state == CsvState.CHECKED


def test_a_price_file_given_as_products_is_told_so(shop: Merchant, client_for: Callable[..., Client]) -> None:
    file = SimpleUploadedFile("prices.csv", b"sku,price,inventory\nA,1,2\n")
    answer = client_for("owner").post(url(shop, "csv/upload/"), {"kind": "products", "file": file})

    assert answer.status_code == 400
    assert (
        "This looks like a file of price and inventory, but it was given as products."
        in answer.content.decode()
    )


@pytest.mark.feature("CSV-01")
@pytest.mark.parametrize("kind", [CsvKind.PRODUCTS])
def test_the_template_is_importable_as_it_is(
    shop: Merchant, client_for: Callable[..., Client], import_csv: Callable[..., CsvUpload], kind: CsvKind
) -> None:
    answer = client_for("owner").get(url(shop, f"csv/template/{kind}/"))

    upload = import_csv(b"".join(answer.streaming_content), kind)  # type: ignore[attr-defined]

    assert (upload.created_count, failures(upload)) == (1, [])


def test_store_fields_are_filled_and_cleared_by_their_own_columns(
    shop: Merchant, import_csv: Callable[..., CsvUpload]
) -> None:
    from catalog.models import StoreField

    first = import_csv([{**GOOD, "field:Material": "Copper", "field:care": "Wipe"}])
    Variant.objects.update(data={"Material": "Copper", "care": "Wipe", "other": 5})
    again = import_csv([{**GOOD, "field:Material": "Copper", "field:care": ""}])

    assert (first.created_count, again.updated_count) == (1, 1)
    assert stored().data == {"Material": "Copper", "other": 5}
    assert sorted(StoreField.objects.values_list("name", flat=True)) == ["Material", "care"]


def test_only_changed_columns_are_written(shop: Merchant, import_csv: Callable[..., CsvUpload]) -> None:
    import_csv([GOOD])
    six = [{"id": 10 + n, "value": f"v{n}", "unit": ""} for n in range(6)]
    Variant.objects.update(attributes=six, price=Decimal(5))

    upload = import_csv([{"sku": GOOD["sku"], "msrp": "60"}])

    assert upload.updated_count == 1
    assert (stored().attributes, stored().msrp, stored().price) == (six, Decimal("60.00"), Decimal("5.00"))


def test_new_skus_get_the_targets_that_a_refresh_gives(
    shop: Merchant, import_csv: Callable[..., CsvUpload]
) -> None:
    from catalog.actions.targets import refresh_targets
    from catalog.models import CategoryMapping, Listing, NodeStock, Profile, StoreCategory
    from tests.catalog import rows

    kitchen = StoreCategory.objects.create(merchant=shop, path="Kitchen")
    CategoryMapping.objects.create(merchant=shop, store_category=kitchen, jet_node_id=rows.LEAF, jet_path="x")
    Profile.objects.create(merchant=shop, name="P", specifics={})
    import_csv(
        [
            GOOD,
            {**GOOD, "sku": "HF-2", "jet_browse_node_id": "", "store_category": "Kitchen", "msrp": "5"},
            {**GOOD, "sku": "HF-3", "attribute_id1": str(rows.COLOR), "attribute_value1": "copper"},
        ]
    )
    names = ("content_target", "price_target", "readiness", "gaps", "gap_keys")
    listings = list(Listing.objects.order_by("pk").values_list(*names))
    stock = list(
        NodeStock.objects.order_by("pk").values_list("variant_id", "quantity_target", "price_target")
    )

    changed = refresh_targets(shop, Variant.objects.values_list("pk", flat=True))

    assert (len(listings), len(stock), changed) == (3, 3, 0)
    assert list(Listing.objects.order_by("pk").values_list(*names)) == listings


@pytest.mark.feature("CSV-01")
def test_the_preview_counts_and_names_store_categories_that_would_be_made(
    shop: Merchant, upload_csv: UploadCsv, drain: Callable[..., int], client_for: Callable[..., Client]
) -> None:
    StoreCategory.objects.create(merchant=shop, path="Kettles")
    paths = ("Kettles", "Ketles", "Ketles", "Pans")
    upload = upload_csv(
        [{**GOOD, "sku": f"HF-{number}", "store_category": path} for number, path in enumerate(paths)],
        preview=True,
    )
    drain()
    upload.refresh_from_db()

    assert (upload.preview["categories"], upload.preview["category_names"]) == (2, ["Ketles", "Pans"])
    page = client_for("owner").get(f"/m/{shop.slug}/catalog/csv/{upload.pk}/").content.decode()
    assert "Store categories that the import makes" in page
    assert "<li>Ketles</li>" in page
    assert StoreCategory.objects.count() == 1
