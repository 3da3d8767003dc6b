"""Tells the OpenAPI generator about our token and the one shape of our errors."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from jetsync.api.subjects import subject_of, subjects
from jetsync.models import User


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself on definition
    target_class = "jetsync.api.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 -- the library's signature
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Made under Settings, API tokens.",
        }


HOW = (
    "Send a token with each call: `Authorization: Bearer jts_…`. It is made, and shown once, in the panel under "
    "Settings, API tokens, by an owner of the store."
)
WHAT = (
    "All addresses begin with `/api/v1/m/<merchant>/`, the short name of the store as it stands in the panel's addresses. "
    "Errors have one shape: `code`, `message`, `hint`, `help`, `fields`. An `Idempotency-Key` on a write has it done once, "
    "however often it is sent. What must reach Jet answers 202: see Following work."
)
# Of a person's stores, those whose page of tokens is linked.
STORES_NAMED = 5

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


def group_calls(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Each call under the heading of its subject, as docs/api.md has them."""
    for path, methods in result["paths"].items():
        subject = subject_of(path.partition("/{merchant_slug}/")[2])
        for call in methods.values():
            call["tags"] = [subject]
    result["tags"] = [{"name": name} for name in dict.fromkeys(subjects().values())]
    return result


def say_how(result: dict[str, Any], request: Any = None, **_kwargs: Any) -> dict[str, Any]:
    """What the page begins with: how to come in, with the way to the reader's own tokens."""
    user = getattr(request, "user", None)
    seats = user.memberships.select_related("merchant").order_by("pk") if isinstance(user, User) else ()
    stores = [seat.merchant for seat in seats[:STORES_NAMED]]
    ways = ", ".join(
        f"[{store}]({reverse('panel:tokens', kwargs={'merchant_slug': store.slug})})" for store in stores
    )
    result["info"]["description"] = f"{HOW}{f' Of your stores: {ways}.' if ways else ''}\n\n{WHAT}"
    return result
