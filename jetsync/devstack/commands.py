"""`run.py manage` and `run.py bench`: Django commands with the servers of a state."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jetsync.benchmarks.names import NAMES
from jetsync.devstack.errors import DevstackError
from jetsync.devstack.guarding import Guard
from jetsync.devstack.parts import PROJECT
from jetsync.devstack.serve import DEFAULT_PORT
from jetsync.devstack.servers import EmbeddedServers, environment
from jetsync.devstack.stamps import migrated_file
from jetsync.devstack.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Long enough for a first start (creating the database, migrating) or a short command of another terminal.
JOIN_SECONDS = 180.0


def manage(folder: Path, arguments: list[str]) -> int:
    """Run manage.py; joins a running `run.py` on this state or starts the servers for this command alone."""
    if arguments[:1] != ["check"]:
        # The command may migrate back or forth: the next start has to look for itself.
        migrated_file(folder).unlink(missing_ok=True)
    with server_environment(State(folder)) as variables:
        return _manage(variables, arguments)


def bench(folder: Path, arguments: list[str]) -> int:
    """Run a benchmark in a state of its own, so that its rows never meet the merchant's."""
    if not arguments or arguments[0] not in NAMES:
        said = f"There is no benchmark {arguments[0]!r}." if arguments else "No benchmark is named."
        raise DevstackError(f"{said} One of: {', '.join(NAMES)}. See docs/benchmarks.md.")
    with server_environment(State(folder / "bench")) as variables:
        return _manage(variables, ["migrate", "--noinput", "-v", "0"]) or _manage(
            variables, ["bench", *arguments]
        )


@contextmanager
def server_environment(state: State) -> Iterator[dict[str, str]]:
    """Environment of the servers that run on this state; they are started when none do."""
    deadline = time.monotonic() + JOIN_SECONDS
    while (lock := state.lock()) is None:
        running = state.running_environment()
        if running is not None and state.owner_is_alive():
            yield running
            return
        if time.monotonic() > deadline:
            raise DevstackError(f"Another command holds {state.folder} for more than {JOIN_SECONDS:.0f} s.")
        time.sleep(0.2)
    try:
        secrets = state.secrets()
        guard = Guard(keep_open=(lock.descriptor,))
        servers = EmbeddedServers(state, secrets, guard)
        try:
            servers.start()
            yield environment(state, secrets, servers, web_port=DEFAULT_PORT)
        finally:
            servers.stop()
            guard.close()
    finally:
        lock.release()


def _manage(variables: dict[str, str], arguments: list[str]) -> int:
    command = [sys.executable, "manage.py", *arguments]
    # Ctrl-C reaches the command itself; here it only ends the waiting, and then the servers in order.
    with subprocess.Popen(command, cwd=PROJECT, env=os.environ | variables) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            return 130
