"""For load balancers: `/healthz` says the process lives, `/readyz` that it can work."""

from __future__ import annotations

from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError


def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when the database answers; Valkey is reported but not needed to serve pages."""
    parts = {"database": _database(), "valkey": _valkey()}
    return JsonResponse(parts, status=200 if parts["database"] == "ok" else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "unreachable"
    return "ok"


def _valkey() -> str:
    try:
        cache.get("readyz")
    except (RedisError, OSError):
        return "unreachable"
    return "ok"
