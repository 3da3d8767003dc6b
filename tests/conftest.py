"""Fixtures of all suites. Real PostgreSQL and Valkey come from jetsync.devstack.pytest_plugin."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser, sync_playwright

from jetsync.enums import Queue
from jetsync.models import JetAccount, Merchant, User
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import Actor, member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import rights_of
from tests import factories
from tests.sandbox_server import SandboxServer, start_sandbox

# Operations that only tests start.
for _kind in ("test.upload", "test.import", "test.work", "test.send", "test.other", "x.upload"):
    operation_kind(_kind, right=None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What runs for half an hour runs only when its marker is asked for."""
    if "long" in config.getoption("markexpr"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The usual one; at the end it closes what threads of a test's own server may still hold of the database."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Uploads and bulk files of a test go to a folder of its own, never into a running panel's state."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "media"


@pytest.fixture
def merchant(db: None) -> Merchant:
    return factories.make_merchant("Harrow & Finch")


@pytest.fixture
def owner(merchant: Merchant) -> User:
    return factories.make_member(merchant, "owner")


@pytest.fixture
def actor(owner: User) -> Actor:
    return member_actor(owner, rights_of("owner"))


@pytest.fixture
def scoped(merchant: Merchant) -> Iterator[Merchant]:
    """The merchant with its scope open for the whole test."""
    with merchant_scope(merchant):
        yield merchant


@pytest.fixture
def client_for(merchant: Merchant) -> Callable[..., Client]:
    """`client_for("analyst")`: a browser logged in as a new member with that role."""

    def make(role: str = "owner", of: Merchant | None = None) -> Client:
        client = Client()
        client.force_login(factories.make_member(of or merchant, role))
        return client

    return make


@pytest.fixture
def count_queries() -> Callable[[Client, str], int]:
    """Queries of one GET that must answer 200."""

    def count(client: Client, url: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(url)
        assert response.status_code == 200, url
        return len(queries)

    return count


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    server = start_sandbox(tmp_path_factory.mktemp("sandbox"), accounts=[("demo-user", "demo-secret")])
    yield server
    server.close()


@dataclass
class SandboxAccount:
    """A sandbox emptied for this test and the merchant's account that points at it."""

    server: SandboxServer
    account: JetAccount
    node_id: str

    @property
    def control(self) -> Any:
        return self.server.control


@pytest.fixture
def sandbox(sandbox_server: SandboxServer, merchant: Merchant) -> SandboxAccount:
    from jetsync.sync.client import client_for as jet_client_for
    from jetsync.sync.client import shared_redis

    sandbox_server.control.reset()
    shared_redis().flushdb()
    account = factories.make_account(
        merchant, sandbox_server.api_url, api_user="demo-user", api_secret="demo-secret", validation="ok"
    )
    with merchant_scope(merchant):
        node = jet_client_for(account).nodes.list()[0]
        account.nodes.update(node_id=node.node_id)
    return SandboxAccount(sandbox_server, account, node.node_id)


@pytest.fixture
def drain() -> Callable[..., int]:
    """Runs due jobs of all queues until none is left; returns how many ran. Fails on a job that never ends."""
    from jetsync.sync.requests import gather_requests
    from jetsync.sync.runner import run_next

    def run_all(limit: int = 500) -> int:
        done = 0
        while gather_requests() or any(run_next(queue) for queue in Queue.values):
            done += 1
            assert done < limit, "jobs keep coming"
        return done

    return run_all


@pytest.fixture
def commit_callbacks(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    @contextmanager
    def run() -> Iterator[None]:
        with django_capture_on_commit_callbacks(execute=True):
            yield

    return run


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Jobs are run by `drain`; only tests marked `kill` (or that ask for `broker`) talk to a real worker."""
    if "kill" in request.keywords or "broker" in request.fixturenames:
        return
    from jetsync.sync import queue

    monkeypatch.setattr(queue, "wake", lambda _queue: None)


@pytest.fixture
def broker() -> None:
    """Let messages really go to Valkey."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("The browser tests need chromium: apt-get install chromium, or set CHROMIUM.")
    # Playwright's loop runs in this thread; the ORM calls of the tests beside it are ordinary and blocking.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
