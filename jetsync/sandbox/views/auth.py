"""`POST /token` and `GET /authcheck`."""

from __future__ import annotations

import hmac
from typing import Any

from django.http import HttpResponse

from jetsync.sandbox.http import ApiRequest, api, errors, json_body, reply
from jetsync.sandbox.models import MerchantAccount, Switches
from jetsync.sandbox.switches import define
from jetsync.sandbox.tokens import issue_token

define("token_lifetime_seconds", 36_000.0, "Life of a token; 10 hours were measured in 2015", mark="S")

AUTHORISED = "This message is authorized."


@api("POST", auth=False)
def token(request: ApiRequest) -> HttpResponse:
    """`{"user", "pass"}` -> `{"id_token", "token_type", "expires_on"}`; 400 for bad keys, never 401."""
    account = _account(json_body(request))
    if account is None:
        return errors(400, "Bad Request")
    # The request log files the login under its account.
    request.sandbox_account = account  # type: ignore[attr-defined]  # the memo of tokens.bearer_account
    issued = issue_token(account, lifetime_seconds=Switches.of(account)["token_lifetime_seconds"])
    # No fraction here: a strict client parses exactly this pattern.
    expires_on = f"{issued.expires_on:%Y-%m-%dT%H:%M:%S}Z"
    return reply({"id_token": issued.id_token, "token_type": "Bearer", "expires_on": expires_on})


@api("GET")
def authcheck(_request: ApiRequest) -> HttpResponse:
    return reply(AUTHORISED)


def _account(body: Any) -> MerchantAccount | None:
    if not isinstance(body, dict):
        return None
    user, secret = body.get("user"), body.get("pass")
    if not isinstance(user, str) or not isinstance(secret, str):
        return None
    account = MerchantAccount.objects.filter(user=user).first()
    if account is None or not hmac.compare_digest(account.secret.encode(), secret.encode()):
        return None
    return account
