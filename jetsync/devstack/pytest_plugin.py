"""Gives every test run a real PostgreSQL and a real Valkey, started in about half a second.

Named in pyproject's addopts. DATABASE_URL and REDIS_URL that are already set are respected. With pytest-xdist
the controller starts PostgreSQL (pytest-django makes a database per worker); every worker gets a Valkey of its
own, because messages and rate limits of two workers must not meet.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jetsync.devstack.errors import DevstackError
from jetsync.devstack.guarding import STAGE_SERVERS, Guard
from jetsync.devstack.migrated import TEMPLATE, VARIABLE, start_migrated
from jetsync.devstack.postgres import STOP_SIGNAL as POSTGRES_STOP_SIGNAL
from jetsync.devstack.postgres import Postgres
from jetsync.devstack.valkey import STOP_SIGNAL as VALKEY_STOP_SIGNAL
from jetsync.devstack.valkey import Valkey

if TYPE_CHECKING:
    from collections.abc import Generator

PASSWORD = "for-tests-only"  # noqa: S105 -- the servers live in this run and listen on loopback
EMBEDDED_VALKEY = "JETSYNC_TEST_EMBEDDED_VALKEY"
FOLDER = "JETSYNC_TEST_FOLDER"
MEMORY_NEEDED = 1024**3


class TestServers:
    """What one test process started, and the one place that ends it."""

    __test__ = False

    def __init__(self) -> None:
        self.started: list[Postgres | Valkey] = []
        self.process_id = os.getpid()
        self.folder = Path(tempfile.mkdtemp(prefix="jetsync-test-", dir=fast_folder()))
        self.folder.chmod(0o711)  # PostgreSQL may run as another user and has to pass through
        os.environ[FOLDER] = str(self.folder)
        self.guard = Guard()
        self.guard.remove(self.folder)
        atexit.register(self.stop)  # before anything starts: a failed start must not leave files in memory

    def start_postgres(self) -> None:
        server = Postgres(self.folder / "postgres", PASSWORD, durable=False)
        self.started.append(server)
        start_migrated(server)
        if server.process:
            self.guard.watch(server.process.pid, POSTGRES_STOP_SIGNAL, STAGE_SERVERS)
        os.environ["DATABASE_URL"] = server.url
        os.environ[VARIABLE] = TEMPLATE

    def start_valkey(self) -> None:
        server = Valkey(self.folder / "valkey", PASSWORD, durable=False)
        self.started.append(server)
        server.start()
        if server.process:
            self.guard.watch(server.process.pid, VALKEY_STOP_SIGNAL, STAGE_SERVERS)
        server.wait_until_ready()
        os.environ["REDIS_URL"] = server.url

    def stop(self) -> None:
        if os.getpid() != self.process_id:  # a fork of the test process must not end its parent's servers
            return
        atexit.unregister(self.stop)
        for server in reversed(self.started):
            server.stop()
        self.guard.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def fast_folder() -> str | None:
    """The memory folder when it is there and large enough; None means the ordinary temporary one."""
    memory = Path("/dev/shm")  # noqa: S108 -- mkdtemp makes a private folder in it
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < MEMORY_NEEDED:
        return None
    return str(memory)


def start_missing_servers() -> TestServers | None:
    """Start what the environment does not name, and name it there; None when nothing was missing."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    needs_postgres = not os.environ.get("DATABASE_URL")
    needs_valkey = not os.environ.get("REDIS_URL") or (is_worker and EMBEDDED_VALKEY in os.environ)
    if not (needs_postgres or needs_valkey):
        return None
    servers = TestServers()
    try:
        if needs_postgres:
            servers.start_postgres()
        if needs_valkey:
            os.environ[EMBEDDED_VALKEY] = "1"
            servers.start_valkey()
    except DevstackError as error:
        servers.stop()
        raise pytest.UsageError(str(error)) from error
    return servers


# A wrapper, because wrappers run before the hook of pytest-django that loads the settings.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    known = early_config.known_args_namespace
    if not (getattr(known, "help", False) or getattr(known, "version", 0)):
        servers = start_missing_servers()
        if servers is not None:
            early_config.add_cleanup(servers.stop)
    return (yield)
