"""One HTTP session per process, so that connections to Jet are kept and used again by every client and thread."""

from __future__ import annotations

import os
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

# Hosts kept warm (Jet, the file store, a sandbox or two), and connections kept per host.
HOSTS_KEPT = 16
CONNECTIONS_KEPT = 16

_sessions: dict[int, requests.Session] = {}


def new_session() -> requests.Session:
    """A session that retries nothing by itself and keeps no cookies: it is shared by merchants."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=HOSTS_KEPT, pool_maxsize=CONNECTIONS_KEPT, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def shared_session() -> requests.Session:
    """The session of this process. A fork must not use its parent's sockets, so it gets one of its own."""
    pid = os.getpid()
    if pid not in _sessions:
        _sessions.clear()
        _sessions[pid] = new_session()
    return _sessions[pid]


class TokenAuth(AuthBase):
    """Sets the token, or nothing. Being there at all keeps `requests` from looking into a .netrc file."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request
