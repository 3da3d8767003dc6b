"""Gunicorn's own settings; the command line adds address and threads."""

from __future__ import annotations

import os
import shutil
from typing import Any

timeout = 300  # a bulk file may keep one thread busy for a while
graceful_timeout = 3
keepalive = 30
worker_connections = 1000
loglevel = "warning"


def on_exit(_server: Any) -> None:
    """Remove the data of a server started with `--memory`."""
    folder = os.environ.get("SANDBOX_THROW_AWAY")
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
