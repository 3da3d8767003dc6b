"""A whole supervisor run with real servers and tiny programs, as a process of its own for the tests to kill."""

from __future__ import annotations

import sys
from pathlib import Path

from jetsync.devstack import serve as serving
from jetsync.devstack.errors import DevstackError
from jetsync.devstack.parts import Part
from jetsync.devstack.state import State

WEB = """
import http.server
print('web is up')
http.server.test(http.server.SimpleHTTPRequestHandler, port={port}, bind='127.0.0.1')
"""
# A child of a child: ending the leader alone would leave it behind.
WORKER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
print('last words of the worker')
child.wait()
"""
# Takes its time to end, as a worker with a task in hand does.
SLOW_TO_END = """
import signal, time
def end(*_): time.sleep(3); raise SystemExit
signal.signal(signal.SIGTERM, end)
print('slow to end')
time.sleep(600)
"""
BROKEN = "import sys; print('cannot find the thing'); sys.exit(3)"
SHORT_LIVED = "import sys, time; print('tired again'); time.sleep(1); sys.exit(4)"


def dummy_parts(state: State, environment: dict[str, str], *, web_port: int) -> list[Part]:
    web = BROKEN if "--broken" in sys.argv else WEB.format(port=web_port)
    worker = WORKER
    if "--short-lived" in sys.argv:
        worker = SHORT_LIVED
    elif "--slow-to-end" in sys.argv:
        worker = SLOW_TO_END
    commands = {"web": web, "worker": worker}
    surroundings = environment | {"PYTHONUNBUFFERED": "1"}
    return [Part(name, ["-c", code], surroundings, state.log(name)) for name, code in commands.items()]


def no_step(_self: serving.Supervisor, name: str, *_command: str) -> str:
    return f"{name} was run"


def main() -> int:
    serving.product_parts = dummy_parts
    serving.Supervisor.step = no_step
    port = int(sys.argv[2]) if sys.argv[2] != "any" else None
    try:
        return serving.serve(serving.Options(state=Path(sys.argv[1]), port=port, demo=False))
    except DevstackError as error:
        sys.stdout.write(f"refused: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
