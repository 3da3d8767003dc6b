"""Reads what Jet said when it refused, and makes the error of it (products.md sections 1.1 and 1.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from http import HTTPStatus
from typing import Any

from jetsync.jet import errors
from jetsync.jet.codec import decode

MESSAGE_CUT = 1000
MESSAGES_KEPT = 200
# Not documented; the first two are what such services send, the third is the file store's.
_ID_HEADERS = ("x-request-id", "request-id", "x-ms-request-id")

_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_XML_MESSAGE = re.compile(r"<Message>(.*?)</Message", re.DOTALL)

_BY_STATUS: dict[int, type[errors.JetError]] = {
    HTTPStatus.BAD_REQUEST: errors.JetBadRequest,
    HTTPStatus.UNAUTHORIZED: errors.JetUnauthorized,
    HTTPStatus.FORBIDDEN: errors.JetForbidden,
    HTTPStatus.NOT_FOUND: errors.JetNotFound,
    HTTPStatus.METHOD_NOT_ALLOWED: errors.JetMethodNotAllowed,
    HTTPStatus.CONFLICT: errors.JetConflict,
    HTTPStatus.TOO_MANY_REQUESTS: errors.JetThrottled,
}


def error_class(status: int) -> type[errors.JetError]:
    """The class of a status that is not 2xx."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return errors.JetServerError
    if status < HTTPStatus.BAD_REQUEST:
        return errors.JetBadAnswer  # Jet never redirects: the address is another one
    return _BY_STATUS.get(status, errors.JetUnexpectedStatus)


def messages_in(body: bytes) -> list[str]:
    """Jet's sentences: `errors`, `error` or `Message` of a JSON object, a bare string, else a page's title."""
    try:
        value = decode(body)
    except ValueError:
        return _from_page(body)
    return [message[:MESSAGE_CUT] for message in _from_json(value) if message][:MESSAGES_KEPT]


def _from_json(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [message for item in value for message in _from_json(item)]
    if isinstance(value, Mapping):
        for name in ("errors", "error", "Message", "message"):
            if value.get(name):
                return _from_json(value[name])
        return [f"{name}: {message}" for name, item in value.items() for message in _from_json(item)]
    return [] if value is None else [str(value)]


def _from_page(body: bytes) -> list[str]:
    text = body[:20_000].decode("utf-8-sig", "replace").strip()
    for pattern in (_XML_MESSAGE, _TITLE):
        match = pattern.search(text)
        if match:
            return [" ".join(unescape(match[1]).split())[:MESSAGE_CUT]]
    if not text or text.startswith("<"):
        return []
    return [" ".join(text.split())[:200]]


def looks_like_page(body: bytes) -> bool:
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def request_id_in(headers: Mapping[str, str]) -> str | None:
    for name in _ID_HEADERS:
        if headers.get(name):
            return headers[name][:100]
    return None


def retry_after_in(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds of a Retry-After header, given as a number or as a date; None when absent or senseless."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        # Kept within what a datetime can add: a wait of years means "not today" just as well.
        return min(max(0.0, float(text)), 365 * 86400.0) if text[0].isdigit() else _until(text, now)
    except (ValueError, OverflowError):
        return None


def _until(text: str, now: datetime | None) -> float:
    moment = parsedate_to_datetime(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
