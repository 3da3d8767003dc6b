"""Bearer tokens that look like Jet's: a JWT with an RS256 header.

Nobody can check the signature but us, so it is an HMAC stretched to RSA's 256 bytes, keyed by the account's
secret and its token generation; raising the generation revokes every token at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest

from jetsync.sandbox.clock import now
from jetsync.sandbox.models.account import LIVE, TEST, MerchantAccount

HEADER = {"typ": "JWT", "alg": "RS256", "x5t": "c2FuZGJveC1qZXQtY2VydA"}
SIGNATURE_BYTES = 256


@dataclass(frozen=True)
class Token:
    id_token: str
    expires_on: datetime


def issue_token(account: MerchantAccount, *, lifetime_seconds: float) -> Token:
    """A new token; older ones stay valid until they expire."""
    issued = now().replace(microsecond=0)
    expires_on = issued + timedelta(seconds=lifetime_seconds)
    claims = {
        "ironman_portal_user_id": account.portal_user_id,
        "is_sandbox_uid": str(account.is_test),
        "merchant_id": account.merchant_id,
        "partner_type": "Merchant",
        "scope": "ironman-api",
        "iss": "jet.com",
        "exp": int(expires_on.timestamp()),
        "nbf": int(issued.timestamp()),
    }
    signed = f"{_encode(_json(HEADER))}.{_encode(_json(claims))}"
    return Token(f"{signed}.{_sign(account, signed)}", expires_on)


def account_of(id_token: str) -> MerchantAccount | None:
    """The account a token stands for, or None when it is malformed, forged, revoked or expired."""
    signed, _, signature = id_token.rpartition(".")
    claims = _claims(signed)
    if claims is None:
        return None
    mode = TEST if claims.get("is_sandbox_uid") == "True" else LIVE
    account = MerchantAccount.objects.filter(merchant_id=str(claims.get("merchant_id")), mode=mode).first()
    if account is None or not hmac.compare_digest(_sign(account, signed), signature):
        return None
    expires_on = datetime.fromtimestamp(claims["exp"], UTC)
    return account if now() < expires_on else None


def bearer_account(request: HttpRequest) -> MerchantAccount | None:
    """The account of the request's bearer token; looked up once per request. The scheme word has any case."""
    if not hasattr(request, "sandbox_account"):
        scheme, _, id_token = request.headers.get("Authorization", "").strip().partition(" ")
        request.sandbox_account = (  # type: ignore[attr-defined]  # our own memo
            account_of(id_token.strip()) if scheme.lower() == "bearer" else None
        )
    account: MerchantAccount | None = request.sandbox_account  # type: ignore[attr-defined]
    return account


def _claims(signed: str) -> dict[str, Any] | None:
    try:
        payload = signed.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def _sign(account: MerchantAccount, signed: str) -> str:
    key = f"{account.secret}:{account.token_generation}".encode()
    block = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return _encode((block * (SIGNATURE_BYTES // len(block)))[:SIGNATURE_BYTES])


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
