"""`/files`: upload token, announcing a file and asking after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse, QueryDict

from jetsync.sandbox import processing
from jetsync.sandbox.clock import now
from jetsync.sandbox.files.addresses import is_signed, upload_url
from jetsync.sandbox.files.handlers import handlers
from jetsync.sandbox.http import ApiRequest, api, errors, json_body, net_time, reply
from jetsync.sandbox.listings.checker import Checker, Record
from jetsync.sandbox.models import BulkFile, FileStatus, Switches

EXCERPT = 20


@api("GET")
def upload_token(request: ApiRequest) -> HttpResponse:
    """A new address for one file's bytes; it may be written again until the file is announced."""
    seconds = request.switches["upload_token_seconds"]
    file = BulkFile.objects.create(merchant=request.merchant, expires_at=now() + timedelta(seconds=seconds))
    return reply(
        {
            "url": upload_url(request, file),
            "jet_file_id": file.jet_file_id,
            "expires_in_seconds": int(seconds),
        }
    )


@api("POST")
def uploaded(request: ApiRequest) -> HttpResponse:
    """Announce a file. Announcing it again answers with the record and starts nothing."""
    checker = Checker()
    sent = checker.record(json_body(request), "body")
    url = checker.text(sent, "url", required=True, shortest=1)
    checker.word(sent, "file_type", "", tuple(handlers), required=True)
    checker.text(sent, "file_name", required=True, shortest=1, longest=300)
    file = None if url is None else _file_at(request, url)
    if url is not None and file is None:
        checker.fail("No file was uploaded to this address.", "url")
    checker.finish()
    if file is not None and not file.status:
        _announce(request, file, sent)
    return reply(file_record(file) if file else {})


@api("GET")
def one_file(request: ApiRequest, file_id: str) -> HttpResponse:
    file = request.merchant.files.defer("blob").filter(jet_file_id=file_id.lower()).exclude(status="").first()
    if file is None:
        return errors(404, f"File {file_id} was not found.")
    return reply(file_record(file))


def file_record(file: BulkFile) -> Record:
    """The file as the API shows it; times appear when they have happened."""
    times = {
        "received": file.received,
        "processing_start": file.processing_start,
        "processing_end": file.processing_end,
    }
    record: dict[str, Any] = {
        "url": file.url,
        "jet_file_id": file.jet_file_id,
        "file_type": file.file_type,
        "file_name": file.file_name,
        **{name: net_time(moment, zulu=True) for name, moment in times.items() if moment},
        "status": _status(file),
    }
    if file.processing_end:
        record |= {"error_count": len(file.errors), "error_excerpt": file.errors[:EXCERPT]}
        if file.error_url:
            record["error_url"] = file.error_url
    return record


def _status(file: BulkFile) -> str:
    if file.status == FileStatus.ACKNOWLEDGED:
        return str(Switches.of(file.merchant)["file_first_status"])
    return file.status


def _file_at(request: ApiRequest, url: str) -> BulkFile | None:
    """The file an upload address was given out for; path and signature count, the host may be another name of us."""
    parts = urlsplit(url)
    file_id = parts.path.rpartition("/")[2]
    file = request.merchant.files.defer("blob").filter(jet_file_id=file_id).first()
    return file if file is not None and is_signed(QueryDict(parts.query), file) else None


def _announce(request: ApiRequest, file: BulkFile, sent: Record) -> None:
    moment = now()
    file.url, file.file_type, file.file_name = sent["url"], sent["file_type"], sent["file_name"]
    file.status = FileStatus.ACKNOWLEDGED
    file.received = moment
    file.due_at = moment + timedelta(seconds=request.switches["file_start_seconds"])
    file.save(update_fields=["url", "file_type", "file_name", "status", "received", "due_at"])
    processing.poke()
