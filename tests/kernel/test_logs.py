"""Addresses in the log open no doors."""

from __future__ import annotations

import pytest

from jetsync.logs import hide_one_time_links


@pytest.mark.parametrize(
    ("request_line", "shown"),
    [
        ("GET /invitations/sEcReT-123/", "GET /invitations/…/"),
        ("GET /accounts/password/reset/key/1a-abc/", "GET /accounts/password/reset/key/…/"),
        ("GET /m/harrow/orders/?q=Ida+Marsh", "GET /m/harrow/orders/?…"),
        ("GET /m/harrow/orders/12/", "GET /m/harrow/orders/12/"),
    ],
)
def test_one_time_links_and_queries_are_hidden(request_line, shown):
    assert hide_one_time_links(None, "info", {"request": request_line})["request"] == shown
