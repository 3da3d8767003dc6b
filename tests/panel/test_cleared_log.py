"""Clearing one's view of the log: it is said that entries are hidden, from whom, and how to see them again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from jetsync.actions.log import record
from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM

At = Callable[..., str]


@pytest.mark.feature("LOG-01")
def test_a_cleared_view_says_that_entries_are_hidden_and_shows_them_again(
    scoped: Merchant, client: Client, client_for: Callable[..., Client], at: At
) -> None:
    record(scoped, "x", "Something happened", actor=SYSTEM)
    other = client_for("manager")

    said = client.post(at("panel:log-clear"), follow=True).content.decode()
    assert "Older log entries are hidden from you alone" in said
    assert "Something happened" not in said
    assert "Nothing logged yet" not in said
    assert "You cleared your view; nothing was deleted" in said
    assert (
        said.count(f'action="{at("panel:log-restore")}"') == 2
    )  # in the head, and where the entries would be
    assert LogEntry.objects.filter(message="Something happened").exists()
    assert "Something happened" in other.get(at("panel:log-list")).content.decode()

    record(scoped, "x", "Something new", actor=SYSTEM)
    assert "Something new" in client.get(at("panel:log-list")).content.decode()
    assert "Something happened" in client.post(at("panel:log-restore"), follow=True).content.decode()


def test_an_empty_log_that_was_not_cleared_says_so(scoped: Merchant, client: Client, at: At) -> None:
    LogEntry.objects.all().delete()
    html = client.get(at("panel:log-list")).content.decode()
    assert "Nothing logged yet" in html
    assert "hidden from you" not in html
