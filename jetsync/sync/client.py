"""Builds the Jet client of a merchant's account: shared token, shared rate limit, recorded calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from jetsync.exceptions import SettingsMissing
from jetsync.fields import seal, unseal
from jetsync.jet import JetClient
from jetsync.jet.ratelimit import RedisRateLimiter
from jetsync.jet.session import shared_session
from jetsync.jet.tokens import RedisTokenStore, account_key
from jetsync.jet.transport import RequestEvent
from jetsync.models import Attempt, JetAccount, Job, Merchant
from jetsync.net import check_outside_url, outside_addresses
from jetsync.queries.settings import keeps_payloads
from jetsync.resting import check_not_resting
from jetsync.sync.failures import TransactionOpen


@lru_cache(maxsize=2)
def _redis_for(url: str) -> redis.Redis:
    return redis.Redis.from_url(f"{url}/2", socket_timeout=5, socket_connect_timeout=3)


def shared_redis() -> redis.Redis:
    """Valkey database 2: Jet tokens and rate limits. Nothing in it is needed to recover."""
    return _redis_for(settings.REDIS_URL)


def refuse_open_transaction(method: str, path: str) -> None:
    """A transaction held over HTTP blocks other workers for as long as Jet likes. Test-case wrappers do not count."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise TransactionOpen(f"{method} {path} was about to be sent inside a database transaction.")


def current_account(merchant: Merchant) -> JetAccount:
    """The account of the merchant's mode. Raises SettingsMissing with the way to the settings."""
    account = JetAccount.objects.filter(merchant=merchant, mode=merchant.mode).first()
    if account is None or not account.has_keys:
        raise SettingsMissing(
            f"{merchant.name} has no Jet API keys for {merchant.get_mode_display()} mode.",
            hint="Enter API user and secret under Settings, Jet account.",
            code="jet_keys_missing",
        )
    if account.validation == JetAccount.Validation.TAKEN:
        raise SettingsMissing(
            account.validation_message, hint="See Settings, Jet account.", code="jet_account_taken"
        )
    account.merchant = merchant  # it is his: not to be read again
    return account


def _recorder(
    merchant: Merchant, job: Job | None, on_call: Callable[[], None] | None
) -> Callable[[RequestEvent], None]:
    keeps_bodies = keeps_payloads(merchant)

    def record(event: RequestEvent) -> None:
        Attempt.objects.create(
            merchant=merchant,
            job=job,
            try_number=job.attempts if job else 1,
            started_at=timezone.now() - timedelta(milliseconds=event.duration_ms),
            duration_ms=event.duration_ms,
            method=event.method,
            path=event.path[:300],
            status=event.status,
            request_id=(event.request_id or "")[:80],
            error=(event.error or "")[:300],
            request_cut=event.request_body_cut.replace("\x00", "") if keeps_bodies else "",
            answer_cut=event.answer_cut.replace("\x00", "") if keeps_bodies else "",
        )
        if on_call is not None:
            on_call()

    return record


def _tokens() -> RedisTokenStore:
    return RedisTokenStore(shared_redis(), seal, unseal)


def _limiter_key(account: JetAccount) -> str:
    return f"merchant:{account.merchant_id}:{account.mode}"


def token_key(account: JetAccount) -> str:
    """Under which workers share the log-in token that these very keys of the account brought."""
    return account_key(_limiter_key(account), account.api_url, account.api_user, account.api_secret)


def forget_token(key: str) -> None:
    """Removes the token of a `token_key`: it would open the account for hours after its keys are used no more."""
    _tokens().forget(key)


def client_for(
    account: JetAccount, *, job: Job | None = None, on_call: Callable[[], None] | None = None
) -> JetClient:
    """A client for this account. `on_call` runs after every exchange (a job renews its lease there)."""
    merchant = account.merchant
    check_not_resting(merchant)
    return JetClient(
        base_url=account.api_url,
        user=account.api_user,
        secret=account.api_secret,
        token_store=_tokens(),
        limiter=RedisRateLimiter(shared_redis(), settings.JET_RATE_PER_SECOND, settings.JET_RATE_BURST),
        limiter_key=_limiter_key(account),
        before_request=refuse_open_transaction,
        after_request=_recorder(merchant, job, on_call),
        connect_timeout=settings.JET_CONNECT_TIMEOUT,
        read_timeout=settings.JET_READ_TIMEOUT,
        verify_url=check_outside_url,
        session=shared_session(outside_addresses),
    )


def jet_for(
    merchant: Merchant, *, job: Job | None = None, on_call: Callable[[], None] | None = None
) -> JetClient:
    """A client for the account of the merchant's mode. Raises SettingsMissing when it has none that may be used."""
    return client_for(current_account(merchant), job=job, on_call=on_call)
