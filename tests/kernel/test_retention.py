"""What is past its time is deleted in batches; what is open, unread or younger stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.actions import retention
from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, start_operation
from jetsync.actions.retention import NOTICES_FOR, OPERATIONS_FOR, trim_histories
from jetsync.enums import OperationState
from jetsync.models import Attempt, Job, LogEntry, Merchant, Notice, Operation, OperationRow, Options, User
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests import factories

DAY = timedelta(days=1)


def make_operation(
    merchant: Merchant, title: str, finished_at: datetime | None, *, rows: int = 3, **values: Any
) -> Operation:
    specs = [RowSpec("test.thing", number, f"HF-{number}") for number in range(rows)]
    operation = start_operation(merchant, "test.upload", title, actor=SYSTEM, rows=specs)
    state = OperationState.RUNNING if finished_at is None else OperationState.PARTLY
    Operation.objects.filter(pk=operation.pk).update(**{"state": state, "finished_at": finished_at, **values})
    return operation


def kept() -> list[tuple[str, int]]:
    return [(row.title, row.rows.count()) for row in Operation.objects.order_by("pk")]


def test_finished_operations_go_with_their_rows_when_they_are_old(
    scoped: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "OPERATIONS_AT_ONCE", 1)
    now = timezone.now()
    old, young = now - OPERATIONS_FOR - DAY, now - OPERATIONS_FOR + DAY
    make_operation(scoped, "old", old)
    make_operation(scoped, "old, too", old, rows=5)
    make_operation(scoped, "young", young)
    make_operation(scoped, "begun long ago, at work", None, started_at=old, created_at=old)

    assert trim_histories() == 10

    assert kept() == [("young", 3), ("begun long ago, at work", 3)]
    assert OperationRow.objects.count() == 6
    assert trim_histories() == 0


def test_sessions_go_when_they_have_run_out_and_take_their_entry_along(
    client: Client, owner: User, settings: Any
) -> None:
    settings.USERSESSIONS_TRACK_ACTIVITY = True
    client.force_login(owner)
    client.get(reverse("home"))
    ended = Client()
    ended.force_login(owner)
    ended.get(reverse("home"))
    key = ended.session.session_key
    assert UserSession.objects.filter(session_key=key).exists()
    assert trim_histories() == 0

    Session.objects.filter(pk=key).update(expire_date=timezone.now() - DAY)
    assert trim_histories() == 2
    assert [row.session_key for row in UserSession.objects.all()] == [client.session.session_key]


def test_what_an_old_operation_did_stays_told(scoped: Merchant) -> None:
    operation = make_operation(scoped, "old", timezone.now() - OPERATIONS_FOR - DAY)
    later = make_operation(scoped, "undone", timezone.now(), undone_by=operation)
    job = Job.objects.create(merchant=scoped, kind="test.work", key="1", operation=operation)
    record(scoped, "test.sent", "HF-1 was sent", actor=SYSTEM, operation=operation)

    trim_histories()

    assert list(LogEntry.objects.order_by("pk").values_list("message", "operation")) == [
        ("Started: old", None),
        ("Started: undone", later.pk),
        ("HF-1 was sent", None),
    ]
    job.refresh_from_db()
    later.refresh_from_db()
    assert (job.operation_id, later.undone_by_id) == (None, None)


def test_read_notices_go_and_unread_ones_wait(scoped: Merchant) -> None:
    now = timezone.now()
    long_ago = now - NOTICES_FOR - DAY
    for title, read_at in (("old", long_ago), ("young", now - NOTICES_FOR + DAY), ("unread", None)):
        notice = Notice.objects.create(merchant=scoped, key=title, title=title, read_at=read_at)
        Notice.objects.filter(pk=notice.pk).update(created_at=long_ago, updated_at=long_ago)

    assert trim_histories() == 1

    assert list(Notice.objects.order_by("pk").values_list("title", flat=True)) == ["young", "unread"]


@pytest.mark.feature("CFG-26")
def test_calls_are_kept_as_long_as_each_merchant_says(merchant: Merchant) -> None:
    other = factories.make_merchant("Other Shop")
    for each, days in ((merchant, 60), (other, 7)):
        with merchant_scope(each):
            Options.objects.update(calls_kept_days=days)
            for age in (6, 8, 59, 61):
                at = timezone.now() - age * DAY
                Attempt.objects.create(merchant=each, method="GET", path=f"/{age}", status=200, started_at=at)

    assert trim_histories() == 4

    for each, expected in ((merchant, ["/6", "/8", "/59"]), (other, ["/6"])):
        with merchant_scope(each):
            assert list(Attempt.objects.order_by("pk").values_list("path", flat=True)) == expected


def test_histories_of_all_merchants_are_trimmed(merchant: Merchant) -> None:
    other = factories.make_merchant("Other Shop")
    for each in (merchant, other):
        with merchant_scope(each):
            make_operation(each, "old", timezone.now() - OPERATIONS_FOR - DAY, rows=1)

    assert trim_histories() == 4

    for each in (merchant, other):
        with merchant_scope(each):
            assert kept() == []
