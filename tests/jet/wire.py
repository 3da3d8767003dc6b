"""A scripted HTTP server on loopback, byte by byte, for what no mock of the adapter can show."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Script = Callable[[socket.socket, "Request"], bool]


@dataclass
class Request:
    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode()


@dataclass
class Wire:
    """`script` answers one request and says whether the connection stays open."""

    script: Script
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    keep_bodies: bool = True
    received: int = 0
    port: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, listener: socket.socket) -> None:
        listener.settimeout(0.1)
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _address = listener.accept()
                self.connections += 1
                connection.settimeout(10)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while True:
                request = self._read(connection)
                if request is None:
                    return
                self.requests.append(request)
                if not self.script(connection, request):
                    return

    def _read(self, connection: socket.socket) -> Request | None:
        data = b""
        while b"\r\n\r\n" not in data:
            received = connection.recv(65536)
            if not received:
                return None
            data += received
            if data.startswith(b"\x16"):  # a TLS greeting; a plain server has no ear for it
                connection.sendall(answer(b"", "400 Bad Request"))
                return None
        head, body = data.split(b"\r\n\r\n", 1)
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        got, kept = len(body), [body]
        while got < length:
            received = connection.recv(65536)
            if not received:
                return None
            got += len(received)
            if self.keep_bodies:
                kept.append(received)
        self.received += got
        return Request(head, b"".join(kept))

    def stop(self) -> None:
        self._stop.set()


@contextlib.contextmanager
def serving(script: Script, *, keep_bodies: bool = True) -> Iterator[Wire]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = Wire(script, keep_bodies=keep_bodies, port=listener.getsockname()[1])
        thread = threading.Thread(target=wire.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield wire
        finally:
            wire.stop()
            thread.join(5)


def answer(body: bytes = b"", status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def reset(connection: socket.socket) -> None:
    """Ends the connection with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
