"""The client against a real socket: connections, timeouts, torn and oversized answers, streamed uploads."""

from __future__ import annotations

import gzip
import json
import os
import socket
import time
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jetsync.jet import JetClient, MemoryTokenStore, RequestEvent, errors
from jetsync.jet import transport as transport_module
from jetsync.jet.exchange import MAX_ANSWER_BYTES
from jetsync.jet.session import new_session, shared_session
from jetsync.jet.transport import Transport
from jetsync.jet.types import FileRecord, ReportState
from tests.jet.conftest import recorded
from tests.jet.wire import Request, Script, answer, reset, serving

LOGIN = json.dumps(recorded("token")).encode()


def after_login(script: Script) -> Script:
    def whole(connection: socket.socket, request: Request) -> bool:
        if request.line.startswith("POST /token"):
            connection.sendall(answer(LOGIN))
            return True
        return script(connection, request)

    return whole


def sends(data: bytes, *, keep: bool = False) -> Script:
    def script(connection: socket.socket, _request: Request) -> bool:
        connection.sendall(data)
        return keep

    return after_login(script)


@pytest.fixture
def client_for(monkeypatch: pytest.MonkeyPatch) -> Callable[..., JetClient]:
    monkeypatch.setattr(Transport, "sleep", lambda _self, _seconds: None)

    def make(url: str, **options: Any) -> JetClient:
        timeouts = {"connect_timeout": 2.0, "read_timeout": 5.0}
        return JetClient(
            **{
                "base_url": url,
                "user": "user-1",
                "secret": "secret-1",
                "session": new_session(),
                **timeouts,
                **options,
            }
        )

    return make


def logged_in(client_for: Callable[..., JetClient], url: str, **options: Any) -> JetClient:
    """A client with short timeouts whose login had time enough, on a busy machine too."""
    store = MemoryTokenStore()
    client_for(url, token_store=store).auth.token()
    return client_for(url, token_store=store, **options)


def test_connections_are_used_again_by_every_client(client_for: Callable[..., JetClient]) -> None:
    session = new_session()
    with serving(sends(answer(b'"ok"'), keep=True)) as wire:
        for _ in range(5):
            client = client_for(wire.url, session=session, token_store=MemoryTokenStore())
            client.auth.check()
            client.products.archive("A", is_archived=True)

        assert len(wire.requests) == 15
        assert wire.connections == 1


def test_clients_share_the_session_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    first = JetClient(base_url="http://127.0.0.1:1", user="u", secret="s")
    second = JetClient(base_url="http://127.0.0.1:2", user="u", secret="s")

    assert first._transport._session is second._transport._session is shared_session()
    mine = shared_session()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert shared_session() is not mine  # a fork gets its own


def test_cookies_are_not_kept_between_accounts(client_for: Callable[..., JetClient]) -> None:
    with serving(sends(answer(b'"ok"', headers="Set-Cookie: who=merchant-1\r\n"), keep=True)) as wire:
        client = client_for(wire.url)
        client.auth.check()
        client.auth.check()

        assert b"cookie" not in wire.requests[-1].head.lower()


