"""Old histories are trimmed in batches; the log of changes stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from jetsync.enums import OPEN_JOB_STATES
from jetsync.models import Attempt, IdempotencyKey, Job, Mail, Selection
from jetsync.tenancy.context import across_merchants

# How long each history is kept; docs/operations.md says why and how large it gets.
ATTEMPTS_FOR = timedelta(days=60)
JOBS_FOR = timedelta(days=120)
REQUEST_KEYS_FOR = timedelta(days=1)
SELECTIONS_FOR = timedelta(days=1)
MAILS_FOR = timedelta(days=90)
# Deletes hold row locks: a batch stays well under a second.
BATCH = 5000


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


def trim_histories() -> int:
    """Deletes past their time: call records, finished jobs, answered request keys, selections, mails, what apps named."""
    now = timezone.now()
    with across_merchants():
        return (
            _trim(Attempt.objects.filter(started_at__lt=now - ATTEMPTS_FOR))
            + _trim(Job.objects.exclude(state__in=OPEN_JOB_STATES).filter(created_at__lt=now - JOBS_FOR))
            + _trim(IdempotencyKey.objects.filter(created_at__lt=now - REQUEST_KEYS_FOR))
            + _trim(Mail.objects.filter(created_at__lt=now - MAILS_FOR))
            + _trim(Selection.objects.filter(created_at__lt=now - SELECTIONS_FOR))
            + sum(_trim(history.old_rows(now)) for history in _histories.values())
        )
