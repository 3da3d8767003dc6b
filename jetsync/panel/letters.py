"""Showing a letter inside the panel: in a frame of its own in which nothing runs and nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin

# Letters carry their style with them, as mail programs want it. Nothing else is let in, and the page has no origin.
# What the panel itself allows is named too, as None: the decorator replaces directive by directive.
_INSIDE = {
    **dict.fromkeys(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]),
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "form-action": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": [],
}

F = TypeVar("F", bound=Callable[..., Any])


def letter_page(view: F) -> F:
    """For pages that hold such a frame."""
    return csp_update({"frame-src": [SELF]})(view)  # type: ignore[return-value]  # the decorator's type loses the view's


def letter_response(request: HttpRequest, html: str) -> HttpResponseBase:
    """The letter alone, for the frame."""

    @xframe_options_sameorigin
    @csp_replace(_INSIDE)
    def bare(_request: HttpRequest) -> HttpResponseBase:
        return HttpResponse(html)

    return bare(request)