def test_nobody_listens(client_for: Callable[..., JetClient]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(errors.JetConnectionError) as caught:
        client_for(f"http://127.0.0.1:{port}").orders.ship("7", {"shipments": []})

    assert caught.value.may_have_arrived is False


def test_tls_to_a_plain_server_never_reaches_it(client_for: Callable[..., JetClient]) -> None:
    said = pytest.raises(errors.JetConnectionError, match="secure connection")
    with serving(sends(answer())) as wire, said:
        client_for(wire.url.replace("http:", "https:"), max_retries=0).auth.token()

    assert wire.requests == []


@pytest.mark.parametrize("address", ["http://", "http://[::1", "nonsense", "ftp://h/api", "http://a..b/api"])
def test_unusable_address_is_told_as_unreachable(client_for: Callable[..., JetClient], address: str) -> None:
    with pytest.raises(errors.JetConnectionError):
        client_for(address, max_retries=0).auth.token()


@pytest.mark.parametrize("ending", ["reset", "close", "silence"])
def test_lost_answer_of_a_write_may_have_arrived(client_for: Callable[..., JetClient], ending: str) -> None:
    def script(connection: socket.socket, _request: Request) -> bool:
        if ending == "reset":
            reset(connection)
        if ending == "silence":
            time.sleep(1.0)
        return False

    with serving(after_login(script)) as wire:
        client = logged_in(client_for, wire.url, read_timeout=0.3 if ending == "silence" else 5.0)
        with pytest.raises(errors.JetAnswerLost) as caught:
            client.orders.ship("7", {"shipments": []})

        assert type(caught.value) is (errors.JetTimeout if ending == "silence" else errors.JetAnswerLost)
        assert caught.value.may_have_arrived is True
        assert [request.line for request in wire.requests] == [
            "POST /token HTTP/1.1",
            "PUT /orders/7/shipped HTTP/1.1",
        ]


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b'{"price": 3.5, "fulfi'
HALF_CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"price": 3.5,'
HALF_GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\nnot gzip!!"


@pytest.mark.parametrize("half", [HALF, HALF_CHUNKED, HALF_GZIP])
def test_half_an_answer_to_a_read_is_tried_again_then_raised(
    client_for: Callable[..., JetClient], half: bytes
) -> None:
    with serving(sends(half)) as wire:
        with pytest.raises(errors.JetHalfAnswer) as caught:
            client_for(wire.url).products.get_price("A")

        assert isinstance(caught.value, errors.JetBadAnswer)
        assert caught.value.status == 200
        assert len(wire.requests) == 4  # login and three tries


def test_half_an_answer_to_a_write_counts_as_accepted(client_for: Callable[..., JetClient]) -> None:
    events: list[RequestEvent] = []
    with serving(sends(HALF)) as wire:
        client_for(wire.url, after_request=events.append).orders.ship("7", {"shipments": []})

        assert len(wire.requests) == 2
    assert [(event.status, event.error) for event in events] == [(200, None), (200, None)]


def test_half_an_answer_that_is_needed_is_not_asked_for_twice(client_for: Callable[..., JetClient]) -> None:
    with serving(sends(HALF)) as wire:
        with pytest.raises(errors.JetHalfAnswer) as caught:
            client_for(wire.url).refunds.create("7", "R1", {"items": []})

        assert caught.value.may_have_arrived is True
        assert len(wire.requests) == 2


def test_half_a_refusal_is_still_a_refusal(client_for: Callable[..., JetClient]) -> None:
    half = b'HTTP/1.1 400 Bad Request\r\nContent-Length: 500\r\n\r\n{"errors": ["no'
    with serving(sends(half)) as wire, pytest.raises(errors.JetBadRequest) as caught:
        client_for(wire.url).products.get_price("A")

    assert caught.value.body == '{"errors": ["no'


def test_dripping_answer_ends_at_the_deadline(client_for: Callable[..., JetClient]) -> None:
    def drip(connection: socket.socket, _request: Request) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.1)
        return False

    with serving(after_login(drip)) as wire:
        client = logged_in(client_for, wire.url, read_timeout=0.3, max_retries=0)
        started = time.monotonic()
        with pytest.raises(errors.JetTimeout, match="in full in time"):
            client.products.get_price("A")
        assert time.monotonic() - started < 0.3 * transport_module.WHOLE_ANSWER_FACTOR + 5


@pytest.mark.parametrize("begins", [b"", b"HTTP/1.1 200 OK\r\nX-Request-Id: "])
def test_dripping_headers_end_at_the_deadline(client_for: Callable[..., JetClient], begins: bytes) -> None:
    def script(connection: socket.socket, _request: Request) -> bool:
        connection.sendall(begins)
        for _number in range(1000):
            connection.sendall(b"a")
            time.sleep(0.02)
        return False

    with serving(after_login(script)) as wire:
        client = logged_in(client_for, wire.url, read_timeout=0.3, max_retries=0)
        started = time.monotonic()
        with pytest.raises(errors.JetTimeout):
            client.products.get_price("A")

    assert time.monotonic() - started < 10


