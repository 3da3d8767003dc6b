"""Moments at the ends of time are kept where they can be read again, whoever sends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.test import Client

from jetsync.models import ApiToken, Merchant, Schedule
from jetsync.tenancy.backend.operations import FIRST, LAST

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (datetime(9999, 12, 31, 23, 59, tzinfo=WEST), LAST),  # in the year 10000 of UTC
        (datetime.max.replace(tzinfo=UTC), LAST),
        (datetime(1, 1, 1, tzinfo=EAST), FIRST),  # before the year 1 of UTC
        (datetime(2026, 11, 29, 12, tzinfo=WEST), datetime(2026, 11, 30, tzinfo=UTC)),
    ],
)
def test_every_moment_that_is_stored_can_be_read_and_shown_everywhere(
    scoped: Merchant, given: datetime, kept: datetime
) -> None:
    made = Schedule.objects.create(merchant=scoped, kind="x", interval_seconds=60, next_due_at=given)

    row = Schedule.objects.get(pk=made.pk)
    assert row.next_due_at == kept
    assert [row.next_due_at.astimezone(zone).tzinfo for zone in (EAST, WEST)] == [EAST, WEST]

    Schedule.objects.update(next_due_at=given)
    assert Schedule.objects.filter(next_due_at=given, next_due_at__lte=given).get().next_due_at == kept


def test_a_token_without_an_end_in_sight_leaves_its_page_open(
    merchant: Merchant, client_for: Callable[[str], Client]
) -> None:
    client, page = client_for("owner"), f"/m/{merchant.slug}/settings/tokens/"
    form = {"name": "script", "rights": ["home.view"], "expires_on": "9999-12-31"}

    assert client.post(page, form).status_code == 200
    assert ApiToken.objects.get().expires_at == LAST
    assert client.get(page).status_code == 200
