"""What the base page needs on every request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def panel(request: HttpRequest) -> dict[str, Any]:
    """`merchant`, `actor` and `access` of the request; empty outside of a merchant's pages."""
    access = getattr(request, "access", None)
    if access is None:
        return {}
    return {"merchant": access.merchant, "actor": access.actor, "access": access}