@pytest.mark.parametrize("packed", [False, True])
def test_oversized_answer_is_given_up(client_for: Callable[..., JetClient], *, packed: bool) -> None:
    size = MAX_ANSWER_BYTES * 3 // 2
    body = b'"' + b"a" * size + b'"'
    whole = answer(gzip.compress(body, 1), headers="Content-Encoding: gzip\r\n") if packed else answer(body)
    with serving(sends(whole)) as wire:
        client = client_for(wire.url, read_timeout=5.0)
        client.auth.token()
        tracemalloc.start()
        with pytest.raises(errors.JetBadAnswer, match="too large") as caught:
            client.auth.check()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(wire.requests) == 2
    assert type(caught.value) is errors.JetBadAnswer
    assert peak < MAX_ANSWER_BYTES * 1.2


def test_compressed_answer_is_read(client_for: Callable[..., JetClient]) -> None:
    body = gzip.compress(b'{"price": 3.5}')
    with serving(sends(answer(body, headers="Content-Encoding: gzip\r\n"))) as wire:
        assert client_for(wire.url).products.get_price("A").price == Decimal("3.50")


def test_upload_streams_with_flat_memory(client_for: Callable[..., JetClient], tmp_path: Path) -> None:
    size = 40 * 1024 * 1024
    path = tmp_path / "big.json.gz"
    path.write_bytes(b"\x1f\x8b" + b"x" * (size - 2))
    events: list[RequestEvent] = []
    with serving(sends(answer(b"", "201 Created"), keep=True), keep_bodies=False) as wire:
        client = client_for(wire.url, read_timeout=10.0, after_request=events.append)
        tracemalloc.start()
        client.files.upload(f"{wire.url}/blob/1?sig=abc", path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        head = wire.requests[0].head.lower()

        assert wire.received == size
    assert peak < 4 * 1024 * 1024
    assert f"content-length: {size}".encode() in head
    assert b"x-ms-blob-type: blockblob" in head
    assert b"authorization" not in head
    assert [(event.path, event.request_body_cut) for event in events] == [(f"{wire.url}/blob/1", "(file)")]


def test_torn_upload_is_sent_again_from_the_start(
    client_for: Callable[..., JetClient], tmp_path: Path
) -> None:
    tries: list[bytes] = []

    def script(connection: socket.socket, request: Request) -> bool:
        tries.append(request.body)
        if len(tries) < 3:
            reset(connection)
            return False
        connection.sendall(answer(b"", "201 Created"))
        return True

    content = b"skipped" + gzip.compress(b'{"A":{}}')
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with serving(script) as wire, path.open("rb") as file:
        file.seek(7)
        client_for(wire.url).files.upload(f"{wire.url}/blob/1", file)
        assert file.closed is False

    assert tries == [content[7:]] * 3


def test_report_goes_to_disk_not_to_memory(client_for: Callable[..., JetClient]) -> None:
    body = b"{" + b" " * 40_000_000 + b"}"
    with serving(sends(answer(body))) as wire:
        client = client_for(wire.url, read_timeout=10.0)
        state = ReportState.model_validate(
            {"report_status": "Ready", "report_url": f"{wire.url}/report/1?sig=x"}
        )
        client.auth.token()
        tracemalloc.start()
        with client.reports.download(state) as file:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert file.read() == body
        # The same origin as the API: the token may be needed there and reveals nothing new.
        assert b"authorization: bearer" in wire.requests[-1].head.lower()
    # The server of the test shares the process and holds its own copies of nothing but slices.
    assert peak < 8_000_000


def test_error_list_too_large_or_torn_falls_back_to_the_excerpt(client_for: Callable[..., JetClient]) -> None:
    with serving(sends(HALF)) as wire:
        record = FileRecord.model_validate(
            {**recorded("file_with_errors"), "error_url": f"{wire.url}/errors"}
        )
        assert client_for(wire.url).files.errors(record) == ["TP-MUG-9: merchant sku unavailable"]
