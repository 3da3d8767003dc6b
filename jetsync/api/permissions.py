"""The same named rights as the panel. A view set declares `right` and, for writes, `write_right` or per action."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from jetsync.exceptions import NotAllowed
from jetsync.tenancy.rights import RIGHT_LABELS, Right


def needed_right(view: Any, method: str | None) -> Right:
    """`action_rights[action]`, else `write_right` for unsafe methods, else `right`."""
    by_action: dict[str, Right] = getattr(view, "action_rights", {})
    action = getattr(view, "action", None)
    if action in by_action:
        return by_action[action]
    if method not in SAFE_METHODS:
        return Right(getattr(view, "write_right", view.right))
    return Right(view.right)


class HasRight(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        access = getattr(request._request, "access", None)
        if access is None:
            if not request.user.is_authenticated:
                raise NotAuthenticated
            if refusal := getattr(request._request, "refusal", None):
                raise refusal
            raise Http404
        right = needed_right(view, request.method)
        if not access.actor.may(right):
            raise NotAllowed(
                f"This needs the right “{RIGHT_LABELS[right]}” ({right}).",
                hint="Ask an owner for the right, or use a token that holds it.",
            )
        return True
