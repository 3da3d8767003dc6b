"""The programs of a local installation: what is started, and one running instance of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jetsync.devstack.guarding import STAGE_PROGRAMS, Guard

if TYPE_CHECKING:
    from jetsync.devstack.state import State

PROJECT = Path(__file__).resolve().parent.parent.parent
STOP_SECONDS = 15.0


@dataclass
class Part:
    """A program that is kept running. `command` follows the Python interpreter."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)

    def start(self, guard: Guard) -> None:
        if self.process is not None:
            guard.forget(self.process.pid)
        with self.log.open("ab") as log:
            # Its own session: Ctrl-C reaches the supervisor alone, which then ends the parts in the right order.
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                cwd=PROJECT,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(time.monotonic())
        guard.watch(self.process.pid, signal.SIGTERM, STAGE_PROGRAMS)

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative is the signal that ended it."""
        return None if self.process is None else self.process.poll()

    def end_remains(self) -> None:
        """Kill what a part that ended left in its process group (the children of a killed worker)."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def starts_within(self, seconds: float) -> int:
        return sum(1 for moment in self.started if moment > time.monotonic() - seconds)

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until `deadline`, then kill, with all that is left of its process group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        self.end_remains()
        self.process.wait()


def end_all(parts: list[Part]) -> None:
    """End all at once; none may take longer than STOP_SECONDS."""
    for part in parts:
        part.ask_to_end()
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts:
        part.end(deadline)


def worker_command(name: str, queues: str, *, processes: int) -> list[str]:
    command = [
        "-m",
        "celery",
        "-A",
        "jetsync",
        "worker",
        "-n",
        f"{name}@%h",
        "-Q",
        queues,
        "-c",
        str(processes),
    ]
    return [*command, "--without-gossip", "--without-mingle", "-l", "INFO"]


def product_parts(state: State, environment: dict[str, str], *, web_port: int) -> list[Part]:
    """Web, two workers and beat. Two workers, so that bulk files never keep an order waiting."""
    beat_file = state.folder / "beat"
    commands = {
        "worker": worker_command("worker", "urgent,default", processes=2),
        "worker-bulk": worker_command("bulk", "bulk,default", processes=1),
        "beat": ["-m", "celery", "-A", "jetsync", "beat", "-l", "INFO", "-s", str(beat_file), "--pidfile="],
        "web": [
            *("-m", "gunicorn", "jetsync.wsgi", "--bind", f"127.0.0.1:{web_port}", "--threads", "8"),
            *("--no-control-socket", "--worker-tmp-dir", str(state.folder), "--timeout", "60"),
        ],
    }
    return [
        Part(name, command, environment | {"PYTHONUNBUFFERED": "1"}, state.log(name))
        for name, command in commands.items()
    ]


def sandbox_part(state: State, environment: dict[str, str]) -> Part:
    """The Jet look-alike with the demo's account; its key travels in the environment, not in the process list."""
    address = environment["JETSYNC_SANDBOX_URL"].removeprefix("http://")
    command = ["-m", "jetsync.sandbox", "--bind", address, "--state", str(state.folder / "sandbox")]
    own = {
        "SANDBOX_ACCOUNTS": f"{environment['JETSYNC_DEMO_USER']}:{environment['JETSYNC_DEMO_SECRET']}",
        "SANDBOX_NAME": "Harrow & Finch",  # as the demo calls its store
        "PYTHONUNBUFFERED": "1",
    }
    return Part("sandbox", command, environment | own, state.log("sandbox"))
