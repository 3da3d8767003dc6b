"""A time for a whole exchange. The timeouts of a socket count anew with every byte that comes."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import Self

_here = threading.local()


class Deadline:
    """Shuts the connection of this thread's exchange at its time, wherever it is: handshake, headers or body.

    A context manager around one exchange or several. With `from_answer` the time begins once the request has been
    sent, because a large file takes as long as it takes. After `is_over` nothing that was received is whole: to the
    reader the end looks like the other side's.
    """

    def __init__(self, seconds: float, *, from_answer: bool = False) -> None:
        self._seconds, self._from_answer = seconds, from_answer
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._ends_at: float | None = None

    @property
    def is_over(self) -> bool:
        return self._ends_at is not None and time.monotonic() >= self._ends_at

    def __enter__(self) -> Self:
        _here.deadline = self
        if not self._from_answer:
            self.begin()
        return self

    def __exit__(self, *_exc: object) -> None:
        _here.deadline = None
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._let_go()

    def begin(self) -> None:
        """Starts the time; once."""
        if self._timer is None:
            self._ends_at = time.monotonic() + self._seconds
            self._timer = threading.Timer(self._seconds, self._cut)
            self._timer.daemon = True
            self._timer.start()

    def watch(self, connected: socket.socket) -> None:
        """From now on this connection is the one to shut. A handle of its own stays valid when TLS takes the other."""
        with self._lock:
            self._let_go()
            self._watched = socket.socket(fileno=os.dup(connected.fileno()))
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        with self._lock, suppress(OSError):
            if self._watched is not None:
                self._watched.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._watched is not None:
            self._watched.close()
            self._watched = None


def watch_connection(connected: socket.socket | None) -> None:
    """Puts a connection under the deadline of this thread, where there is one."""
    deadline: Deadline | None = getattr(_here, "deadline", None)
    if deadline is not None and connected is not None and connected.fileno() >= 0:
        deadline.watch(connected)


def begin_waiting() -> None:
    """The request is sent: a deadline `from_answer` begins."""
    deadline: Deadline | None = getattr(_here, "deadline", None)
    if deadline is not None:
        deadline.begin()
