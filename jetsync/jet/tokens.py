"""Where the login token of an account is kept, so that all workers share one."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, Protocol, runtime_checkable

import redis

log = logging.getLogger(__name__)

# A login takes a second or two; a lock older than this belongs to a worker that died.
LOCK_SECONDS = 30
# How long a worker without any token waits for the one that is logging in, and how often it looks.
LOCK_WAIT_SECONDS = 20
LOCK_POLL_SECONDS = 0.1
# A token is renewed 10 minutes before its end; a short-lived one in the last tenth of its life.
RENEW_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True)
class Token:
    """A login token. `repr` hides the value, and pickling refuses it."""

    value: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime

    @property
    def renew_at(self) -> datetime:
        return self.expires_at - min(RENEW_BEFORE, (self.expires_at - self.issued_at) / 10)

    def is_usable(self, now: datetime) -> bool:
        return now < self.expires_at

    def is_fresh(self, now: datetime) -> bool:
        return now < self.renew_at

    def __reduce__(self) -> NoReturn:
        raise TypeError("Secrets are not pickled.")


class TokenStore(Protocol):
    """`drop` removes the token only while it is still the given one: another worker may have renewed it."""

    def get(self, key: str) -> Token | None: ...
    def set(self, key: str, token: Token) -> None: ...
    def drop(self, key: str, token_value: str) -> None: ...


@runtime_checkable
class LoginLock(Protocol):
    """What a store may offer besides: one login at a time. Yields False when another holds the lock."""

    def login_lock(self, key: str, *, wait: bool) -> AbstractContextManager[bool]: ...


class MemoryTokenStore:
    """For one process: tests, scripts, and the fallback while Valkey is away."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(self, key: str) -> Token | None:
        return self._tokens.get(key)

    def set(self, key: str, token: Token) -> None:
        with self._guard:
            self._tokens[key] = token

    def drop(self, key: str, token_value: str) -> None:
        with self._guard:
            stored = self._tokens.get(key)
            if stored is not None and stored.value == token_value:
                del self._tokens[key]

    def forget(self, key: str) -> None:
        with self._guard:
            self._tokens.pop(key, None)

    @contextmanager
    def login_lock(self, key: str, *, wait: bool) -> Iterator[bool]:
        with self._guard:
            lock = self._locks[key]
        held = lock.acquire(timeout=LOCK_WAIT_SECONDS) if wait else lock.acquire(blocking=False)
        try:
            yield held
        finally:
            if held:
                lock.release()

    def __reduce__(self) -> NoReturn:
        raise TypeError("Secrets are not pickled.")


# Both compare before they delete: what is there may belong to another worker by now.
_DROP_BY_FINGERPRINT = """
if redis.call('HGET', KEYS[1], 'fingerprint') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
_DROP_LOCK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class RedisTokenStore:
    """Shared by all workers. `seal` and `unseal` encrypt the value; what cannot be opened reads as no token.

    While Valkey is away every process keeps its own token: more logins, no failure.
    """

    def __init__(
        self,
        client: redis.Redis,
        seal: Callable[[str], str],
        unseal: Callable[[str], str],
        *,
        prefix: str = "jet:token:",
    ) -> None:
        self._redis = client
        self._seal = seal
        self._unseal = unseal
        self._prefix = prefix
        self._fallback = _fallback

    def get(self, key: str) -> Token | None:
        try:
            found: Any = self._redis.hgetall(self._prefix + key)
        except redis.RedisError as exc:
            log.warning("jet_token_store_away: %s", type(exc).__name__)
            return self._fallback.get(key)
        if not found:
            return None
        fields = {_text(name): _text(value) for name, value in found.items()}
        try:
            value = self._unseal(fields["sealed"])
            times = json.loads(fields["times"])
            return Token(value, datetime.fromisoformat(times[0]), datetime.fromisoformat(times[1]))
        except Exception as exc:  # noqa: BLE001 -- `unseal` is the caller's: after a key change a new login is the cure
            log.warning("jet_token_unreadable: %s", type(exc).__name__)
            return None

    def set(self, key: str, token: Token) -> None:
        fields: dict[Any, Any] = {
            "sealed": self._seal(token.value),
            "fingerprint": _fingerprint(token.value),
            "times": json.dumps([token.issued_at.isoformat(), token.expires_at.isoformat()]),
        }
        try:
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.delete(self._prefix + key)
            pipeline.hset(self._prefix + key, mapping=fields)
            pipeline.expireat(self._prefix + key, token.expires_at)
            pipeline.execute()
        except redis.RedisError as exc:
            log.warning("jet_token_store_away: %s", type(exc).__name__)
            self._fallback.set(key, token)

    def drop(self, key: str, token_value: str) -> None:
        self._fallback.drop(key, token_value)
        try:
            self._redis.eval(_DROP_BY_FINGERPRINT, 1, self._prefix + key, _fingerprint(token_value))
        except redis.RedisError as exc:
            log.warning("jet_token_store_away: %s", type(exc).__name__)

    def forget(self, key: str) -> None:
        """Whatever token is there: its keys are used no more. While Valkey is away it ends by itself, at its time."""
        self._fallback.forget(key)
        try:
            self._redis.delete(self._prefix + key)
        except redis.RedisError as exc:
            log.warning("jet_token_store_away: %s", type(exc).__name__)

    @contextmanager
    def login_lock(self, key: str, *, wait: bool) -> Iterator[bool]:
        """One login at a time across workers. Waits at most LOCK_WAIT_SECONDS; a dead holder's lock ends by itself."""
        name, mine = f"{self._prefix}{key}:login", secrets.token_hex(16)
        held = self._take(name, mine, time.monotonic() + (LOCK_WAIT_SECONDS if wait else 0))
        try:
            yield held
        finally:
            if held:
                self._release(name, mine)

    def _take(self, name: str, mine: str, until: float) -> bool:
        while True:
            try:
                if self._redis.set(name, mine, nx=True, ex=LOCK_SECONDS):
                    return True
            except redis.RedisError:
                return True  # without Valkey there is nobody to agree with: log in
            if time.monotonic() >= until:
                return False
            time.sleep(LOCK_POLL_SECONDS)

    def _release(self, name: str, mine: str) -> None:
        try:
            self._redis.eval(_DROP_LOCK, 1, name, mine)
        except redis.RedisError as exc:
            log.warning("jet_token_store_away: %s", type(exc).__name__)


_fallback = MemoryTokenStore()


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _fingerprint(value: str) -> str:
    """Tells tokens apart without showing them; the sealed text differs at every sealing."""
    return hashlib.sha256(value.encode()).hexdigest()


def account_key(limiter_key: str, base_url: str, user: str, secret: str) -> str:
    """The store's key of an account: a changed address, user or secret never meets the old token."""
    base_url = base_url.strip().rstrip("/")
    digest = hashlib.sha256(f"{base_url}\x00{user}\x00{secret}".encode()).hexdigest()
    return f"{limiter_key}:{digest[:24]}"


def now_utc() -> datetime:
    return datetime.now(UTC)
