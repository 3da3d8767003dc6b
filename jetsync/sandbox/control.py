"""The `/control/` calls: how tests and the supervisor steer the sandbox. Guarded by `X-Sandbox-Control: <key>`.

Bodies and answers are JSON. `user` names an account by its API user; without it a call means all accounts.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from jetsync.sandbox import clock, faults, processing, request_log, seed, switches
from jetsync.sandbox.models.account import Effect, FaultRule, MerchantAccount


class BadControl(Exception):
    """A control call that makes no sense; the text says why."""


def control(*methods: str) -> Callable[[Callable[..., Any]], Callable[..., HttpResponse]]:
    """Make `view(request, data)` a control call: `data` is the JSON body or the query, the result is sent as JSON."""

    def decorate(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not is_key_good(request):
                return JsonResponse({"error": "The control key is missing or wrong."}, status=403)
            if request.method not in methods:
                return JsonResponse({"error": f"{request.method} is not served here."}, status=405)
            try:
                return JsonResponse(view(request, _read(request), **kwargs), safe=False)
            except (BadControl, faults.BadFault, switches.UnknownSwitch) as error:
                return JsonResponse({"error": str(error)}, status=400)

        return answer

    return decorate


def is_key_good(request: HttpRequest) -> bool:
    """Without a configured key the control calls are closed."""
    key = settings.SANDBOX_CONTROL_KEY
    return bool(key) and hmac.compare_digest(key, request.headers.get("X-Sandbox-Control", ""))


def account_named(data: dict[str, Any]) -> MerchantAccount | None:
    """The account of `data["user"]`, None when not given. Raises BadControl for an unknown one."""
    user = data.get("user")
    if user is None:
        return None
    account = MerchantAccount.objects.filter(user=user).first()
    if account is None:
        raise BadControl(f"There is no account {user!r}.")
    return account


def account_required(data: dict[str, Any]) -> MerchantAccount:
    """The account of `data["user"]`; the first test account when not given."""
    account = account_named(data) or MerchantAccount.objects.order_by("pk").filter(mode="test").first()
    if account is None:
        raise BadControl("There is no account.")
    return account


def _read(request: HttpRequest) -> dict[str, Any]:
    if not request.body:
        return dict(request.GET.items())
    try:
        value = json.loads(request.body)
    except ValueError:
        raise BadControl("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise BadControl("The body is not an object.")
    return value


@control("POST")
def reset(_request: HttpRequest, data: dict[str, Any]) -> Any:
    """`{"dice": 7}` makes the same shoppers come again, in the same order, as after the last reset with that number."""
    seed.reset(int(data["dice"]) if data.get("dice") is not None else None)
    return {"now": clock.now().isoformat()}


@control("GET", "POST")
def steer_clock(request: HttpRequest, data: dict[str, Any]) -> Any:
    """`{"advance": seconds}`, `{"freeze": "2018-03-01T12:00:00+00:00"}` or `{"freeze": null}`; runs what became due."""
    if request.method == "POST":
        if "freeze" in data:
            clock.freeze(_moment(data["freeze"]) if data["freeze"] else None)
        if data.get("advance"):
            clock.advance(float(data["advance"]))
        processing.run()
    return {"now": clock.now().isoformat()}


def _moment(text: Any) -> datetime:
    """An ISO time; without a zone it is UTC. Raises BadControl."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise BadControl(f"{text!r} is not an ISO time.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@control("POST")
def process(_request: HttpRequest, _data: dict[str, Any]) -> Any:
    processing.run()
    return {"now": clock.now().isoformat()}


@control("GET", "POST", "DELETE")
def fault_board(request: HttpRequest, data: dict[str, Any]) -> Any:
    if request.method == "DELETE":
        faults.clear_faults()
    elif request.method == "POST":
        known = {"kind", "path", "method", "rate", "remaining"}
        rule = faults.add_fault(
            **{name: data[name] for name in known & data.keys()},
            merchant=account_named(data),
            options={name: value for name, value in data.items() if name not in known | {"user"}},
        )
        return {"id": rule.pk}
    return {"faults": [_fault(rule) for rule in FaultRule.objects.select_related("merchant")]}


def _fault(rule: FaultRule) -> dict[str, Any]:
    names = ("kind", "path", "method", "rate", "remaining", "hits", "options")
    values = {name: getattr(rule, name) for name in names}
    return {"id": rule.pk, "user": rule.merchant.user if rule.merchant else None, **values}


@control("GET", "DELETE")
def requests(request: HttpRequest, data: dict[str, Any]) -> Any:
    if request.method == "DELETE":
        request_log.clear()
    limit = int(data["limit"]) if data.get("limit") else None
    return {"requests": request_log.entries(account_named(data), limit=limit)}


@control("GET")
def counts(_request: HttpRequest, data: dict[str, Any]) -> Any:
    """Acts that took effect: `{"acknowledge": {"total": 3, "distinct": 3}}`; distinct = different orders."""
    account = account_named(data)
    rows = Effect.objects.all() if account is None else Effect.objects.filter(merchant=account)
    found = rows.values("kind").annotate(total=Count("id"), distinct=Count("key", distinct=True))
    return {row["kind"]: {"total": row["total"], "distinct": row["distinct"]} for row in found}


@control("GET", "POST")
def switch_board(request: HttpRequest, data: dict[str, Any]) -> Any:
    """POST `{"user": ..., "values": {"review_delay_seconds": 0}}`; a value of null goes back to the default."""
    account = account_named(data)
    if request.method == "POST":
        for name, value in data.get("values", {}).items():
            switches.set_switch(account, name, value)
        processing.poke()
    return switches.Switches.of(account).all()


@control("POST")
def revoke_tokens(_request: HttpRequest, data: dict[str, Any]) -> Any:
    account = account_named(data)
    rows = MerchantAccount.objects.all() if account is None else MerchantAccount.objects.filter(pk=account.pk)
    return {"accounts": rows.update(token_generation=F("token_generation") + 1)}


@control("GET", "POST")
def accounts(request: HttpRequest, data: dict[str, Any]) -> Any:
    """POST `{"user", "secret", "is_live"?, "name"?}` makes a merchant; GET lists all with their ids."""
    if request.method == "POST":
        if not (data.get("user") and data.get("secret")):
            raise BadControl("user and secret are needed.")
        seed.make_account(
            data["user"], data["secret"], is_live=bool(data.get("is_live")), name=data.get("name", "")
        )
    rows = MerchantAccount.objects.prefetch_related("nodes", "return_locations").order_by("pk")
    return {"accounts": [_account(row) for row in rows]}


@control("POST")
def nodes(_request: HttpRequest, data: dict[str, Any]) -> Any:
    """`{"user", "name"}` opens another fulfilment node; answers its id."""
    node = seed.make_node(account_required(data), str(data.get("name") or "Another warehouse"))
    return {"node_id": node.node_id}


@control("POST")
def return_locations(_request: HttpRequest, data: dict[str, Any]) -> Any:
    """`{"user", "name"}` opens another return location; answers its id."""
    place = seed.make_return_location(account_required(data), str(data.get("name") or "Another returns desk"))
    return {"location_id": place.location_id}


def _account(account: MerchantAccount) -> dict[str, Any]:
    return {
        "user": account.user,
        "mode": account.mode,
        "merchant_id": account.merchant_id,
        "name": account.name,
        "nodes": [node.node_id for node in account.nodes.all()],
        "return_locations": [location.location_id for location in account.return_locations.all()],
    }


@control("GET")
def ready(_request: HttpRequest, _data: dict[str, Any]) -> Any:
    return {"now": clock.now().isoformat()}
