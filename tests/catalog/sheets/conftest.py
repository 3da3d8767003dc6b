"""A browser with the owner logged in."""

from __future__ import annotations

from tests.e2e.conftest import log_in, page, shot

__all__ = ["log_in", "page", "shot"]
