"""Bulk files: writing, uploading, announcing, reading errors."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jetsync.jet import FileType, archive_body, bulk, errors, inventory_body, price_body
from jetsync.jet.types import FileRecord
from jetsync.jet.words import FileStatus
from tests.jet.conftest import Jet, recorded

TOKEN = recorded("upload_token")
ERROR_URL = recorded("file_with_errors")["error_url"]


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def test_file_is_one_object_by_sku(tmp_path: Path) -> None:
    rows: list[tuple[str, Any]] = [
        ("A-1", price_body(Decimal("19.99"), {"n": Decimal("18.50")})),
        ('é"\\', b'{"price":1}'),
        ("C", inventory_body({"n": 3})),
        ("D", archive_body(is_archived=False)),
        ("E", {"at": datetime(2020, 1, 1, tzinfo=UTC), "big": Decimal("123456789012345678.91")}),
    ]

    file = bulk.write_file(tmp_path / "f.json.gz", iter(rows))

    assert unpacked(file.path) == (
        b'{"A-1":{"price":19.99,"fulfillment_nodes":[{"fulfillment_node_id":"n","fulfillment_node_price":18.5}]},'
        b'"\\u00e9\\"\\\\":{"price":1},'
        b'"C":{"fulfillment_nodes":[{"fulfillment_node_id":"n","quantity":3}]},'
        b'"D":{"is_archived":false},'
        b'"E":{"at":"2020-01-01T00:00:00.0000000+00:00","big":123456789012345678.91}}'
    )
    assert (file.count, file.size_bytes) == (5, file.path.stat().st_size)
    assert [path.name for path in tmp_path.iterdir()] == ["f.json.gz"]


def test_file_of_nothing_is_an_empty_object(tmp_path: Path) -> None:
    file = bulk.write_file(str(tmp_path / "f.gz"), [])

    assert (unpacked(file.path), file.count) == (b"{}", 0)


def test_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    first = bulk.write_file(tmp_path / "1.gz", [("A", {"price": Decimal("1.10")})])
    second = bulk.write_file(tmp_path / "2.gz", [("A", {"price": Decimal("1.10")})])

    assert first.path.read_bytes() == second.path.read_bytes()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("A", {}), ("B", {}), ("A", {})], "The SKU A stands twice in the file."),
        ([("A", {"price": Decimal("NaN")})], "The SKU A: NaN cannot be sent as a number."),
        ([("A", {"at": datetime(2020, 1, 1)})], "The SKU A: A time sent to Jet needs a time zone."),
        ([("A", {"x": object()})], "The SKU A: object cannot be sent to Jet."),
    ],
)
def test_unsendable_row_leaves_no_file(tmp_path: Path, rows: list[tuple[str, Any]], said: str) -> None:
    with pytest.raises(errors.JetNotSendable) as caught:
        bulk.write_file(tmp_path / "f.gz", rows)

    assert caught.value.jet_message == said
    assert list(tmp_path.iterdir()) == []


def test_failure_of_the_rows_keeps_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "f.gz"
    bulk.write_file(path, [("A", {})])

    def broken() -> Iterator[tuple[str, bytes]]:
        yield "B", b"{}"
        raise OSError("the database went away")

    with pytest.raises(OSError, match="database"):
        bulk.write_file(path, broken())

    assert unpacked(path) == b'{"A":{}}'
    assert [entry.name for entry in tmp_path.iterdir()] == ["f.gz"]


def test_memory_of_a_large_file_stays_flat(tmp_path: Path) -> None:
    padding = "x" * 2000

    def rows() -> Iterator[tuple[str, dict[str, Any]]]:
        for number in range(10_000):
            yield f"SKU-{number}", {"price": Decimal("1.99"), "product_description": padding}

    tracemalloc.start()
    file = bulk.write_file(tmp_path / "f.gz", rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert file.count == 10_000
    assert len(json.loads(unpacked(file.path))) == 10_000
    assert peak < 5_000_000  # 20 MB of JSON; what grows is the set of SKUs


def test_file_goes_up_and_is_announced(jet: Jet, tmp_path: Path) -> None:
    jet.answer("GET", "/files/uploadToken", json=TOKEN)
    jet.answer("PUT", TOKEN["url"], status=201)
    record = {
        **recorded("file_with_errors"),
        "status": "Acknowledged",
        "error_count": None,
        "error_excerpt": None,
    }
    jet.answer("POST", "/files/uploaded", json=record)
    file = bulk.write_file(tmp_path / "inventory-0601.json.gz", [("A", inventory_body({"n": 1}))])

    token = jet.client.files.upload_token()
    jet.client.files.upload(token, file.path)
    announced = jet.client.files.announce(token.url, FileType.INVENTORY, file.path.name)

    assert (token.jet_file_id, token.expires_in_seconds) == ("5e6f708192a34b5c8d7e6f5041322314", 1800)
    assert token.expires_at(datetime(2031, 6, 1, 12, tzinfo=UTC)) == datetime(2031, 6, 1, 12, 30, tzinfo=UTC)
    upload = jet.http.calls[1].request
    assert upload.url == TOKEN["url"]
    assert (upload.headers["x-ms-blob-type"], upload.headers["Content-Length"]) == (
        "BlockBlob",
        str(file.size_bytes),
    )
    assert "Authorization" not in upload.headers
    assert jet.sent_json() == {
        "url": TOKEN["url"],
        "file_type": "Inventory",
        "file_name": "inventory-0601.json.gz",
    }
    assert (announced.status, announced.is_final, announced.error_count) == (
        FileStatus.ACKNOWLEDGED,
        False,
        0,
    )
    assert jet.verified[1] == TOKEN["url"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_refused_upload_asks_for_a_new_token(jet: Jet, status: int) -> None:
    jet.answer("PUT", TOKEN["url"], status=status, body="<Error><Message>Expired</Message></Error>")

    with pytest.raises(errors.JetUploadRefused) as caught:
        jet.client.files.upload(TOKEN["url"], io.BytesIO(gzip.compress(b"{}")))

    assert (caught.value.status, caught.value.jet_message) == (status, "Expired")
    assert (len(jet.http.calls), jet.logins()) == (1, 0)


def test_upload_of_something_else_is_refused_before_sending(jet: Jet, tmp_path: Path) -> None:
    plain = tmp_path / "plain.json"
    plain.write_bytes(b"{}")
    (tmp_path / "empty").touch()

    for source in (plain, str(tmp_path / "empty"), io.BytesIO(b"{}")):
        with pytest.raises(errors.JetNotSendable):
            jet.client.files.upload(TOKEN["url"], source)

    assert len(jet.http.calls) == 0


def test_upload_that_cannot_be_rewound_is_tried_once(jet: Jet) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    jet.answer("PUT", TOKEN["url"], status=503)

    with pytest.raises(errors.JetServerError):
        jet.client.files.upload(TOKEN["url"], Pipe(gzip.compress(b"{}")))

    assert len(jet.http.calls) == 1


def test_record_of_a_processed_file_is_read(jet: Jet) -> None:
    jet.answer("GET", "/files/5e6f", json=recorded("file_with_errors"))

    record = jet.client.files.get("5e6f")

    assert (record.status, record.is_final, record.error_count) == (FileStatus.PROCESSED_WITH_ERRORS, True, 2)
    assert record.error_excerpt == ["TP-MUG-9: merchant sku unavailable"]
    assert record.processing_end == datetime(2017, 6, 1, 12, 0, 5, 500000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('["A: too dear", "B: no brand"]', ["A: too dear", "B: no brand"]),
        ('{"errors": ["A: too dear"]}', ["A: too dear"]),
        ('{"errors": {"A": ["too dear", "no brand"]}}', ["A: too dear", "A: no brand"]),
        ('{"A": "too dear", "B": ["no brand", null]}', ["A: too dear", "B: no brand"]),
        ("A: too dear\r\n\r\n B: no brand\n", ["A: too dear", "B: no brand"]),
        ("<Error/>", ["the excerpt"]),
        ("", ["the excerpt"]),
        ("[]", ["the excerpt"]),
    ],
)
def test_full_error_list_is_read_in_every_likely_form(jet: Jet, body: str, found: list[str]) -> None:
    jet.answer("GET", ERROR_URL, body=body)
    record = FileRecord.model_validate({**recorded("file_with_errors"), "error_excerpt": ["the excerpt"]})

    assert jet.client.files.errors(record) == found
    assert "Authorization" not in jet.http.calls[0].request.headers
    assert jet.verified == [ERROR_URL]


@pytest.mark.parametrize("answer", [{"status": 403}, {"status": 404}, {"status": 500}, {"status": 302}])
def test_error_list_that_is_gone_leaves_the_excerpt(jet: Jet, answer: dict[str, Any]) -> None:
    jet.answer("GET", ERROR_URL, **answer)
    record = FileRecord.model_validate(recorded("file_with_errors"))

    assert jet.client.files.errors(record) == ["TP-MUG-9: merchant sku unavailable"]


def test_record_without_error_address_gives_the_excerpt(jet: Jet) -> None:
    record = FileRecord.model_validate(
        {**recorded("file_with_errors"), "error_url": "", "error_excerpt": "only one"}
    )

    assert jet.client.files.errors(record) == ["only one"]
    assert len(jet.http.calls) == 0


def test_excerpt_of_objects_is_kept_as_text() -> None:
    record = FileRecord.model_validate(
        {
            **recorded("file_with_errors"),
            "error_excerpt": [{"sku": "A", "text": "too dear"}, None, "B: no brand", 7],
        }
    )

    assert record.error_excerpt == ['{"sku": "A", "text": "too dear"}', "B: no brand", "7"]
