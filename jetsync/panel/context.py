"""What the base page needs on every request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from jetsync.activation.generators import talks_to_sandbox
from jetsync.panel.items import menu_for
from jetsync.queries.shell import shell_of


def panel(request: HttpRequest) -> dict[str, Any]:
    """`merchant`, `actor`, `access`, `menu` and `shell` of the request; empty outside of a merchant's pages.

    Lazy, so that fragments for htmx cost nothing for a frame they do not show.
    """
    access = getattr(request, "access", None)
    if access is None:
        return {}
    merchant, actor = access.merchant, access.actor
    folded = request.COOKIES.get("folds", "")  # written by menus.js
    shell: Any = SimpleLazyObject(lambda: shell_of(merchant, actor))
    return {
        "merchant": merchant,
        "actor": actor,
        "access": access,
        "menu": SimpleLazyObject(lambda: menu_for(merchant, actor, request.path, folded)),
        "shell": shell,
        "is_sandbox": SimpleLazyObject(lambda: talks_to_sandbox(shell.api_url)),
    }
