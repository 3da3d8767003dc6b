"""API tokens: `jts_<32 random characters>`, kept as a SHA-256 hash (random, so a slow hash buys nothing)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from jetsync.models import ApiToken

PREFIX = "jts_"
# "Last used" is for people; one write a minute per token is enough.
LAST_USED_STEP = timedelta(minutes=1)


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def find_token(secret: str) -> ApiToken | None:
    """The valid token with this secret, its use noted; None for unknown, expired or revoked ones."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("merchant", "user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=now), token_hash=hash_secret(secret), revoked_at=None)
        .first()
    )
    if token is not None and (token.last_used_at is None or now - token.last_used_at > LAST_USED_STEP):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
