"""One HTTP session per process, so that connections to Jet are kept and used again by every client and thread."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.response import HTTPResponse

from jetsync.jet.deadline import begin_waiting, watch_connection

# Hosts kept warm (Jet, the file store, a sandbox or two), and connections kept per host.
HOSTS_KEPT = 16
CONNECTIONS_KEPT = 16

# (host, port) -> the addresses that may be connected to, never empty; refuses by raising.
Resolver = Callable[[str, int], list[str]]

_sessions: dict[tuple[int, Resolver | None], requests.Session] = {}


def _connect(
    connection: HTTPConnection, resolve: Resolver | None, connect: Callable[[], socket.socket]
) -> socket.socket:
    """A socket to the first address that answers. The host's name stays for the Host header and for TLS."""
    if resolve is None:
        return connect()
    name = connection.host
    refused: NewConnectionError | ConnectTimeoutError | None = None
    for address in resolve(name, connection.port):
        connection.host = address
        try:
            return connect()
        except (NewConnectionError, ConnectTimeoutError) as exc:
            refused = exc
        finally:
            connection.host = name
    raise refused or NewConnectionError(connection, f"{name} has no address")


class _Watched(HTTPConnection):
    """Stands under the deadline of its thread from the first byte on. The pool below names who looks up its host."""

    resolve: Resolver | None = None

    def _new_conn(self) -> socket.socket:
        connected = _connect(self, self.resolve, super()._new_conn)
        watch_connection(connected)
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        watch_connection(self.sock)  # one that is used again
        super().request(*args, **kwargs)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3 answers with its own
        begin_waiting()
        return super().getresponse()


class _WatchedSecure(_Watched, HTTPSConnection):
    pass


def _pools_of(resolve: Resolver | None) -> dict[str, type[HTTPConnectionPool]]:
    """Pools by scheme whose connections look a name up with `resolve` alone, once."""
    way = {"resolve": staticmethod(resolve) if resolve is not None else None}

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = type("Plain", (_Watched,), way)

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = type("Secure", (_WatchedSecure,), way)

    return {"http": PlainPool, "https": SecurePool}


class WatchedAdapter(HTTPAdapter):
    """Knows deadlines, and with `resolve` connects to checked addresses only.

    A proxy of the environment looks names up itself and has its own times: that is the operator's.
    """

    def __init__(self, resolve: Resolver | None, **options: Any) -> None:
        self._resolve = resolve
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools_of(self._resolve)


def new_session(resolve: Resolver | None = None) -> requests.Session:
    """A session that retries nothing by itself and keeps no cookies: it is shared by merchants.

    With `resolve`, every connection goes to one of the addresses that it returns, and what it raises passes through.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    options: dict[str, Any] = {
        "pool_connections": HOSTS_KEPT,
        "pool_maxsize": CONNECTIONS_KEPT,
        "max_retries": 0,
    }
    adapter = WatchedAdapter(resolve, **options)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def shared_session(resolve: Resolver | None = None) -> requests.Session:
    """The session of this process for `resolve`. A fork must not use its parent's sockets, so it gets its own."""
    key = (os.getpid(), resolve)
    if key not in _sessions:
        for other in [other for other in _sessions if other[0] != key[0]]:
            del _sessions[other]
        _sessions[key] = new_session(resolve)
    return _sessions[key]


class TokenAuth(AuthBase):
    """Sets the token, or nothing. Being there at all keeps `requests` from looking into a .netrc file."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request
