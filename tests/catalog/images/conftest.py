"""A server with pictures, and probing switched on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.catalog.images.pictures import PictureServer, server_for


@pytest.fixture
def pictures(settings: Any) -> Iterator[PictureServer]:
    """A host that the operator allows, as the demo's sandbox is."""
    served = PictureServer(0)
    server = server_for(served)
    settings.PROBE_IMAGES = True
    settings.PRIVATE_HOSTS = [f"127.0.0.1:{served.port}"]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()
