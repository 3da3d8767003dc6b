"""Starts a sandbox server for a test; needs nothing but the standard library and requests.

server = start_sandbox(tmp_path, accounts=[("user", "secret")])
requests.post(f"{server.api_url}/token", json={"user": "user", "pass": "secret"})
server.control.advance(1800)
server.close()
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


class ControlError(Exception):
    """The sandbox refused a control call; the text is its reason."""


class Control:
    """The `/control/` calls of one server. `user` narrows a call to one account."""

    def __init__(self, url: str, key: str) -> None:
        self.url = f"{url}/control"
        self.session = requests.Session()
        self.session.headers["X-Sandbox-Control"] = key

    def call(self, method: str, endpoint: str, /, **data: Any) -> Any:
        known = {name: value for name, value in data.items() if value is not None}
        body = {"params": known} if method == "GET" else {"json": known}
        response = self.session.request(method, f"{self.url}/{endpoint}", timeout=120, **body)
        if not response.ok:
            raise ControlError(f"{response.status_code}: {response.text[:500]}")
        return response.json()

    def reset(self, *, dice: int | None = None) -> None:
        """Empty everything but taxonomy and accounts; tokens got earlier stay good. `dice`: the same shoppers again."""
        self.call("POST", "reset", dice=dice)

    def now(self) -> str:
        return self.call("GET", "clock")["now"]

    def advance(self, seconds: float) -> str:
        """Move the clock and do what became due; returns the new time."""
        return self.call("POST", "clock", advance=seconds)["now"]

    def freeze(self, at: str | None) -> str:
        """Stop the clock at an ISO time; None lets it run again."""
        data = {"freeze": at}
        response = self.session.post(f"{self.url}/clock", json=data, timeout=120)
        response.raise_for_status()
        return response.json()["now"]

    def process(self) -> None:
        """Do now what is due now."""
        self.call("POST", "process")

    def fault(
        self,
        kind: str,
        *,
        path: str = ".*",
        method: str = "",
        rate: float = 1.0,
        remaining: int | None = None,
        user: str | None = None,
        **options: Any,
    ) -> int:
        """Put a rule on the fault board, e.g. `fault("status", path="/orders", status=503, remaining=2)`."""
        data = {
            "kind": kind,
            "path": path,
            "method": method,
            "rate": rate,
            "remaining": remaining,
            "user": user,
        }
        return self.call("POST", "faults", **data, **options)["id"]

    def faults(self) -> list[dict[str, Any]]:
        return self.call("GET", "faults")["faults"]

    def clear_faults(self) -> None:
        self.call("DELETE", "faults")

    def requests(self, *, user: str | None = None, limit: int | None = None) -> list[dict[str, Any]]:
        """What clients sent, oldest first: method, path, query, status, body, answer, user, faults."""
        return self.call("GET", "requests", user=user, limit=limit)["requests"]

    def clear_requests(self) -> None:
        self.call("DELETE", "requests")

    def counts(self, *, user: str | None = None) -> dict[str, dict[str, int]]:
        """Acts that took effect, by kind: `{"acknowledge": {"total": 3, "distinct": 3}}`."""
        return self.call("GET", "counts", user=user)

    def switch(self, *, user: str | None = None, **values: Any) -> dict[str, Any]:
        """Set switches by name; a value of None goes back to the default. Returns all of them."""
        return self.call("POST", "switches", user=user, values=values)

    def revoke_tokens(self, *, user: str | None = None) -> None:
        self.call("POST", "tokens/revoke", user=user)

    def add_account(self, user: str, secret: str, *, is_live: bool = False) -> None:
        self.call("POST", "accounts", user=user, secret=secret, is_live=is_live)

    def accounts(self) -> list[dict[str, Any]]:
        """Every account with user, mode, merchant_id, nodes and return_locations."""
        return self.call("GET", "accounts")["accounts"]

    def account(self, user: str) -> dict[str, Any]:
        return next(account for account in self.accounts() if account["user"] == user)

    def add_node(self, user: str, name: str) -> str:
        """Open another fulfilment node; returns its id."""
        return self.call("POST", "nodes", user=user, name=name)["node_id"]

    def add_return_location(self, user: str, name: str) -> str:
        """Open another return location; returns its id."""
        return self.call("POST", "return-locations", user=user, name=name)["location_id"]

    def verdict(self, user: str, sku: str, verdict: str, *sub_status: str) -> None:
        """Fix status and sub statuses of a SKU; "" hands it back to the review."""
        self.call("POST", "skus/verdict", user=user, sku=sku, verdict=verdict, sub_status=list(sub_status))

    def generate_orders(self, **values: Any) -> Any:
        """Let shoppers buy; the values are those of `POST /control/orders/generate`."""
        return self.call("POST", "orders/generate", **values)


@dataclass
class SandboxServer:
    url: str
    control: Control
    process: subprocess.Popen[bytes] = field(repr=False)
    log_path: Path

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def close(self) -> None:
        self.control.session.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=20)


def start_sandbox(
    tmp_path: Path,
    accounts: list[tuple[str, str]] | None = None,
    *,
    arguments: list[str] | None = None,
    memory: bool = True,
    port: int | None = None,
    **env: str,
) -> SandboxServer:
    """Start a server on a free loopback port and wait until it answers.

    `memory=False` keeps the data in `tmp_path / "state"`, so that a second start finds it again. Further keywords
    become environment variables of the server, e.g. `SANDBOX_TICK_SECONDS="0"`.
    """
    key = secrets.token_hex(16)
    url = f"http://127.0.0.1:{port or _free_port()}"
    command = [sys.executable, "-m", "jetsync.sandbox", "--bind", url.removeprefix("http://")]
    command += [
        part
        for user, secret in accounts or [("user", "secret")]
        for part in ("--account", f"{user}:{secret}")
    ]
    command += ["--memory"] if memory else ["--state", str(tmp_path / "state")]
    log_path = tmp_path / "sandbox.log"
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("SANDBOX_", "DJANGO_"))
    }
    with log_path.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own module
            [*command, *(arguments or [])],
            cwd=ROOT,
            env={**inherited, "SANDBOX_CONTROL_KEY": key, "SANDBOX_OWNER_PID": str(os.getpid()), **env},
            stdout=log,
            stderr=log,
        )
    server = SandboxServer(url=url, control=Control(url, key), process=process, log_path=log_path)
    _wait_until_ready(server)
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: SandboxServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(f"The sandbox ended at once:\n{server.log()}")
        try:
            server.control.call("GET", "ready")
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    log = server.log()
    server.close()
    raise RuntimeError(f"The sandbox did not answer within {START_SECONDS} s:\n{log}")
