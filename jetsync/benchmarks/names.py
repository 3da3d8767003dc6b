"""What can be measured, by name. Imports nothing, so that `run.py` can ask before it starts a server."""

from __future__ import annotations

NAMES = ("csv", "delta", "fetch", "files", "orders", "pages", "taxonomy")
