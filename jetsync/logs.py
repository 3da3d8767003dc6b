"""Keeps what opens doors out of the logs: one-time links and search words in addresses."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

# Invitation and password-reset links are worth as much as a password, and the address of a schedule runs it whenever
# it is called; a query may hold a buyer's name.
_ONE_TIME = re.compile(r"(/invitations/|/password/reset/key/|/confirm-email/|/run/)[^/?\s]+")
_CREDENTIALS = re.compile(r"authorization|cookie|password|username|token|key", re.IGNORECASE)
_QUERY = re.compile(r"\?\S+")


def hide_one_time_links(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor over the fields that hold an address."""
    for name in ("request", "event", "path"):
        text = event.get(name)
        if isinstance(text, str) and "/" in text:
            event[name] = without_one_time_links(text)
    return event


def without_one_time_links(text: str) -> str:
    """An address, or a sentence with addresses, without what opens doors and without queries."""
    return _QUERY.sub("?…", _ONE_TIME.sub(r"\1…", text))


def hide_request_secrets(event: Any, _hint: Any = None) -> Any:
    """For error reports: neither query, which may hold a password or a buyer's name, nor headers with credentials."""
    request = event.get("request")
    if isinstance(request, dict):
        request.pop("query_string", None)
        headers = request.get("headers")
        if isinstance(headers, dict):
            request["headers"] = {
                name: value for name, value in headers.items() if not _CREDENTIALS.search(name)
            }
    return event
