"""The supervisor's end of the guard process (guard.py)."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import signal

GUARD_FILE = Path(__file__).with_name("guard.py")

# Higher stages end first: the programs, then the servers they talk to.
STAGE_SERVERS = 1
STAGE_PROGRAMS = 2


class Guard:
    """Ends what it was told to watch when this process dies without calling `close`.

    `keep_open` are file descriptors that the guard holds until it has finished: the state's lock, so that
    a new start waits until nothing of the old one is left.
    """

    def __init__(self, *, keep_open: tuple[int, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-E", str(GUARD_FILE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            cwd="/",
            pass_fds=keep_open,
            start_new_session=True,
        )

    def watch(self, pid: int, number: signal.Signals, stage: int) -> None:
        self._say(f"watch {pid} {int(number)} {stage}")

    def forget(self, pid: int) -> None:
        self._say(f"forget {pid}")

    def remove(self, folder: Path) -> None:
        """Delete this folder too when the guard has to act."""
        self._say(f"remove {folder}")

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """Everything was cleaned up: the guard leaves without touching anything."""
        self._say("done")
        with contextlib.suppress(OSError):
            self._pipe.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    @property
    def _pipe(self) -> IO[str]:
        if self.process.stdin is None:
            raise RuntimeError("the guard is always started with a pipe")
        return self.process.stdin

    def _say(self, line: str) -> None:
        # A guard that was killed must not take the supervisor with it; the supervisor checks `is_alive`.
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._pipe.write(f"{line}\n")
