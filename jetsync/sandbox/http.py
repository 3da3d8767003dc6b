"""What a view of the sandbox's API needs. This is the whole interface:

    from jetsync.sandbox import processing
    from jetsync.sandbox.clock import now
    from jetsync.sandbox.http import ApiRequest, api, errors, json_body, net_time, no_content, route, single_error
    from jetsync.sandbox.models import Effect, MerchantAccount, Node, Sku, Switches

    @api("PUT")
    def acknowledge(request: ApiRequest, order_id: str) -> HttpResponse:
        body = json_body(request)                   # any JSON value; malformed -> 400 {"errors": [...]}
        if not isinstance(body, dict):
            return errors(400, "An object is expected. Path: body")
        if request.switches["strict_orders"]: ...   # define() it in a module listed in registrations.py
        Effect.note(request.merchant, "acknowledge", order_id)
        return no_content()                         # 204, empty

    urlpatterns = [route("orders/{order_id}/acknowledge", acknowledge),
                   route("orders/{status}", list_orders)]

- `@api(*methods)` checks the token (401 with ASP.NET's body), sets `request.merchant` (one account in one mode),
  `request.is_test` and `request.switches`, runs due background work, throttles, and opens ONE write transaction for
  everything but GET; an answer of 400 and above, or a raised `Refused`, rolls it back. A GET with an effect opens its
  own `transaction.atomic()`. `auth=False` for calls without a token.
- `route(path, *views)` matches without regard to case, `{name}` is one path segment (percent-decoded, case kept);
  several views on one path are told apart by method, an unknown method gets 405. Trailing and doubled slashes are
  already gone.
- `raise Refused("text", ..., status=400)` anywhere below a view answers `{"errors": [...]}`.
- Faults, the request log and the throttle sit in the middleware; views never see them.
- Background steps: `@processing.register`, see there. Control calls (tests, portal): `@control` in `control.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt

from jetsync.sandbox import processing, throttle, tokens
from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.switches import Switches

NOT_AUTHORISED = "Authorization has been denied for this request."
ERROR_FROM = 400
_COUNT = re.compile(r"[0-9]{1,9}")

View = Callable[..., HttpResponse]


class ApiRequest(HttpRequest):
    """A request whose token was checked."""

    merchant: MerchantAccount
    is_test: bool
    switches: Switches


def errors(status: int, *texts: str) -> HttpResponse:
    """`{"errors": [...]}`, the shape of every validation failure."""
    return JsonResponse({"errors": list(texts)}, status=status)


def single_error(status: int, text: str) -> HttpResponse:
    """`{"error": "..."}`, the older shape some calls kept."""
    return JsonResponse({"error": text}, status=status)


def message(status: int, text: str) -> HttpResponse:
    """`{"Message": "..."}`, what the web framework itself answers (401, 404 and 405)."""
    return JsonResponse({"Message": text}, status=status)


def not_authorised() -> HttpResponse:
    return message(401, NOT_AUTHORISED)


def no_content(status: int = 204) -> HttpResponse:
    """Success of a write: an empty body. Any body after a PUT was taken for an error by old clients."""
    response = HttpResponse(status=status)
    del response.headers["Content-Type"]
    return response


def reply(value: Any, status: int = 200) -> HttpResponse:
    return JsonResponse(value, status=status, safe=False)


def json_body(request: HttpRequest) -> Any:
    """The body as JSON whatever its content type says; raises Refused (400) when it is none."""
    try:
        return json.loads(request.body.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Refused("The body is not valid JSON. Path: body") from None


def count_of(text: str | None, default: int) -> int:
    """A count of a query; anything that is none gives the default."""
    return int(text) if text and _COUNT.fullmatch(text) else default


def net_time(moment: datetime, *, zulu: bool = False) -> str:
    """A .NET round-trip string: seven fractional digits, `+00:00` or `Z`."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0{'Z' if zulu else '+00:00'}"


def api(*names: str, methods: tuple[str, ...] = (), auth: bool = True) -> Callable[[View], View]:
    """Make a view one of the API's; see the module's text."""
    allowed = names or methods or ("GET",)

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in allowed:
                return _wrong_method(request)
            processing.run_lazily()
            known = cast(ApiRequest, request)
            if auth and not _authenticate(known):
                return not_authorised()
            if not auth:
                known.switches = Switches.of(None)
            elif (refusal := throttle.check(known.merchant, known.switches)) is not None:
                return refusal
            return _call(view, known, *args, **kwargs)

        answer.methods = allowed  # type: ignore[attr-defined]  # read by route()
        return answer

    return decorate


def route(path: str, *views: View) -> URLPattern:
    """An URL pattern without regard to case; `{name}` stands for one segment."""
    parts = [
        f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part) for part in path.split("/")
    ]
    pattern = "(?i)^" + "/".join(parts) + "$"
    if len(views) == 1:
        return re_path(pattern, views[0])
    by_method = {method: view for view in views for method in view.methods}  # type: ignore[attr-defined]

    @csrf_exempt
    def choose(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view = by_method.get(request.method or "")
        return _wrong_method(request) if view is None else view(request, *args, **kwargs)

    return re_path(pattern, choose)


def _wrong_method(request: HttpRequest) -> HttpResponse:
    return message(405, f"The requested resource does not support http method '{request.method}'.")


def _authenticate(request: ApiRequest) -> bool:
    account = tokens.bearer_account(request)
    if account is None:
        return False
    request.merchant = account
    request.is_test = account.is_test
    request.switches = Switches.of(account)
    return True


def _call(view: View, request: ApiRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    try:
        if request.method == "GET":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            response = view(request, *args, **kwargs)
            if response.status_code >= ERROR_FROM:
                transaction.set_rollback(True)
            return response
    except Refused as refusal:
        return errors(refusal.status, *refusal.errors)
