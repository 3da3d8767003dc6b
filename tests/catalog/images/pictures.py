"""Pictures made on the spot, and a server on loopback that hands them out."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

PAGE = b"<!doctype html><title>Kettle</title><p>No picture here."


def picture(width: int = 1200, height: int = 900, kind: str = "JPEG", shade: int = 120) -> bytes:
    """A plain picture; another shade gives other bytes."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (shade, 80, 60)).save(out, kind)
    return out.getvalue()


def layered(kind: str, width: int = 1200, height: int = 900) -> bytes:
    """A PNG or TIFF with two frames."""
    out = io.BytesIO()
    first, second = (Image.new("RGB", (width, height), (shade, 0, 0)) for shade in (10, 200))
    first.save(out, kind, save_all=True, append_images=[second])
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of some bytes whose header promises 3,600 million pixels."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", b"x") + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class PictureServer:
    """`answers` by path; `seen` is every path asked for, in order. `before` runs inside a request."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    before: Callable[[str], Any] = lambda _path: None

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def put(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        """Answers this from now on; returns the address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[f"/{path}"] = Answer(body, status, named)
        return self.url(path)


def server_for(pictures: PictureServer) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pictures.seen.append(self.path.lstrip("/"))
            pictures.before(self.path)
            answer = pictures.answers.get(self.path, Answer(b"gone", 404))
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_args: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    pictures.port = server.server_port
    return server
