"""Upload addresses in the form of Azure's shared access signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, QueryDict

from jetsync.sandbox.models.file import BulkFile

VERSION = "2014-02-14"


def upload_url(request: HttpRequest, file: BulkFile) -> str:
    """Where the bytes of a file go; good until `file.expires_at`."""
    expiry = _expiry(file.expires_at)
    query = urlencode({"sv": VERSION, "sr": "b", "sig": _signature(file, expiry), "se": expiry, "sp": "w"})
    return f"{public_url(request, blob_path(file))}?{query}"


def public_url(request: HttpRequest, path: str) -> str:
    """An address on the host the client used, or on SANDBOX_PUBLIC_URL where clients send another Host header."""
    base: str = settings.SANDBOX_PUBLIC_URL
    return f"{base.rstrip('/')}{path}" if base else request.build_absolute_uri(path)


def errors_url(file: BulkFile) -> str:
    """Where the full list of a file's errors is, on the host the file was sent to."""
    return file.url.partition("?")[0] + "/errors"


def blob_path(file: BulkFile) -> str:
    return f"/blob/merchant-files/{file.jet_file_id}"


def is_signed(query: QueryDict, file: BulkFile) -> bool:
    """Do expiry and signature of an address belong to the file?"""
    expiry = query.get("se", "")
    return expiry == _expiry(file.expires_at) and hmac.compare_digest(
        _signature(file, expiry).encode(), query.get("sig", "").encode()
    )


def _expiry(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _signature(file: BulkFile, expiry: str) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), f"{file.jet_file_id}\n{expiry}".encode(), hashlib.sha256)
    return base64.b64encode(digest.digest()).decode()
