"""The embedded servers of a state, and the environment that leads every part to them."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from jetsync.devstack.guarding import STAGE_SERVERS, Guard
from jetsync.devstack.parts import PROJECT
from jetsync.devstack.postgres import STOP_SIGNAL as POSTGRES_STOP_SIGNAL
from jetsync.devstack.postgres import Postgres
from jetsync.devstack.valkey import STOP_SIGNAL as VALKEY_STOP_SIGNAL
from jetsync.devstack.valkey import Valkey

if TYPE_CHECKING:
    from jetsync.devstack.state import Secrets, State


class EmbeddedServers:
    """PostgreSQL and Valkey of one state; DATABASE_URL and REDIS_URL in the environment switch them off."""

    def __init__(self, state: State, secrets: Secrets, guard: Guard) -> None:
        self.guard = guard
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        if not os.environ.get("DATABASE_URL"):
            folder = state.folder / "postgres"
            self.postgres = Postgres(folder, secrets.postgres_password, key=secrets.state_id)
        if not os.environ.get("REDIS_URL"):
            self.valkey = Valkey(state.folder / "valkey", secrets.valkey_password)

    def start(self) -> None:
        """Start both and wait until they answer."""
        for server in self.all():
            server.start()
            self._watch(server)
        for server in self.all():
            server.wait_until_ready()

    def restart(self, server: Postgres | Valkey) -> None:
        """Start one that ended, on the port that everybody knows."""
        if server.process is not None:
            self.guard.forget(server.process.pid)
        server.start()
        self._watch(server)
        server.wait_until_ready()

    def stop(self) -> None:
        for server in reversed(self.all()):
            server.stop()

    def all(self) -> list[Postgres | Valkey]:
        return [server for server in (self.postgres, self.valkey) if server is not None]

    @property
    def database_url(self) -> str:
        return self.postgres.url if self.postgres else os.environ["DATABASE_URL"]

    @property
    def redis_url(self) -> str:
        return self.valkey.url if self.valkey else os.environ["REDIS_URL"]

    def _watch(self, server: Postgres | Valkey) -> None:
        if server.process is not None:
            number = POSTGRES_STOP_SIGNAL if server is self.postgres else VALKEY_STOP_SIGNAL
            self.guard.watch(server.process.pid, number, STAGE_SERVERS)


def environment(state: State, secrets: Secrets, servers: EmbeddedServers, *, web_port: int) -> dict[str, str]:
    """Variables of local mode that `settings.py` reads; docs/operations.md explains each of them."""
    sandbox = f"127.0.0.1:{state.kept_port('sandbox')}"
    no_proxy = ",".join(filter(None, [os.environ.get("NO_PROXY", ""), "127.0.0.1,localhost,::1"]))
    return {
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "DJANGO_SETTINGS_MODULE": "jetsync.settings",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "SECRET_KEY": secrets.secret_key,
        "JETSYNC_ENCRYPTION_KEYS": secrets.encryption_key,
        "DEBUG": "0",
        "JETSYNC_LOCAL": "1",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
        "JETSYNC_BASE_URL": f"http://127.0.0.1:{web_port}",
        "JETSYNC_PRIVATE_HOSTS": ",".join(
            filter(None, [os.environ.get("JETSYNC_PRIVATE_HOSTS", ""), sandbox])
        ),
        "JETSYNC_SANDBOX_URL": f"http://{sandbox}",
        "JETSYNC_MANAGE_COMMAND": shlex.join(
            ["python3", str(PROJECT / "run.py"), "--state", str(state.folder), "manage"]
        ),
        "JETSYNC_MAIL_DIR": str(state.folder / "mail"),
        "JETSYNC_MEDIA_ROOT": str(state.folder / "media"),
        "JETSYNC_STATIC_ROOT": str(state.folder / "static"),
        "SANDBOX_SECRET_KEY": secrets.sandbox_secret_key,
        "SANDBOX_CONTROL_KEY": secrets.sandbox_control_key,
        "JETSYNC_DEMO_USER": secrets.demo_user,
        "JETSYNC_DEMO_SECRET": secrets.demo_secret,
    }
