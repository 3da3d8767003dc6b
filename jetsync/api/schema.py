"""Tells the OpenAPI generator about our token and the one shape of our errors."""

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


ERROR = {
    "type": "object",
    "required": ["code", "message", "hint", "help", "fields"],
    "properties": {
        "code": {"type": "string", "description": "Stable."},
        "message": {"type": "string", "description": "What happened."},
        "hint": {"type": "string", "description": "What to do."},
        "help": {"type": "string", "description": "The guide's page about this code in the panel, or empty."},
        "fields": {
            "type": "object",
            "additionalProperties": {},
            "description": "What to change, by the name of the member.",
        },
    },
}


def add_errors(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Every call may answer with an error: one component, named by each as its answer besides those of its own."""
    result["components"]["schemas"]["Error"] = ERROR
    answer = {
        "description": "An error.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for methods in result["paths"].values():
        for call in methods.values():
            call["responses"].setdefault("default", answer)
    return result
