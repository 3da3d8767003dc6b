"""Gunicorn's own settings; the command line adds address and threads."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

timeout = 300  # a bulk file may keep one thread busy for a while
graceful_timeout = 3
keepalive = 30
worker_connections = 1000
loglevel = "warning"


def when_ready(_server: Any) -> None:
    """Tell where everything is, now that it can be opened."""
    if text := os.environ.get("SANDBOX_ANNOUNCE"):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def on_exit(_server: Any) -> None:
    """Remove the data of a server started with `--memory`."""
    folder = os.environ.get("SANDBOX_THROW_AWAY")
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
