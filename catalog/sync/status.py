"""Reads what Jet shows of our SKUs: often while Jet still works on them, else four times a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from catalog.actions.accepted import STATUS_SOON
from catalog.actions.reading import end_read, note_read
from catalog.enums import Step
from catalog.models import BulkFile, Listing
from catalog.queries.errors import unreadable_since
from catalog.queries.reading import STATUS_ALL
from catalog.status_map import NOT_FINAL
from catalog.sync.calls import run_step
from jetsync.actions.operation import is_cancelled
from jetsync.enums import Priority, Queue
from jetsync.models import Merchant, OperationRow
from jetsync.sync.failures import Again, PermanentFailure
from jetsync.sync.operations import ends_operation
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

STATUS_OPEN = "catalog.status_open"
# SKUs read, and the time spent, before other work of the queue gets its turn: a file that a person waits for is a few
# seconds away, however many SKUs are left.
READS_PER_RUN = 40
SECONDS_PER_RUN = 10
# After the first look, one more: by then Jet shows also what came in a large file. Later the schedule reads.
SECOND_LOOK = timedelta(minutes=4)
LOOKS = 2
# Of one operation or file; the schedule reads the rest within 20 minutes.
SOON_LIMIT = 1000


def uploaded(merchant: Merchant) -> QuerySet[Listing]:
    return Listing.objects.filter(merchant=merchant, content_sent_at__isnull=False)


def not_final(merchant: Merchant) -> QuerySet[Listing]:
    """SKUs that Jet may still move, and those whose archiving is under way."""
    return uploaded(merchant).filter(Q(status__in=NOT_FINAL) | ~Q(archived_sent=F("archived_live")))


def _read(context: JobContext, rows: QuerySet[Listing], *, rest: Priority = Priority.LATER) -> None:
    """Reads the longest unread first; goes on in further runs until all were read since this job was made.

    `rest`: the priority of those further runs. The first may be one that a person waits for, the others are a sweep.
    """
    since = context.job.data.get("since") or timezone.now().isoformat()
    unread = rows.filter(Q(status_read_at=None) | Q(status_read_at__lt=since))
    open_rows = unread.exclude(unreadable_since(datetime.fromisoformat(since)))
    batch = list(
        open_rows.select_related("variant").order_by(F("status_read_at").asc(nulls_first=True), "pk")[
            :READS_PER_RUN
        ]
    )
    read, failed = context.job.data.get("read", 0), context.job.data.get("failed", 0)
    total = context.job.data.get("total") or read + open_rows.count()
    asked, end = 0, monotonic() + SECONDS_PER_RUN
    for listing in batch:
        try:
            run_step(context, listing, Step.STATUS)
        except PermanentFailure:
            failed += 1  # stored on the listing
        asked += 1
        if monotonic() > end:
            break
    read += asked
    is_last = len(batch) < READS_PER_RUN and asked == len(batch)
    # More may have been uploaded since the first run, or some deleted: at the end all is what was read.
    total = read if is_last else max(total, read)
    note_read(context.job, read=read, failed=failed, total=total)
    context.note(f"Status of {counted(read, 'product')} read{_of(total, is_last=is_last)}.")
    if not is_last:
        raise Again(priority=rest, since=since, read=read, failed=failed, total=total)


def _of(total: int, *, is_last: bool) -> str:
    return "" if is_last else f" so far, of {total:,}"


@handler(
    STATUS_OPEN, label="Read status of products under review", right=Right.PRODUCTS_PUBLISH, queue=Queue.BULK
)
def read_open(context: JobContext) -> None:
    _read(context, not_final(context.merchant))


@handler(
    STATUS_ALL,
    label="Read status of all products",
    right=Right.PRODUCTS_PUBLISH,
    queue=Queue.BULK,
    on_failure=ends_operation(),
)
def read_all(context: JobContext) -> None:
    operation = context.job.operation
    if operation is not None and is_cancelled(operation):
        context.note("Stopped by a person.")
        return
    _read(context, uploaded(context.merchant))
    if operation is not None:
        end_read(operation)


@handler(STATUS_SOON, label="Read status after an upload", right=Right.PRODUCTS_PUBLISH, queue=Queue.BULK)
def read_soon(context: JobContext) -> None:
    """One and five minutes after Jet accepted products; those that Jet has decided on since are not asked for again."""
    data = context.job.data
    merchant = context.merchant
    undecided = not_final(merchant) | uploaded(merchant).filter(status_read_at__lt=F("content_sent_at"))
    rows = undecided.filter(pk__in=_accepted(merchant, data))
    _read(context, rows, rest=Priority.NORMAL)
    look = data.get("look", 1)
    if look < LOOKS and rows.exists():
        raise Again(SECOND_LOOK, look=look + 1, since=None, read=0, failed=0, total=0)


def _accepted(merchant: Merchant, data: dict[str, Any]) -> list[int]:
    """Listings named by `catalog.actions.accepted.ask_status`."""
    if "operation" in data:
        rows = OperationRow.objects.filter(merchant=merchant, operation=data["operation"])
        return [pk for pk in rows.order_by("pk").values_list("object_id", flat=True)[:SOON_LIMIT] if pk]
    if "file" in data:
        file = BulkFile.objects.filter(merchant=merchant, pk=data["file"]).first()
        return [entry[0] for entry in file.manifest[:SOON_LIMIT]] if file else []
    return [int(pk) for pk in data.get("listings", [])]


def _has_open(merchant: Merchant) -> bool:
    return not_final(merchant).exists()


add_schedule(
    ScheduleKind(
        STATUS_OPEN,
        "Product status (under review)",
        timedelta(minutes=20),
        STATUS_OPEN,
        "Products that Jet has not decided on yet.",
        _has_open,
    )
)
add_schedule(
    ScheduleKind(
        STATUS_ALL, "Product status (all)", timedelta(hours=6), STATUS_ALL, "Every uploaded product."
    )
)
