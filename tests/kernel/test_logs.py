"""Addresses in the log open no doors."""

from __future__ import annotations

import runpy
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from jetsync.logs import hide_one_time_links


@pytest.mark.parametrize(
    ("request_line", "shown"),
    [
        ("GET /invitations/sEcReT-123/", "GET /invitations/…/"),
        ("GET /accounts/password/reset/key/1a-abc/", "GET /accounts/password/reset/key/…/"),
        ("GET /run/12.3~abc/", "GET /run/…/"),
        ("GET /m/harrow/orders/?q=Ida+Marsh", "GET /m/harrow/orders/?…"),
        ("GET /m/harrow/orders/12/", "GET /m/harrow/orders/12/"),
    ],
)
def test_one_time_links_and_queries_are_hidden(request_line, shown):
    assert hide_one_time_links(None, "info", {"request": request_line})["request"] == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/run/12.3~abc/", "/run/…/"),
        ("/invitations/sEcReT-123/", "/invitations/…/"),
        ("/accounts/password/reset/key/1a-abc/", "/accounts/password/reset/key/…/"),
        ("/m/harrow/orders/12/", "/m/harrow/orders/12/"),
    ],
)
def test_access_log_of_production_shows_no_one_time_address(path, shown, monkeypatch):
    """As the web server writes it: its own logger, its own format, a call as it comes in."""
    values = runpy.run_path(str(Path(__file__).parents[2] / "deploy/gunicorn.py"))
    config = Config()
    for name in ("logger_class", "access_log_format", "accesslog"):
        config.set(name, values[name])
    logger = config.logger_class(config)
    written: list[str] = []
    monkeypatch.setattr(logger.access_log, "info", lambda text, atoms: written.append(text % atoms))
    environ = {
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"{path}?q=Ida",
        "PATH_INFO": path,
        "QUERY_STRING": "q=Ida",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": "https://panel.example/invitations/sEcReT-123/",
        "HTTP_USER_AGENT": "browser",
    }
    answer = SimpleNamespace(status="200 OK", sent=12, headers=[])

    logger.access(answer, SimpleNamespace(headers=[]), environ, timedelta(milliseconds=3))

    (line,) = written
    assert line.startswith(f'127.0.0.1 "GET {shown}" 200 12 ')
    assert not [word for word in ("abc", "sEcReT", "Ida") if word in line]
