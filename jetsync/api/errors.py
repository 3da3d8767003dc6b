"""Every API error has one shape: `{"code", "message", "hint", "help", "fields"}`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from jetsync.busy import busy_error
from jetsync.exceptions import DomainError
from jetsync.panel.guide import error_address


def error_body(
    code: str, message: str, hint: str = "", fields: Any = None, *, help_address: str = ""
) -> dict[str, Any]:
    return {"code": code, "message": message, "hint": hint, "help": help_address, "fields": fields or {}}


def domain_body(request: HttpRequest | Request, error: DomainError) -> dict[str, Any]:
    address = help_for(request, error.code)
    return error_body(error.code, error.message, error.hint, error.fields, help_address=address)


def help_for(request: HttpRequest | Request, code: str) -> str:
    """The whole address of the guide's page about this code; "" where it has none, or no store is asked."""
    merchant = getattr(request, "merchant", None)
    address = error_address(merchant, code) if merchant else ""
    return request.build_absolute_uri(address) if address else ""


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return str(value)


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception hook. None lets Django answer 500, which the logs report."""
    request: Request = context["request"]
    exc = busy_error(exc) or exc
    if isinstance(exc, DomainError):
        return Response(domain_body(request, exc), status=exc.status)
    if isinstance(exc, drf.ValidationError):
        said, fields = "Some values are not accepted.", _texts(exc.detail)
        address = help_for(request, "invalid")
        return Response(error_body("invalid", said, "See fields.", fields, help_address=address), status=400)
    if isinstance(exc, Http404):
        exc = drf.NotFound()
    if isinstance(exc, PermissionDenied):
        exc = drf.PermissionDenied(str(exc))
    response = exception_handler(exc, context)
    if response is not None and isinstance(exc, drf.APIException):
        code, hint = str(exc.default_code), _HINTS.get(response.status_code, "")
        # The framework's other codes are words of Jet's, too, and would lead to what Jet means by them.
        address = help_for(request, code) if isinstance(exc, drf.NotFound) else ""
        response.data = error_body(code, str(exc.detail), hint, help_address=address)
    return response


_HINTS = {
    401: "Send `Authorization: Bearer <token>`; tokens are made under Settings, API tokens.",
    404: "Check the merchant in the address and the object's id.",
    405: "See /api/docs/ for the methods of this address.",
    415: "Send application/json.",
    429: "Wait as long as Retry-After says.",
}
