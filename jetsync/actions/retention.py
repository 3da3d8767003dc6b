"""Old histories are trimmed in batches; the log of changes stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from jetsync.actions.data_export import remove_old_exports
from jetsync.enums import OPEN_JOB_STATES, OPEN_OPERATION_STATES
from jetsync.models import (
    Attempt,
    IdempotencyKey,
    Job,
    Mail,
    Notice,
    Operation,
    OperationRow,
    Options,
    Selection,
)
from jetsync.tenancy.context import across_merchants

# How long each history is kept; docs/operations.md says why and how large it gets. Calls: as each merchant says.
JOBS_FOR = timedelta(days=120)
REQUEST_KEYS_FOR = timedelta(days=1)
SELECTIONS_FOR = timedelta(days=1)
MAILS_FOR = timedelta(days=90)
# Longer than anyone undoes or retries; what was done stays in the log.
OPERATIONS_FOR = timedelta(days=180)
NOTICES_FOR = timedelta(days=90)
# Deletes hold row locks: a batch stays well under a second.
BATCH = 5000
OPERATIONS_AT_ONCE = 200


@dataclass(frozen=True)
class History:
    """Rows of an app that grow old: `old_rows(now)` are those past their time, of all merchants."""

    name: str
    old_rows: Callable[[datetime], models.QuerySet[Any]]


_histories: dict[str, History] = {}


def keep_history(history: History) -> None:
    """Has an app's rows trimmed with ours. Registering the same name again replaces it."""
    _histories[history.name] = history


def _trim(rows: models.QuerySet[models.Model]) -> int:
    total = 0
    while ids := list(rows.values_list("pk", flat=True)[:BATCH]):
        total += rows.model._default_manager.filter(pk__in=ids).delete()[0]
        if len(ids) < BATCH:
            break
    return total


def _trim_calls(now: datetime) -> int:
    """By the merchants' own choice, those with the same one together. Every merchant that calls Jet has options."""
    choices = set(Options.objects.values_list("calls_kept_days", flat=True))
    return sum(
        _trim(
            Attempt.objects.filter(
                merchant__in=Options.objects.filter(calls_kept_days=days).values("merchant"),
                started_at__lt=now - timedelta(days=days),
            )
        )
        for days in sorted(choices)
    )


def _trim_operations(before: datetime) -> int:
    """Rows first, in batches: a single operation may have a hundred thousand of them."""
    old = Operation.objects.exclude(state__in=OPEN_OPERATION_STATES).filter(finished_at__lt=before)
    total = 0
    while ids := list(old.values_list("pk", flat=True)[:OPERATIONS_AT_ONCE]):
        total += _trim(OperationRow.objects.filter(operation__in=ids))
        total += Operation.objects.filter(pk__in=ids).delete()[0]
    return total


def _trim_sessions(now: datetime) -> int:
    """Log-ins that have run out, and what the list of sessions knows of them."""
    ended = _trim(Session.objects.filter(expire_date__lt=now))
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    return ended + _trim(UserSession.objects.filter(~Exists(alive)))


def trim_histories() -> int:
    """Deletes what is past its time: call records, finished jobs and operations with their rows, read notices, answered
    request keys, selections, mails, sessions, exports of all data with their files, and what apps named. Returns how many
    rows.
    """
    now = timezone.now()
    with across_merchants():
        return (
            _trim_calls(now)
            + _trim(Job.objects.exclude(state__in=OPEN_JOB_STATES).filter(created_at__lt=now - JOBS_FOR))
            + _trim(IdempotencyKey.objects.filter(created_at__lt=now - REQUEST_KEYS_FOR))
            + _trim(Mail.objects.filter(created_at__lt=now - MAILS_FOR))
            + _trim_operations(now - OPERATIONS_FOR)
            + _trim(Notice.objects.filter(read_at__lt=now - NOTICES_FOR))
            + _trim(Selection.objects.filter(created_at__lt=now - SELECTIONS_FOR))
            + _trim_sessions(now)
            + remove_old_exports(now)
            + sum(_trim(history.old_rows(now)) for history in _histories.values())
        )
