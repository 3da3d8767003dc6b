"""The last requests the marketplace got, in memory: tests read them to see what a client really sent."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from jetsync.sandbox import tokens
from jetsync.sandbox.clock import now
from jetsync.sandbox.models.account import MerchantAccount

BODY_LIMIT = 200_000


@dataclass
class Entry:
    number: int
    at: str
    method: str
    path: str
    query: str
    user: str
    body: str
    status: int = 0
    answer: str = ""
    faults: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


_entries: deque[Entry] = deque(maxlen=settings.SANDBOX_REQUEST_LOG)
_numbers = itertools.count(1)
_lock = threading.Lock()


def begin(request: HttpRequest) -> Entry:
    return Entry(
        number=next(_numbers),
        at=now().isoformat(),
        method=request.method or "",
        path=request.path_info,
        query=request.META.get("QUERY_STRING", ""),
        user="",
        body=_text(request),
        headers={name: request.headers.get(name, "") for name in ("Content-Type", "User-Agent")},
    )


def finish(entry: Entry, request: HttpRequest, response: HttpResponse) -> None:
    """`path` becomes the normal form; a status of 0 means that no whole answer left the server."""
    entry.path = request.path
    account = tokens.bearer_account(request)
    entry.user = account.user if account else ""
    entry.faults = getattr(request, "sandbox_faults", [])
    is_cut = {"reset", "lost_answer", "half_body"} & set(entry.faults)
    entry.status = 0 if is_cut else response.status_code
    if not response.streaming:
        entry.answer = response.content[:BODY_LIMIT].decode("utf-8", "replace")
    if entry.path.lower() == "/api/token":
        # Keys and tokens have no business in a log, not even in this one.
        entry.body = entry.answer = ""
    with _lock:
        _entries.append(entry)


def entries(account: MerchantAccount | None = None, *, limit: int | None = None) -> list[dict[str, Any]]:
    """Oldest first; at most the newest `limit`."""
    with _lock:
        rows = list(_entries)
    if account is not None:
        rows = [row for row in rows if row.user == account.user]
    return [asdict(row) for row in (rows[-limit:] if limit else rows)]


def clear() -> None:
    with _lock:
        _entries.clear()


def _text(request: HttpRequest) -> str:
    if request.path_info.lower().startswith("/blob/"):
        return f"{request.META.get('CONTENT_LENGTH') or 0} bytes"
    return request.body[:BODY_LIMIT].decode("utf-8", "replace")
