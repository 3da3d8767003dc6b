"""Token authentication. The merchant middleware already resolved the token; this tells DRF about it."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from jetsync.models import ApiToken, User
from jetsync.tenancy.middleware import used_token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer jts_…`. A token that is unknown, revoked or of another merchant answers 401."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        token = used_token(request._request)
        if token is not None:
            return token.user, token
        if request.headers.get("Authorization"):
            raise AuthenticationFailed(
                "This token is unknown, expired, revoked or belongs to another merchant."
            )
        return None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 -- DRF's signature
        return 'Bearer realm="jetsync"'
