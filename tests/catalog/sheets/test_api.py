"""Files over the API: imported at once, or checked first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import encode_multipart

from catalog.models import CsvUpload, Variant
from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog.conftest import csv_bytes
from tests.catalog.csv.test_products import GOOD

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


@pytest.fixture
def send(shop: Merchant, client_for: ClientFor) -> Callable[..., Any]:
    def post(role: str = "owner", **values: str) -> Any:
        file = SimpleUploadedFile("kettles.csv", csv_bytes([GOOD]))
        return client_for(role).post(address(shop), {"kind": "products", "file": file, **values})

    return post


def address(shop: Merchant, path: str = "") -> str:
    from django.urls import reverse

    url = reverse("api:csv-upload-list", kwargs={"merchant_slug": shop.slug})
    return f"{url}{path}"


def test_a_file_is_imported_at_once(
    shop: Merchant, send: Callable[..., Any], client_for: ClientFor, drain: Callable[..., int]
) -> None:
    answer = send()
    drain()
    found = client_for("owner").get(address(shop, f"{answer.json()['id']}/")).json()

    assert (answer.status_code, answer.json()["state"]) == (202, "importing")
    assert (found["state"], found["summary"], found["created_count"]) == ("done", "1 added.", 1)


def test_a_file_can_be_checked_first(
    shop: Merchant, send: Callable[..., Any], client_for: ClientFor, drain: Callable[..., int]
) -> None:
    client, pk = client_for("owner"), send(preview="true").json()["id"]
    early = client.post(address(shop, f"{pk}/import/"))
    drain()
    checked = client.get(address(shop, f"{pk}/")).json()
    assert (early.status_code, checked["state"], checked["preview"]["new"]) == (409, "checked", 1)
    assert Variant.objects.count() == 0

    assert client.post(address(shop, f"{pk}/import/")).status_code == 202
    drain()
    assert Variant.objects.count() == 1
    assert client.post(address(shop, f"{pk}/cancel/")).status_code == 409
    assert client.post(address(shop, f"{pk}/resume/")).status_code == 409


def test_rights_and_merchants_are_kept_apart(
    shop: Merchant, send: Callable[..., Any], client_for: ClientFor
) -> None:
    other = factories.make_merchant("Other")
    pk = send(preview="true").json()["id"]

    assert send("analyst").status_code == 403
    with merchant_scope(other):
        assert client_for("owner").get(address(other)).status_code == 404
    assert client_for("owner").get(address(shop)).json()["results"][0]["id"] == pk


def test_a_bad_header_names_its_faults(shop: Merchant, client_for: ClientFor) -> None:
    file = SimpleUploadedFile("x.csv", b"skuu,product_title\nA,B\n")
    answer = client_for("owner").post(address(shop), {"kind": "products", "file": file})

    assert answer.status_code == 400
    assert "Column “skuu” is not known; did you mean “sku”?" in answer.json()["message"]


def test_a_repeated_upload_answers_what_the_first_did(
    shop: Merchant, client_for: ClientFor, settings: Any
) -> None:
    """A client sends another boundary with each try, and files are larger than a body in memory may be."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 500
    client = client_for("owner")

    def post(boundary: str, content: bytes, kind: str = "products") -> Any:
        file = SimpleUploadedFile("kettles.csv", content)
        body = encode_multipart(boundary, {"kind": kind, "file": file})
        media = f"multipart/form-data; boundary={boundary}"
        return client.post(address(shop), body, content_type=media, headers={"Idempotency-Key": "once"})

    content = csv_bytes([GOOD])
    assert len(content) > 500
    first, again = post("one", content), post("two", content)
    other_file, other_field = post("three", content + b" "), post("four", content, "variations")

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert CsvUpload.objects.count() == 1
    for answer in (other_file, other_field):
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_reused")
