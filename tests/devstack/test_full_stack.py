"""The whole product, started as a merchant starts it: page, kill, second start, crash of a worker, Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import sys
import urllib.request
from pathlib import Path

import pytest

from jetsync.devstack.network import free_port
from jetsync.devstack.parts import PROJECT
from tests.devstack.conftest import Run, processes_of, wait_until

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PARTS = {
    "web": "gunicorn jetsync.wsgi",
    "worker": "-n worker@",
    "bulk worker": "-n bulk@",
    "beat": "jetsync beat",
    "sandbox": "gunicorn jetsync.sandbox",
}


def parts_running(state: Path) -> set[str]:
    words = processes_of(state).values()
    return {part for part, mark in PARTS.items() if any(mark in line for line in words)}


def page(address: str) -> str:
    with DIRECT.open(address, timeout=30) as answer:
        return answer.read().decode()


@pytest.mark.slow
@pytest.mark.kill
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_whole_stack_from_first_start_to_the_end(state_folder: Path) -> None:
    port = free_port()
    command = [str(PROJECT / "run.py"), "--state", str(state_folder), "--port", str(port)]
    address = f"http://127.0.0.1:{port}/"

    # The first start prints where to go, and the page has its styles.
    first = Run(command, state_folder)
    try:
        first.wait_for("Ctrl-C ends everything", 400)
        assert f"jetsync is ready:  {address}" in first.said
        [portal] = re.findall(r"Sandbox portal: +(http://127\.0\.0\.1:\d+/)", first.said)
        login = page(address)
        assert "<form" in login
        [style] = re.findall(r'href="(/static/[\w./-]+\.css)"', login)[:1]
        assert page(address.rstrip("/") + style)
        assert "<html" in page(portal)
        assert wait_until(lambda: parts_running(state_folder) == set(PARTS), 60), parts_running(state_folder)
    finally:
        # Nothing left after a kill of the supervisor, whatever happened above.
        first.send(signal.SIGKILL)
        first.process.wait(10)
        assert wait_until(lambda: processes_of(state_folder) == {}, 40), processes_of(state_folder)

    # The second start migrates and collects nothing and keeps the sandbox's address.
    second = Run(command, state_folder)
    try:
        second.wait_for("Ctrl-C ends everything", 200)
        assert "migrate done" not in second.said
        assert "static done" not in second.said
        assert "demo done" not in second.said
        assert re.findall(r"Demo log-in: .*", first.said) == re.findall(r"Demo log-in: .*", second.said) != []
        assert portal in second.said

        # A worker that dies is shown and comes back.
        assert wait_until(lambda: parts_running(state_folder) == set(PARTS), 60)
        os.kill(second.child("-n worker@"), signal.SIGKILL)
        second.wait_for("worker runs again")
        assert "worker ended unexpectedly (killed by SIGKILL)" in second.said
        assert wait_until(lambda: parts_running(state_folder) == set(PARTS), 60)
    finally:
        second.send(signal.SIGINT)
        assert second.process.wait(60) == 0
    assert processes_of(state_folder) == {}
    assert "stopped, nothing is left running" in second.said
