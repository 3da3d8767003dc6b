"""Keeps keys, tokens and upload signatures out of events, errors, `repr` and pickles."""

from __future__ import annotations

import json
import re
from collections import deque
from typing import NoReturn
from urllib.parse import quote, quote_plus, urlsplit

HIDDEN = "•••"
EVENT_CUT = 2000
# Wider than the cut, so that what is removed does not leave the record empty.
_WINDOW = 4 * EVENT_CUT
# A shorter value would blank ordinary words; Jet's keys have 40 characters and more.
_SHORTEST = 4
_TOKENS_KEPT = 8

# What carries a right whoever holds it: signatures of upload addresses, tokens and passwords in JSON or headers.
_SIGNATURE = re.compile(r"((?:\?|&|&amp;|\\u0026)sig=)[^&\"'\s<>\\]*", re.IGNORECASE)
_MEMBER = re.compile(
    r'("(?:id_token|access_token|refresh_token|pass|password|secret)"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE
)
_BEARER = re.compile(r"(\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)


class Secret:
    """A text that shows itself only on `reveal()` and refuses to be pickled or copied into a pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Secrets are not pickled.")


class Redactor:
    """Knows the secrets of one client and blanks them in any text, in their JSON and address spelling as well."""

    def __init__(self, *secrets: str) -> None:
        self._fixed = {form for secret in secrets for form in _spellings(secret)}
        self._tokens: deque[str] = deque(maxlen=_TOKENS_KEPT)

    def __repr__(self) -> str:
        return "<Redactor>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Secrets are not pickled.")

    def add_token(self, token: str) -> None:
        if token not in self._tokens:
            self._tokens.append(token)

    def clean(self, text: str) -> str:
        """`text` without secrets."""
        for secret in self._known():
            text = text.replace(secret, HIDDEN)
        for pattern in (_SIGNATURE, _MEMBER, _BEARER):
            text = pattern.sub(rf"\g<1>{HIDDEN}", text)
        return text

    def cut(self, body: bytes | str, limit: int = EVENT_CUT) -> str:
        """The first `limit` characters of a body without secrets, not even the beginning of one at the cut."""
        longer = len(body) > _WINDOW
        window = body[:_WINDOW]
        text = window.decode("utf-8", "replace") if isinstance(window, bytes) else window
        if longer:
            text = self._without_torn_end(text)
        return self.clean(text)[:limit]

    def _known(self) -> list[str]:
        return sorted([*self._fixed, *self._tokens], key=len, reverse=True)

    def _without_torn_end(self, text: str) -> str:
        for secret in self._known():
            for length in range(len(secret) - 1, 0, -1):
                if text.endswith(secret[:length]):
                    text = text[:-length]
                    break
        return text


def _spellings(secret: str) -> set[str]:
    if len(secret) < _SHORTEST:
        return set()
    escaped = json.dumps(secret)[1:-1]
    return {
        secret,
        escaped,
        escaped.replace("/", "\\/"),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
    }


def public_address(url: str) -> str:
    """Host and path of an address given by Jet; its query holds the signature and is left out."""
    parts = urlsplit(url)
    host = parts.netloc.rsplit("@", 1)[-1]
    return f"{parts.scheme}://{host}{parts.path}"
