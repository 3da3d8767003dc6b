"""User name and key that ShipStation shows at every call, in any of the places where it puts them."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass

from django.http import HttpRequest

from jetsync.tenancy.tokens import hash_secret
from orders.models import ShipStationConnection

KEY_PREFIX = "jsk_"
HINT_LENGTH = 8
# No user name or key of ours is longer; more is not worth hashing.
MAX_LENGTH = 200


@dataclass(frozen=True)
class Credentials:
    user_name: str
    key: str

    def __repr__(self) -> str:
        return "Credentials(…)"


def new_key() -> str:
    """Random, so a fast hash of it is as good as a slow one (see `jetsync.tenancy.tokens`)."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def new_user_name() -> str:
    return f"jetsync-{secrets.token_hex(4)}"


def given_credentials(request: HttpRequest) -> Credentials | None:
    """The first that are complete: HTTP Basic, the headers `SS-UserName` and `SS-Password`, the same in the query."""
    places = (
        _basic(request.headers.get("Authorization", "")),
        (request.headers.get("SS-UserName", ""), request.headers.get("SS-Password", "")),
        (request.GET.get("SS-UserName", ""), request.GET.get("SS-Password", "")),
    )
    for user_name, key in places:
        if user_name and key and len(user_name) <= MAX_LENGTH and len(key) <= MAX_LENGTH:
            return Credentials(user_name, key)
    return None


def _basic(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    user_name, _, key = text.partition(":")
    return user_name, key


def opens(connection: ShipStationConnection | None, given: Credentials | None) -> bool:
    """Whether these credentials are the connection's. Takes as long for a shop that does not exist."""
    known_name = connection.user_name if connection else ""
    known_hash = connection.key_hash if connection else ""
    shown = given or Credentials("", "")
    same_name = hmac.compare_digest(hash_secret(shown.user_name), hash_secret(known_name))
    same_key = hmac.compare_digest(hash_secret(shown.key), known_hash or hash_secret("no key"))
    return same_name & same_key & bool(given) & bool(known_hash)
