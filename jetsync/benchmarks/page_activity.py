"""What the pages of activity show: schedules, jobs with their calls, the log, operations, notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from catalog.bulk import batches, insert_rows, reserve_ids
from catalog.models import Listing, Variant
from jetsync.enums import FailureEnd, JobState, MailState, NoticeLevel, OperationState, Queue
from jetsync.models import Attempt, Job, LogEntry, Mail, Merchant, Notice, Operation, Schedule
from jetsync.sync.schedules import ensure_schedules
from orders.models import Order

# Children first, as in page_catalogue.
TABLES = (Attempt, LogEntry, Job, Operation, Notice, Mail, Schedule)
BATCH = 5000
HISTORY = timedelta(days=90)
# Of each order: acknowledged, shipped; beside them what schedules run.
JOBS_OF_AN_ORDER = 2
JOBS_OF_SCHEDULES = 0.5
ENTRIES_OF_AN_ORDER = 3
# Lists that grow slower than the orders still fill a page of a small merchant.
FULL_PAGE = 60
Row = dict[str, Any]


def make_activity(merchant: Merchant, orders: int) -> None:
    """The merchant's scope is open, his catalogue and orders are there."""
    now = timezone.now()
    ensure_schedules(merchant, now)
    schedules = list(Schedule.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True))
    Schedule.objects.filter(merchant=merchant).update(
        last_finished_at=now, last_ok=True, last_message="Done."
    )
    _jobs(merchant, orders * JOBS_OF_AN_ORDER, [], now)
    _jobs(merchant, max(FULL_PAGE, int(orders * JOBS_OF_SCHEDULES)), schedules, now)
    _log(merchant, orders * ENTRIES_OF_AN_ORDER, now)
    _operations(merchant, max(FULL_PAGE, orders // 50), now)
    _notices(merchant, max(FULL_PAGE, orders // 50), now)
    _mails(merchant, max(FULL_PAGE, orders // 5), now)


def _moments(count: int, now: datetime) -> list[datetime]:
    """The newest last, as rows come in."""
    return [now - HISTORY * (count - number) / count for number in range(count)]


def _jobs(merchant: Merchant, count: int, schedules: Sequence[int], now: datetime) -> None:
    """One in twenty has failed. One call each."""
    for batch in batches(enumerate(_moments(count, now)), BATCH):
        rows = [
            {"id": pk, **_job(number, at, schedules)}
            for pk, (number, at) in zip(reserve_ids(Job, len(batch)), batch, strict=True)
        ]
        insert_rows(Job, merchant, tuple(rows[0]), rows)
        calls = [
            {
                "job": row["id"],
                "started_at": row["created_at"],
                "duration_ms": 80,
                "method": "PUT",
                "path": f"/orders/{row['id']:032x}/acknowledge",
                "status": 400 if row["failure_end"] else 204,
                "answer_cut": '{"errors": []}' * 20,
            }
            for row in rows
        ]
        insert_rows(Attempt, merchant, tuple(calls[0]), calls)


def _job(number: int, at: datetime, schedules: Sequence[int]) -> Row:
    failed = number % 20 == 0
    return {
        "kind": "orders.fetch" if schedules else "orders.acknowledge",
        "key": f"{'run' if schedules else 'order'}-{number}",
        "queue": Queue.URGENT.value,
        "state": (JobState.FAILED if failed else JobState.DONE).value,
        "attempts": 1,
        "failure_end": FailureEnd.PERMANENT.value if failed else "",
        "message": "Jet refused it." if failed else "",
        "schedule": schedules[number % len(schedules)] if schedules else None,
        "not_before": at,
        "created_at": at,
        "started_at": at,
        "finished_at": at + timedelta(seconds=1),
    }


def _log(merchant: Merchant, count: int, now: datetime) -> None:
    """About orders, SKUs and listings in turn."""
    things = [
        ("orders.order", list(_ids(Order, merchant)), "orders.order.acknowledged"),
        ("catalog.variant", list(_ids(Variant, merchant)), "catalog.variant.changed"),
        ("catalog.listing", list(_ids(Listing, merchant)), "catalog.listing.refused"),
    ]
    for batch in batches(enumerate(_moments(count, now)), BATCH):
        rows = []
        for number, at in batch:
            label, ids, action = things[number % len(things)]
            rows.append(
                {
                    "action": action,
                    "message": f"Number {number} was changed",
                    "object_type": label,
                    "object_id": ids[number % len(ids)],
                    "object_label": f"No. {number}",
                    "old": {"price": "10.00"},
                    "new": {"price": "12.00"},
                    "created_at": at,
                }
            )
        insert_rows(LogEntry, merchant, tuple(rows[0]), rows)


def _ids(model: Any, merchant: Merchant) -> Any:
    return model.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True)


def _operations(merchant: Merchant, count: int, now: datetime) -> None:
    rows = [
        {
            "kind": "catalog.upload",
            "title": f"Upload {number:,} products",
            "state": (OperationState.PARTLY if number % 10 == 0 else OperationState.DONE).value,
            "total": 100,
            "done": 99 if number % 10 == 0 else 100,
            "failed": 1 if number % 10 == 0 else 0,
            "created_at": at,
            "finished_at": at + timedelta(minutes=1),
        }
        for number, at in enumerate(_moments(count, now))
    ]
    insert_rows(Operation, merchant, tuple(rows[0]), rows)


def _notices(merchant: Merchant, count: int, now: datetime) -> None:
    """Every fourth is unread."""
    levels = list(NoticeLevel)
    rows = [
        {
            "key": f"notice-{number}",
            "level": levels[number % len(levels)].value,
            "title": f"Notice {number}",
            "body": "Three orders wait for an answer.",
            "created_at": at,
            "updated_at": at,
            "read_at": None if number % 4 == 0 else at,
            "right": "home.view",
        }
        for number, at in enumerate(_moments(count, now))
    ]
    insert_rows(Notice, merchant, tuple(rows[0]), rows)


def _mails(merchant: Merchant, count: int, now: datetime) -> None:
    """Letters about orders, one in twenty refused by the server."""
    states = [MailState.SENT.value] * 19 + [MailState.FAILED.value]
    for batch in batches(enumerate(_moments(count, now)), BATCH):
        rows = [
            {
                "kind": "orders.new",
                "to": "orders@harrowfinch.example",
                "subject": f"Three new orders, No. {number}",
                "text": "Three new orders wait for an answer.\n" * 10,
                "html": "<p>Three new orders wait for an answer.</p>\n" * 10,
                "rights": ["orders.view"],
                "state": states[number % len(states)],
                "message_id": f"<{number}.{merchant.slug}@panel.example>",
                "attempts": 1,
                "created_at": at,
                "sent_at": at,
                "updated_at": at,
            }
            for number, at in batch
        ]
        insert_rows(Mail, merchant, tuple(rows[0]), rows)
