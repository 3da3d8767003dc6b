"""Status or failure -> error, tries, waits."""

from __future__ import annotations

import re
import ssl
from decimal import Decimal
from typing import Any

import pytest
import requests
import urllib3.exceptions

from jetsync.jet import errors
from tests.jet.conftest import Jet, JetFactory, recorded

READ = ("GET", "/merchant-skus/A/price")
HARMLESS_WRITE = ("PUT", "/merchant-skus/A/price")
OTHER_WRITE = ("PUT", "/orders/77/acknowledge")

NO_SUCH_HOST = requests.ConnectionError(
    urllib3.exceptions.MaxRetryError(
        None,  # type: ignore[arg-type]
        "/api",
        urllib3.exceptions.NewConnectionError(None, "refused"),  # type: ignore[arg-type]
    )
)
RESET = requests.ConnectionError(
    urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104))
)
BAD_CERTIFICATE = requests.exceptions.SSLError(
    urllib3.exceptions.MaxRetryError(
        None,  # type: ignore[arg-type]
        "/api",
        urllib3.exceptions.SSLError(ssl.SSLCertVerificationError(1, "self-signed")),
    )
)


def call(jet: Jet, kind: tuple[str, str]) -> None:
    if kind == READ:
        jet.client.products.get_price("A")
    elif kind == HARMLESS_WRITE:
        jet.client.products.set_price("A", price=Decimal("3.50"))
    else:
        jet.client.orders.acknowledge("77", {"acknowledgement_status": "accepted", "order_items": []})


# answer, error, waits for: a read, a harmless write, another write (None: raised at once); may a write have arrived?
TABLE: list[
    tuple[str, dict[str, Any], type[errors.JetError], list[float], list[float], list[float], bool]
] = [
    ("400", {"status": 400}, errors.JetBadRequest, [], [], [], False),
    ("403", {"status": 403}, errors.JetForbidden, [], [], [], False),
    ("404", {"status": 404}, errors.JetNotFound, [], [], [], False),
    ("405", {"status": 405}, errors.JetMethodNotAllowed, [], [], [], False),
    ("409", {"status": 409}, errors.JetConflict, [], [], [], False),
    ("418", {"status": 418}, errors.JetUnexpectedStatus, [], [], [], False),
    (
        "302",
        {"status": 302, "headers": {"Location": "https://login.example.com/x?a=1"}},
        errors.JetBadAnswer,
        [],
        [],
        [],
        False,
    ),
    ("429", {"status": 429}, errors.JetThrottled, [2.0, 4.0], [2.0, 4.0], [2.0, 4.0], False),
    ("500", {"status": 500}, errors.JetServerError, [0.5, 1.0], [0.5, 1.0], [], True),
    ("501", {"status": 501}, errors.JetServerError, [], [], [], True),
    ("502", {"status": 502}, errors.JetServerError, [0.5, 1.0], [0.5, 1.0], [], True),
    ("503", {"status": 503}, errors.JetServerError, [0.5, 1.0], [0.5, 1.0], [], True),
    ("504", {"status": 504}, errors.JetServerError, [0.5, 1.0], [0.5, 1.0], [], True),
    ("no host", {"body": NO_SUCH_HOST}, errors.JetConnectionError, [0.5, 1.0], [0.5, 1.0], [0.5, 1.0], False),
    (
        "connect timeout",
        {"body": requests.ConnectTimeout()},
        errors.JetConnectionError,
        [0.5, 1.0],
        [0.5, 1.0],
        [0.5, 1.0],
        False,
    ),
    (
        "certificate",
        {"body": BAD_CERTIFICATE},
        errors.JetConnectionError,
        [0.5, 1.0],
        [0.5, 1.0],
        [0.5, 1.0],
        False,
    ),
    (
        "proxy",
        {"body": requests.exceptions.ProxyError()},
        errors.JetConnectionError,
        [0.5, 1.0],
        [0.5, 1.0],
        [0.5, 1.0],
        False,
    ),
    ("reset", {"body": RESET}, errors.JetAnswerLost, [0.5, 1.0], [0.5, 1.0], [], True),
    (
        "tls broke",
        {"body": requests.exceptions.SSLError("EOF")},
        errors.JetAnswerLost,
        [0.5, 1.0],
        [0.5, 1.0],
        [],
        True,
    ),
    ("read timeout", {"body": requests.ReadTimeout()}, errors.JetTimeout, [0.5, 1.0], [0.5, 1.0], [], True),
]


