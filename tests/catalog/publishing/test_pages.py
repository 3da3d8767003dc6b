"""The pages of bulk files as each role sees them: list, rejected ones, one file, resubmitting, clearing (features REJ)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from catalog.actions import publish
from catalog.actions.files import trim_contents
from catalog.actions.product import update_variant
from catalog.enums import FileState
from catalog.models import BulkFile, SkuError, Variant
from jetsync.actions.mail import write_due
from jetsync.models import (
    JetAccount,
    Job,
    LogEntry,
    Mail,
    Notice,
    Operation,
    Schedule,
)
from jetsync.sync.runner import run_job
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.publishing.steps import finish, listing_of, make_drift, refuse, spoil, text_of, url

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


@pytest.fixture
def rejected(by_files, sandbox, kettle, drain, monkeypatch):
    """A file of HF-1 and HF-2 that came back with an error for HF-2; HF-3 went in another."""
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    with monkeypatch.context() as patch:
        spoil(patch, "HF-2")
        publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
        finish(drain, sandbox)
    sandbox.control.clear_requests()
    return BulkFile.objects.get(state=FileState.WITH_ERRORS)


@pytest.mark.feature("REJ-01", "REJ-02", "REJ-10")
def test_rejected_files_stand_in_their_tab_with_all_columns(shop, rejected, client_for: ClientFor):
    page = text_of(client_for("analyst"), url(shop, "files/?only=rejected"))

    for words in (
        "Jet file id", "Jet file name", "File type", "Status", "Products", "Age", "Action",
        rejected.jet_file_id, rejected.name, "Processed with errors", "View error &amp; resubmit",
    ):  # fmt: skip
        assert words in page
    assert page.count("View error &amp; resubmit") == 1
    parts = rejected.name.split("-")
    assert (parts[0], parts[-1]) == ("MerchantSKUs", f"{rejected.pk}.json")
    assert shop.slug in rejected.name
    typed = text_of(client_for("analyst"), url(shop, "files/?file_type=Price"))
    assert "Price-" in typed
    assert rejected.name not in typed


@pytest.mark.feature("NOT-06")
def test_rejected_file_is_told_under_the_bell_and_by_mail(owner, shop, rejected):
    notice = Notice.objects.get(key="catalog.rejected_files")
    assert (notice.count, notice.url) == (1, url(shop, f"files/{rejected.pk}/"))
    write_due(shop, kinds=["catalog.rejected_file"])
    mail = Mail.objects.get()
    assert mail.to == owner.email
    assert mail.subject == f"[{shop}] A bulk file came back with errors"
    assert f"* {rejected.name}" in mail.text
    assert "1 of 2 products refused." in mail.text
    assert "Value 999L is greater than the maximum 128L" in mail.text
    assert mail.named == [["catalog.bulkfile", rejected.pk, rejected.name[:100]]]


@pytest.mark.feature("REJ-05", "REJ-07")
def test_file_page_shows_error_content_and_the_way_to_mend(shop, rejected, client_for: ClientFor):
    client = client_for("analyst")
    page = text_of(client, url(shop, f"files/{rejected.pk}/"))

    assert "Value 999L is greater than the maximum 128L" in page
    assert "/identifiers/#id_multipack_quantity" in page
    assert "Copper Whistling Kettle" in page
    assert 'class="code">HF-1</summary>' in page
    found = text_of(client, url(shop, f"files/{rejected.pk}/?q=HF-2"))
    assert 'class="code">HF-2</summary>' in found
    assert 'class="code">HF-1</summary>' not in found
    assert "No such SKU in this file" in text_of(client, url(shop, f"files/{rejected.pk}/?q=nothing"))

    response = client.get(url(shop, f"files/{rejected.pk}/content/"))
    sent = json.loads(b"".join(response.streaming_content))
    assert set(sent) == {"HF-1", "HF-2"}
    assert sent["HF-2"]["multipack_quantity"] == 999


@pytest.mark.feature("REJ-03", "REJ-06")
def test_resubmit_asks_first_when_nothing_changed(shop, rejected, client_for: ClientFor, sandbox, drain):
    client = client_for("owner")
    address = url(shop, f"files/{rejected.pk}/resubmit/")
    page = text_of(client, address)
    assert "Nothing has changed since" not in page or "0 of 1 differ" in page

    # Today's payload differs from the spoiled one only on the wire: for our records nothing changed.
    refused = client.post(address, {})
    assert refused.status_code == 409
    assert "Nothing has changed since this file was sent" in refused.content.decode()
    assert client.post(address, {"anyway": "on"}).status_code == 302

    rejected.refresh_from_db()
    assert rejected.state == FileState.RESUBMITTED
    finish(drain, sandbox)
    rejected.refresh_from_db()
    assert rejected.state == FileState.NOT_APPLICABLE
    new = BulkFile.objects.get(resubmit_of=rejected, file_type="MerchantSKUs")
    assert [entry[1] for entry in new.manifest] == ["HF-2"]
    assert new.state == FileState.DONE
    operation = Operation.objects.get(kind="catalog.resubmit")
    assert (operation.done, operation.failed) == (1, 0)
    assert listing_of(Variant.objects.get(sku="HF-2")).price_sent is not None
    assert not SkuError.objects.filter(resolved_at=None).exists()
    assert LogEntry.objects.filter(action="catalog.file.resubmitted").count() == 1


@pytest.mark.feature("REJ-06")
def test_resubmit_of_a_mended_product_asks_nothing(shop, rejected, client_for: ClientFor, kettle):
    update_variant(Variant.objects.get(sku="HF-2"), {"multipack_quantity": 2}, actor=SYSTEM)
    address = url(shop, f"files/{rejected.pk}/resubmit/")
    client = client_for("owner")
    assert "1 of 1 differ from what the file held" in text_of(client, address)
    assert client.post(address, {}).status_code == 302
    again = client.post(address, {})
    assert again.status_code == 409


@pytest.mark.feature("REJ-08")
def test_files_are_cleared_one_many_and_all_with_a_log_entry(shop, rejected, client_for: ClientFor):
    client = client_for("owner")
    before = BulkFile.objects.count()
    assert client.post(url(shop, f"files/{rejected.pk}/delete/")).status_code == 302
    rejected.refresh_from_db()
    assert rejected.deleted_at is not None
    assert LogEntry.objects.get(action="catalog.file.deleted").object_label == rejected.name
    assert rejected.name not in text_of(client, url(shop, "files/"))
    assert "was cleared from the list" in text_of(client, url(shop, f"files/{rejected.pk}/"))

    some = list(BulkFile.objects.filter(deleted_at=None).values_list("pk", flat=True)[:2])
    response = client.post(url(shop, "files/"), {"bulk": "delete", "ids": some})
    assert client.post(response.url).status_code == 302
    assert BulkFile.objects.filter(deleted_at=None).count() == before - 3
    assert client.post(url(shop, "files/clear/")).status_code == 302
    assert (BulkFile.objects.filter(deleted_at=None).count(), BulkFile.objects.count()) == (0, before)


@pytest.mark.feature("REJ-09", "REJ-04")
def test_no_rejected_file_means_success_with_the_time_of_the_last_check(
    shop, sandbox, client_for: ClientFor, drain
):
    client = client_for("owner")
    page = text_of(client, url(shop, "files/?only=rejected"))
    assert "That means success" in page
    assert "Jet was not asked for results yet." in page

    assert client.post(url(shop, "files/fetch/")).status_code == 302
    ensure_schedules(shop)
    drain()
    Schedule.objects.filter(kind="catalog.poll_files").update(last_finished_at=timezone.now())
    assert "Results last asked for:" in text_of(client, url(shop, "files/?only=rejected"))


@pytest.mark.feature("REJ-04")
def test_fetch_now_reads_results_that_nobody_waits_for(
    by_files, sandbox, kettle, drain, client_for: ClientFor
):
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    run_job(Job.objects.get(kind="catalog.publish_files").pk)
    Job.objects.exclude(state="done").delete()
    sandbox.control.advance(60)
    assert BulkFile.objects.get().state == FileState.SENT

    assert client_for("owner").post(url(by_files, "files/fetch/")).status_code == 302
    finish(drain, sandbox)
    assert BulkFile.objects.order_by("pk").first().state == FileState.DONE


def test_contents_are_deleted_after_ninety_days(shop, rejected, client_for: ClientFor):
    path = rejected.content.path
    BulkFile.objects.filter(pk=rejected.pk).update(created_at=rejected.created_at - timedelta(days=91))
    assert trim_contents(shop) == 1
    assert trim_contents(shop) == 0
    assert not Path(path).exists()
    page = text_of(client_for("owner"), url(shop, f"files/{rejected.pk}/"))
    assert "The content is not kept" in page
    assert client_for("owner").get(url(shop, f"files/{rejected.pk}/content/")).status_code == 404


@pytest.mark.parametrize("path", ["files/", "errors/", "errors/gaps/", "drift/"])
def test_pages_cost_the_same_for_one_and_three_rows(
    shop, kettle, client_for: ClientFor, count_queries, path: str
):
    client = client_for("owner")

    def add(number: int) -> None:
        variant = kettle(f"HF-{number}", product={"brand": ""})
        BulkFile.objects.create(
            merchant=shop, account=JetAccount.objects.get(), file_type="Price", name=f"Price-{number}.json"
        )
        refuse(shop, [variant], "x" * number)
        make_drift(variant)

    add(1)
    client.get(url(shop, path))
    one = count_queries(client, url(shop, path))
    add(2)
    add(3)
    assert count_queries(client, url(shop, path)) == one
    assert one <= 14
