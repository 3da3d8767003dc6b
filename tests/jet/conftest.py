"""A client whose only mock is the HTTP adapter, with pinned jitter and recorded sleeps; and the real Valkey."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
import responses

from jetsync.jet import JetClient, MemoryTokenStore, RequestEvent, Token
from jetsync.jet.session import new_session
from jetsync.jet.transport import Transport
from tests.jet import walk
from tests.sandbox_server import SandboxServer, start_sandbox

BASE = "https://jet.example.com/api"
USER = "4A7C0FFEEUSER1234567890ABCDEF0123456789AB"
SECRET = "kq/9+Sup3rS3cr3tV4lu3=="
FIXTURES = Path(__file__).parent.parent / "fixtures" / "jet"


def recorded(name: str) -> Any:
    """A recorded answer of tests/fixtures/jet/."""
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


@dataclass
class Jet:
    """The client and everything that can be seen of it from outside."""

    client: JetClient
    http: responses.RequestsMock
    store: MemoryTokenStore
    events: list[RequestEvent] = field(default_factory=list)
    sleeps: list[float] = field(default_factory=list)
    before: list[tuple[str, str]] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, **answer: Any) -> responses.BaseResponse:
        return self.http.add(method, path if "://" in path else BASE + path, **answer)

    def sent(self) -> list[str]:
        """Method and path of what went out, without the login."""
        calls = [(call.request.method, call.request.url or "") for call in self.http.calls]
        return [f"{method} {url.removeprefix(BASE)}" for method, url in calls if not url.endswith("/token")]

    def sent_json(self, index: int = -1) -> Any:
        body = self.http.calls[index].request.body
        assert isinstance(body, bytes)
        return json.loads(body)

    def logins(self) -> int:
        return sum(1 for call in self.http.calls if (call.request.url or "").endswith("/token"))


JetFactory = Callable[..., Jet]


@pytest.fixture
def make_jet(monkeypatch: pytest.MonkeyPatch) -> Iterator[JetFactory]:
    sleeps: list[float] = []
    monkeypatch.setattr(Transport, "jitter", lambda _self, seconds: seconds)
    monkeypatch.setattr(Transport, "sleep", lambda _self, seconds: sleeps.append(seconds))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:

        def make(**options: Any) -> Jet:
            store = options.pop("token_store", None) or MemoryTokenStore()
            events: list[RequestEvent] = []
            before: list[tuple[str, str]] = []
            verified: list[str] = []
            client = JetClient(
                **{
                    "base_url": BASE,
                    "user": USER,
                    "secret": SECRET,
                    "token_store": store,
                    "limiter_key": "merchant:7:test",
                    "before_request": lambda method, path: before.append((method, path)),
                    "after_request": events.append,
                    "session": new_session(),
                    "verify_url": verified.append,
                    **options,
                }
            )
            return Jet(client, http, store, events, sleeps, before, verified)

        yield make


@pytest.fixture
def jet(make_jet: JetFactory) -> Jet:
    """A client that is logged in already."""
    made = make_jet()
    made.answer("POST", "/token", json=recorded("token"))
    made.client.auth.token()
    made.http.calls.reset()
    made.events.clear()
    made.before.clear()
    made.verified.clear()
    return made


def stored_tokens(store: MemoryTokenStore) -> list[Token]:
    return list(store._tokens.values())


@pytest.fixture
def valkey() -> Iterator[redis.Redis]:
    """The real server of this run, with names of this test only."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"] + "/2", socket_timeout=5)
    yield client
    client.close()


@pytest.fixture
def prefix() -> str:
    return f"test:{uuid.uuid4().hex}:"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    server = start_sandbox(
        tmp_path_factory.mktemp("sandbox"), [(walk.USER, walk.SECRET)], SANDBOX_TICK_SECONDS="0"
    )
    yield server
    server.close()


@pytest.fixture
def events(server: SandboxServer) -> list[RequestEvent]:
    server.control.clear_faults()
    server.control.reset()
    return []


@pytest.fixture
def client(server: SandboxServer, events: list[RequestEvent]) -> Iterator[JetClient]:
    session = new_session()
    yield JetClient(
        base_url=server.api_url,
        user=walk.USER,
        secret=walk.SECRET,
        session=session,
        after_request=events.append,
    )
    session.close()


@pytest.fixture
def node(client: JetClient) -> str:
    return client.nodes.list()[0].node_id
