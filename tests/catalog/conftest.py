"""Fixtures of the catalogue's tests."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from catalog.actions.csv_upload import start_upload
from catalog.enums import CsvKind
from catalog.models import CsvUpload
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from tests import factories
from tests.catalog import rows

SMALL_TAXONOMY = Path(__file__).resolve().parents[2] / "jetsync" / "sandbox" / "taxonomy_small"


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _stored_states(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test of the catalogue did: what groups store of their state, and listings of drifting stock, is right."""
    if request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("db")
    yield
    if not connection.needs_rollback:
        hint = "after rows were written by hand, call recount_groups or note_stock_drift"
        assert rows.stored_group_states() == rows.true_group_states(), hint
        assert rows.stored_stock_drift() == rows.true_stock_drift(), hint


@pytest.fixture
def shop(scoped: Merchant) -> Merchant:
    """A merchant with a node and Jet's taxonomy, its scope open."""
    factories.make_account(scoped)
    rows.make_taxonomy()
    return scoped


def csv_bytes(table: Sequence[Mapping[str, str]], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A file with the union of the rows' columns as header."""
    columns = list(dict.fromkeys(name for row in table for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue().encode(encoding)


@pytest.fixture
def upload_csv(shop: Merchant, actor: Actor) -> Callable[..., CsvUpload]:
    """Takes bytes or rows in, without running the job."""

    def take(
        content: bytes | Sequence[Mapping[str, str]], kind: CsvKind = CsvKind.PRODUCTS, **extra: Any
    ) -> CsvUpload:
        data = content if isinstance(content, bytes) else csv_bytes(content)
        file = SimpleUploadedFile(extra.pop("name", "kettles.csv"), data)
        return start_upload(shop, kind, file, actor=actor, **extra)

    return take


@pytest.fixture
def import_csv(upload_csv: Callable[..., CsvUpload], drain: Callable[..., int]) -> Callable[..., CsvUpload]:
    """Takes a file in and runs its job to the end."""

    def run(
        content: bytes | Sequence[Mapping[str, str]], kind: CsvKind = CsvKind.PRODUCTS, **extra: Any
    ) -> CsvUpload:
        upload = upload_csv(content, kind, **extra)
        drain()
        upload.refresh_from_db()
        return upload

    return run
