"""Toasts: one sentence that names the object and the result; that of an error leads to its cause.

The address of the cause travels in the message's `extra_tags`, which nothing else of ours uses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase

from jetsync.exceptions import DomainError
from jetsync.panel.guide import error_address

Level = Literal["success", "info", "warning", "error"]
_LEVELS: dict[str, int] = {
    "success": messages.SUCCESS,
    "info": messages.INFO,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}


def say(request: HttpRequest, level: Level, text: str) -> None:
    """Shows `text` on the next page this person sees (after the redirect)."""
    messages.add_message(request, _LEVELS[level], text)


def say_error(request: HttpRequest, error: DomainError) -> None:
    """The message of a domain error with its hint, and a link to the guide's page about its cause."""
    merchant = getattr(request, "merchant", None)
    address = error_address(merchant, error.code) if merchant else ""
    text = f"{error.message} {error.hint}".strip()
    messages.add_message(request, messages.ERROR, text, extra_tags=address)


@contextmanager
def say_outcome(request: HttpRequest, done: str) -> Iterator[None]:
    """Says `done` after the block, or what a rule of ours that refused it says."""
    try:
        yield
    except DomainError as refused:
        say_error(request, refused)
    else:
        say(request, "success", done)


def with_toasts(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """For answers to htmx that stay on the page: waiting messages travel in HX-Trigger as event `toasts`."""
    waiting = [
        {"level": message.level_tag, "text": str(message), "help": message.extra_tags or ""}
        for message in messages.get_messages(request)
    ]
    if waiting:
        triggers: dict[str, Any] = json.loads(response.headers.get("HX-Trigger", "{}"))
        # JSON escapes keep the header ASCII
        response.headers["HX-Trigger"] = json.dumps({**triggers, "toasts": waiting})
    return response
