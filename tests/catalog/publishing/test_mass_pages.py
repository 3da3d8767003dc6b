"""The bulk page and the page that asks before an upload (features BUL)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import BulkFile, StoreCategory, Variant
from jetsync.models import (
    Operation,
    Selection,
)
from tests.catalog.publishing.steps import calls, finish, listing_of, text_of, url

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


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
