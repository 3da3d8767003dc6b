"""Faults below HTTP: a reset connection, half a body, an answer that never leaves.

The fault middleware names the wanted one in `environ[KEY]`; here it happens on gunicorn's socket.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Callable, Iterable
from typing import Any

KEY = "jetsync.sandbox.wire"
RESET = "reset"
DROP = "drop"
HALF = "half"

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class WireFaults:
    """Wraps a WSGI application and breaks the answer when asked to."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        captured: list[Any] = []

        def capture(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            captured[:] = [status, headers]

        fault = environ.setdefault(KEY, "")
        body = self.application(environ, capture)
        fault = environ[KEY]
        status, headers = captured
        if not fault:
            start_response(status, headers)
            return body
        try:
            content = b"".join(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        connection: socket.socket = environ["gunicorn.socket"]
        if fault == HALF:
            _send_half(connection, status, headers, content)
        _cut(connection, with_reset=fault == RESET)
        # gunicorn takes this as the peer's doing and drops the connection without a log line.
        raise ConnectionResetError(errno.ECONNRESET, "fault injected")


def _send_half(
    connection: socket.socket, status: str, headers: list[tuple[str, str]], content: bytes
) -> None:
    kept = [(name, value) for name, value in headers if name.lower() not in {"content-length", "connection"}]
    kept += [("Content-Length", str(len(content))), ("Connection", "close")]
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in kept) + "\r\n"
    connection.sendall(head.encode("latin-1") + content[: len(content) // 2])


def _cut(connection: socket.socket, *, with_reset: bool) -> None:
    if with_reset:
        # Linger 0 makes close() send RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
