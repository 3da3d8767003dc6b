"""The pages of publishing as each role sees them: lists, file page, errors, mass upload, dry run."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.actions import publish
from catalog.actions.errors import Refusal
from catalog.actions.files import trim_contents
from catalog.actions.marks import mark_all_refused
from catalog.actions.product import update_variant
from catalog.enums import FileState
from catalog.models import BulkFile, SkuError, StoreCategory, Variant
from catalog.queries.errors import errors_of_group, state_of
from jetsync.actions.mail import write_due
from jetsync.models import (
    JetAccount,
    Job,
    LogEntry,
    Mail,
    Merchant,
    Notice,
    Operation,
    Schedule,
    Selection,
)
from jetsync.sync.runner import run_job
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.publishing.steps import calls, finish, listing_of, make_drift
from tests.catalog.sync.conftest import KETTLES

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


def spoil(monkeypatch: pytest.MonkeyPatch, *skus: str) -> None:
    """These SKUs leave with a multipack quantity that Jet refuses."""
    from catalog.sync import files

    original = files.content_messages

    def spoiled(merchant: Merchant, ids: Any, **how: Any) -> Any:
        rows = original(merchant, ids, **how)
        for row in rows:
            if row.sku in skus:
                row.payload["multipack_quantity"] = 999
        return rows

    monkeypatch.setattr(files, "content_messages", spoiled)


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


def refuse(shop: Merchant, variants: list[Variant], words: str = "Invalid UPC Code") -> None:
    mark_all_refused(
        shop,
        [
            Refusal(listing_of(row).pk, "content_refused", f"{row.sku}: {words}", sku=row.sku, words=(words,))
            for row in variants
        ],
    )


@pytest.mark.feature("REJ-07")
def test_errors_of_one_cause_are_mended_and_sent_together(
    shop, sandbox, kettle, drain, client_for: ClientFor
):
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    refuse(shop, variants[:2])
    client = client_for("owner")
    page = text_of(client, url(shop, "errors/"))
    assert "Invalid UPC" in page
    assert "2 SKUs by direct calls" in page

    key = SkuError.objects.first().group_key
    group = text_of(client, url(shop, f"errors/{key}/"))
    for words in ("HF-1", "UPC 036000291452", "Invalid UPC Code", "/identifiers/#id_codes", "Send all again"):
        assert words in group
    confirm = text_of(client, url(shop, f"errors/{key}/resend/"))
    assert "Nothing has changed, so Jet will most likely refuse them again." in confirm
    assert client.post(url(shop, f"errors/{key}/resend/")).status_code == 302
    drain()
    assert [
        row["path"].rsplit("/", 1)[1]
        for row in calls(sandbox, "PUT", "merchant-skus/HF-")
        if row["path"].count("/") == 3
    ] == ["HF-1", "HF-2"]
    assert not SkuError.objects.filter(resolved_at=None).exists()
    assert client.get(url(shop, f"errors/{key}/")).status_code == 404
    assert "No open error" in text_of(client, url(shop, "errors/"))


@pytest.mark.feature("REJ-08")
def test_ticked_errors_are_cleared(shop, sandbox, kettle, client_for: ClientFor):
    refuse(shop, [kettle("HF-1"), kettle("HF-2")])
    first = SkuError.objects.order_by("pk").first()
    client = client_for("owner")
    response = client.post(url(shop, f"errors/{first.group_key}/"), {"bulk": "clear", "ids": [first.pk]})
    assert "Nothing is sent" in text_of(client, response.url)
    assert client.post(response.url).status_code == 302
    assert SkuError.objects.filter(resolved_at=None).count() == 1


def test_gaps_are_counted_by_cause_and_open_the_grid(shop, kettle, client_for: ClientFor):
    for number in (1, 2, 3):
        kettle(f"HF-{number}", product={"brand": "" if number < 3 else "Harrow"})
    page = text_of(client_for("analyst"), url(shop, "errors/gaps/"))

    key = next(key for key in listing_of(Variant.objects.get(sku="HF-1")).gap_keys if ":brand:" in key)
    assert f"?gap={key}" in page
    assert "For example: Brand is missing" in page
    grid = text_of(client_for("analyst"), url(shop, f"products/?gap={key}"))
    assert "HF-1" in grid
    assert "HF-2" in grid
    assert "HF-3" not in grid


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


@pytest.mark.feature("BUL-01")
@pytest.mark.parametrize(
    ("scope", "skus", "found"),
    [
        ("all", "", {"HF-1", "HF-2", "HF-3"}),
        ("selected", "HF-1\nHF-3", {"HF-1", "HF-3"}),
        ("excluded", "HF-1, HF-3", {"HF-2"}),
    ],
)
def test_mass_upload_by_product(shop, kettle, client_for, *, scope: str, skus: str, found: set[str]):
    for number in (1, 2, 3):
        kettle(f"HF-{number}")
    client = client_for("owner")
    response = client.post(url(shop, "publish/many/"), {"do": "archive", "scope": scope, "skus": skus})
    assert response.status_code == 302
    assert "/publish/archive/" in response.url
    page = text_of(client, response.url)
    assert f"Archive {len(found)} product" in page
    chosen = Selection.objects.get().ids
    assert set(Variant.objects.filter(pk__in=chosen).values_list("sku", flat=True)) == found


def test_mass_upload_goes_on_without_unknown_skus_after_a_yes(shop, kettle, client_for: ClientFor):
    known = [kettle("HF-1"), kettle("HF-3")]
    client, address = client_for("owner"), url(shop, "publish/many/")
    posted = {"do": "archive", "scope": "selected", "skus": "HF-1\nNOPE-1\nHF-3\nNOPE-2"}
    first = client.post(address, posted)
    assert (first.status_code, Selection.objects.count()) == (400, 0)
    page = first.content.decode()
    assert "Unknown: NOPE-1, NOPE-2. Correct them, or tick the box below." in page
    assert 'name="without_unknown"' in page
    assert 'name="without_unknown"' not in text_of(client, address)
    second = client.post(address, {**posted, "without_unknown": "on"})
    assert "/publish/archive/" in second.url
    assert Selection.objects.get().ids == [row.pk for row in known]


@pytest.mark.feature("BUL-02", "BUL-03")
def test_mass_upload_by_category_runs_in_the_background(shop, sandbox, kettle, client_for: ClientFor, drain):
    category = StoreCategory.objects.create(merchant=shop, path="Kitchen > Kettles")
    kettle("HF-1", product={"store_category": category})
    kettle("HF-2")
    client = client_for("owner")
    response = client.post(
        url(shop, "publish/many/"), {"do": "upload", "scope": "category", "categories": [category.pk]}
    )
    assert "Upload 1 product" in text_of(client, response.url)
    assert client.post(response.url, {"way": "auto"}).status_code == 302
    assert Operation.objects.get().state == "queued"
    drain()
    assert Operation.objects.get().state == "done"
    assert listing_of(Variant.objects.get(sku="HF-2")).content_sent_at is None


def test_one_sku_named_twice_is_one_left_out(shop, kettle, client_for: ClientFor):
    kettle("HF-1"), kettle("HF-2")
    client = client_for("owner")
    data = {"do": "upload", "scope": "excluded", "skus": "HF-1\nhf-1"}
    assert "All products except 1 named SKU" in text_of(
        client, client.post(url(shop, "publish/many/"), data).url
    )


@pytest.mark.feature("BUL-01")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"do": "upload", "scope": "selected", "skus": "HF-1\nHF-9\nHF-8"}, "SKU HF-9 and 1 more are not known here."),
        ({"do": "upload", "scope": "selected", "skus": " \n"}, "Name at least one SKU."),
        ({"do": "upload", "scope": "category"}, "Tick at least one category."),
        ({"do": "upload", "scope": "excluded", "skus": "HF-1"}, "There is no such product."),
        ({"do": "burn", "scope": "all"}, "burn"),
        ({}, "required"),
    ],
)  # fmt: skip
def test_mass_upload_says_what_is_wrong(shop, kettle, client_for: ClientFor, data: Any, words: str):
    kettle("HF-1")
    response = client_for("owner").post(url(shop, "publish/many/"), data)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not Selection.objects.exists()


@pytest.mark.feature("PRD-03", "PRD-04")
def test_confirm_page_says_the_way_and_takes_another(shop, sandbox, kettle, client_for: ClientFor, drain):
    variants = [kettle(f"HF-{number}") for number in (1, 2)]
    client = client_for("owner")
    grid = text_of(client, url(shop, "products/"))
    for label in ("Upload", "Archive", "Un-archive", "Sync price and stock", "Jet status"):
        assert label in grid
    response = client.post(url(shop, "products/"), {"bulk": "upload", "ids": [row.pk for row in variants]})
    page = text_of(client, response.url)
    assert "one by one by direct calls" in page
    assert "Bulk files" in page
    client.post(response.url, {"way": "files"})
    finish(drain, sandbox)
    assert BulkFile.objects.filter(file_type="MerchantSKUs", state="done").count() == 1
    assert [
        row["path"] for row in calls(sandbox, "PUT", "merchant-skus") if row["path"].count("/") == 3
    ] == []


@pytest.mark.feature("REJ-06")
def test_a_refusal_says_whether_its_product_was_changed_since(shop, kettle, client_for: ClientFor):
    variants = [kettle("HF-1"), kettle("HF-2"), kettle("HF-3")]
    refuse(shop, variants)
    client, key = client_for("owner"), SkuError.objects.first().group_key
    assert "changed since" not in text_of(client, url(shop, "errors/"))

    update_variant(variants[0], {"mfr_part_number": "KET-1"}, actor=SYSTEM)
    update_variant(variants[1], {"main_image_url": ""}, actor=SYSTEM)

    assert "2 of them changed since." in text_of(client, url(shop, "errors/"))
    page = client.get(url(shop, f"errors/{key}/"))
    assert [state_of(row) for row in errors_of_group(shop, key).order_by("listing__variant__sku")] == [
        "Changed since: it goes with the next upload, or press “Send again”.",
        "Changed since, but not ready yet.",
        "As Jet refused it.",
    ]
    assert "Changed since, but not ready yet." in page.content.decode()


@pytest.mark.feature("REJ-06")
def test_causes_and_gaps_go_on_to_the_table_with_their_skus(shop, kettle, client_for: ClientFor):
    variants = [kettle("HF-1"), kettle("HF-2"), kettle("HF-3", product={"brand": ""})]
    refuse(shop, variants[:2])
    client, key = client_for("owner"), SkuError.objects.first().group_key
    assert "Fix all in a table" in text_of(client, url(shop, f"errors/{key}/"))
    response = client.get(url(shop, f"errors/{key}/table/"))
    assert "/products/table/?selection=" in response.url
    columns = [column.key for column in client.get(response.url).context["chosen"]]
    assert columns == ["codes", "title", "brand", "price", "quantity"]
    assert Selection.objects.get(page="products").ids == [variants[0].pk, variants[1].pk]
    assert client.get(response.url).status_code == 200

    one = SkuError.objects.order_by("pk").first()
    frozen = client.post(url(shop, f"errors/{key}/"), {"bulk": "table", "ids": [one.pk]})
    assert client.get(client.get(frozen.url).url).status_code == 200
    assert Selection.objects.filter(page="products").latest("pk").ids == [variants[0].pk]

    assert "Fix in a table" in text_of(client, url(shop, "errors/gaps/"))
    gap = next(key for key in listing_of(variants[2]).gap_keys if ":brand:" in key)
    assert client.get(url(shop, f"errors/table/?gap={gap}")).status_code == 302
    assert Selection.objects.filter(page="products").latest("pk").ids == [variants[2].pk]
    assert client.get(url(shop, "errors/table/?gap=nothing")).status_code == 404
    assert "Set one value for all" in text_of(client, url(shop, "errors/gaps/"))
    one_value = client.get(url(shop, f"errors/table/?gap={gap}&one=1"))
    frozen_gap = Selection.objects.filter(page="products").latest("pk")
    assert one_value.url.endswith(f"/products/change-value/?selection={frozen_gap.pk}&what=brand:set")
    assert frozen_gap.ids == [variants[2].pk]
    assert '<option value="brand:set" selected>' in text_of(client, one_value.url)
    assert client_for("analyst").get(url(shop, f"errors/table/?gap={gap}")).status_code == 403


def make_sku(shop: Merchant, sku: str, **product: Any) -> Variant:
    return rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, **product), sku=sku)


@pytest.mark.feature("REJ-06")
def test_a_gap_leads_to_the_place_that_mends_it(shop, client_for: ClientFor, count_queries):
    """Categories lead to their mapping with the counts, what the table lacks to its own page, the rest to the table."""
    sheets, pans = (StoreCategory.objects.create(merchant=shop, path=path) for path in ("Sheets", "Pans"))
    for number, place in enumerate((sheets, sheets, pans)):
        make_sku(shop, f"HF-{number}", store_category=place)
    light = rows.make_product(shop, jet_node_id=KETTLES)
    rows.make_variant(shop, light, sku="HF-9", attributes=[], shipping_weight_pounds=None)
    client, page = client_for("owner"), url(shop, "errors/gaps/")

    shown = {row.group.field: row for row in client.get(page).context["groups"]}
    text = text_of(client, page)

    assert shown["category"].words == "2 store categories unmapped block 3 SKUs: map them"
    assert f'href="{url(shop, "categories/?only=open")}">2 store categories unmapped' in text
    assert (shown["category"].in_table, shown["attributes"].in_table) == (False, False)
    assert shown["attributes"].page_url == url(shop, "attributes/")
    weight = shown["shipping_weight_pounds"]
    assert (weight.in_table, weight.page) == (True, None)
    table = client.get(url(shop, f"errors/table/?gap={weight.group.key}"))
    assert client.get(table.url).context["chosen"][0].key == "shipping_weight_pounds"

    before = count_queries(client, page)
    make_sku(shop, "HF-10", store_category=pans)
    assert count_queries(client, page) == before

    make_sku(shop, "HF-11")
    shown = {row.group.field: row for row in client.get(page).context["groups"]}
    assert shown["category"].in_table
    table = client.get(url(shop, f"errors/table/?gap={shown['category'].group.key}"))
    assert client.get(table.url).context["chosen"][0].key == "store_category"
