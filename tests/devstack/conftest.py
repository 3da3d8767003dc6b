"""Runs of the supervisor as processes of their own, and a look at what they leave behind."""

# ruff: noqa: S603 -- only programs of this project are started

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jetsync.devstack.network import free_port
from jetsync.devstack.parts import PROJECT

SWITCHES = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "JETSYNC_LOCAL", "JETSYNC_PRIVATE_HOSTS")


def own_environment() -> dict[str, str]:
    """The test run's environment without what would lead a run to the test servers."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in SWITCHES and "PYTEST" not in name and "JETSYNC_TEST" not in name
    }


def processes_of(state: Path) -> dict[int, str]:
    """pid -> command line of every living process that belongs to a run on this state.

    Only Linux has /proc; the tests that need it say so.
    """
    found = {}
    mark = str(state).encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes()
            # The servers rename themselves and clear their environment, but stay in their data folder.
            surroundings = (entry / "environ").read_bytes() + os.fsencode((entry / "cwd").readlink())
        except OSError:
            continue
        if words and (mark in words or mark in surroundings):
            found[int(entry.name)] = words.replace(b"\0", b" ").decode(errors="replace")
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


class Run:
    """One supervisor process; what it prints goes to a file that the test reads."""

    def __init__(self, command: list[str], state: Path) -> None:
        self.state = state
        self.output = state.with_name(f"{state.name}-{time.monotonic_ns()}.out")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=PROJECT,
                env=own_environment() | {"JETSYNC_TEST_MARK": str(state), "PYTHONPATH": str(PROJECT)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text: str, seconds: float = 60) -> None:
        wait_until(lambda: text in self.said or self.process.poll() is not None, seconds)
        assert text in self.said, self.said

    def wait_until_ready(self) -> None:
        """Until the address was printed and the dummy worker, which starts last, is at work."""
        self.wait_for("is ready")
        log = self.state / "logs" / "worker.log"
        assert wait_until(lambda: log.exists() and log.stat().st_size > 0, 60), self.said

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def child(self, name: str) -> int:
        """pid of the process whose environment or command names this part, the oldest first."""
        fitting = [pid for pid, words in processes_of(self.state).items() if name in words]
        assert fitting, processes_of(self.state)
        return min(fitting)

    def running(self) -> dict[str, object]:
        return json.loads((self.state / "running.json").read_text(encoding="utf-8"))


@pytest.fixture
def state_folder() -> Iterator[Path]:
    """A state that PostgreSQL's account can enter; pytest's own folders are closed to everybody but root."""
    parent = Path(tempfile.mkdtemp(prefix="jetsync-devstack-test-"))
    parent.chmod(0o711)
    yield parent / "state"
    shutil.rmtree(parent)


@pytest.fixture
def start_dummy(state_folder: Path) -> Iterator[Callable[..., Run]]:
    """Start dummy_stack.py on the test's state; whatever still runs at the end is ended in order."""
    runs: list[Run] = []

    def start(*extra: str, port: str | None = None) -> Run:
        script = str(Path(__file__).with_name("dummy_stack.py"))
        run = Run([script, str(state_folder), port or str(free_port()), *extra], state_folder)
        runs.append(run)
        return run

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.send(signal.SIGTERM)
            run.process.wait(60)
