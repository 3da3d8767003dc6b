"""Keeps what opens doors out of the logs: one-time links and search words in addresses."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

# Invitation and password-reset links are worth as much as a password; a query may hold a buyer's name.
_ONE_TIME = re.compile(r"(/invitations/|/password/reset/key/|/confirm-email/)[^/?\s]+")
_QUERY = re.compile(r"\?\S+")


def hide_one_time_links(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor over the fields that hold an address."""
    for name in ("request", "event", "path"):
        text = event.get(name)
        if isinstance(text, str) and "/" in text:
            event[name] = _QUERY.sub("?…", _ONE_TIME.sub(r"\1…", text))
    return event
