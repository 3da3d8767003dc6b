"""Publishing over the API: bulk actions, dry run, files, errors, drift."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.actions import publish
from catalog.actions.errors import Refusal
from catalog.actions.marks import mark_all_refused
from catalog.enums import FileState
from catalog.models import BulkFile, SkuError, StoreCategory, Variant
from jetsync.models import JetAccount, Merchant, Operation
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.publishing.steps import finish, listing_of, make_drift

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str) -> str:
    return f"/api/v1/m/{shop.slug}/catalog/{path}"


def post(client: Client, address: str, body: Any = None) -> Any:
    return client.post(address, body or {}, content_type="application/json")


@pytest.mark.feature("PRD-09", "PRD-10", "BUL-01")
def test_bulk_archive_and_unarchive(shop, sandbox, kettle, drain, client_for: ClientFor):
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    publish.upload(shop, [row.pk for row in variants], actor=SYSTEM)
    drain()
    client = client_for("manager")

    answer = post(client, url(shop, "bulk/"), {"do": "archive", "excluded_skus": ["HF-3"]})
    assert (answer.status_code, answer.json()["total"], answer.json()["kind"]) == (202, 2, "catalog.archive")
    drain()
    assert [listing_of(row).archived_sent for row in variants] == [True, True, False]

    answer = post(client, url(shop, "bulk/"), {"do": "unarchive", "all": True, "way": "files"})
    finish(drain, sandbox)
    operation = Operation.objects.get(pk=answer.json()["id"])
    assert (operation.done, operation.skipped) == (2, 1)
    assert [listing_of(row).archived_sent for row in variants] == [False] * 3
    assert list(BulkFile.objects.values_list("file_type", flat=True).distinct().order_by("file_type")) == [
        "Archive",
        "Inventory",
    ]


@pytest.mark.feature("BUL-02")
def test_bulk_upload_of_a_category(shop, sandbox, kettle, drain, client_for: ClientFor):
    category = StoreCategory.objects.create(merchant=shop, path="Kitchen > Kettles")
    kettle("HF-1", product={"store_category": category})
    kettle("HF-2")
    answer = post(
        client_for("owner"), url(shop, "bulk/"), {"do": "upload", "store_categories": [category.path]}
    )
    assert (answer.status_code, answer.json()["total"]) == (202, 1)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"do": "archive"}, "exactly one"),
        ({"do": "archive", "all": True, "skus": ["HF-1"]}, "exactly one"),
        ({"do": "burn", "all": True}, "not a valid choice"),
        ({"do": "archive", "skus": ["HF-1", "HF-9"]}, "HF-9"),
        ({"do": "archive", "store_categories": ["Nowhere"]}, "Nowhere"),
        ({"do": "archive", "excluded_skus": ["HF-1"]}, "no such product"),
        ({"do": "upload", "all": True, "expects": "x"}, "Not readable"),
        ({"do": "upload", "all": True, "way": "pigeon"}, "not a valid choice"),
    ],
)
def test_wrong_requests_name_the_field(shop, sandbox, kettle, client_for, *, body: Any, words: str):
    kettle("HF-1")
    answer = post(client_for("owner"), url(shop, "bulk/"), body)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Operation.objects.exists()


def test_dry_run_and_sending_exactly_that(shop, sandbox, kettle, drain, client_for: ClientFor):
    variant = kettle("HF-1")
    client, body = client_for("owner"), {"do": "upload", "skus": ["HF-1"]}
    run = post(client, url(shop, "bulk/dry-run/"), body).json()
    assert (run["sent"], run["skus"][0]["sku"]) == (1, "HF-1")
    assert run["skus"][0]["calls"][1] == {
        "step": "price",
        "method": "PUT",
        "path": "/merchant-skus/HF-1/price",
        "file_type": "Price",
        "state": "new",
        "body": {"price": 38.5},
        "changes": [{"member": "price", "old": None, "new": 38.5, "is_old_known": True}],
    }
    Variant.objects.filter(pk=variant.pk).update(quantity=3)
    moved = post(client, url(shop, "bulk/"), {**body, "expects": run["expects"]})
    assert (moved.status_code, moved.json()["code"]) == (409, "data_moved")
    assert "HF-1 (quantity)" in moved.json()["message"]
    again = post(client, url(shop, "bulk/dry-run/"), body).json()
    assert post(client, url(shop, "bulk/"), {**body, "expects": again["expects"]}).status_code == 202


@pytest.mark.feature("REJ-01", "REJ-06", "REJ-08")
def test_files_are_read_resubmitted_and_cleared(shop, sandbox, kettle, drain, client_for: ClientFor):
    variant = kettle("HF-1")
    file = BulkFile.objects.create(
        merchant=shop,
        account=JetAccount.objects.get(),
        file_type="MerchantSKUs",
        name="MerchantSKUs-1.json",
        state=FileState.WITH_ERRORS,
        error_count=1,
        manifest=[[listing_of(variant).pk, "HF-1", listing_of(variant).content_target]],
    )
    refusal = Refusal(
        listing_of(variant).pk, "content_refused", "no", sku="HF-1", words=("Invalid UPC",), file_id=file.pk
    )
    mark_all_refused(shop, [refusal])
    client = client_for("owner")
    assert [
        row["id"] for row in client.get(url(shop, "bulk-files/?state=with_errors")).json()["results"]
    ] == [file.pk]
    detail = client.get(url(shop, f"bulk-files/{file.pk}/")).json()
    assert [(row["sku"], row["group_label"]) for row in detail["sku_errors"]] == [("HF-1", "Invalid UPC")]

    asked = post(client, url(shop, f"bulk-files/{file.pk}/resubmit/"))
    assert (asked.status_code, asked.json()["code"]) == (409, "nothing_changed")
    assert post(client, url(shop, f"bulk-files/{file.pk}/resubmit/"), {"anyway": True}).status_code == 202
    assert post(client, url(shop, "bulk-files/fetch/")).status_code == 202
    JetAccount.objects.update(api_user="")
    no_keys = post(client, url(shop, "bulk-files/fetch/"))
    assert (no_keys.status_code, no_keys.json()["code"]) == (422, "jet_keys_missing")
    assert client.delete(url(shop, f"bulk-files/{file.pk}/")).status_code == 204
    assert client.get(url(shop, "bulk-files/")).json()["results"] == []
    file.refresh_from_db()
    assert (file.state, file.deleted_at is not None) == (FileState.RESUBMITTED, True)


@pytest.mark.feature("REJ-07")
def test_errors_by_cause(shop, sandbox, kettle, drain, client_for: ClientFor):
    for number in (1, 2):
        variant = kettle(f"HF-{number}")
        mark_all_refused(
            shop, [Refusal(listing_of(variant).pk, "price_refused", "Value 0 must be greater than 0.")]
        )
    kettle("HF-3", product={"brand": ""})
    client = client_for("owner")
    groups = client.get(url(shop, "sku-errors/groups/")).json()
    assert [(row["label"], row["field"], row["skus"]) for row in groups] == [("Price is too low", "price", 2)]
    key = groups[0]["key"]
    assert len(client.get(url(shop, f"sku-errors/?group_key={key}")).json()["results"]) == 2
    gaps = client.get(url(shop, "sku-errors/gaps/")).json()
    assert any(":brand:" in row["key"] for row in gaps)

    one = SkuError.objects.order_by("pk").first()
    assert post(client, url(shop, "sku-errors/clear/"), {"ids": [one.pk]}).json() == {"cleared": 1}
    answer = post(client, url(shop, "sku-errors/resend/"), {"group_key": key})
    assert (answer.status_code, answer.json()["total"]) == (202, 1)
    assert post(client, url(shop, "sku-errors/resend/"), {}).status_code == 400


def test_drift_both_ways(shop, sandbox, kettle, drain, client_for: ClientFor):
    for number in (1, 2):
        make_drift(kettle(f"HF-{number}"))
    client = client_for("owner")
    rows = client.get(url(shop, "drift/")).json()["results"]
    assert sorted((row["sku"], row["values"]) for row in rows) == [
        (f"HF-{number}", [{"facet": "price", "label": "Price", "ours": "$38.50", "theirs": "$99.00"}])
        for number in (1, 2)
    ]
    assert post(client, url(shop, "drift/ours/"), {"skus": ["HF-1"]}).status_code == 202
    assert (
        post(client, url(shop, "drift/theirs/"), {"skus": ["HF-2"], "confirm_price_step": True}).status_code
        == 202
    )
    assert post(client, url(shop, "drift/theirs/"), {"skus": ["HF-7"]}).status_code == 400
    drain()
    assert str(Variant.objects.get(sku="HF-2").price) == "99.00"
