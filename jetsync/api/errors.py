"""Every API error has one shape: `{"code", "message", "hint", "fields"}`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import exception_handler

from jetsync.busy import busy_error
from jetsync.exceptions import DomainError


def error_body(code: str, message: str, hint: str = "", fields: Any = None) -> dict[str, Any]:
    return {"code": code, "message": message, "hint": hint, "fields": fields or {}}


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return str(value)


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception hook. None lets Django answer 500, which the logs report."""
    exc = busy_error(exc) or exc
    if isinstance(exc, DomainError):
        return Response(error_body(exc.code, exc.message, exc.hint, exc.fields), status=exc.status)
    if isinstance(exc, drf.ValidationError):
        body = error_body("invalid", "Some values are not accepted.", "See fields.", _texts(exc.detail))
        return Response(body, status=400)
    if isinstance(exc, Http404):
        exc = drf.NotFound()
    if isinstance(exc, PermissionDenied):
        exc = drf.PermissionDenied(str(exc))
    response = exception_handler(exc, context)
    if response is not None and isinstance(exc, drf.APIException):
        response.data = error_body(
            str(exc.default_code), str(exc.detail), _HINTS.get(response.status_code, "")
        )
    return response


_HINTS = {
    401: "Send `Authorization: Bearer <token>`; tokens are made under Settings, API tokens.",
    404: "Check the merchant in the address and the object's id.",
    405: "See /api/docs/ for the methods of this address.",
    415: "Send application/json.",
    429: "Wait as long as Retry-After says.",
}
