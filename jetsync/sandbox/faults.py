"""The fault board: rules by path, method, rate and count that make the marketplace misbehave.

| kind | what the client meets | options |
| --- | --- | --- |
| latency | the right answer, late | seconds |
| status | 429, 500, 503 or any other, nothing done | status, retry_after |
| reset | connection reset before anything is done | |
| half_body | done, but the answer stops in the middle | |
| html | a proxy's HTML page instead of JSON, nothing done | status (200) |
| lost_answer | done, then the connection is closed without an answer | |
| late_answer | done, then the answer takes its time | seconds |
| expired_token | 401 although the token is good | |
| duplicate_listing | every list names each entry twice | |
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse

from jetsync.sandbox import wire
from jetsync.sandbox.models.account import FaultRule, MerchantAccount

KINDS = (
    "latency",
    "status",
    "reset",
    "half_body",
    "html",
    "lost_answer",
    "late_answer",
    "expired_token",
    "duplicate_listing",
)
HTML = """<!DOCTYPE html>
<html><head><title>Service Unavailable</title></head>
<body><h2>Our services aren't available right now</h2><p>We're working to restore all services.</p></body></html>
"""


class BadFault(Exception):
    """A rule that could never work; the text says why."""


@dataclass(frozen=True)
class Rule:
    pk: int
    kind: str
    merchant_pk: int | None
    path: re.Pattern[str]
    method: str
    rate: float
    is_counted: bool
    options: dict[str, Any] = field(default_factory=dict)


_rules: list[Rule] | None = None
_lock = threading.Lock()
_random = random.Random(1)  # the same rule on the same requests hits the same ones


def add_fault(
    *,
    kind: str,
    path: str = ".*",
    method: str = "",
    rate: float = 1.0,
    remaining: int | None = None,
    merchant: MerchantAccount | None = None,
    options: dict[str, Any] | None = None,
) -> FaultRule:
    """Put a rule on the board. `path` is searched as a regular expression. Raises BadFault."""
    if kind not in KINDS:
        raise BadFault(f"kind is one of {', '.join(KINDS)}.")
    if not 0 <= rate <= 1:
        raise BadFault("rate lies between 0 and 1.")
    try:
        re.compile(path)
    except re.error as error:
        raise BadFault(f"path is no regular expression: {error}.") from None
    rule = FaultRule.objects.create(
        kind=kind,
        path=path,
        method=method.upper(),
        rate=rate,
        remaining=remaining,
        merchant=merchant,
        options=options or {},
    )
    forget()
    return rule


def clear_faults() -> None:
    FaultRule.objects.all().delete()
    forget()


def remove_fault(pk: int) -> None:
    FaultRule.objects.filter(pk=pk).delete()
    forget()


def start_over() -> None:
    """After a reset: read the board again and roll the same dice as a fresh server."""
    _random.seed(1)
    forget()


def forget() -> None:
    """Read the board again at the next request."""
    global _rules  # noqa: PLW0603 -- one cache per process, guarded by the lock
    with _lock:
        _rules = None


def inject(
    request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse], merchant_pk: int | None
) -> tuple[HttpResponse, list[str]]:
    """Answer a request under the rules that hit it; returns the answer and the kinds that did."""
    hits = [rule for rule in _board() if _matches(rule, request, merchant_pk) and _spend(rule)]
    kinds = [rule.kind for rule in hits]
    for rule in hits:
        if rule.kind == "latency":
            time.sleep(float(rule.options.get("seconds", 1)))
    for rule in hits:
        early = _instead(rule, request)
        if early is not None:
            return early, kinds
    response = get_response(request)
    for rule in hits:
        response = _afterwards(rule, request, response)
    return response, kinds


def _board() -> list[Rule]:
    global _rules  # noqa: PLW0603 -- one cache per process, guarded by the lock
    with _lock:
        if _rules is None:
            _rules = [
                Rule(
                    pk=row.pk,
                    kind=row.kind,
                    merchant_pk=row.merchant_id,
                    path=re.compile(row.path, re.IGNORECASE),
                    method=row.method,
                    rate=row.rate,
                    is_counted=row.remaining is not None,
                    options=row.options,
                )
                for row in FaultRule.objects.all()
            ]
        return _rules


def _matches(rule: Rule, request: HttpRequest, merchant_pk: int | None) -> bool:
    if rule.method and rule.method != request.method:
        return False
    if rule.merchant_pk is not None and rule.merchant_pk != merchant_pk:
        return False
    if not rule.path.search(request.path):
        return False
    return rule.rate >= 1 or _random.random() < rule.rate


def _spend(rule: Rule) -> bool:
    """Count the hit; False when another request took the last one."""
    rows = FaultRule.objects.filter(pk=rule.pk)
    try:
        if rule.is_counted:
            return bool(rows.filter(remaining__gt=0).update(remaining=F("remaining") - 1, hits=F("hits") + 1))
        rows.update(hits=F("hits") + 1)
    except OperationalError:
        # Only the statistics suffer when the write lock is held for very long.
        return not rule.is_counted
    return True


def _instead(rule: Rule, request: HttpRequest) -> HttpResponse | None:
    if rule.kind == "status":
        response: HttpResponse = _status_answer(int(rule.options.get("status", 500)))
        if rule.options.get("retry_after"):
            response["Retry-After"] = str(rule.options["retry_after"])
        return response
    if rule.kind == "html":
        return HttpResponse(HTML, status=int(rule.options.get("status", 200)))
    if rule.kind == "expired_token":
        return JsonResponse({"Message": "Authorization has been denied for this request."}, status=401)
    if rule.kind == "reset":
        request.META[wire.KEY] = wire.RESET
        return HttpResponse()
    return None


def _status_answer(status: int) -> HttpResponse:
    texts = {429: "Too many requests.", 500: "An error has occurred.", 503: "The service is unavailable."}
    return JsonResponse({"errors": [texts.get(status, "The request could not be served.")]}, status=status)


def _afterwards(rule: Rule, request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if rule.kind == "lost_answer":
        request.META[wire.KEY] = wire.DROP
    elif rule.kind == "late_answer":
        time.sleep(float(rule.options.get("seconds", 1)))
    elif rule.kind == "half_body":
        request.META[wire.KEY] = wire.HALF
    elif rule.kind == "duplicate_listing":
        return _doubled(response)
    return response


def _doubled(response: HttpResponse) -> HttpResponse:
    """The same answer with every entry of its lists of addresses named twice, as a cache gone wrong would."""
    if "json" not in response.get("Content-Type", ""):
        return response
    value = json.loads(response.content)
    if isinstance(value, dict):
        for name, entries in value.items():
            if isinstance(entries, list) and (name.endswith("_urls") or name == "merchant_skus"):
                value[name] = [entry for entry in entries for _ in range(2)]
        response.content = json.dumps(value).encode()
    return response
