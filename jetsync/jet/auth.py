"""Login and the token (products.md section 2)."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from jetsync.jet import errors
from jetsync.jet.codec import decode, encode
from jetsync.jet.dates import parse_jet
from jetsync.jet.exchange import Call
from jetsync.jet.judge import bad_answer
from jetsync.jet.redact import HIDDEN, Secret
from jetsync.jet.requestor import Requestor
from jetsync.jet.tokens import LoginLock, Token, TokenStore, now_utc
from jetsync.jet.transport import Transport

# The life of a token in a sample of 2015; early answers did not state it.
USUAL_LIFE = timedelta(hours=10)
# A token that already ended by our clock is a wrong clock; it is used for this long.
SHORTEST_LIFE = timedelta(minutes=1)

_REFUSED_KEYS = {400: errors.JetBadCredentials, 401: errors.JetBadCredentials}


class Login:
    """Gives the account's token, and renews it before it ends, one login at a time where the store has a lock."""

    def __init__(
        self,
        transport: Transport,
        base_url: str,
        *,
        user: Secret,
        secret: Secret,
        store: TokenStore,
        key: str,
    ) -> None:
        self._transport, self._base_url = transport, base_url
        self._user, self._secret = user, secret
        self._store, self._key = store, key

    def token(self, *, fresh: bool = False) -> Token:
        """The stored token, or a new one. `fresh` logs in in any case."""
        if fresh:
            return self._log_in()
        stored = self._store.get(self._key)
        if stored is None or not stored.is_usable(now_utc()):
            return self._first_to_log_in()
        self._transport.redactor.add_token(stored.value)
        return stored if stored.is_fresh(now_utc()) else self._renew(stored)

    def forget(self, token: Token) -> None:
        self._store.drop(self._key, token.value)

    def _first_to_log_in(self) -> Token:
        with self._lock(wait=True):
            found = self._store.get(self._key)  # the worker before us may have brought it
            if found is not None and found.is_usable(now_utc()):
                self._transport.redactor.add_token(found.value)
                return found
            return self._log_in()

    def _renew(self, old: Token) -> Token:
        """Early, so nobody waits: one worker renews, the others go on with the old token, as all do on failure."""
        with self._lock(wait=False) as held:
            found = self._store.get(self._key)
            if found is not None and found.is_fresh(now_utc()):
                return found
            if not held:
                return old
            try:
                return self._log_in()
            except errors.JetError:
                return old

    def _lock(self, *, wait: bool) -> AbstractContextManager[bool]:
        if isinstance(self._store, LoginLock):
            return self._store.login_lock(self._key, wait=wait)
        return nullcontext(enter_result=True)

    def _log_in(self) -> Token:
        call = Call(
            "POST",
            "/token",
            f"{self._base_url}/token",
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            body=encode({"user": self._user.reveal(), "pass": self._secret.reveal()}),
            needs_body=True,
            shown_body=f'{{"user":"{HIDDEN}","pass":"{HIDDEN}"}}',
            error_classes=_REFUSED_KEYS,
        )
        answer = self._transport.send(call)
        issued_at = now_utc()
        value = decode(answer.body)
        token = _token_in(value, issued_at)
        if token is None:
            raise bad_answer(call, answer, self._transport.redactor, "no token in the answer")
        self._transport.redactor.add_token(token.value)
        self._store.set(self._key, token)
        return token


def _token_in(value: Any, issued_at: datetime) -> Token | None:
    if not isinstance(value, dict):
        return None
    text = value.get("id_token") or value.get("access_token")  # the second in the earliest documentation only
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or " " in text:
        return None
    return Token(text, issued_at, max(_end(value.get("expires_on"), issued_at), issued_at + SHORTEST_LIFE))


def _end(expires_on: Any, issued_at: datetime) -> datetime:
    try:
        return parse_jet(expires_on) if isinstance(expires_on, str) else issued_at + USUAL_LIFE
    except ValueError:
        return issued_at + USUAL_LIFE


class AuthService:
    def __init__(self, login: Login, requestor: Requestor) -> None:
        self._login, self._requestor = login, requestor

    def token(self, *, fresh: bool = False) -> Token:
        """The account's token: stored, or by POST /token `{"user", "pass"}`, lifetime 10 hours. `fresh` logs in anew.

        Raises JetBadCredentials when Jet refuses the keys (400 or 401). Documented: products.md section 2.
        """
        return self._login.token(fresh=fresh)

    def check(self) -> str:
        """GET /authcheck: Jet's sentence when it takes the token.

        Raises JetUnauthorized when it does not, after one new login. Seen on the wire: products.md section 2.
        """
        return str(self._requestor.get("/authcheck").value)
