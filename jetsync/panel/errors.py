"""Error pages: inside a merchant with its navigation, outside without, for programs as JSON."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from jetsync.api.errors import domain_body, error_body
from jetsync.busy import busy_error
from jetsync.exceptions import DomainError
from jetsync.panel.messages import say_error, with_toasts


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def _answer(request: HttpRequest, template: str, status: int, code: str, message: str) -> HttpResponse:
    if _is_api(request):
        return JsonResponse(error_body(code, message), status=status)
    return render(request, f"errors/{template}.html", {"message": message}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    return _answer(request, "400", 400, "bad_request", "The request could not be understood.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    message = str(exception or "") or "You may not do this."
    return _answer(request, "403", 403, "not_allowed", message)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Says nothing about what exists: someone else's object and no object look the same."""
    return _answer(request, "404", 404, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Uses neither database nor session, because one of them may be the reason."""
    if _is_api(request):
        return JsonResponse(error_body("internal", "An error on our side; it has been reported."), status=500)
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A DomainError that no view caught: the same words, on a page or, for htmx, as a toast."""
    if _is_api(request):
        return JsonResponse(domain_body(request, error), status=error.status)
    if getattr(request, "htmx", False):
        say_error(request, error)
        answer = HttpResponse(status=error.status, headers={"HX-Reswap": "none"})
        return with_toasts(request, answer)  # type: ignore[return-value]  # what goes in comes out
    return render(request, "errors/domain.html", {"error": error}, status=error.status)


class DomainErrorMiddleware:
    """Translates domain errors once, at the edge of the panel."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = exception if isinstance(exception, DomainError) else busy_error(exception)
        return domain_error(request, error) if error is not None else None
