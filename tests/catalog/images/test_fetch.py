"""One picture fetched over HTTP: what is measured, and what is refused before or while it is read."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from catalog.enums import ImageState
from catalog.images import Look
from catalog.sync import image_fetch, images
from catalog.sync.image_fetch import ImageFetcher
from catalog.sync.images import PER_HOST, lanes, look_at_all
from tests.catalog.images.pictures import PAGE, bomb, layered, picture
from tests.jet.wire import serving


@pytest.fixture
def fetcher() -> Iterator[ImageFetcher]:
    made = ImageFetcher()
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"])
def test_picture_is_measured_by_its_bytes_and_not_by_its_name(pictures, fetcher, kind):
    body = picture(640, 480, kind)
    look = fetcher.look_at(pictures.put("kettle.jpg", body, Content_Type="text/plain"))
    digest = hashlib.sha256(body).hexdigest()
    assert look == Look(ImageState.FINE, 640, 480, len(body), kind, content_hash=digest)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_several_layers_are_seen(pictures, fetcher, kind):
    look = fetcher.look_at(pictures.put("layers", layered(kind)))
    assert (look.state, look.format, look.is_layered) == (ImageState.FINE, kind, True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (PAGE, "The address answers with a web page."),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "The address answers with an SVG drawing."),
        (b"", "The answer is empty."),
        (b"%PDF-1.7 ...", "What the address answers with is none of JPEG, PNG, TIFF, WebP and BMP."),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(pictures, fetcher, body, message):
    look = fetcher.look_at(pictures.put("kettle.jpg", body))
    assert (look.state, look.message) == (ImageState.NOT_IMAGE, message)


def test_damaged_picture_is_no_picture(pictures, fetcher):
    look = fetcher.look_at(pictures.put("half.png", picture(kind="PNG")[:20]))
    assert look.state == ImageState.NOT_IMAGE


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "The server answers 404 Not Found."),
        (403, "The server answers 403 Forbidden."),
        (503, "The server answers 503 Service Unavailable."),
        (299, "The server answers 299."),
    ],
)
def test_server_that_gives_no_picture_is_quoted(pictures, fetcher, status, message):
    look = fetcher.look_at(pictures.put("kettle.jpg", b"no", status))
    assert (look.state, look.message) == (ImageState.UNREACHABLE, message)


def test_redirect_is_followed_and_a_circle_ends(pictures, fetcher):
    pictures.put("new.jpg", picture(300, 300))
    assert fetcher.look_at(pictures.put("old.jpg", status=302, Location="/new.jpg")).width == 300
    look = fetcher.look_at(pictures.put("round.jpg", status=301, Location="/round.jpg"))
    assert look.message == "The address redirects more than 4 times."
    assert pictures.seen.count("round.jpg") == 5


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/a.jpg", "file:///etc/passwd", "http://u:p@127.0.0.1/a.jpg"]
)
def test_redirect_to_anything_else_than_a_web_address_is_refused(pictures, fetcher, target):
    look = fetcher.look_at(pictures.put("kettle.jpg", status=302, Location=target))
    assert look.state == ImageState.UNREACHABLE
    assert pictures.seen == ["kettle.jpg"]


def test_redirect_towards_the_inside_is_refused(pictures, fetcher):
    """127.0.0.1 is allowed by its number here, localhost by no name."""
    inside = f"http://localhost:{pictures.port}/secret.jpg"
    pictures.put("secret.jpg", picture())
    look = fetcher.look_at(pictures.put("kettle.jpg", status=302, Location=inside))
    assert (look.state, look.message) == (
        ImageState.UNREACHABLE,
        "The host localhost points into a private network.",
    )
    assert pictures.seen == ["kettle.jpg"]


def test_inner_address_is_never_connected_to(pictures, fetcher, settings):
    settings.PRIVATE_HOSTS = []
    look = fetcher.look_at(pictures.put("kettle.jpg", picture()))
    assert look.message == "The host 127.0.0.1 points into a private network."
    assert pictures.seen == []


def test_local_panel_shows_its_own_static_pictures(pictures, fetcher, settings):
    settings.PRIVATE_HOSTS, settings.LOCAL = [], True
    settings.BASE_URL, settings.STATIC_URL = f"http://127.0.0.1:{pictures.port}", "/static/"
    assert fetcher.look_at(pictures.put("static/demo/kettle.png", picture(500, 500, "PNG"))).width == 500
    assert fetcher.look_at(pictures.put("m/shop/kettle.png", picture())).state == ImageState.UNREACHABLE
    pictures.put("m/secret.png", picture(kind="PNG"))
    for sideways in ("static/%2e%2e/m/secret.png", "static/%2E./m/secret.png", "static/../m/secret.png"):
        assert fetcher.look_at(pictures.url(sideways)).state == ImageState.UNREACHABLE
    settings.LOCAL = False
    assert fetcher.look_at(pictures.url("static/demo/kettle.png")).state == ImageState.UNREACHABLE
    assert pictures.seen == ["static/demo/kettle.png"]


def test_name_service_that_is_down_is_no_fault_of_the_picture(fetcher, monkeypatch):
    def down(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", down)
    look = fetcher.look_at("https://img.example.com/kettle.jpg")
    assert (look.state, look.is_own_trouble) == (ImageState.WAITING, True)


def test_large_file_is_read_up_to_the_limit_only(pictures, fetcher, monkeypatch):
    monkeypatch.setattr(image_fetch, "MOST_BYTES", 100_000)
    look = fetcher.look_at(pictures.put("large.bmp", picture(300, 300, "BMP")))
    assert (look.state, look.width, look.content_hash) == (ImageState.FINE, 0, "")
    assert look.message.startswith("It is larger than")
    assert look.byte_count <= 100_000 + image_fetch.CHUNK


def test_header_that_promises_too_many_pixels_is_not_unpacked(pictures, fetcher):
    look = fetcher.look_at(pictures.put("bomb.png", bomb()))
    assert (look.state, look.width) == (ImageState.FINE, 0)
    assert look.message == "It has more than 178,956,970 pixels."


def test_slow_server_is_left(pictures, fetcher, monkeypatch):
    monkeypatch.setattr(image_fetch, "WHOLE_SECONDS", 0)
    pictures.before = lambda _path: time.sleep(0.01)
    assert fetcher.look_at(pictures.put("slow.jpg", picture())).state == ImageState.UNREACHABLE
    monkeypatch.setattr(image_fetch, "WHOLE_SECONDS", 30)
    monkeypatch.setattr(image_fetch, "READ_SECONDS", 0.05)
    pictures.before = lambda _path: time.sleep(0.3)
    assert fetcher.look_at(pictures.url("slow.jpg")).message == "The server did not answer in time."


def drip(connection: socket.socket, begins: bytes) -> None:
    """A byte every hundredth of a second, for half a minute or until the other side has gone."""
    with contextlib.suppress(OSError):
        connection.sendall(begins)
        for _number in range(3000):
            connection.sendall(b"a")
            time.sleep(0.01)


@pytest.mark.parametrize(
    "begins",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Name: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff0\r\n",
    ],
)
def test_server_that_drips_is_left_at_the_deadline(fetcher, monkeypatch, settings, begins):
    monkeypatch.setattr(image_fetch, "WHOLE_SECONDS", 0.3)
    with serving(lambda connection, _request: drip(connection, begins) or False) as wire:
        settings.PRIVATE_HOSTS = [f"127.0.0.1:{wire.port}"]
        started = time.monotonic()
        look = fetcher.look_at(f"{wire.url}/kettle.jpg")
    assert (look.state, look.message) == (
        ImageState.UNREACHABLE,
        "It took more than 0.3 seconds to arrive.",
    )
    assert time.monotonic() - started < 5


def test_handshake_that_drips_is_left_at_the_deadline(fetcher, monkeypatch, settings):
    monkeypatch.setattr(image_fetch, "WHOLE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings.PRIVATE_HOSTS = [f"127.0.0.1:{port}"]

        def talk() -> None:
            connection, _address = listener.accept()
            with connection:
                drip(connection, b"\x16\x03\x03\x40\x00")

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        look = fetcher.look_at(f"https://127.0.0.1:{port}/kettle.jpg")
        thread.join(5)
    assert look.message == "It took more than 0.3 seconds to arrive."


def test_look_that_hangs_keeps_neither_the_run_nor_what_others_saw(monkeypatch):
    # Long enough for the look that ends at once, however busy the machine is.
    monkeypatch.setattr(images, "RUN_SECONDS", 1)
    monkeypatch.setattr(images, "GRACE_SECONDS", 0.05)
    monkeypatch.setattr(images, "HEARTBEAT_SECONDS", 0.02)
    released = threading.Event()

    def look(url: str) -> Look:
        if "stuck" in url:
            released.wait(20)
        return Look(ImageState.FINE)

    started = time.monotonic()
    found = look_at_all(look, [(1, "https://a.example/stuck"), (2, "https://b.example/x")], lambda: None)
    released.set()
    assert found == {2: Look(ImageState.FINE)}
    assert time.monotonic() - started < 5


def test_answer_that_breaks_off_and_one_that_is_packed_are_not_measured(pictures, fetcher):
    body = picture()
    short = pictures.put("short.jpg", body, Content_Length=str(len(body) + 10))
    assert fetcher.look_at(short).state == ImageState.UNREACHABLE
    packed = pictures.put("packed.jpg", gzip.compress(body), Content_Encoding="gzip")
    assert fetcher.look_at(packed).message == "The server sends it packed although it was asked not to."


def test_closed_port_is_no_connection(pictures, fetcher, settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    look = fetcher.look_at("http://127.0.0.1:9/kettle.jpg")
    assert (look.state, look.message) == (ImageState.UNREACHABLE, "No connection to the server.")


def test_at_most_four_at_once_from_one_host():
    now, most, lock = 0, 0, threading.Lock()

    def look(_url: str) -> Look:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        return Look(ImageState.FINE)

    beats: list[int] = []
    rows = [(pk, f"https://img.example.com/{pk}.jpg") for pk in range(20)]
    assert look_at_all(look, rows, lambda: beats.append(1)).keys() == set(range(20))
    assert most == PER_HOST == 4
    assert beats


def test_lanes_hold_every_picture_once_and_one_host_each():
    rows = [(pk, f"https://img{pk % 3}.example.com/{pk}.jpg") for pk in range(31)]
    dealt = lanes(rows)
    assert sorted(row for lane in dealt for row in lane) == sorted(rows)
    assert len(dealt) == 12
    assert all(len({url.split("/")[2] for _pk, url in lane}) == 1 for lane in dealt)


def test_run_that_takes_too_long_leaves_the_rest(monkeypatch):
    monkeypatch.setattr("catalog.sync.images.RUN_SECONDS", -1.0)
    rows = [(1, "https://img.example.com/1.jpg")]
    assert look_at_all(lambda _url: Look(ImageState.FINE), rows, lambda: None) == {}
