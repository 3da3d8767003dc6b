"""Tells the OpenAPI generator about our token."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself on definition
    target_class = "jetsync.api.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 -- the library's signature
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Made under Settings, API tokens.",
        }
