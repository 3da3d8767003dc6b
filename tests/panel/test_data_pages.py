"""“Your data” in the panel and over the API: who may ask, see and download; each download stands in the log."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from jetsync.actions.data_export import EXPORT
from jetsync.actions.merchant import create_token, start_support
from jetsync.models import DataExport, Job, LogEntry, Merchant
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from tests import factories

At = Callable[..., str]
ClientFor = Callable[..., Client]


def make(merchant: Merchant) -> DataExport:
    with merchant_scope(merchant):
        run_job(Job.objects.get(kind=EXPORT, state="queued").pk)
        return DataExport.objects.get()


def test_an_owner_makes_and_downloads_it(client_for: ClientFor, merchant: Merchant, at: At) -> None:
    client = client_for("owner")
    assert "Make an export" in client.get(at("panel:data")).content.decode()

    answer = client.post(at("panel:data-export"), follow=True)

    page = answer.content.decode()
    assert "The export of Harrow &amp; Finch has begun" in page
    assert "0 of" in page
    assert "Not available: An export is being made." in page
    export = make(merchant)
    page = client.get(at("panel:data")).content.decode()
    assert "Download the zip" in page
    file = client.get(at("panel:data-export-file", pk=export.pk))
    assert file.headers["Content-Disposition"].startswith(f'attachment; filename="{merchant.slug}-20')
    content = b"".join(file.streaming_content)  # type: ignore[arg-type]  # served by WSGI here
    assert len(content) == int(file.headers["Content-Length"]) == export.byte_count
    assert "README.txt" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    with merchant_scope(merchant):
        assert LogEntry.objects.filter(action="jetsync.data_export.downloaded").count() == 1


def test_it_is_refused_to_others_and_nothing_begins(
    client_for: ClientFor, merchant: Merchant, at: At
) -> None:
    owner = client_for("owner")
    owner.post(at("panel:data-export"))
    export = make(merchant)
    for role in ("manager", "fulfilment", "analyst"):
        client = client_for(role)
        for address in (at("panel:data"), at("panel:data-export-file", pk=export.pk)):
            assert client.get(address).status_code == 403, role
        assert client.post(at("panel:data-export")).status_code == 403, role
    with merchant_scope(merchant):
        assert DataExport.objects.count() == 1


def test_support_does_not_reach_it(merchant: Merchant, at: At) -> None:
    staff = factories.make_user(is_staff=True)
    start_support(merchant, staff=staff, reason="Looks at prices")
    client = Client()
    client.force_login(staff)

    assert client.get(at("panel:home")).status_code == 200
    assert client.get(at("panel:data")).status_code == 403
    assert client.post(at("panel:data-export")).status_code == 403


def test_an_export_of_another_store_is_not_found(client_for: ClientFor, merchant: Merchant, at: At) -> None:
    other = factories.make_merchant()
    client_for("owner", of=other).post(f"/m/{other.slug}/settings/data/export/")
    export = make(other)

    assert client_for("owner").get(at("panel:data-export-file", pk=export.pk)).status_code == 404


def test_one_that_is_not_ready_is_not_found(client_for: ClientFor, merchant: Merchant, at: At) -> None:
    client = client_for("owner")
    client.post(at("panel:data-export"))
    with merchant_scope(merchant):
        export = DataExport.objects.get()

    assert client.get(at("panel:data-export-file", pk=export.pk)).status_code == 404


@pytest.fixture
def token(scoped: Merchant, actor: Actor) -> Callable[..., dict[str, Any]]:
    def make_token(*rights: Right) -> dict[str, Any]:
        _row, secret = create_token(scoped, "backup", frozenset(rights), actor=actor)
        return {"Authorization": f"Bearer {secret}"}

    return make_token


def test_a_program_asks_waits_and_downloads(token: Callable[..., Any], merchant: Merchant) -> None:
    client, headers = Client(), token(Right.DATA_EXPORT, Right.BUYERS_VIEW)
    base = f"/api/v1/m/{merchant.slug}/data-exports/"

    asked = client.post(base, headers=headers)

    assert asked.status_code == 202
    address = f"{base}{asked.json()['id']}/"
    assert client.get(address, headers=headers).json()["is_ready"] is False
    assert client.get(f"{address}file/", headers=headers).status_code == 404
    again = client.post(base, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "state_conflict")
    make(merchant)
    assert client.get(address, headers=headers).json()["is_ready"] is True
    assert [row["id"] for row in client.get(base, headers=headers).json()["results"]] == [asked.json()["id"]]
    file = client.get(f"{address}file/", headers=headers)
    assert (file.status_code, file.headers["Content-Type"]) == (200, "application/zip")
    assert zipfile.is_zipfile(io.BytesIO(b"".join(file.streaming_content)))  # type: ignore[arg-type]  # as above


def test_a_token_without_the_right_to_shoppers_gets_no_file(
    token: Callable[..., Any], merchant: Merchant
) -> None:
    client, whole, half = Client(), token(Right.DATA_EXPORT, Right.BUYERS_VIEW), token(Right.DATA_EXPORT)
    base = f"/api/v1/m/{merchant.slug}/data-exports/"
    refused = client.post(base, headers=half)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    client.post(base, headers=whole)
    export = make(merchant)

    assert client.get(f"{base}{export.pk}/file/", headers=half).status_code == 403
    assert client.get(f"{base}{export.pk}/file/", headers=token(Right.HOME_VIEW)).status_code == 403
