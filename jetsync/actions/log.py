"""Writing the log of changes and the bell's notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import structlog
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from jetsync.enums import NoticeLevel
from jetsync.models import Job, LogEntry, Merchant, Notice, NoticeRead, Operation
from jetsync.queries.notices import unread_for
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.managers import bulk_create
from jetsync.tenancy.pages import right_of_page
from jetsync.tenancy.rights import Right

# Rows of one INSERT; a person who was away for weeks has some thousand.
READS_AT_ONCE = 1000


class LogDetails(TypedDict, total=False):
    """What a line may say besides its sentence: the object, values before and after, the work it was part of."""

    about: models.Model | None
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    job: Job | None
    operation: Operation | None


def log_entry(
    merchant: Merchant, action: str, message: str, *, actor: Actor, **details: Unpack[LogDetails]
) -> LogEntry:
    """One line for the log, not written yet: see `record_all`."""
    context = structlog.contextvars.get_contextvars()
    about = details.get("about")
    return LogEntry(
        merchant=merchant,
        action=action,
        message=message[:500],
        actor=actor.user,
        actor_label=actor.label[:150],
        object_type=about._meta.label_lower if about is not None else "",
        object_id=about.pk if about is not None else None,
        object_label=str(about)[:200] if about is not None else "",
        old=details.get("old") or {},
        new=details.get("new") or {},
        job=details.get("job"),
        operation=details.get("operation"),
        request_id=str(context.get("request_id", ""))[:64],
    )


def record(
    merchant: Merchant, action: str, message: str, *, actor: Actor, **details: Unpack[LogDetails]
) -> LogEntry:
    """One line in the log: call it inside the transaction of the change it tells of."""
    entry = log_entry(merchant, action, message, actor=actor, **details)
    entry.save(force_insert=True)
    return entry


def record_all(entries: Sequence[LogEntry]) -> None:
    """Lines of many objects in one statement, inside the transaction of their change."""
    bulk_create(LogEntry, entries)


def notify(
    merchant: Merchant,
    key: str,
    title: str,
    *,
    level: NoticeLevel = NoticeLevel.INFO,
    body: str = "",
    url: str = "",
    count: int = 1,
    right: Right | None = None,
) -> None:
    """Puts a notice under the bell; while nobody has read the one with this key it grows instead of doubling.

    Those with `right` see it; without one, those who may open the page it leads to.
    """
    known = Notice.objects.filter(merchant=merchant, key=key, read_at=None)
    values = {
        "title": title[:160],
        "body": body[:500],
        "url": url[:300],
        "level": level,
        "right": right or right_of_page(url),
        "updated_at": timezone.now(),
    }
    if not known.update(**values, count=F("count") + count):
        _row, made = Notice.objects.get_or_create(
            merchant=merchant, key=key, read_at=None, defaults={**values, "count": count}
        )
        if not made:  # a rival was quicker: grow that one
            known.update(**values, count=F("count") + count)


@transaction.atomic
def mark_read(merchant: Merchant, actor: Actor, pk: int | None = None) -> int:
    """Marks one notice, or all, as read by this person. Returns how many were unread for him."""
    user = actor.user
    if user is None:
        return 0
    unread = unread_for(merchant, actor) if pk is None else unread_for(merchant, actor).filter(pk=pk)
    pks = list(unread.values_list("pk", flat=True))
    reads = [NoticeRead(merchant=merchant, notice_id=notice, user=user) for notice in pks]
    bulk_create(NoticeRead, reads, ignore_conflicts=True, batch_size=READS_AT_ONCE)
    Notice.objects.filter(merchant=merchant, pk__in=pks, read_at=None).update(read_at=timezone.now())
    return len(pks)


def end_notice(merchant: Merchant, key: str) -> None:
    """What the notice with this key told of is over: the bell asks nobody any more."""
    now = timezone.now()
    Notice.objects.filter(merchant=merchant, key=key, done_at=None).update(
        done_at=now, read_at=Coalesce("read_at", now)
    )
