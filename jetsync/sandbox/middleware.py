"""Around every request: the log tests read, tolerant paths, faults, and the headers of the portal's pages."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from jetsync.sandbox import faults, tokens
from jetsync.sandbox import request_log as log

GetResponse = Callable[[HttpRequest], HttpResponse]

_SLASHES = re.compile(r"/{2,}")
# The sandbox's own paths: no faults, no log.
_OWN = ("/control/", "/static/")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def is_marketplace(path: str) -> bool:
    """Is the path one a client of Jet would call (and not portal, control or static)?"""
    return path.lower().startswith(("/api/", "/blob/"))


def request_log(get_response: GetResponse) -> GetResponse:
    def answer(request: HttpRequest) -> HttpResponse:
        if not is_marketplace(_SLASHES.sub("/", request.path_info)):
            return get_response(request)
        entry = log.begin(request)
        response = get_response(request)
        log.finish(entry, request, response)
        return response

    return answer


def normal_path(get_response: GetResponse) -> GetResponse:
    """Jet took a trailing slash, doubled slashes and any case of `/api`."""

    def answer(request: HttpRequest) -> HttpResponse:
        path = _SLASHES.sub("/", request.path_info)
        if path.lower() == "/api" or path.lower().startswith("/api/"):
            path = "/api" + path[4:].rstrip("/")
        request.path_info = request.path = path
        return get_response(request)

    return answer


def fault_injection(get_response: GetResponse) -> GetResponse:
    def answer(request: HttpRequest) -> HttpResponse:
        if not is_marketplace(request.path):
            return get_response(request)
        account = tokens.bearer_account(request)
        response, kinds = faults.inject(request, get_response, account.pk if account else None)
        request.sandbox_faults = kinds  # type: ignore[attr-defined]  # read by the request log
        return response

    return answer


def security_headers(get_response: GetResponse) -> GetResponse:
    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not is_marketplace(request.path):
            response.setdefault("Content-Security-Policy", POLICY)
            response.setdefault("X-Content-Type-Options", "nosniff")
            response.setdefault("Referrer-Policy", "same-origin")
        return response

    return answer
