"""Ends the children of a supervisor that died without clean-up (SIGKILL, out of memory).

Runs as its own process, started as a plain file with `python -S -E`, so it may use the standard library only.
It reads lines from a pipe whose other end the supervisor holds:

    watch <pid> <signal> <stage>   end this child; higher stages end first, one stage at a time
    forget <pid>                   the supervisor ended it itself
    remove <path>                  delete this folder afterwards
    done                           the supervisor cleaned up: do nothing

The end of the pipe without `done` means that the supervisor is gone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

PATIENCE_SECONDS = 8.0


@dataclass
class Watched:
    """One child and how to end it. `born` tells it from a later process with the same number."""

    pid: int
    signal: int
    stage: int
    born: str | None


@dataclass
class Orders:
    """What the supervisor said so far."""

    children: dict[int, Watched] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    done: bool = False

    def take(self, line: str) -> None:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "watch":
            pid, number, stage = (int(part) for part in rest.split())
            self.children[pid] = Watched(pid, number, stage, born(pid))
        elif word == "forget":
            self.children.pop(int(rest), None)
        elif word == "remove":
            self.folders.append(rest)
        elif word == "done":
            self.done = True


def born(pid: int) -> str | None:
    """A mark of when this process started; None when it is gone or only a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123 -- start-up time
            # The command name is in brackets and may hold spaces: read behind the last bracket.
            fields = file.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return None if os.path.isdir("/proc/self") else _born_by_ps(pid)  # noqa: PTH112 -- as above
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _born_by_ps(pid: int) -> str | None:
    """The same for systems without /proc."""
    command = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return None if not answer or answer.startswith("Z") else answer.partition(" ")[2].strip()


def end(children: list[Watched]) -> None:
    """Signal all of one stage, wait, and kill what is left together with its process groups."""
    alive = [child for child in children if child.born is not None and born(child.pid) == child.born]
    for child in alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child.pid, child.signal)
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting = list(alive)
    while waiting and time.monotonic() < deadline:
        time.sleep(0.05)
        waiting = [child for child in waiting if born(child.pid) == child.born]
    for child in alive:
        # Every child leads its own group. Grandchildren may outlive a leader that was killed.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    orders = Orders()
    for line in sys.stdin:
        orders.take(line)
        if orders.done:
            return
    for stage in sorted({child.stage for child in orders.children.values()}, reverse=True):
        end([child for child in orders.children.values() if child.stage == stage])
    for folder in orders.folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
