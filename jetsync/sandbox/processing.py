"""Background work: review of SKUs, bulk files, order states, return and refund progress.

A step is a function without arguments that does everything due at `clock.now()` and nothing twice:

    @processing.register
    def release_created_orders() -> None: ...

Steps run in registration order in the server's background thread, lazily before every API call, and at
`POST /control/process`. A step must be cheap when nothing is due (one indexed query), must open its own
transaction for writing, and must date what it does by the moment it was due, not by the moment it ran.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections

logger = logging.getLogger(__name__)

Step = Callable[[], None]
steps: list[Step] = []

_running = threading.RLock()
_mode = threading.local()
# Requests look for due work this often at most; `poke` makes the next one look at once.
LOOK_EVERY_SECONDS = 0.2
_last_look = 0.0


def register(step: Step) -> Step:
    if step not in steps:
        steps.append(step)
    return step


def run() -> None:
    """Run every step now, waiting for a run in progress."""
    global _last_look  # noqa: PLW0603 -- one clock hand per process, written under the lock
    with _running:
        _last_look = time.monotonic()
        for step in steps:
            step()


def run_lazily() -> None:
    """Run the steps unless they ran a moment ago or are running in another thread."""
    if time.monotonic() - _last_look < LOOK_EVERY_SECONDS or not _running.acquire(blocking=False):
        return
    _mode.is_lazy = True
    try:
        run()
    except Exception:  # a failing step is no business of the client whose call came by
        logger.exception("A background step failed")
    finally:
        _mode.is_lazy = False
        _running.release()


def in_small_bites() -> bool:
    """Is a client waiting for this run? Then a step leaves large work to the background thread, if there is one."""
    return getattr(_mode, "is_lazy", False) and settings.SANDBOX_TICK_SECONDS > 0


def poke() -> None:
    """Something became due: let the next request look at once."""
    global _last_look  # noqa: PLW0603 -- a lost write only costs one look
    _last_look = 0.0


def start_thread() -> None:
    """Start the background thread of the server process; called once by the WSGI module."""
    if settings.SANDBOX_TICK_SECONDS > 0 or settings.SANDBOX_OWNER_PID:
        threading.Thread(target=_loop, name="sandbox-background", daemon=True).start()


def _loop() -> None:
    while True:
        time.sleep(settings.SANDBOX_TICK_SECONDS or 1)
        if settings.SANDBOX_OWNER_PID and not _is_alive(settings.SANDBOX_OWNER_PID):
            os.kill(os.getppid(), signal.SIGTERM)
            return
        if settings.SANDBOX_TICK_SECONDS > 0:
            _tick()


def _tick() -> None:
    try:
        run()
    except Exception:  # the thread must outlive a failing step; the log says what failed
        logger.exception("A background step failed")
    finally:
        close_old_connections()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
