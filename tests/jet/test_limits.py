"""The shared rate limit and token store, against the real Valkey and without it."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
import redis

from jetsync.jet import MemoryRateLimiter, RedisRateLimiter, RedisTokenStore, Token, errors, ratelimit, tokens
from tests.jet.conftest import JetFactory, recorded

KEY = "merchant:7:test"
SEALED = "sealed:"


def seal(text: str) -> str:
    return SEALED + text[::-1]


def unseal(text: str) -> str:
    if not text.startswith(SEALED):
        raise ValueError("no key fits")
    return text.removeprefix(SEALED)[::-1]


def token(value: str = "token-1", life: timedelta = timedelta(hours=10)) -> Token:
    now = datetime.now(UTC)
    return Token(value, now, now + life)


@pytest.fixture
def store(valkey: redis.Redis, prefix: str) -> RedisTokenStore:
    return RedisTokenStore(valkey, seal, unseal, prefix=prefix)


@pytest.fixture
def dead_valkey() -> redis.Redis:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return redis.Redis(host="127.0.0.1", port=port, socket_connect_timeout=0.2, retry=None)


@pytest.fixture(autouse=True)
def _own_fallbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_fallback", tokens.MemoryTokenStore())
    monkeypatch.setattr(ratelimit, "_fallbacks", {})


def test_burst_passes_at_once_then_turns_are_given_in_order(valkey: redis.Redis, prefix: str) -> None:
    waits: list[float] = []
    limiter = RedisRateLimiter(valkey, 2.0, 3, prefix=prefix, sleep=waits.append)

    for _ in range(6):
        limiter.acquire(KEY)

    assert waits == pytest.approx([0.5, 1.0, 1.5], abs=0.2)


def test_turns_are_counted_across_workers_and_apart_by_account(valkey: redis.Redis, prefix: str) -> None:
    waits: list[float] = []
    first, second = (RedisRateLimiter(valkey, 1.0, 2, prefix=prefix, sleep=waits.append) for _ in range(2))

    first.acquire(KEY)
    second.acquire(KEY)
    second.acquire("merchant:8:test")
    assert waits == []
    first.acquire(KEY)
    assert waits == pytest.approx([1.0], abs=0.2)


def test_turn_comes_back_with_time(valkey: redis.Redis, prefix: str) -> None:
    limiter = RedisRateLimiter(valkey, 20.0, 1, prefix=prefix)
    started = datetime.now(UTC)

    for _ in range(5):
        limiter.acquire(KEY)

    assert 0.15 < (datetime.now(UTC) - started).total_seconds() < 2


def test_too_long_a_queue_is_refused_and_takes_no_turn(valkey: redis.Redis, prefix: str) -> None:
    waits: list[float] = []
    limiter = RedisRateLimiter(valkey, 0.5, 1, longest_wait=3.0, prefix=prefix, sleep=waits.append)
    limiter.acquire(KEY)
    limiter.acquire(KEY)

    for _ in range(3):  # a refused caller does not make the queue longer
        with pytest.raises(errors.JetThrottled) as caught:
            limiter.acquire(KEY)
        assert caught.value.retry_after == pytest.approx(4.0, abs=0.3)

    assert caught.value.is_local is True
    assert waits == pytest.approx([2.0], abs=0.2)


def test_bucket_leaves_valkey_when_it_is_full_again(valkey: redis.Redis, prefix: str) -> None:
    RedisRateLimiter(valkey, 2.0, 10, prefix=prefix).acquire(KEY)

    assert 0 < valkey.pttl(prefix + KEY) <= 1500  # type: ignore[operator]  # the stubs allow an awaitable


def test_limit_holds_without_valkey(dead_valkey: redis.Redis) -> None:
    waits: list[float] = []
    limiters = [RedisRateLimiter(dead_valkey, 1.0, 2, longest_wait=1.5, sleep=waits.append) for _ in range(2)]

    for number in range(3):
        limiters[number % 2].acquire(KEY)
    with pytest.raises(errors.JetThrottled):
        limiters[0].acquire(KEY)

    assert waits == pytest.approx([1.0], abs=0.2)


def test_memory_limit_counts_by_the_clock() -> None:
    now, waits = [100.0], []
    limiter = MemoryRateLimiter(2.0, 2, longest_wait=1.0, sleep=waits.append, clock=lambda: now[0])

    for _ in range(4):
        limiter.acquire(KEY)
    assert waits == [0.5, 1.0]
    with pytest.raises(errors.JetThrottled) as caught:
        limiter.acquire(KEY)
    assert caught.value.retry_after == 1.5
    now[0] += 10
    limiter.acquire(KEY)
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_senseless_limit_is_refused(rate: float, burst: int) -> None:
    with pytest.raises(ValueError):
        MemoryRateLimiter(rate, burst)


def test_client_takes_a_turn_for_every_call_of_the_api(make_jet: JetFactory) -> None:
    class Counting:
        def __init__(self) -> None:
            self.keys: list[str] = []

        def acquire(self, key: str) -> None:
            self.keys.append(key)
            if len(self.keys) > 3:
                raise errors.JetThrottled("queue", retry_after=12.0)

    limiter = Counting()
    jet = make_jet(limiter=limiter)
    jet.answer("POST", "/token", json=recorded("token"))
    jet.answer("GET", "/orders/ready", status=503)
    jet.answer("GET", "/orders/ready", json={"order_urls": []})

    jet.client.orders.urls("ready")
    with pytest.raises(errors.JetThrottled) as caught:
        jet.client.orders.urls("ready")

    assert limiter.keys == [KEY] * 4
    assert (caught.value.method, caught.value.path, caught.value.retry_after) == (
        "GET",
        "/orders/ready",
        12.0,
    )
    assert len(jet.sent()) == 2
    assert len(jet.sleeps) == 1  # the 503; our own limit is not waited for twice


def test_token_is_stored_sealed_until_its_end(
    store: RedisTokenStore, valkey: redis.Redis, prefix: str
) -> None:
    kept = token("secret-token-value", timedelta(minutes=30))

    store.set(KEY, kept)

    assert store.get(KEY) == kept
    content = str(valkey.hgetall(prefix + KEY))
    assert seal("secret-token-value") in content
    assert "secret-token-value" not in content
    assert 1790 <= valkey.ttl(prefix + KEY) <= 1800  # type: ignore[operator]  # the stubs allow an awaitable


def test_only_the_same_token_is_dropped(store: RedisTokenStore) -> None:
    store.set(KEY, token("newer"))

    store.drop(KEY, "older")
    assert store.get(KEY) is not None
    store.drop(KEY, "newer")
    assert store.get(KEY) is None


def test_a_forgotten_token_is_gone_whichever_it_was(
    store: RedisTokenStore, valkey: redis.Redis, prefix: str
) -> None:
    store.set(KEY, token("newer"))
    store.set("other", token("stays"))

    store.forget(KEY)

    assert (store.get(KEY), valkey.exists(prefix + KEY)) == (None, 0)
    assert store.get("other") is not None


def test_a_token_kept_by_the_process_while_valkey_is_away_is_forgotten_too(dead_valkey: redis.Redis) -> None:
    store = RedisTokenStore(dead_valkey, seal, unseal)
    store.set(KEY, token("mine"))
    assert store.get(KEY) is not None

    store.forget(KEY)

    assert store.get(KEY) is None


def test_token_that_no_key_opens_reads_as_none(
    store: RedisTokenStore, valkey: redis.Redis, prefix: str
) -> None:
    store.set(KEY, token())
    valkey.hset(prefix + KEY, "sealed", "garbage")
    assert store.get(KEY) is None
    valkey.hdel(prefix + KEY, "sealed")
    assert store.get(KEY) is None


def test_login_lock_is_held_by_one_and_ends_by_itself(
    store: RedisTokenStore, valkey: redis.Redis, prefix: str
) -> None:
    with store.login_lock(KEY, wait=False) as first:
        with store.login_lock(KEY, wait=False) as second:
            assert (first, second) == (True, False)
        assert 0 < valkey.ttl(f"{prefix}{KEY}:login") <= tokens.LOCK_SECONDS  # type: ignore[operator]  # as above
    with store.login_lock(KEY, wait=False) as third:
        assert third is True
        valkey.set(f"{prefix}{KEY}:login", "another holder")
    assert valkey.get(f"{prefix}{KEY}:login") == b"another holder"


def test_waiting_for_the_lock_is_bounded(store: RedisTokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "LOCK_WAIT_SECONDS", 0.3)

    with store.login_lock(KEY, wait=True), store.login_lock(KEY, wait=True) as second:
        assert second is False


def test_workers_share_one_login(make_jet: JetFactory, valkey: redis.Redis, prefix: str) -> None:
    jets = [make_jet(token_store=RedisTokenStore(valkey, seal, unseal, prefix=prefix)) for _ in range(4)]
    jets[0].answer("POST", "/token", json=recorded("token"))
    ready = threading.Barrier(4)
    found: list[str] = []

    def work(number: int) -> None:
        ready.wait()
        found.append(jets[number].client.auth.token().value)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [recorded("token")["id_token"]] * 4
    assert jets[0].logins() == 1


def test_refused_token_is_replaced_for_all_workers(
    make_jet: JetFactory, valkey: redis.Redis, prefix: str
) -> None:
    one, two = (make_jet(token_store=RedisTokenStore(valkey, seal, unseal, prefix=prefix)) for _ in range(2))
    one.answer("POST", "/token", json={**recorded("token"), "id_token": "first"})
    one.answer("POST", "/token", json={**recorded("token"), "id_token": "second"})
    one.answer("GET", "/authcheck", status=401)
    one.answer("GET", "/authcheck", json="ok")

    one.client.auth.check()

    assert two.client.auth.token().value == "second"
    assert one.logins() == 2


def test_tokens_are_kept_by_the_process_without_valkey(
    make_jet: JetFactory, dead_valkey: redis.Redis
) -> None:
    one, two = (make_jet(token_store=RedisTokenStore(dead_valkey, seal, unseal)) for _ in range(2))
    one.answer("POST", "/token", json=recorded("token"))

    assert one.client.auth.token() == two.client.auth.token()
    assert one.logins() == 1
    store = RedisTokenStore(dead_valkey, seal, unseal)
    store.set(KEY, token("kept"))
    store.drop(KEY, "kept")
    assert store.get(KEY) is None
