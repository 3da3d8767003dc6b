"""The merchant of the publishing tests: a sandbox account, kettles, and a browser."""

from __future__ import annotations

from tests.catalog.sync.conftest import by_files, kettle, shop

__all__ = ["by_files", "kettle", "shop"]
