"""What every page of a merchant passes: one declared right, checked before any query."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.generic import View

from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.middleware import Access
from jetsync.tenancy.rights import Right, lack_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
F = TypeVar("F", bound=Callable[..., HttpResponseBase])


class MerchantRequest(HttpRequest):
    """For annotations: a request that the merchant middleware let in."""

    merchant: Merchant
    actor: Actor
    access: Access


def check_right(request: HttpRequest, right: Right) -> None:
    """Raises PermissionDenied (403) naming the missing right."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.may(right):
        raise PermissionDenied(lack_of(right))


def _check_rights(request: HttpRequest, right: Right, write: Right | None) -> None:
    check_right(request, right)
    if write is not None and request.method not in SAFE_METHODS:
        check_right(request, write)


def merchant_view(right: Right, *, write: Right | None = None) -> Callable[[F], F]:
    """Declares the right of a function view; `write` is asked for in addition on any unsafe method.

    The kwarg `merchant_slug` is consumed: views get `(request, **the rest)`.
    """

    def decorate(view: F) -> F:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, merchant_slug: str, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG001 -- the middleware used it
            _check_rights(request, right, write)
            return view(request, *args, **kwargs)

        inner.right = right  # type: ignore[attr-defined]
        inner.write_right = write or right  # type: ignore[attr-defined]
        return inner  # type: ignore[return-value]

    return decorate


class MerchantView(View):
    """Class form of `merchant_view`. `right` for reading, `write_right` (default the same) for unsafe methods."""

    right: Right
    write_right: Right | None = None
    request: MerchantRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kwargs.pop("merchant_slug", None)
        _check_rights(request, self.right, self.write_right)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]