@pytest.mark.parametrize("kind", [READ, HARMLESS_WRITE, OTHER_WRITE], ids=["read", "harmless", "other"])
@pytest.mark.parametrize(
    ("answer", "error", "read", "harmless", "other", "arrived"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_failure_gives_its_error_after_its_waits(
    jet: Jet,
    *,
    kind: tuple[str, str],
    answer: dict[str, Any],
    error: type[errors.JetError],
    read: list[float],
    harmless: list[float],
    other: list[float],
    arrived: bool,
) -> None:
    waits = {READ: read, HARMLESS_WRITE: harmless, OTHER_WRITE: other}[kind]
    jet.answer(*kind, **answer)

    with pytest.raises(errors.JetError) as caught:
        call(jet, kind)

    assert type(caught.value) is error
    assert (caught.value.method, caught.value.path) == kind
    assert caught.value.status == answer.get("status")
    if kind != READ or issubclass(error, errors.JetAnswerLost):
        assert caught.value.may_have_arrived is arrived
    else:
        assert caught.value.may_have_arrived is False
    assert jet.sleeps == waits
    assert jet.sent() == [" ".join(kind)] * (len(waits) + 1)
    assert [event.retry_number for event in jet.events] == list(range(len(waits) + 1))
    assert jet.before == [kind] * (len(waits) + 1)


def test_second_try_that_succeeds_is_a_success(jet: Jet) -> None:
    jet.answer(*READ, status=503)
    jet.answer(*READ, json={"price": 3.5, "fulfillment_nodes": []})

    assert str(jet.client.products.get_price("A").price) == "3.50"
    assert [(event.status, event.error) for event in jet.events] == [(503, "server_error: "), (200, None)]


@pytest.mark.parametrize(
    ("header", "waits", "told"),
    [
        ("3", [3.0, 4.0], 3.0),  # a floor below which no try happens, not a replacement for the growing wait
        ("1", [2.0, 4.0], 1.0),
        ("20", [20.0, 20.0], 20.0),
        ("21", [], 21.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", [2.0, 4.0], 0.0),
        ("soon", [2.0, 4.0], None),
        ("-5", [2.0, 4.0], None),
        ("1e400", [], 365 * 86400.0),
    ],
)
def test_retry_after_is_honoured_up_to_its_limit(
    jet: Jet, header: str, waits: list[float], told: float | None
) -> None:
    jet.answer(*READ, status=429, headers={"Retry-After": header})

    with pytest.raises(errors.JetThrottled) as caught:
        call(jet, READ)

    assert jet.sleeps == waits
    assert caught.value.retry_after == told


def test_waits_are_capped(make_jet: JetFactory) -> None:
    jet = make_jet(max_retries=6)
    jet.answer("POST", "/token", json=recorded("token"))
    jet.answer(*READ, status=503)

    with pytest.raises(errors.JetServerError):
        call(jet, READ)

    assert jet.sleeps == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def test_jitter_keeps_between_half_and_the_whole_wait() -> None:
    from jetsync.jet.redact import Redactor
    from jetsync.jet.transport import Transport

    transport = Transport(session=requests.Session(), redactor=Redactor())
    waits = {transport.jitter(4.0) for _ in range(200)}

    assert all(2.0 <= wait <= 4.0 for wait in waits)
    assert len(waits) > 100


WRITES = [
    ("products.put", True),
    ("products.set_price", True),
    ("products.set_inventory", True),
    ("products.set_variation", True),
    ("products.set_shipping_exceptions", True),
    ("products.set_returns_exception", True),
    ("products.archive", True),
    ("orders.tag", True),
    ("reports.request", True),
    ("orders.acknowledge", False),
    ("orders.ship", False),
    ("orders.generate", False),
    ("returns.complete", False),
    ("returns.generate", False),
    ("refunds.create", False),
    ("files.announce", False),
]


@pytest.mark.parametrize(("name", "repeats"), WRITES)
def test_write_is_repeated_only_when_that_is_harmless(jet: Jet, name: str, *, repeats: bool) -> None:
    calls: dict[str, tuple[Any, ...]] = {
        "products.put": ("A", {}),
        "products.set_price": ("A", 3),
        "products.set_inventory": ("A", {"n": 1}),
        "products.set_variation": ("A", {}),
        "products.set_shipping_exceptions": ("A", {}),
        "products.set_returns_exception": ("A", {}),
        "products.archive": ("A", True),
        "orders.tag": ("7", "pulled"),
        "reports.request": ("ProductStatus",),
        "orders.acknowledge": ("7", {}),
        "orders.ship": ("7", {}),
        "orders.generate": (1, "n", []),
        "returns.complete": ("7", {}),
        "returns.generate": ("7",),
        "refunds.create": ("7", "R1", {}),
        "files.announce": ("https://files.example.com/x", "Price", "p.json.gz"),
    }
    for method in ("PUT", "POST", "PATCH", "GET"):
        jet.http.add(
            method, re.compile(r"https://jet\.example\.com/api/(?!token).*"), body=requests.ReadTimeout()
        )
    service, function = name.split(".")

    with pytest.raises(errors.JetTimeout) as caught:
        getattr(getattr(jet.client, service), function)(*calls[name])

    assert caught.value.may_have_arrived is True
    assert len(jet.sent()) == (3 if repeats else 1)
