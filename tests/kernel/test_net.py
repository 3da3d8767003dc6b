"""Addresses typed by a merchant never point inside, unless the operator allows the host."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from jetsync.exceptions import InvalidInput, OutsideUnreachable
from jetsync.jet import errors
from jetsync.jet.session import new_session, shared_session
from jetsync.net import check_outside_url, outside_addresses
from jetsync.sync.client import client_for
from tests.factories import make_account

OUTSIDE = "93.184.216.34"
NAME = "jet.example.com"


def resolve_to(monkeypatch, *addresses):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.5", "192.168.1.1", "172.16.0.9", "169.254.169.254", "100.64.0.1", "192.0.0.8"],
)
def test_inside_addresses_are_refused(monkeypatch, settings, address):
    settings.PRIVATE_HOSTS = []
    resolve_to(monkeypatch, address)
    with pytest.raises(InvalidInput) as caught:
        check_outside_url("https://jet.example.com/api")
    assert caught.value.code == "private_address"


def test_one_inside_address_among_outside_ones_is_enough(monkeypatch, settings):
    settings.PRIVATE_HOSTS = []
    resolve_to(monkeypatch, "93.184.216.34", "10.0.0.5")
    with pytest.raises(InvalidInput):
        check_outside_url("https://jet.example.com/api")


def test_outside_address_is_fine(monkeypatch, settings):
    settings.PRIVATE_HOSTS = []
    resolve_to(monkeypatch, "93.184.216.34")
    check_outside_url("https://jet.example.com/api")


def test_operator_allows_host_and_port(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1:8099"]
    check_outside_url("http://127.0.0.1:8099/api")
    with pytest.raises(InvalidInput):
        check_outside_url("http://127.0.0.1:5432/api")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://jet.example.com", "bad_address"),
        ("javascript:alert(1)", "bad_address"),
        ("//jet.example.com", "bad_address"),
        ("https://", "bad_address"),
        ("https://me:secret@jet.example.com/", "bad_address"),
        ("http://jet.example.com:99999/", "bad_address"),
        ("merchant-api.jet.com/api", "bad_address"),
        ("https://[::1", "bad_address"),
        ("https://jet.example.com:0/", "bad_address"),
        ("https://jet.example.com/a\nb", "bad_address"),
    ],
)
def test_other_texts_are_refused(url, code):
    with pytest.raises(InvalidInput) as caught:
        check_outside_url(url)
    assert caught.value.code == code


def test_name_service_that_is_down_is_not_the_merchants_mistake(monkeypatch, settings):
    settings.PRIVATE_HOSTS = []

    def down(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", down)
    with pytest.raises(OutsideUnreachable) as caught:
        check_outside_url("https://jet.example.com/api")
    assert caught.value.code == "name_service_down"


@dataclass
class Listener:
    """A server inside: `seen` holds the Host header of every request that reached it."""

    port: int
    seen: list[str] = field(default_factory=list)
    connected: int = 0


@pytest.fixture
def inside() -> Iterator[Listener]:
    listener = Listener(0)

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            listener.connected += 1
            super().setup()

        def do_GET(self) -> None:
            listener.seen.append(self.headers["Host"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Nothing on the terminal."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        listener.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield listener
        server.shutdown()
        thread.join()


@pytest.fixture
def answers(monkeypatch) -> list[str]:
    """What the name service answers for NAME, one look-up after another; the last answer stays."""
    left: list[str] = []
    real = socket.getaddrinfo

    def look_up(host, *args, **kwargs):
        if host != NAME:
            return real(host, *args, **kwargs)
        return real(left.pop(0) if len(left) > 1 else left[0], *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return left


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_name_that_points_inside_at_the_second_look_up_is_not_connected_to(
    scoped, settings, inside, answers, scheme
):
    settings.PRIVATE_HOSTS = []
    answers[:] = [OUTSIDE, "127.0.0.1"]
    account = make_account(scoped, f"{scheme}://{NAME}:{inside.port}/api")
    with pytest.raises(InvalidInput) as caught:
        client_for(account).nodes.list()
    assert caught.value.code == "private_address"
    assert inside.connected == 0


def test_connection_does_not_look_the_name_up_again_after_the_check(settings, inside, answers, monkeypatch):
    settings.PRIVATE_HOSTS = []
    answers[:] = [OUTSIDE, "127.0.0.1"]
    tried: list[str] = []

    def unreachable(address, *_args, **_kwargs):
        tried.append(address[0])
        raise OSError("unreachable")

    monkeypatch.setattr("urllib3.util.connection.create_connection", unreachable)
    with pytest.raises(requests.ConnectionError):
        new_session(outside_addresses).get(f"http://{NAME}:{inside.port}/", timeout=1)
    assert tried == [OUTSIDE]
    assert inside.connected == 0


def test_host_that_the_operator_allows_is_connected_to_under_its_name(settings, inside, answers):
    settings.PRIVATE_HOSTS = [f"{NAME}:{inside.port}"]
    answers[:] = ["127.0.0.1"]
    assert new_session(outside_addresses).get(f"http://{NAME}:{inside.port}/", timeout=5).status_code == 200
    assert inside.seen == [f"{NAME}:{inside.port}"]


def test_next_address_is_tried_when_the_first_does_not_answer(settings, inside):
    session = new_session(lambda _host, _port: ["::1", "127.0.0.1"])
    assert session.get(f"http://{NAME}:{inside.port}/", timeout=5).status_code == 200
    assert inside.seen == [f"{NAME}:{inside.port}"]


def test_clients_of_accounts_share_one_checked_session(scoped):
    client = client_for(make_account(scoped))
    assert client._transport._session is shared_session(outside_addresses)
    assert shared_session(outside_addresses) is not shared_session()


def test_closed_port_of_an_allowed_host_is_a_connection_error(scoped, settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    with pytest.raises(errors.JetConnectionError):
        client_for(make_account(scoped, "http://127.0.0.1:9/api")).nodes.list()
